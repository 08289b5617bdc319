import BenchmarkMessages
import Catalog
import CatalogFiles
import Engine
import Intake
import Scoreboard

/// An engine that knows 100,000 dossiers, and newer statuses of them, each to be taken in once.
final class Bench {
    private var engine: Engine
    private let statuses: Statuses
    private var next = 0

    static let dossiers = 100_000

    init(statuses count: Int) throws {
        let catalog = try Configuration.load(path: "config/parwatch.yaml").catalog
        let province = Province(catalog: catalog, dossiers: Self.dossiers)
        engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        engine.startJudging()
        statuses = Statuses(capacity: max(count, Self.dossiers), agencies: province.agencies)
        for dossier in 0..<Self.dossiers {
            let life = province.life(of: dossier)
            statuses.add(life, of: dossier, .accepted, time: life.received, due: Statuses.later)
        }
        engine.step(now: statuses.clock(Self.dossiers - 1))
        for index in 0..<Self.dossiers { give(index) }
        statuses.clear()
        var dice = Dice(seed: province.seed, stream: 5), ticks = Statuses.startOfUpdates
        statuses.addUpdates(count, of: province, among: Self.dossiers, &dice, &ticks)
        engine.step(now: statuses.clock(count - 1))
        _ = engine.takeEffects()
    }

    private func give(_ index: Int) {
        let texts = statuses.texts
        engine.receive(1) { _ in Engine.Record(texts.message(index), at: Cause(topic: 0, partition: 0, offset: Int64(index))) }
    }

    private func take() -> Int {
        defer { next += 1 }
        precondition(next < statuses.count, "more statuses are asked for than were made")
        return next
    }

    func read(by intake: Intake) -> Bool { (try? intake.read(statuses.texts.message(take()))) != nil }

    func receive() { give(take()) }

    func step(_ messages: Int) -> Int {
        for _ in 0..<messages { give(take()) }
        engine.step(now: engine.clock)
        return engine.takeEffects().count
    }
}
