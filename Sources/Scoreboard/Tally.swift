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
    /// What one subject with these facts adds.
    func tally(_ facts: Facts) -> Tally {
        switch self {
        case .ratio(let among, let counting):
            guard among.matches(facts) else { return Tally() }
            return Tally(counted: counting.matches(facts) ? 1 : 0, base: 1)
        case .count(let among), .distinctProcedures(let among, _):
            return Tally(counted: among.matches(facts) ? 1 : 0, base: 1)
        }
    }
}
