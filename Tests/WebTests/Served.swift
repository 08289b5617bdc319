import Cases
import Foundation
import Testing

/// A daemon as a process, with a broker of its own inside, that answers HTTP. Two departments, one criterion: on time, warning below 90 %, critical below 50 %.
final class Served {
    let folder: URL
    private var process: Process
    private let log: URL
    let configuration: URL
    private var sent = 0

    /// `settings`: lines for parwatch.yaml; `http` is there unless they hold it.
    static func with(_ settings: String = "", files: [String: String] = [:], _ body: (Served) throws -> Void) throws {
        try Oracle.withFolder("web") { folder in
            let served = try Served(folder, settings, files)
            defer { served.end() }
            return try body(served)
        }
    }

    private init(_ folder: URL, _ settings: String, _ files: [String: String]) throws {
        self.folder = folder
        log = folder.appendingPathComponent("log")
        configuration = folder.appendingPathComponent("parwatch.yaml")
        let kafka = settings.contains("kafka:") ? "" : "kafka: {bootstrap: embedded}\n", http = settings.contains("http: ") ? "" : "http: {listen: \"127.0.0.1:0\"}\n"
        let all = files.merging([
            "parwatch.yaml": "source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nmax_ahead: 10000d\npublish_every: 1s\n\(kafka)\(http)\(settings)\n",
            "agencies.yaml": """
                timezone: Asia/Ho_Chi_Minh
                agencies:
                  - {id: P, level: province, name: {vi: Tỉnh P, en: P province}}
                  - {id: D1, level: department, parent: P, name: {vi: Sở Một, en: First department}}
                  - {id: D2, level: department, parent: P, name: {vi: Sở Hai, en: Second department}}
                """,
            "criteria.yaml": """
                framework: F-2021
                title: {vi: t, en: t}
                period: {year: 2021, closes_after: 4000d}
                criteria:
                  - code: "1"
                    name: {vi: Đúng hạn, en: On time}
                    levels: [department]
                    judge_at: [self, root]
                    periods: [year, quarter]
                    measure: {ratio: {of: dossier, among: [decided], counting: [on_time]}}
                    target: {at_least: 100%}
                    points: {max: 1, full_at: 100%}
                    alert: {warning: {below: 90%, clear: 90%}, critical: {below: 50%, clear: 50%}, min_sample: 1}
                    lead: Văn phòng
                """,
        ]) { mine, _ in mine }
        for (name, text) in all { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        process = try Self.start(configuration, log)
    }

    private static func start(_ configuration: URL, _ log: URL) throws -> Process {
        if !FileManager.default.fileExists(atPath: log.path) { _ = FileManager.default.createFile(atPath: log.path, contents: nil) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("parwatch")
        process.arguments = ["run", "--config", configuration.path]
        process.standardError = handle
        process.standardOutput = handle
        try process.run()
        return process
    }

    var text: String { (try? Data(contentsOf: log)).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    var isRunning: Bool { process.isRunning }

    func says(_ line: String, within seconds: Double = 60) -> Bool { eventually(within: seconds) { text.contains(line) } }

    /// The value of a field in the log.
    private func field(_ name: String, after line: String) throws -> String {
        try #require(says(line), "\(text)")
        let found = text.split(separator: "\n").last { $0.contains(line) }.flatMap { $0.split(separator: " ").first { $0.hasPrefix("\(name)=") } }
        return String(try #require(found).dropFirst(name.count + 1))
    }

    /// `127.0.0.1:port`
    var address: String { get throws { try field("address", after: "HTTP answers") } }
    var brokers: String { get throws { try field("brokers", after: " starting ") } }

    func leads() -> Bool { says(" info leading ") }
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func end() {
        signal(SIGKILL)
        process.waitUntilExit()
    }

    /// Ended in good order, and started again beside what its state directory holds; the broker inside is a new one, and empty.
    func restart() throws {
        signal(SIGTERM)
        process.waitUntilExit()
        try Data().write(to: log)
        process = try Self.start(configuration, log)
    }

    // MARK: Asking

    struct Reply {
        var status: Int
        var headers: String
        var body: String
        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:] }
        var items: [[String: Any]] { json["items"] as? [[String: Any]] ?? [] }
    }

    func get(_ path: String, _ arguments: String...) throws -> Reply { try Self.get("http://\(try address)\(path)", arguments) }

    static func get(_ url: String, _ arguments: [String] = []) throws -> Reply {
        let result = try Program.run("/usr/bin/env", ["curl", "-s", "-S", "-i", "--max-time", "30"] + arguments + [url])
        let parts = result.output.components(separatedBy: "\r\n\r\n")
        let status = parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Reply(status: status, headers: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    /// The sample of a metric with these labels, as they are written.
    func metric(_ name: String) throws -> Double? {
        try get("/metrics").body.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    // MARK: Feeding

    /// Dossiers of `agency` that were finished late, or in time; each is a new one.
    func send(_ count: Int = 1, at agency: String = "D1", late: Bool) throws {
        var lines: [String] = []
        for _ in 0..<count {
            sent += 1
            lines.append(DossierMessage().attribute("subject", text: "S\(sent)").attribute("id", text: "e\(sent)").field("agency", text: agency).field("state", "9")
                .field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: late ? "2021-03-20T09:00:00+07:00" : "2021-03-09T09:00:00+07:00").json)
        }
        try send(lines)
    }

    func send(_ lines: [String]) throws {
        let result = try Program.run("/usr/bin/env", ["timeout", "60", "kcat", "-P", "-b", try brokers, "-t", "par.status"], input: lines.joined(separator: "\n") + "\n")
        #expect(result.status == 0, "\(result.output)")
    }
}

/// Debian's monitoring programs: installed, or unpacked by `scripts/setup test`.
enum Monitoring {
    static func path(_ name: String) throws -> String {
        let unpacked = Oracle.repository.appendingPathComponent(".build/monitoring/usr/bin/\(name)").path
        if FileManager.default.isExecutableFile(atPath: unpacked) { return unpacked }
        let found = try Program.run("/usr/bin/env", ["sh", "-c", "command -v \(name)"])
        try #require(found.status == 0, "\(name) is missing: scripts/setup test")
        return found.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs it to its end.
    static func run(_ name: String, _ arguments: [String], input: String? = nil) throws -> (status: Int32, output: String) { try Program.run(try path(name), arguments, input: input) }

    /// A port of 127.0.0.1 that nobody has.
    static func freePort() throws -> Int {
        let result = try Program.run("/usr/bin/env", ["python3", "-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"])
        return try #require(Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
