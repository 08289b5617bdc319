import Cases
import Foundation
import Kafka
import Testing

/// Two machines, no pause: who leads, and that the topic ends right whatever happens to a leader.
@Suite(.serialized) struct Failover {
    /// Of the embedded broker's group, in seconds.
    private static let session = 4.0

    /// Waits until one leads and the others know it; returns the leader and another.
    private func settled(_ daemons: [DaemonProcess]) throws -> (leader: DaemonProcess, standby: DaemonProcess) {
        var stances: [DaemonProcess.Stance?] = []
        let isSettled = eventually {
            stances = daemons.map(\.stance)
            return stances.count { $0 == .leads } == 1 && stances.count { $0 == .follows } == daemons.count - 1
        }
        try #require(isSettled, "\(daemons.map(\.text).joined(separator: "\n"))")
        let leader = try #require(stances.firstIndex(of: .leads))
        return (daemons[leader], daemons[leader == daemons.count - 1 ? 0 : daemons.count - 1])
    }

    @Test func `the standby leads within two seconds of the leader's SIGTERM, and within session timeout and five seconds of its SIGKILL`() throws {
        try SmallProvince.with { province in
            var leading = try province.start("a")
            _ = try settled([leading])
            try province.send("1", late: true)
            #expect(try eventually { try province.last()?.state == "firing" })

            // Of three, because other tests run beside it: without the leader's resignation every one would take a session.
            var isQuick = false
            for name in ["b", "c", "d"] where !isQuick {
                // A member that joins makes the group elect again.
                let (leader, standby) = try settled([leading, try province.start(name)])
                leader.signal(SIGTERM)
                isQuick = eventually(within: 2) { standby.stance == .leads }
                #expect(eventually { standby.stance == .leads }, "\(standby.text)")
                leader.process.waitUntilExit()
                #expect(leader.process.terminationStatus == 0)
                leading = standby
            }
            #expect(isQuick, "\(leading.text)")
            try province.send("1", late: false)
            #expect(try eventually { try province.last()?.state == "resolved" })

            let (now, next) = try settled([leading, try province.start("e")])
            now.signal(SIGKILL)
            #expect(eventually(within: Self.session + 5) { next.stance == .leads }, "\(next.text)")
            try province.send("1", late: true)
            #expect(try eventually { try province.last()?.state == "firing" })
            let terms = try province.alerts().map(\.term)
            #expect(terms == terms.sorted() && terms.allSatisfy { $0 >= 0 }, "terms only grow: \(terms)")
        }
    }

