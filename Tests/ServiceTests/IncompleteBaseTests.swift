import Cases
import Foundation
import Kafka
import Testing

/// What is missing is told of, and never taken for well.
@Suite(.serialized, .enabled(if: TestCluster.real == nil, "the embedded broker drops old records; a real one is not to be replaced")) struct IncompleteBase {
    @Test func `on inputs that no longer begin at offset 0 alerts may fire and none is resolved, until an operator accepts the gap`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a")
            try #require(daemon.says(" info leading "))
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            daemon.end()
            try province.overrun()

            daemon = try province.start("a", arguments: ["--set", "http.listen=127.0.0.1:0"])
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            #expect(daemon.text.contains("INCOMPLETE: ") && daemon.text.contains("--accept-gap"))
            let address = try #require(daemon.text.firstMatch(of: /HTTP answers address=(\S+)/)).output.1
            #expect(try Program.run("/usr/bin/env", ["curl", "-s", "http://\(address)/readyz"]).output == #"{"ready":true,"reasons":[],"role":"leader","complete":false}"#)
            try province.send("2", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" }, "it may fire")
            #expect(try province.last()?.state == "firing", "nobody knows what becomes of the dossier that is gone")
            try province.send("2", at: "D2", late: false)
            try province.send("3", at: "D1", late: false)
            #expect(try eventually(within: 30) { try province.health().values.contains { $0["complete"] as? Bool == false && $0["role"] as? String == "leader" } })
            #expect(try province.last(SmallProvince.other)?.state == "firing" && province.last()?.state == "firing")
            daemon.end()

            daemon = try province.start("a", arguments: ["--accept-gap"])
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "resolved" && province.last()?.state == "resolved" }, "\(daemon.text)")
            #expect(try eventually(within: 30) { try province.health().values.contains { $0["complete"] as? Bool == true } })
        }
    }

    @Test func `when every topic is made anew, what is alive is written again as the incident that it was, and goes on`() throws {
        try SmallProvince.with { province in
            // The last term that it sees of another is lower than its own.
            let former = try province.start("a")
            try #require(former.says(" info leading "))
            former.signal(SIGTERM)
            former.process.waitUntilExit()
            let daemon = try province.start("a")
            try #require(daemon.says(" info leading "))
            try province.send("1", late: true)
            try province.send("2", at: "D2", late: true)
            try #require(try eventually { try province.last()?.state == "firing" && province.last(SmallProvince.other)?.state == "firing" })
            try province.send("2", at: "D2", late: false)
            try #require(try eventually { try province.last(SmallProvince.other)?.state == "resolved" })
            let before = try #require(try province.last())
            func haveScores() throws -> Bool {
                let dump = try province.cluster.dump(province.cluster.scores)
                return [SmallProvince.key, SmallProvince.other].allSatisfy { key in dump.contains { $0.contains("{\"key\":\"\(key)\"") } }
            }
            try #require(try eventually { try haveScores() })

            try province.replaceBroker()
            try #require(try eventually(within: 90) { try province.last()?.state == "firing" }, "\(daemon.text)")
            let after = try #require(try province.last())
            #expect(after.since == before.since && after.revision ?? 0 > before.revision ?? 0, "\(after)")
            #expect(try province.last(SmallProvince.other)?.state != "firing")
            #expect(try eventually { try haveScores() }, "\(daemon.text)")
            // It reads on, from the beginning of what there is.
            try province.send("1", late: false)
            #expect(try eventually { try province.last()?.state == "resolved" }, "\(daemon.text)")
            #expect(try province.last()?.since == before.since)
            let settled = try province.alerts()
            #expect(settled.allSatisfy { $0.term > before.term }, "what was written before the loss must not win over what comes after it")
            try province.send("2", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
            #expect(try province.alerts().count == settled.count + 1, "it does not fight with itself")
        }
    }

    @Test func `topics that are made anew again and again are told of once a minute`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a"), told = "\(province.cluster.alerts) [0] does not go on at offset"
            try #require(daemon.says(" info leading "))
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            let began = Date()
            for _ in 0..<2 {
                try province.replaceBroker()
                try #require(try eventually(within: 90) { try province.last()?.state == "firing" }, "\(daemon.text)")
            }
            let lines = daemon.text.components(separatedBy: told).count - 1
            #expect(lines >= 1 && (lines == 1 || Date() > began.addingTimeInterval(60)), "\(daemon.text)")
        }
    }
}
