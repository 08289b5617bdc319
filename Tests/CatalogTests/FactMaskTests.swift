import Cases
import Catalog
import Testing

@Suite struct FactMasks {
    /// A condition as a catalog writes it: items that must all hold; a list in the list means at least one of them.
    private enum Item {
        case fact(Facts, isNegated: Bool)
        case anyOf([(fact: Facts, isNegated: Bool)])
    }

    @Test func `a mask matches exactly where its words say so, over all combinations of facts`() {
        var random = Seeded(Oracle.seed("fact masks"))
        let facts: [Facts] = [.accepted, .late, .level4, .sector(0), .sector(Facts.maxSectors - 1)]
        for _ in 0..<2_000 {
            let items = (0..<random.int(0...4)).map { _ in
                random.once(in: 2) ? Item.fact(random.one(of: facts), isNegated: random.once(in: 2)) : .anyOf((0..<random.int(1...3)).map { _ in (random.one(of: facts), random.once(in: 2)) })
            }
            let mask = compiled(items)
            for combination in 0..<1 << facts.count {
                let present = Facts(facts.indices.filter { combination & (1 << $0) != 0 }.map { facts[$0] })
                guard mask.matches(present) == items.allSatisfy({ holds($0, present) }) else {
                    Issue.record("\(items) with \(present)")
                    return
                }
            }
        }
    }

    @Test func `an empty condition matches everything`() {
        #expect(FactMask().matches([]))
        #expect(FactMask().matches([.late, .open]))
    }

    @Test func `no two facts share a bit`() {
        let all = Facts.named.map(\.fact) + (0..<Facts.maxSectors).map(Facts.sector)
        #expect(all.reduce(0) { $0 + $1.rawValue.nonzeroBitCount } == all.count)
        #expect(Facts(all).rawValue.nonzeroBitCount == all.count)
        #expect(Set(Facts.named.map(\.name)).count == 15)
    }

    @Test(arguments: Kind.allCases)
    func `no two facts of a kind share a bit or a name`(kind: Kind) {
        let all = Facts.named(of: kind)
        #expect(Facts(all.map(\.fact)).rawValue.nonzeroBitCount == all.count && Set(all.map(\.name)).count == all.count)
    }

    private func compiled(_ items: [Item]) -> FactMask {
        var mask = FactMask()
        for item in items {
            switch item {
            case .fact(let fact, false): mask.required.formUnion(fact)
            case .fact(let fact, true): mask.forbidden.formUnion(fact)
            case .anyOf(let alternatives):
                mask.clauses.append(.init(anyOf: Facts(alternatives.filter { !$0.isNegated }.map(\.fact)), anyAbsent: Facts(alternatives.filter(\.isNegated).map(\.fact))))
            }
        }
        return mask
    }

    private func holds(_ item: Item, _ facts: Facts) -> Bool {
        switch item {
        case .fact(let fact, let isNegated): facts.contains(fact) != isNegated
        case .anyOf(let alternatives): alternatives.contains { facts.contains($0.fact) != $0.isNegated }
        }
    }
}
