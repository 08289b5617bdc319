import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Intake
import Testing

/// An engine from a copy that was taken piecemeal while messages flowed, and a replay from the positions noted before the copy began, against engines that never stopped.
@Suite struct CopyLaw {
    @Test func `a copy in steps of one entry while the register grows, and a replay from its offsets, is the engine that was copied`() throws {
        let seed = Oracle.seed("copy")
        var overtaken = 0, changed = 0
        for number in 0..<400 {
            switch try run(seed &+ UInt64(number)) {
            case .overtaken: overtaken += 1
            case .otherCatalog: changed += 1
            case .same: break
            }
        }
        // All of it did happen.
        #expect(overtaken > 0 && overtaken < 100 && changed > 50)
    }

    private enum Course { case same, otherCatalog, overtaken }

    private func run(_ seed: UInt64) throws -> Course {
        var dice = Seeded(seed ^ 0xC0B1)
        // What another catalog refuses (`unknown_criterion`) does not come back, so there it is dossiers alone.
        let kinds = dice.once(in: 2)
        let random = RandomCase(seed: seed, kinds ? .everyKind : RandomCase.Options()), until = random.until.microseconds
        var catalog = try Oracle.withFolder("copy") { folder in
            try random.write(to: folder)
            return try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
        }
        var other = !kinds && dice.once(in: 2) ? Self.changed(catalog, &dice) : nil
        // What has left under the first catalog does not come back, and years may leave when the last of their criteria has closed.
        if let changed = other, changed.departures.years.map(\.at) != catalog.departures.years.map(\.at) { other = nil }
        if let changed = other, dice.once(in: 2) { (catalog, other) = (changed, catalog) }
        var feed = Feed(random.messages, &dice)
        var clock = until - dice.int64(0...90 * 86_400_000_000)
        var running = try Engine(catalog: catalog, inputs: ["in"])
        running.step(now: Instant(microseconds: clock))
        if dice.once(in: 2) { running.startJudging() }
        func live(_ engine: inout Engine) {
            if !dice.once(in: 3) { feed.give(to: &engine, &dice) }
            if dice.once(in: 3) {
                clock = min(until, clock + dice.int64(0...10 * 86_400_000_000))
                engine.step(now: Instant(microseconds: clock))
            }
            if dice.once(in: 4) { _ = engine.takeChangedCells() }
        }
        for _ in 0..<dice.int(0...8) { live(&running) }

        // The copy, with life between any two steps.
        let reportedBefore = unknownAgencies(running.takeEffects())
        let noted = feed.positions
        var copy = running.startCopy(), pieces = Pieces()
        copying: while true {
            switch running.step(&copy, atMost: 1) {
            case .piece(let piece): pieces.pieces.append(piece)
            case .whole: break copying
            case .overtaken: return .overtaken
            }
            if dice.once(in: 3) { live(&running) }
        }
        for _ in 0..<dice.int(0...5) { live(&running) }

        // A crash; a new start, perhaps later, perhaps with another catalog.
        if dice.once(in: 2) { clock = min(until, clock + dice.int64(0...10 * 86_400_000_000)) }
        // Now and then so much later that years have departed meanwhile.
        if dice.once(in: 8) { clock = max(clock, until + dice.int64(0...1_000) * 86_400_000_000) }
        var restored = try pieces.restored(other ?? catalog, now: Instant(microseconds: clock), beside: dice.once(in: 2))
        var again = feed
        again.positions = noted
        while again.hasMore(than: feed) { again.give(to: &restored, &dice, upTo: feed.positions) }
        running.step(now: Instant(microseconds: clock))
        restored.step(now: Instant(microseconds: clock))
        if reportedBefore > 0, other == nil { #expect(unknownAgencies(restored.takeEffects()) == 0, "reported again, seed \(seed)") }

        // One that read everything from the beginning.
        var settled = try Engine(catalog: other ?? catalog, inputs: ["in"])
        settled.step(now: Instant(microseconds: clock))
        var all = feed
        all.positions = feed.positions.map { _ in 0 }
        while all.hasMore(than: feed) { all.give(to: &settled, &dice, upTo: feed.positions) }
        // Where a year has departed, one that reads afterwards refuses its statuses, and may keep a deletion that the others have let go of together with the status after it.
        let isExact = !(other ?? catalog).departures.years.contains { $0.at.microseconds <= clock }
        if other == nil {
            same(running, restored, "after the replay, seed \(seed)")
            if isExact { #expect(newest(running) == newest(restored), "seed \(seed)") }
        }
        same(settled, restored, "against one that read everything, seed \(seed)")
        func sameSubjects(_ a: borrowing Engine, _ b: borrowing Engine) { if isExact { #expect(a.subjects == b.subjects, "seed \(seed)") } }
        sameSubjects(settled, restored)

        // What comes now does to both the same.
        while feed.hasMore {
            let batch = feed.next(&dice)
            let before = (settled.counts.accepted, restored.counts.accepted)
            settled.receive(batch, from: 0)
            restored.receive(batch, from: 0)
            if isExact { #expect(settled.counts.accepted - before.0 == restored.counts.accepted - before.1, "seed \(seed)") }
            clock = min(max(until, clock), clock + dice.one(of: [0, dice.int64(0...10 * 86_400_000_000)]))
            settled.step(now: Instant(microseconds: clock))
            restored.step(now: Instant(microseconds: clock))
            same(settled, restored, "later, seed \(seed)")
        }
        for day in [1, 7, 40, 400] {
            settled.step(now: Instant(microseconds: until + Int64(day) * 86_400_000_000))
            restored.step(now: Instant(microseconds: until + Int64(day) * 86_400_000_000))
            same(settled, restored, "\(day) days later, seed \(seed)")
            sameSubjects(settled, restored)
        }
        return other == nil ? .same : .otherCatalog
    }

    /// Other agencies are known, sectors have other numbers, criteria go.
    private static func changed(_ catalog: Catalog, _ dice: inout Seeded) -> Catalog {
        var catalog = catalog
        catalog.hash = "sha256:\(dice.next())"
        if dice.once(in: 2) { catalog.agencies.append(Agency(id: "X9", name: Bilingual(vi: "X9", en: "X9"), level: "department", parent: 0)) }
        if dice.once(in: 2) { catalog.agencies.removeAll { $0.id == "D2" || $0.level == "commune" } }
        for agency in catalog.agencies.indices where catalog.agencies[agency].parent != nil { catalog.agencies[agency].parent = 0 }
        for framework in catalog.frameworks.indices where dice.once(in: 2) { catalog.frameworks[framework].criteria.removeLast() }
        if dice.once(in: 3) {
            for framework in catalog.frameworks.indices { catalog.frameworks[framework].criteria = [] }
            catalog.sectors = []
        }
        return catalog
    }

    private func unknownAgencies(_ effects: [Effect]) -> Int {
        effects.count { if case .reject(let record) = $0 { record.rejection.reason == .unknownAgency } else { false } }
    }

    private func newest(_ engine: borrowing Engine) -> [String] { engine.sources.compactMap { one in one.newest.map { "\(one.name ?? "") \($0)" } } }

    private func same(_ a: borrowing Engine, _ b: borrowing Engine, _ what: String) {
        let difference = Set(scores(a)).symmetricDifference(scores(b)).sorted()
        #expect(difference == [], "\(what)")
    }
}

/// Messages over partitions, read from positions on.
private struct Feed {
    let partitions: [[String]]
    var positions: [Int]

    init(_ messages: [String], _ dice: inout Seeded) {
        var partitions = [[String]](repeating: [], count: dice.int(1...4))
        for message in messages { partitions[dice.int(0...partitions.count - 1)].append(message) }
        self.partitions = partitions
        positions = partitions.map { _ in 0 }
    }

    var hasMore: Bool { positions.indices.contains { positions[$0] < partitions[$0].count } }
    func hasMore(than other: Feed) -> Bool { positions.indices.contains { positions[$0] < other.positions[$0] } }

    /// The next batch of some partition, up to a limit.
    mutating func next(_ dice: inout Seeded, upTo limits: [Int]? = nil) -> [String] {
        let limits = limits ?? partitions.map(\.count)
        guard let partition = positions.indices.filter({ positions[$0] < limits[$0] }).randomElement(using: &dice) else { return [] }
        let batch = Array(partitions[partition][positions[partition]..<limits[partition]].prefix(dice.one(of: [1, 2, 3, 8, 17])))
        positions[partition] += batch.count
        return batch
    }

    mutating func give(to engine: inout Engine, _ dice: inout Seeded, upTo limits: [Int]? = nil) { engine.receive(next(&dice, upTo: limits), from: 0) }
}
