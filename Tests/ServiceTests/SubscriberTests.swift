import Cases
import Foundation
import Testing

/// The example that docs/operations.md shows, beside the real daemon.
@Suite(.serialized) struct TheExampleSubscriber {
    private static let script = Oracle.repository.appendingPathComponent("deploy/examples/subscriber.py")

    /// Debian's Python: that one has python3-confluent-kafka.
    private func start(_ province: SmallProvince, _ name: String) throws -> (process: Process, lines: () -> [String]) {
        let output = province.folder.appendingPathComponent(name), process = Process()
        try Data().write(to: output)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [Self.script.path, province.cluster.bootstrap, province.cluster.alerts, "urn:parwatch:test"]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: output)
        try process.run()
        // Where PYTHONUNBUFFERED is set a line comes in pieces: one that has not ended is none yet.
        return (process, { ((try? String(contentsOf: output, encoding: .utf8)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) })
    }

    private func end(_ process: Process) {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    @Test func `it shows what is alerting, then every change once, and leaves aside who no longer leads`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a")
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            let early = try start(province, "early")
            defer { end(early.process) }
            try #require(eventually { early.lines().count == 1 }, "\(early.lines())")
            #expect(early.lines()[0].contains("\(SmallProvince.key)#") && early.lines()[0].contains("\tfiring\twarning\t"))
            try province.send("1", late: false)
            try #require(eventually { early.lines().count == 2 }, "\(early.lines())")
            #expect(early.lines()[1].contains("\tresolved\t"))

            daemon.process.terminate()
            try #require(eventually { !daemon.process.isRunning })
            let last = try #require(try province.last())
            let alerts = province.cluster.alerts
            // The same once more; from a leader of before; from another province; garbage; no such alert.
            try province.write(alerts, partition: 0, key: last.key, value: last.raw, headers: [("term", "\(last.term)")])
            let later = last.raw.replacing(".\(last.revision ?? 0)\"", with: ".9\"").replacing("\"resolved\",", with: "\"firing\",")
            try province.write(alerts, partition: 0, key: last.key, value: later, headers: [("term", "\(last.term - 1)")])
            try province.write(alerts, partition: 0, key: last.key, value: later)
            try province.write(alerts, partition: 0, key: last.key, value: later.replacing("urn:parwatch:test", with: "urn:other"), headers: [("term", "99")])
            for garbage in ["not json", "[]", "{}", "null", nil] { try province.write(alerts, partition: 0, key: "g", value: garbage) }
            // One id under a higher term is no news; the next revision is.
            try province.write(alerts, partition: 0, key: last.key, value: last.raw, headers: [("term", "\(last.term + 1)")])
            try province.write(alerts, partition: 0, key: last.key, value: later, headers: [("term", "\(last.term + 1)")])
            try #require(eventually { early.lines().count >= 3 })
            #expect(early.lines().count == 3 && early.lines()[2].contains(".9\tfiring\t"), "\(early.lines())")

            let late = try start(province, "late")
            defer { end(late.process) }
            try #require(eventually { !late.lines().isEmpty })
            #expect(late.lines() == [early.lines()[2]])
        }
    }

    @Test func `the page shows it as it is`() throws {
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        #expect(try page.contains("```python\n" + String(contentsOf: Self.script, encoding: .utf8) + "```\n"))
    }
}