    @Test func `a leader that was frozen for longer than a session publishes nothing when it wakes, and follows`() throws {
        try SmallProvince.with { province in
            let first = try province.start("a")
            try #require(first.says(" leading "))
            first.signal(SIGSTOP)
            let second = try province.start("b")
            try #require(second.says(" leading "), "\(second.text)")
            try province.send("1", late: true)
            #expect(try eventually { try province.last()?.state == "firing" })
            let written = try province.alerts().count
            first.signal(SIGCONT)
            #expect(first.says("no longer leading why="), "\(first.text)")
            // It reads what the other wrote, and has nothing to add.
            try province.send("2", late: true)
            try province.send("3", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
            let more = try province.alerts().dropFirst(written)
            // On a machine that is busy the group may choose it again; what it took for the other's wrong word before is then said once more.
            let leadsAgain = first.text.split(separator: " info leading ").count > 2
            #expect(more.count == 1 || leadsAgain && more.count == 2 && more.allSatisfy { $0.state == "firing" }, "\(more.map { "\($0.term) \($0.raw)" }.joined(separator: "\n"))\n\(first.text)\n\(second.text)")
        }
    }

    @Test func `a record of a lower term that comes late, a record made by hand, a tombstone and garbage are put right with the next revision`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a")
            try #require(daemon.says(" leading "))
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            let truth = try #require(try province.last())
            let since = try #require(truth.since)
            let ended = truth.raw.replacing("\"state\":\"firing\"", with: "\"state\":\"resolved\"").replacing("\"revision\":1", with: "\"revision\":7")
            let worse = truth.raw.replacing("\"severity\":\"warning\"", with: "\"severity\":\"critical\"")
            let cases: [(value: String?, headers: [(name: String, value: String)])] = [
                (ended, [("term", "-1"), ("writer", "frozen")]), (ended, []), (ended, [("term", "\(truth.term)"), ("writer", "forged")]), (nil, []), ("garbage", []), ("{}", [("term", "0")]),
                (ended, [("term", "\(truth.term + 5_000)"), ("writer", "forged")]), (ended, [("term", "999999999999"), ("writer", "forged")]),
                // Nobody can go on from the first; from the second we come to one that is not read back.
                (worse.replacing("\"revision\":1", with: "\"revision\":9007199254740991"), [("term", "\(truth.term)"), ("writer", "forged")]),
                (worse.replacing("\"revision\":1", with: "\"revision\":1099511627775"), [("term", "\(truth.term)"), ("writer", "forged")]), (nil, []),
            ]
            var revision = 1
            for (value, headers) in cases {
                let offset = try province.alerts().count
                try province.write(province.cluster.alerts, partition: 0, key: SmallProvince.key, value: value, headers: headers)
                try #require(try eventually(within: 10) { try province.alerts().count > offset + 1 }, "nothing after \(headers) \(value ?? "a tombstone"): \(daemon.text)")
                let repaired = try #require(try province.last())
                #expect(repaired.state == "firing" && repaired.revision ?? 0 > revision && repaired.term >= truth.term, "\(repaired)")
                revision = repaired.revision ?? revision
            }
            // But for one of the same term, which may be the truth, it is the incident that was.
            #expect(try province.alerts().filter { $0.state == "firing" && $0.term >= 0 }.allSatisfy { $0.since == since })
            let settled = try province.alerts().count
            try province.send("2", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
            #expect(try province.alerts().count == settled + 1, "it does not fight with itself")
            #expect(!daemon.text.contains("no longer leading"), "a term that no claim can have had is nobody's")
        }
    }

