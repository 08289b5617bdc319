import ArgumentParser
import Foundation
import Service

/// Measures parwatch and prints what it found. Each figure comes from a process of its own: this one starts itself with a hidden subcommand.
@main
struct Harness: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parwatch-bench", abstract: "Measures how fast parwatch is. scripts/bench builds and runs it; docs/performance.md says what each figure means.",
        subcommands: [Measure.self, Core.self, Bare.self, DaemonRun.self, Watch.self, Produce.self, BrokerProcess.self, WriteFile.self, Memory.self, Updates.self, Serve.self, Probe.self, Rederive.self, Garbage.self, SnapshotWrite.self, SnapshotLoad.self], defaultSubcommand: Measure.self)

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let code = exitCode(for: error)
            if code == .success { exit(withError: error) }
            if code == .validationFailure {
                Say.step(fullMessage(for: error))
                Foundation.exit(2)
            }
            Say.step("parwatch-bench: \(error)")
            Foundation.exit(1)
        }
    }
}

struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measures everything.")

    @Flag(help: "Everything tiny: shows that the harness works, not how fast parwatch is.") var quick = false
    @Option(help: ArgumentHelp("Only these, separated by commas: \(Part.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "parts")) var only: String?
    @Option(help: ArgumentHelp("A real cluster instead of the embedded broker: topics of random names are made and deleted.", valueName: "host:port")) var brokers: String?
    @Option(help: ArgumentHelp("Write all figures there, as JSON.", valueName: "file")) var json: String?
    @Option(help: ArgumentHelp("Write the tables there, as Markdown.", valueName: "file")) var markdown: String?
    @Option(help: "Rounds of bare, daemon and core.") var rounds: Int?
    @Option(help: "Messages of a round.") var messages: Int?
    @Option(help: "Partitions of the input topic.") var partitions = 16
    @Option(help: "How the batches of the input topic are compressed: zstd or lz4.") var compression = "zstd"
    @OptionGroup var catalog: CatalogOption

    func validate() throws {
        _ = try parts()
        guard (rounds ?? 1) > 0, (messages ?? 3) > 2, (1...1_000).contains(partitions) else { throw ValidationError("--rounds, --messages and --partitions want numbers from 1 (--messages from 3)") }
    }

    private func parts() throws -> Set<Part> {
        guard let only else { return Set(Part.allCases) }
        return Set(try only.split(separator: ",").map { name in
            guard let part = Part(rawValue: String(name)) else { throw ValidationError("--only '\(name)': known are \(Part.allCases.map(\.rawValue).joined(separator: ", "))") }
            return part
        })
    }

    func run() throws {
        // Asked to end, the measuring process ends, and this one tidies up after it.
        StopSignal().listen()
        let plan = Plan(
            isQuick: quick, parts: try parts(), config: catalog.config, brokers: brokers, rounds: rounds ?? (quick ? 1 : 5), messages: messages ?? (quick ? 30_000 : 1_000_000),
            partitions: partitions, compression: compression)
        let start = monotonicSeconds()
        let figures = Figures()
        var throughput = Throughput(plan)
        try throughput.measure(into: figures)
        try figures.expect(plan.parts, of: [.bare, .daemon, .core])
        try ReplayRun(plan: plan).measure(into: figures)
        try figures.expect(plan.parts, of: [.replay])
        try Latency(plan: plan).measure(into: figures)
        try figures.expect(plan.parts, of: [.latency])
        try Memory.measure(plan, into: figures)
        try figures.expect(plan.parts, of: [.memory])
        try Instructions(plan: plan).measure(into: figures)
        try figures.expect(plan.parts, of: [.instructions])
        try Growth(plan: plan).measure(into: figures)
        try figures.expect(plan.parts, of: [.growth])
        try Rederive.measure(plan, into: figures)
        try figures.expect(plan.parts, of: [.rederive])
        try SnapshotRun.measure(plan, into: figures)
        try figures.expect(plan.parts, of: [.snapshot])

        let report = Report(
            machine: .look(),
            settings: ["messages": "\(plan.messages)", "rounds": "\(plan.rounds)", "partitions": "\(partitions)", "compression": compression, "broker": brokers ?? "embedded",
                       "quick": "\(quick)", "seconds": "\(Int(monotonicSeconds() - start))"],
            sections: figures.sections)
        print(report.text)
        if let json { try report.json.write(to: URL(fileURLWithPath: json)) }
        if let markdown { try Data(report.markdown.utf8).write(to: URL(fileURLWithPath: markdown)) }
    }
}
