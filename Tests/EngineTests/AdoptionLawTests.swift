import Alerting
import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Scoreboard
import Testing

/// An engine that has come to its catalog by way of others against one that had it from the start.
@Suite struct AdoptionLaw {
    @Test func `whatever catalogs were adopted on the way, scores and alerts are those of an engine that had the last one from the start`() throws {
        let seed = Oracle.seed("adoption")
        for number in 0..<150 { try run(seed &+ UInt64(number)) }
    }

    private func run(_ seed: UInt64) throws {
        var dice = Seeded(seed ^ 0x5EED)
        let random = RandomCase(seed: seed)
        // In half of the cases the last catalog may let years depart; then it is adopted once, as what has left does not come back.
        let departs = dice.once(in: 2)
        let first = Self.judgedBySightOnly(try Self.catalog(random))
        let second = try Self.changed(Self.another(like: random, seed: seed), keeping: departs ? nil : .days(4_000), &dice)
        var way = [first, second]
        if !departs {
            while dice.once(in: 2) { way.append(dice.one(of: [first, second, try Self.changed(first, keeping: .days(4_000), &dice)])) }
        }
        let last = way[way.count - 1]

        var adopting = try Engine(catalog: first, inputs: ["in"], alertTopic: .loopback)
        var settled = try Engine(catalog: last, inputs: ["in"], alertTopic: .loopback)
        var clock = random.until.microseconds - dice.int64(0...90 * 86_400_000_000)
        var turns = (1..<way.count).map { _ in dice.int(0...random.messages.count) }.sorted()
        var next = 1
        var topic = ScoreTopic()
        if dice.once(in: 3) {
            adopting.startJudging()
            settled.startJudging()
        }
        for index in 0...random.messages.count {
            while turns.first == index {
                turns.removeFirst()
                try adopting.adopt(way[next])
                next += 1
                topic.forget(whatIsNotIn: adopting)
                if dice.once(in: 2) { topic.take(from: &adopting) }
            }
            if index == 0 || dice.once(in: 4) {
                clock = min(random.until.microseconds, clock + dice.one(of: [0, dice.int64(0...20 * 86_400_000_000)]))
                adopting.step(now: Instant(microseconds: clock))
                settled.step(now: Instant(microseconds: clock))
                if dice.once(in: 3) { topic.take(from: &adopting) }
            }
            guard index < random.messages.count else { break }
            adopting.receive([random.messages[index]], from: Int64(index))
            settled.receive([random.messages[index]], from: Int64(index))
        }
        if !adopting.isJudging {
            adopting.startJudging()
            settled.startJudging()
        }
        adopting.step(now: random.until)
        settled.step(now: random.until)
        topic.take(from: &adopting)

        same(adopting, settled, "seed \(seed)")
        topic.agrees(with: adopting, "seed \(seed)")
        guard !departs else { return }
        // And what was to be seen under the first catalog is seen again.
        var before = try Engine(catalog: first, inputs: ["in"], alertTopic: .loopback)
        before.step(now: random.until)
        for (index, message) in random.messages.enumerated() { before.receive([message], from: Int64(index)) }
        before.startJudging()
        before.step(now: random.until)
        try adopting.adopt(first)
        adopting.step(now: random.until)
        same(adopting, before, "back again, seed \(seed)")
    }