    @Test func `a score that does not stand as the topic says, because a crash or a late write left it there, is written again`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a")
            try #require(daemon.says(" leading "))
            try province.send("1", late: true)
            func last(_ key: String) throws -> String? {
                try province.cluster.dump(province.cluster.scores).last { $0.contains("{\"key\":\"\(key)\"") }
            }
            try #require(try eventually { try last(SmallProvince.key)?.contains("\"numerator\":0,\"denominator\":1") == true })
            let truth = try #require(try last(SmallProvince.key))
            let value = try #require(truth.range(of: "\"value\":").map { String(truth[$0.upperBound...].dropLast()) })
            // One that has changed since, and one of which nothing is left.
            try province.write(province.cluster.scores, partition: 0, key: SmallProvince.key, value: value.replacing("\"denominator\":1", with: "\"denominator\":5"))
            try province.write(province.cluster.scores, partition: 0, key: SmallProvince.other, value: value.replacing("D1", with: "D2"))
            #expect(try eventually { try last(SmallProvince.key)?.contains("\"numerator\":0,\"denominator\":1") == true }, "\(daemon.text)")
            #expect(try eventually { try last(SmallProvince.other)?.contains("\"numerator\":0,\"denominator\":0") == true }, "\(daemon.text)")
            // What is no score: compaction would leave it alone there.
            for wrong in [nil, "garbage", "{}"] {
                try province.write(province.cluster.scores, partition: 0, key: SmallProvince.key, value: wrong)
                #expect(try eventually { try last(SmallProvince.key)?.contains("\"numerator\":0,\"denominator\":1") == true }, "\(wrong ?? "a tombstone"): \(daemon.text)")
            }
        }
    }

    @Test func `a higher term makes a leader step down and claim a higher one still, within seconds, and without many words`() throws {
        try SmallProvince.with { province in
            let (leader, standby) = try settled([try province.start("a"), try province.start("b")])
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            var truth = try #require(try province.last())
            let writer = try #require(try province.cluster.dump(province.cluster.alerts).last?.split(separator: "writer=").last?.prefix { $0 != "," && $0 != "\"" })
            // Under whatever name.
            for name in ["another", String(writer)] {
                let wrong = truth.raw.replacing("\"state\":\"firing\"", with: "\"state\":\"resolved\"").replacing("\"revision\":1", with: "\"revision\":2")
                try province.write(province.cluster.alerts, partition: 0, key: SmallProvince.key, value: wrong, headers: [("term", "\(truth.term + 900)"), ("writer", name)])
                #expect(try eventually(within: 30) { try province.last().map { $0.state == "firing" && $0.term > truth.term + 900 } ?? false }, "\(name): \(leader.text)")
                truth = try #require(try province.last())
            }
            let settled = try province.alerts().count
            try province.send("2", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
            #expect(try province.alerts().count == settled + 1)
            #expect(standby.text.components(separatedBy: "another leads").count < 10, "\(standby.text)")
        }
    }

    @Test func `a claim for another catalog that is made by hand stops alerts for seconds, not for good`() throws {
        try SmallProvince.with { province in
            let (leader, standby) = try settled([try province.start("a"), try province.start("b")])
            let claim = #"{"source":"urn:parwatch:test","state":"leading","writer":"ghost","instance":"ghost","catalog":"sha256:other","time":"2021-06-01T00:00:00Z"}"#
            try province.write(province.cluster.leader, partition: 0, key: "urn:parwatch:test", value: claim)
            try #require(leader.says("no longer leading"), "\(leader.text)")
            try province.send("1", late: true)
            #expect(try eventually(within: 30) { try province.last()?.state == "firing" }, "\(leader.text)\n\(standby.text)")
            _ = try settled([leader, standby])
        }
    }

    @Test func `of two daemons with different catalogs only the one that agrees with the last leader leads, and the other says why not`() throws {
        try SmallProvince.with { province in
            let first = try province.start("a")
            try #require(first.says(" leading "))
            let second = try province.start("b", limit: "80%")
            try #require(second.says("the last leader judged by another catalog"), "\(second.text)")
            first.signal(SIGKILL)
            first.process.waitUntilExit()
            let third = try province.start("c", limit: "80%")
            try #require(third.says("the last leader judged by another catalog"), "\(third.text)")
            // One that agrees.
            let fourth = try province.start("d")
            try #require(fourth.says(" leading "), "\(fourth.text)")
            fourth.signal(SIGTERM)
            fourth.process.waitUntilExit()
            #expect(!second.text.contains(" leading ") && !third.text.contains(" leading "), "who saw the last leader at work agrees with it, or does not lead")
            // One that is told to.
            let fifth = try province.start("e", limit: "70%", arguments: ["--accept-catalog"])
            #expect(fifth.says(" leading "), "\(fifth.text)")
        }
    }

    @Test func `the records of a second province on the same topics are left alone, and each province has its own leader`() throws {
        try SmallProvince.with { province in
            let first = try province.start("a")
            try #require(first.says(" leading "))
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            let foreign = try #require(try province.last()).raw.replacing("urn:parwatch:test", with: "urn:parwatch:elsewhere").replacing(SmallProvince.key, with: "F-2021/c/D9/2021")
            try province.write(province.cluster.alerts, partition: 0, key: "F-2021/c/D9/2021", value: foreign, headers: [("term", "5"), ("writer", "other")])
            try province.write(province.cluster.leader, partition: 0, key: "urn:parwatch:elsewhere", value: #"{"source":"urn:parwatch:elsewhere","state":"leading","writer":"w","instance":"i","catalog":"sha256:x","time":"2021-06-01T00:00:00Z"}"#)
            try province.send("2", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
            #expect(try province.alerts().filter { $0.key == "F-2021/c/D9/2021" }.count == 1)
            #expect(!first.text.contains("no longer leading"))
        }
    }
}
