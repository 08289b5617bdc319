import ArgumentParser
import Catalog
import CatalogFiles
import Engine
import Intake
import Kafka
import Service

struct Redrive: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies rejected originals back to their topic, once the cause is mended.",
        discussion: """
            Reads the rejected topic, fetches each original where it lies, and writes it once more, byte for byte, to the same topic and partition. A rejection whose \
            copy has arrived is set to a tombstone. It may be repeated and interrupted at any time: a copy too many is a duplicate, which changes nothing. \
            Do not use it on inputs that are compacted: there a copy would displace newer statuses with the same key.
            """)

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @Option(help: "Only rejections for this reason; may be repeated.") var reason: [String] = []
    @Option(help: "Only originals of this input topic.") var topic: String?
    @Option(help: ArgumentHelp("Only rejections from this time on (RFC 3339).", valueName: "time")) var since: String?
    @Option(help: "Of records that were rejected without a rejection each, copy back no range of more offsets than this.") var largestRange: Int64 = 1_000_000
    @Flag(help: "Only say what would be copied.") var dryRun = false

    private static let reasons = RejectionReason.allCases.map(\.rawValue) + [LeftOutRecord.reason]

    func validate() throws {
        for name in reason where !Self.reasons.contains(name) { throw ValidationError("--reason '\(name)' is no reason: \(Spelling.hint(for: name, among: Self.reasons))") }
        if let since, Timestamp.parse(since) == nil { throw ValidationError("--since '\(since)' is not a time such as 2021-09-30T00:00:00+07:00") }
        guard (1...1_000_000_000).contains(largestRange) else { throw ValidationError("--largest-range must be from 1 to 1000000000") }
    }

    func run() throws {
        let configuration = try options.load()
        if let topic, !configuration.inputs.contains(topic) {
            throw Failure.input("--topic '\(topic)' is no input of \(options.config): \(Spelling.hint(for: topic, among: configuration.inputs))")
        }
        let settings = try broker.settings(configuration)
        let selection = RedrivePlan.Selection(
            inputs: Set(configuration.inputs), topic: topic, reasons: Set(reason), since: since.flatMap(Timestamp.parse), largestRange: largestRange)
        guard let plan = RedrivePlan(selection) else { throw Failure.ours("not enough memory") }
        let stop = StopSignal()
        stop.listen()
        var failure: String?
        do throws(KafkaError) {
            guard let plan = try read(configuration.outputs.rejected, into: plan, settings, stop) else { return Terminal.say("stopped before anything was copied") }
            let (work, skipped) = plan.stretches()
            var redelivery = try Redelivery(work, rejected: configuration.outputs.rejected, settings: settings, stop)
            if dryRun { try foretell(&redelivery, plan, skipped) } else { failure = try copy(&redelivery, skipped).failure }
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
        if let failure { throw Failure.input(failure) }
    }

    /// Nil: asked to stop before its end was reached.
    private func read(_ topic: String, into plan: RedrivePlan, _ settings: KafkaSettings, _ stop: StopSignal) throws(KafkaError) -> RedrivePlan? {
        guard var reader = try TopicReader(settings: settings, topic: topic, unless: stop) else { return nil }
        var plan = plan
        var progress = Progress("reading \(topic)", unit: "records"), count = 0
        while !reader.isAtEnd {
            if stop.isRequested { return nil }
            try reader.poll(timeout: 200) { record in
                count += 1
                plan.read(partition: record.partition, key: record.key.map { String(decoding: $0, as: UTF8.self) } ?? "", value: record.value)
            }
            for notice in reader.drainNotices() where notice.severity >= .error { Terminal.complain("kafka: \(notice)") }
            progress.report(done: count, fraction: nil)
        }
        progress.finish()
        return plan
    }

    private func foretell(_ redelivery: inout Redelivery, _ plan: RedrivePlan, _ skipped: [RedrivePlan.Skip: Int]) throws(KafkaError) {
        let (there, gone) = try redelivery.look()
        for (reason, count) in plan.countsByReason { Terminal.say("\(AlertLine.pad(reason, 17)) \(Terminal.grouped(count))") }
        Terminal.say("would copy \(Terminal.grouped(Int(there))) records, \(Terminal.grouped(Int(gone))) gone\(Self.text(skipped))")
    }

    /// Says what became of them, also when the broker goes away in the middle.
    private func copy(_ redelivery: inout Redelivery, _ skipped: [RedrivePlan.Skip: Int]) throws(KafkaError) -> Redelivery.Outcome {
        var progress = Progress("redrive", unit: "records")
        let total = redelivery.total
        var failure: KafkaError?
        do throws(KafkaError) {
            try redelivery.run { done, outcome in progress.report(done: outcome.copied, fraction: Double(done) / Double(max(1, total))) }
        } catch {
            failure = error
        }
        progress.finish()
        let outcome = redelivery.outcome
        let failed = outcome.failed > 0 ? ", \(Terminal.grouped(outcome.failed)) failed" : ""
        Terminal.say("copied \(Terminal.grouped(outcome.copied)) records, \(Terminal.grouped(outcome.gone)) gone\(Self.text(skipped))\(failed); \(Terminal.grouped(outcome.cleared)) rejections done with")
        if outcome.isStopped { Terminal.complain("redrive: stopped; run it again for the rest") }
        if let failure { throw failure }
        return outcome
    }

    private static func text(_ skipped: [RedrivePlan.Skip: Int]) -> String {
        let all = skipped.values.reduce(0, +)
        let reasons = RedrivePlan.Skip.allCases.compactMap { skip in skipped[skip].map { "\(Terminal.grouped($0)) \(skip.rawValue)" } }
        return ", \(Terminal.grouped(all)) skipped" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
    }
}
