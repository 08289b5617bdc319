import Catalog

/// What subjects add to a cell. The meaning of `base` is the measure's: for a ratio the subjects `among`, for the others all subjects of the kind.
struct Tally: Equatable, BitwiseCopyable {
    var counted: Int64 = 0
    var base: Int64 = 0

    var isZero: Bool { counted == 0 && base == 0 }

    static func += (a: inout Tally, b: Tally) {
        a.counted += b.counted
        a.base += b.base
    }

    static func * (a: Tally, times: Int64) -> Tally { Tally(counted: a.counted * times, base: a.base * times) }
    static prefix func - (a: Tally) -> Tally { Tally(counted: -a.counted, base: -a.base) }
}

extension Measure {
    /// What one subject of a kind with these facts adds.
    func tally(_ facts: Facts, of kind: Kind) -> Tally {
        if case .distinct(_, _, _, .procedures(let offered)) = self, kind == .procedure { return Tally(base: offered.matches(facts) ? 1 : 0) }
        switch self {
        case .ratio(_, let among, let counting):
            guard among.matches(facts) else { return Tally() }
            return Tally(counted: counting.matches(facts) ? 1 : 0, base: 1)
        case .mean(let among):
            guard facts.contains(.scored), among.matches(facts) else { return Tally() }
            return Tally(counted: facts.sumOfScores, base: 1)
        case .count(_, let among): return Tally(counted: among.matches(facts) ? 1 : 0, base: 1)
        case .distinct(_, let among, let unit, let outOf):
            let counts = among.matches(facts) && (unit != .item || facts.contains(.hasItem))
            if case .procedures = outOf { return Tally(counted: counts ? 1 : 0) }
            return Tally(counted: counts ? 1 : 0, base: 1)
        case .checklist(_, let among, _): return Tally(counted: facts.contains(.listed) && among.matches(facts) ? 1 : 0, base: 1)
        case .figure, .growth, .share: return Tally()
        }
    }

    /// Whether it counts subjects of a kind that do not name their criterion.
    func counts(_ kind: Kind) -> Bool {
        if case .distinct(_, _, _, .procedures) = self, kind == .procedure { return true }
        return self.kind == kind && !kind.namesCriterion
    }
}
