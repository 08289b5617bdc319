import Cases
import Foundation
import Kafka
import Testing

/// SIGHUP: another catalog without a restart, all or nothing.
@Suite(.serialized) struct Reloads {
    private func rewrite(_ province: SmallProvince, _ file: String, _ old: String, _ new: String) throws {
        let path = province.folder.appendingPathComponent("a/\(file)")
        let text = try String(contentsOf: path, encoding: .utf8)
        try #require(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: path)
    }

    /// A daemon that leads. The first department has 19 of 20 dossiers in time, which is above 90 %; the second has one, late, and its alert fires.
    private func begin(_ province: SmallProvince) throws -> DaemonProcess {
        let daemon = try province.start("a")
        try #require(daemon.says(" info leading "), "\(daemon.text)")
        for number in 0..<20 {
            let finished = number == 0 ? "2021-03-20T09:00:00+07:00" : "2021-03-09T09:00:00+07:00"
            try province.queue(province.dossier("S\(number)", at: "D1").field("state", "9").field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: finished))
        }
        try province.flush()
        try province.send("late", at: "D2", late: true)
        try #require(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
        #expect(try province.last() == nil)
        return daemon
    }

    @Test func `a changed threshold is in force after SIGHUP, derived from the register, under a new claim`() throws {
        try SmallProvince.with { province in
            let daemon = try begin(province)

            try rewrite(province, "criteria.yaml", "90%, clear: 90%", "97%, clear: 97%")
            daemon.signal(SIGHUP)
            #expect(try eventually { try province.last()?.state == "firing" }, "\(daemon.text)")
            #expect(daemon.text.contains("reloaded"))
            let claims = try province.cluster.dump(province.cluster.leader)
            #expect(claims.count == 2)
            let before = try #require(try province.last(SmallProvince.other))
            #expect(before.state == "firing" && before.data["threshold"] as? Double == 0.97, "a changed rule is written, under the incident that was: \(before.raw)")

            // The criterion goes: its alerts end.
            try rewrite(province, "criteria.yaml", "  - code: c\n", "  - code: d\n")
            daemon.signal(SIGHUP)
            #expect(try eventually { try province.last()?.data["reason"] as? String == "rule_removed" && province.last(SmallProvince.other)?.state == "resolved" }, "\(daemon.text)")
            #expect(try eventually { try province.last("F-2021/d/D2/2021")?.state == "firing" })
        }
    }

    @Test func `a criteria file that extends another is in force after SIGHUP, and so is what changes in the other`() throws {
        try SmallProvince.with { province in
            let daemon = try begin(province)

            // What was said stands in another file now, and one threshold is said anew.
            let home = province.folder.appendingPathComponent("a"), criteria = home.appendingPathComponent("criteria.yaml"), base = home.appendingPathComponent("base.yaml")
            try FileManager.default.moveItem(at: criteria, to: base)
            try Data("extends: base.yaml\nframework: F-2021\ncriteria:\n  - {code: c, alert: {warning: {below: 97%, clear: 97%}, min_sample: 1}}\n".utf8).write(to: criteria)
            daemon.signal(SIGHUP)
            #expect(try eventually { try province.last()?.data["threshold"] as? Double == 0.97 && province.last()?.state == "firing" }, "\(daemon.text)")
            #expect(try eventually { try province.last(SmallProvince.other)?.data["threshold"] as? Double == 0.97 })

            // The other file alone changes: what this one says stays.
            try rewrite(province, "base.yaml", "counting: [on_time]", "counting: [late]")
            daemon.signal(SIGHUP)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "resolved" }, "\(daemon.text)")
            #expect(try province.last()?.state == "firing", "1 of 20")

            try rewrite(province, "base.yaml", "levels: [department]", "levels: [nowhere]")
            daemon.signal(SIGHUP)
            #expect(daemon.says("not reloaded") && daemon.text.contains("base.yaml:"), "\(daemon.text)")
            try province.send("late", at: "D2", late: false)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" }, "judged as before")
        }
    }

    @Test func `a configuration that is wrong, or that needs a restart, changes nothing, and the log says why`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a")
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })

            try rewrite(province, "criteria.yaml", "min_sample: 1}", "min_sample: many}")
            daemon.signal(SIGHUP)
            #expect(daemon.says("not reloaded") && daemon.text.contains("criteria.yaml:"), "\(daemon.text)")
            try rewrite(province, "criteria.yaml", "min_sample: many}", "min_sample: 1}")
            try rewrite(province, "parwatch.yaml", "alerts: \(province.cluster.alerts),", "alerts: other.alerts,")
            daemon.signal(SIGHUP)
            #expect(daemon.says("'outputs' changed, which needs a restart"), "\(daemon.text)")
            try rewrite(province, "parwatch.yaml", "alerts: other.alerts,", "alerts: \(province.cluster.alerts),")
            try rewrite(province, "agencies.yaml", "Asia/Ho_Chi_Minh", "Europe/Amsterdam")
            daemon.signal(SIGHUP)
            #expect(daemon.says("'timezone' has changed"), "\(daemon.text)")
            #expect(daemon.process.isRunning && !daemon.text.contains("no longer leading"))
            try province.send("1", late: false)
            #expect(try eventually { try province.last()?.state == "resolved" })
        }
    }
}
