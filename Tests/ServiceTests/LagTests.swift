import Cases
import Foundation
import Kafka
import Testing

/// While it is not certain what the inputs say, no alert changes; and nothing that is missing is taken for well.
@Suite(.serialized) struct Lag {
    /// Ten minutes of the daemon's clock are a millisecond.
    private static let fast = "clock: {start: \"2021-06-01T00:00:00+07:00\", speed: 600000}\nmax_lag: 2s\n"

    @Test func `after an outage of the daemon, dossiers that came due meanwhile and whose end lies in the backlog cause no alert`() throws {
        try SmallProvince.with { province in
            let start = Date()
            let daemon = try province.start("a", extra: Self.fast)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            // Due fifteen seconds of ours after its start.
            let due = "2021-09-15T17:00:00+07:00"
            for number in 0..<200 { try province.queue(province.dossier("S\(number)", at: "D1").field("state", "4").field("due", text: due)) }
            try province.flush()
            daemon.signal(SIGSTOP)
            try #require(Date() < start.addingTimeInterval(14), "this machine is too busy for this test")
            // The due date is past when it wakes; each dossier was finished in time.
            for number in 0..<200 {
                try province.queue(province.dossier("S\(number)", at: "D1").field("state", "9").field("due", text: due).field("finished", text: "2021-06-18T09:00:00+07:00"))
            }
            try province.flush()
            let until = max(start.addingTimeInterval(20), Date().addingTimeInterval(6))
            #expect(eventually { Date() > until })
            daemon.signal(SIGCONT)
            // What comes after is judged again.
            try province.send("late", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" }, "\(daemon.text)")
            let wrong = try province.alerts().filter { $0.key == SmallProvince.key }
            #expect(wrong.isEmpty, "\(wrong.map(\.raw))")
        }
    }

    @Test(.enabled(if: TestCluster.real == nil, "stops the embedded broker"))
    func `while the broker cannot be reached the judging clock stands still, and what came due meanwhile is judged when it is known again`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a", extra: Self.fast)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            // Due a month of theirs, or six seconds of ours, ahead.
            try province.send(province.dossier("open", at: "D1").field("state", "4").field("due", text: "2021-07-15T17:00:00+07:00"))
            let broker = try #require(province.cluster.broker)
            kill(broker.processIdentifier, SIGSTOP)
            try #require(daemon.says("judging stands still", within: 60), "\(daemon.text)")
            let until = Date().addingTimeInterval(8)
            #expect(eventually(within: 90) { Date() > until })
            #expect(!daemon.text.contains("judging goes on"))
            kill(broker.processIdentifier, SIGCONT)
            #expect(daemon.says("judging goes on", within: 60), "\(daemon.text)")
            #expect(try eventually { try province.last()?.state == "firing" }, "\(daemon.text)")
            let since = try #require(try province.last()?.since)
            // At its own instant; or, if the group has elected anew meanwhile, when it was won.
            #expect(since >= "2021-07-16T00:00:00", "not before it was due: \(since)")
        }
    }
    /// A transaction that its producer leaves open withholds all records behind it, whoever wrote them.
    @Test(.enabled(if: TestCluster.real == nil, "plays the broker of a transaction"))
    func `while a transaction keeps records back the judging clock stands still, nothing is taken for stuck, and it goes on when that ends`() throws {
        try SmallProvince.with { province in
            let proxy = Process(), output = Pipe()
            proxy.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            proxy.arguments = [
                ProcessInfo.processInfo.environment["PARWATCH_PYTHON"] ?? "python3", Oracle.repository.appendingPathComponent("Tests/Tools/transaction-proxy.py").path,
                province.cluster.bootstrap.split(separator: ":").last.map(String.init) ?? "", province.cluster.inputs,
            ]
            proxy.standardOutput = output
            try proxy.run()
            defer {
                kill(proxy.processIdentifier, SIGKILL)
                proxy.waitUntilExit()
            }
            province.cluster.access = "{bootstrap: \"\(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))\"}"
            let daemon = try province.start("a", extra: "clock: {start: \"2021-06-01T00:00:00+07:00\", speed: 0.001}\nmax_lag: 2s\n")
            try #require(daemon.says("judging stands still"), "\(daemon.text)")
            try province.send("late", at: "D1", late: true)
            #expect(daemon.says("a transaction that has not ended", within: 60), "\(daemon.text)")
            #expect(!daemon.text.contains("reading it anew") && !daemon.text.contains("judging goes on"), "\(daemon.text)")
            #expect(try province.last() == nil)
            kill(proxy.processIdentifier, SIGUSR1)
            #expect(daemon.says("judging goes on"), "\(daemon.text)")
            #expect(try eventually { try province.last()?.state == "firing" }, "\(daemon.text)")
        }
    }
}
