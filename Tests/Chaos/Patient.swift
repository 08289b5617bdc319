import Cases
import Foundation

/// A daemon, through all that is done to it.
final class Patient {
    let name: String
    private(set) var process: Process?
    private(set) var isFrozen = false
    /// It is dead on purpose, or about to be.
    private(set) var isMeantToBeDead = false
    let home: URL
    private var startedAt = Date()
    /// Where it answers HTTP.
    let port: UInt16
    /// An operator says that its catalog is the right one.
    var isCatalogTold = false
    private static let binary = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("parwatch")

    init(_ name: String, _ home: URL, port: UInt16) {
        self.name = name
        self.port = port
        self.home = home
    }

    deinit { kill() }

    var secondsUp: Double { Date().timeIntervalSince(startedAt) }
    var isRunning: Bool { process?.isRunning == true }
    private var state: URL { home.appendingPathComponent("state") }

    func start() throws {
        let log = home.appendingPathComponent("log")
        if !FileManager.default.fileExists(atPath: log.path) { _ = FileManager.default.createFile(atPath: log.path, contents: nil) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        let process = Process()
        process.executableURL = Self.binary
        process.arguments = ["run", "--config", home.appendingPathComponent("parwatch.yaml").path] + (isCatalogTold ? ["--accept-catalog"] : [])
        process.standardError = handle
        process.standardOutput = handle
        try process.run()
        self.process = process
        startedAt = Date()
        (isFrozen, isMeantToBeDead) = (false, false)
    }

    /// The next offset to read, of each partition of a topic; nil: it does not say.
    func offsets(of topic: String) throws -> [Int]? {
        let answer = try Program.run("/usr/bin/env", ["curl", "-s", "--max-time", "2", "http://127.0.0.1:\(port)/api/v1/partitions?topic=\(topic)"])
        guard let page = try? JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any], let items = page["items"] as? [[String: Any]] else { return nil }
        return items.compactMap { $0["next_offset"] as? Int }
    }

    func signal(_ number: Int32) { if let process, process.isRunning { Foundation.kill(process.processIdentifier, number) } }

    func kill() {
        isMeantToBeDead = true
        signal(SIGKILL)
        process?.waitUntilExit()
    }

    func askToEnd() {
        isMeantToBeDead = true
        signal(SIGTERM)
    }

    func freeze() {
        isFrozen = true
        signal(SIGSTOP)
    }

    func thaw() {
        isFrozen = false
        signal(SIGCONT)
    }

    func loseSnapshots() { try? FileManager.default.removeItem(at: state) }

    /// Turns one bit of the newest snapshot, or cuts it off.
    func damageSnapshot(at place: Double, cuts: Bool) {
        let file = state.appendingPathComponent("register.snapshot")
        guard var data = try? Data(contentsOf: file), !data.isEmpty else { return }
        let index = Int(Double(data.count - 1) * place)
        if cuts { data = data.prefix(index) } else { data[index] ^= 1 }
        try? data.write(to: file)
    }
}
