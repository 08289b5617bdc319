import Cases
import Catalog
import Register
import Scoreboard
import Testing

/// What a change of facts adds is worked out once a way; of ways there may be more than are kept.
@Suite struct Ways {
    /// Far more ways than `Postings` keeps at a time (2^15), so that it begins anew in the midst of them.
    @Test func `scores stay right however many ways dossiers take`() throws {
        var random = Seeded(Oracle.seed("ways"))
        let asked = FactMask(required: [.accepted, .sector(3)], forbidden: .late, clauses: [.init(anyOf: [.level3, .level4])])
        let criteria = [
            SmallCatalog.criterion("ratio", SmallCatalog.onTime, judgeAt: [.`self`, .root], periods: [.year, .month, .window(days: 30)]),
            SmallCatalog.criterion("count", .count(among: asked), judgeAt: [.root], periods: [.quarter, .window(days: 7)]),
            SmallCatalog.criterion("distinct", .distinct(among: FactMask(required: .filedOnline), outOf: .fixed(50)), judgeAt: [.`self`, .root], periods: [.month, .window(days: 30)]),
        ]
        let catalog = SmallCatalog.make(criteria, years: [2020, 2021])
        let today = LocalDay(year: 2021, month: 6, day: 30)
        var kept = Scoreboard(catalog: catalog)
        kept.move(to: today)
        var standings = [Standing?](repeating: nil, count: 2_000)
        var ways: Set<[UInt64?]> = []
        for _ in 0..<90_000 {
            let place = random.int(0...standings.count - 1), old = standings[place]
            var new = old
            switch random.int(0...9) {
            case 0: new = nil
            // Most often its facts change in their place, now and then what else it is.
            case 1...7 where old != nil: new?.facts = Facts(rawValue: random.next())
            default:
                let decided: LocalDay? = random.once(in: 3) ? nil : today + Int32(random.int(-40...5))
                new = Standing(
                    seat: Int32(random.int(1...7)), procedure: UInt32(random.int(0...40)), receivedOn: LocalDay(year: random.one(of: [2020, 2021, 2021, 2019]), month: random.int(1...12), day: 1), decidedOn: decided,
                    facts: Facts(rawValue: random.next()))
            }
            if random.once(in: 8) { new?.decidedOn = today + Int32(random.int(-40...5)) }
            kept.replace(old, by: new, cause: nil)
            standings[place] = new
            ways.insert([old?.facts.rawValue, new?.facts.rawValue])
        }
        #expect(ways.count > 1 << 16)
        // Each once, in another order: few ways.
        var anew = Scoreboard(catalog: catalog)
        anew.move(to: today)
        for standing in standings.reversed() { anew.replace(nil, by: standing, cause: nil) }
        same(kept, anew)
        // And against a plain count, for one of each kind.
        func count(_ holds: (Standing) -> Bool) -> Int64 { Int64(standings.count { $0.map { $0.receivedOn.civil.year == 2021 && holds($0) } ?? false }) }
        let second = 4...6
        for (key, numerator) in [
            ("F-2021/ratio/P/2021", count { $0.facts.isSuperset(of: [.decided, .onTime]) }),
            ("F-2021/count/P/2021-Q2", count { asked.matches($0.facts) && second.contains($0.receivedOn.civil.month) }),
            ("F-2021/count/P/last-7d", count { standing in asked.matches(standing.facts) && (standing.decidedOn.map { $0 <= today && $0 + 7 > today } ?? false) }),
            ("F-2021/distinct/P/2021-05", Int64(Set(standings.compactMap { $0 }.filter { $0.receivedOn == LocalDay(year: 2021, month: 5, day: 1) && $0.facts.contains(.filedOnline) }.map(\.procedure)).count)),
        ] {
            let cell = try #require(kept.layout.cell(of: key))
            let score = kept.score(of: cell)
            #expect(score.numerator == numerator, "\(key)")
        }
        // The days that are to come and those that leave move both alike, and nothing is left in the end.
        for days in [3, 4, 20, 40] {
            kept.move(to: today + Int32(days))
            anew.move(to: today + Int32(days))
            same(kept, anew)
        }
        for standing in standings { kept.replace(standing, by: nil, cause: nil) }
        same(kept, Scoreboard(catalog: catalog))
    }

    private func same(_ a: borrowing Scoreboard, _ b: borrowing Scoreboard) {
        for cell in 0..<CellID(a.layout.cellCount) where a.score(of: cell) != b.score(of: cell) {
            Issue.record("\(a.layout.key(of: cell)): \(a.score(of: cell)), anew \(b.score(of: cell))")
            return
        }
    }
}