    @Test func `thousands of dossiers that count in thousands of ways are added up as they were counted one by one`() throws {
        var dice = Seeded(Oracle.seed("crowds"))
        let criteria = [
            SmallCatalog.criterion("ratio", SmallCatalog.onTime, judgeAt: [.`self`, .parent, .root], periods: [.year, .month, .window(days: 30), .window(days: 7)]),
            SmallCatalog.criterion("count", .count(among: FactMask(required: .apologised, forbidden: .late)), periods: [.quarter, .window(days: 7)]),
            SmallCatalog.criterion("distinct", .distinct(among: FactMask(required: [.accepted, .filedOnline]), outOf: .fixed(99)), judgeAt: [.`self`, .root], periods: [.year, .month, .window(days: 30)]),
            SmallCatalog.criterion("sector", .ratio(among: FactMask(required: .sector(1)), counting: FactMask(required: .level4)), judgeAt: [.root], periods: [.month]),
        ]
        let catalog = SmallCatalog.make(criteria, years: [2020, 2021], sectors: ["S0", "S1", "S2"])
        var engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
        engine.step(now: SmallCatalog.instant("2021-06-01T00:00:00+07:00"))
        let day: Int64 = 86_400_000_000, newYear: Int64 = 1_609_459_200_000_000
        func date(_ days: ClosedRange<Int64>) -> String { Timestamp.utc(Instant(microseconds: newYear + dice.int64(days) * day + dice.int64(0...day - 1))) }
        for subject in 0..<6_000 {
            var message = DossierMessage().attribute("subject", text: "S\(subject)").attribute("time", text: "2021-05-01T00:00:00Z").at(dice.one(of: ["D1", "D2", "Q1", "Q2", "C11", "C12", "C21", "X9"]))
            message = message.field("state", "\(dice.one(of: [2, 4, 5, 8, 9, 10]))").field("procedure", text: "P\(dice.int(0...60))").field("received", text: date(-30...150)).due(date(-30...200))
            message = message.field("finished", text: date(90...170)).field("filing", text: dice.one(of: ["online", "post", "counter"])).field("level", "\(dice.int(2...4))")
            message = message.field("sector", text: "S\(dice.int(0...3))").field("apologised", "\(dice.once(in: 2))").field("supplements", "\(dice.int(0...2))")
            engine.receive([message.json], from: Int64(subject))
        }
        #expect(engine.subjects == 6_000 && engine.counts.rejected == 1)
        var topic = ScoreTopic()
        topic.take(from: &engine)
        let before = Self.scores(engine)
        for _ in 0..<3 {
            try engine.adopt(SmallCatalog.make(Array(criteria.shuffled(using: &dice).prefix(2)), sectors: ["S1", "S0"]))
            try engine.adopt(catalog)
        }
        #expect(Self.scores(engine) == before && before.count > 200)
        // What was added up is taken out and moved as if it had come one by one.
        var settled = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
        settled.step(now: engine.clock)
        for number in 0..<2 {
            let now = SmallCatalog.instant(number == 0 ? "2021-06-04T00:00:00+07:00" : "2021-07-20T00:00:00+07:00")
            engine.step(now: now)
            for subject in stride(from: number, to: 6_000, by: 2) {
                engine.receive([DossierMessage().attribute("subject", text: "S\(subject)").attribute("time", text: "2021-05-02T00:00:00Z").deleted().json], from: 0)
            }
        }
        #expect(Self.scores(engine) == Self.scores(settled))
    }

    // MARK: Catalogs

    private static func catalog(_ random: RandomCase) throws -> Catalog {
        try Oracle.withFolder("adoption") { folder in
            try random.write(to: folder)
            return try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
        }
    }

    /// Other criteria, the same time zone and `late_by`.
    private static func another(like random: RandomCase, seed: UInt64) throws -> Catalog {
        func rests(_ random: RandomCase) -> [String?] { [random.files["agencies.yaml"], random.files["parwatch.yaml"]?.split(separator: "\n").first { $0.hasPrefix("late_by") }.map(String.init)] }
        var seed = seed
        while true {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1
            let other = RandomCase(seed: seed)
            if rests(other) == rests(random) { return judgedBySightOnly(try catalog(other)) }
        }
    }

