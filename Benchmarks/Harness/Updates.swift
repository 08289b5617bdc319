import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine

/// The steady state: statuses of random dossiers that the register knows already; at several sizes of the register, one after the other.
struct Updates: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Updates of known dossiers.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @Option var sizes: String
    @Option var messages: Int
    /// Only so many of them are taken in; all are made.
    @Option var take: Int?
    /// Parts into which the messages are cut, each timed by itself.
    @Option var slices = 3

    func run() throws {
        let catalog = try options.catalog()
        let sizes = sizes.split(separator: ",").compactMap { Int($0) }
        let province = Province(catalog: catalog, dossiers: sizes.last ?? 0)
        guard province.agencies.count == 80 else { throw Problem("updates: the catalog has \(province.agencies.count) of the 80 agencies") }
        var fill = Fill(province)
        var batches = Batches()
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        engine.startJudging()
        let statuses = Statuses(capacity: messages, agencies: province.agencies)
        var ticks = Statuses.startOfUpdates
        var dice = Dice(seed: province.seed, stream: 77)
        // By size and slice: nanoseconds of CPU a message.
        var answer: [[Double]] = []
        for size in sizes {
            fill.take(dossiers: engine.subjects..<size, into: &engine)
            statuses.clear()
            statuses.addUpdates(messages, of: province, among: size, &dice, &ticks)
            let accepted = engine.counts.accepted
            let count = min(take ?? messages, messages)
            answer.append((0..<slices).map { slice in
                let start = Meter.now
                batches.take(count * slice / slices..<count * (slice + 1) / slices, of: statuses, into: &engine)
                return (Meter.now - start).cpu / Double(max(1, count / slices)) * 1e9
            })
            // The few that meet another of their dossier in the same second may lose.
            guard engine.subjects == size, engine.counts.rejected == 0, engine.counts.accepted - accepted > count * 9 / 10 else {
                throw Problem("updates: \(engine.counts.accepted - accepted) of \(count) accepted, \(engine.counts.rejected) rejected, \(engine.subjects) dossiers")
            }
        }
        try Say.answer(answer)
    }
}
