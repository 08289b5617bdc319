import ArgumentParser
import Cases
import Foundation

/// Breaks things for a while, lets them settle, and asks the oracles whether all is right: both laws through everything that goes wrong at night.
@main struct Chaos: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scripts/chaos",
        abstract: "Two daemons, random messages of which every second is garbage, floods of more of it, and random faults; at the end the oracles of both laws judge.",
        discussion: """
            Daemons are killed, stopped, frozen and started again, some with their snapshots lost or damaged; brokers go away and come back, answer late, with errors or not at all, \
            and hand leaders and coordinators to each other; the cluster is built anew, with some topics empty; the catalog changes and changes back. Then faults end, and within \
            two minutes scores and alerts must be right; and once more after a cluster that is built anew in that calm. Exit status 0: they are; 1: they are not, and the folder with the \
            evidence is kept.
            """)

    @Option(name: .customLong("for"), help: ArgumentHelp("How long things are broken.", valueName: "duration")) var length = "2m"
    @Option(help: "The same seed makes the same messages and faults, if not at the same instants; by default a new one.") var seed: UInt64 = .random(in: 1...999_999)
    @Option(help: ArgumentHelp("Another cluster instead of the embedded broker: only the daemons are broken.", valueName: "host:port")) var brokers: String?
    @Option(help: ArgumentHelp(
        "With --brokers: topics that are there already, and empty: name.status with 4 partitions, name.alerts, .scores, .rejected, .health and .leader with one. Without, topics of random names are made, and deleted at the end.",
        valueName: "name")) var topics: String?

    private var seconds: Double? {
        guard let unit = ["s": 1.0, "m": 60, "h": 3_600][length.suffix(1)], let number = Double(length.dropLast()), number > 0 else { return nil }
        return number * unit
    }

    func validate() throws {
        if topics != nil, brokers == nil { throw ValidationError("--topics names topics of another cluster: say which by --brokers") }
        if seconds == nil { throw ValidationError("--for '\(length)' is not a number and s, m or h, such as 2m") }
    }

    func run() throws {
        tell("chaos: seed \(seed), for \(length) (repeat with --seed \(seed))")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parwatch-chaos-\(seed)-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var wrong: [String]
        do {
            let drill = try Drill(seed: seed, seconds: seconds ?? 0, ground: Ground(brokers: brokers, existing: topics), folder: folder)
            wrong = try drill.run()
        } catch {
            wrong = ["the drill itself failed: \(error)"]
        }
        guard wrong.isEmpty else {
            for line in wrong { tell("WRONG: \(line)") }
            tell("chaos: seed \(seed): wrong; the evidence is in \(folder.path)")
            throw ExitCode(1)
        }
        if ProcessInfo.processInfo.environment["PARWATCH_KEEP"] == nil { try FileManager.default.removeItem(at: folder) }
        tell("chaos: seed \(seed): right")
    }
}

/// Each line at once, whoever reads.
func tell(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