    /// Whether a cell is firing, and how, is then determined by its score alone; what was does not matter.
    private static func judgedBySightOnly(_ catalog: Catalog) -> Catalog {
        var catalog = catalog
        for framework in catalog.frameworks.indices {
            catalog.frameworks[framework].keepClosed = .days(4_000)
            for criterion in catalog.frameworks[framework].criteria.indices {
                guard var rule = catalog.frameworks[framework].criteria[criterion].alert else { continue }
                rule.warning = rule.warning.map { .init(limit: $0.limit, clear: $0.limit) }
                rule.critical = rule.critical.map { .init(limit: $0.limit, clear: $0.limit) }
                (rule.minSample, rule.pendingFor, rule.keepFiringFor) = (1, .zero, .zero)
                catalog.frameworks[framework].criteria[criterion].alert = rule
            }
        }
        return catalog
    }

    /// Agencies come and go, rules and criteria go.
    private static func changed(_ catalog: Catalog, keeping: Span?, _ dice: inout Seeded) throws -> Catalog {
        var catalog = catalog
        catalog.hash = "sha256:\(dice.next())"
        if dice.once(in: 2) { catalog.agencies.append(Agency(id: "X9", name: Bilingual(vi: "X9", en: "X9"), level: "department", parent: 0)) }
        if dice.once(in: 2) {
            let gone = dice.one(of: ["D2", "C11", "C21"])
            let kept = catalog.agencies.filter { $0.id != gone }
            catalog.agencies = kept.map { agency in
                var copy = agency
                copy.parent = agency.parent.flatMap { parent in kept.firstIndex { $0.id == catalog.agencies[parent].id } }
                return copy
            }
        }
        for framework in catalog.frameworks.indices {
            catalog.frameworks[framework].keepClosed = keeping ?? dice.one(of: [.days(0), .days(100), .days(365)])
            if dice.once(in: 3) { catalog.frameworks[framework].criteria.removeLast() }
            for criterion in catalog.frameworks[framework].criteria.indices where dice.once(in: 4) { catalog.frameworks[framework].criteria[criterion].alert = nil }
        }
        return catalog
    }

    // MARK: Comparison

    private static func scores(_ engine: borrowing Engine) -> [String] { engine.scores().map { "\($0.key) \($0.score.numerator)/\($0.score.denominator.map(String.init) ?? "")" } }

    private static func firing(_ engine: borrowing Engine) -> [String] { engine.alerting.firing.map { "\($0.key) \($0.incident.severity)" } }

    private func same(_ a: borrowing Engine, _ b: borrowing Engine, _ what: String) {
        let scores = (Self.scores(a), Self.scores(b)), firing = (Self.firing(a), Self.firing(b))
        #expect(Set(scores.0).symmetricDifference(scores.1).sorted() == [], "scores, \(what)")
        #expect(Set(firing.0).symmetricDifference(firing.1).sorted() == [], "alerts, \(what)")
    }
}

/// What a reader of the score topic knows.
private struct ScoreTopic {
    private var records: [String: String] = [:]

    private static func text(_ record: ScoreRecord) -> String { "\(record.score) \(record.target.map { "\($0)" } ?? "") \(record.rule.map { "\($0)" } ?? "")" }

    mutating func take(from engine: inout Engine) {
        for cell in engine.takeChangedCells() {
            let record = engine.score(of: cell)
            records[record.key] = Self.text(record)
        }
    }

    /// A catalog that lacks a key no longer keeps its record up to date.
    mutating func forget(whatIsNotIn engine: borrowing Engine) {
        for key in Array(records.keys) where engine.scoreboard.layout.cell(of: key) == nil { records[key] = nil }
    }

    func agrees(with engine: borrowing Engine, _ what: String) {
        for cell in 0..<CellID(engine.scoreboard.layout.cellCount) {
            let record = engine.score(of: cell)
            let isRight = records[record.key].map { $0 == Self.text(record) } ?? !record.score.isPresent
            if !isRight { Issue.record("\(record.key): on the topic \(records[record.key] ?? "nothing"), in truth \(Self.text(record)), \(what)") }
        }
    }
}
