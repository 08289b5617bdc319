import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine
import Scoreboard

/// `core`: the bytes from memory through the engine, on one thread; alerts are judged.
struct Core: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The messages from memory through the engine.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @Option var messages: Int
    /// Of a year with so many messages; only its beginning is made then.
    @Option var year: Int?
    /// Only so many of them are taken in; all are made.
    @Option var take: Int?
    /// Each message is a step of its own, as in `parwatch replay`.
    @Flag var oneStep = false

    func run() throws {
        let catalog = try options.catalog()
        let statuses = Statuses.year(messages, of: year, catalog: catalog)
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        engine.startJudging()
        let count = min(take ?? messages, messages)
        var batches = Batches()

        let start = Meter.now
        if oneStep {
            var first = 0
            while first < count {
                let next = min(first + Batches.size, count)
                engine.replay(next - first) { Engine.Record(statuses.message(first + $0), at: Cause(topic: 0, partition: 0, offset: Int64(first + $0))) }
                batches.count(engine.takeEffects())
                first = next
            }
        } else {
            batches.take(0..<count, of: statuses, into: &engine)
        }
        let taken = Meter.now - start

        let peak = Residence.peak - statuses.byteCount
        engine.step(now: Province.end)
        try Say.answer(Outcome(messages: count, bytes: statuses.byteCount, taken: taken, peak: peak, state: FinalState(of: engine), alerts: batches.alerts))
    }
}
