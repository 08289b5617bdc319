import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine
import Intake
import JSON
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
    /// Nothing but the parser: what no way through the engine can be faster than.
    @Flag var parseOnly = false

    func run() throws {
        if parseOnly { return try parse() }
        let catalog = try options.catalog()
        let statuses = Statuses.year(messages, of: year, catalog: catalog)
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        engine.startJudging()
        let count = min(take ?? messages, messages)
        var batches = Batches()

        let start = Meter.now
        if oneStep {
            let texts = statuses.texts
            var first = 0
            while first < count {
                let next = min(first + Batches.size, count)
                engine.replay(next - first) { Engine.Record(texts.message(first + $0), at: Cause(topic: 0, partition: 0, offset: Int64(first + $0))) }
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

    private func parse() throws {
        let statuses = Statuses.year(messages, of: year, catalog: try options.catalog()), texts = statuses.texts
        guard let reader = JSONReader(capacity: 1 << 20) else { throw Problem("not enough memory for a parser") }
        var objects = 0
        let start = Meter.now
        for index in 0..<messages {
            guard let text = texts.message(index).value else { continue }
            do throws(JSONReader.Failure) {
                if try reader.parse(text).isObject { objects += 1 }
            } catch {
                throw Problem("message \(index) is not JSON")
            }
        }
        let taken = Meter.now - start
        guard objects == messages else { throw Problem("only \(objects) of \(messages) messages are objects") }
        try Say.answer(Outcome(messages: messages, bytes: statuses.byteCount, taken: taken, peak: Residence.peak - statuses.byteCount))
    }
}
