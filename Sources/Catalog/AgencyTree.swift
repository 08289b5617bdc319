/// The tree as it stood on each day. A *seat* is an agency with everything above it as of a day; where no agency ever changes there is one for each, with the
/// agency's index as its number.
///
/// - Before its first day an agency is as on its first: what it is named in was handed over to it.
/// - After its last day another stands in its place: the one it was merged into, as of that day. Without one, nothing does.
/// - A parent that has ended is replaced in the same way, and one that nothing replaces by its own parent.
public struct AgencyTree: Sendable {
    /// By seat: the agency that counts, and everything above it up to the root; indices in the catalog.
    public private(set) var lines: [[Int]]
    /// By agency: its seats, each with the first day from which it holds, in order; a day before the first has none.
    private var turns: [[Turn]] = []
    /// Whether a seat is an agency and nothing else is to be asked.
    public let isConstant: Bool

    private struct Turn {
        var from: LocalDay
        /// -1: nothing stands in its place.
        var seat: Int32
    }

    public init(_ agencies: [Agency]) {
        isConstant = agencies.allSatisfy { $0.from == nil && $0.until == nil }
        lines = agencies.indices.map { Self.line(of: $0, on: Self.beginning, agencies) ?? [$0] }
        if isConstant { return }
        let days = [Self.beginning] + Set(agencies.flatMap { [$0.from, $0.until.map { $0 + 1 }].compactMap(\.self) }).sorted()
        var seats = Dictionary(lines.enumerated().map { ($0.element, Int32($0.offset)) }) { first, _ in first }
        for agency in agencies.indices {
            var known: [Turn] = []
            for day in days {
                var seat: Int32 = -1
                if let line = Self.line(of: agency, on: day, agencies) {
                    seat = seats[line] ?? Int32(lines.count)
                    if seat == lines.count {
                        seats[line] = seat
                        lines.append(line)
                    }
                }
                if known.last?.seat != seat { known.append(Turn(from: day, seat: seat)) }
            }
            turns.append(known)
        }
    }

    /// Where a subject of an agency counts whose own day this is; nil: nowhere.
    public func seat(of agency: Int32, on day: LocalDay) -> Int32? {
        if isConstant { return agency }
        let known = turns[Int(agency)]
        guard let turn = known.last(where: { $0.from <= day }), turn.seat >= 0 else { return nil }
        return turn.seat
    }

    /// The agency that counts at a seat.
    public func agency(at seat: Int32) -> Int32 { isConstant ? seat : Int32(lines[Int(seat)][0]) }

    private static let beginning = LocalDay(number: .min / 2)

    /// The agency that stands in this one's place, and the day as of which it does.
    private static func heir(of agency: Int, on day: LocalDay, _ agencies: [Agency]) -> (agency: Int, day: LocalDay)? {
        var at = agency, day = max(day, agencies[agency].from ?? day)
        for _ in agencies.indices {
            guard let until = agencies[at].until, day > until else { return (at, day) }
            guard let next = agencies[at].mergedInto else { return nil }
            at = next
            day = max(day, agencies[next].from ?? day)
        }
        return nil
    }

    private static func line(of agency: Int, on day: LocalDay, _ agencies: [Agency]) -> [Int]? {
        guard let (first, day) = heir(of: agency, on: day, agencies) else { return nil }
        var line = [first], parent = agencies[first].parent
        // A tree that runs in a circle is no tree; but nothing here goes round for ever.
        for _ in agencies.indices {
            guard let above = parent else { break }
            if let heir = heir(of: above, on: day, agencies)?.agency, !line.contains(heir) {
                line.append(heir)
                parent = agencies[heir].parent
            } else {
                parent = agencies[above].parent
            }
        }
        return line
    }
}

extension Catalog {
    public var tree: AgencyTree { AgencyTree(agencies) }
}

extension Agency {
    /// Whether it exists on at least one of these days.
    public func exists(within days: Range<LocalDay>) -> Bool { from.map { $0 < days.upperBound } ?? true && until.map { $0 >= days.lowerBound } ?? true }
}
