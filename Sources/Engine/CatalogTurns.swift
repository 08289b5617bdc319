import Catalog
import Scoreboard

/// The instants that the catalog itself brings: periods open and close, thresholds change, agencies begin and end, subjects leave.
struct CatalogTurns: ~Copyable {
    enum Kind { case opening, threshold, closing, departure, agency }

    struct Turn {
        var at: Instant
        var kind: Kind
        /// Of the plan or the agency; of no use for departures.
        var index: Int
    }

    private let turns: [Turn]
    private var cursor = 0

    init(layout: Layout) {
        let catalog = layout.catalog
        var turns: [Turn] = []
        for (index, plan) in layout.plans.enumerated() {
            if plan.measure.beginsWithPeriod { turns += plan.openings.map { Turn(at: $0, kind: .opening, index: index) } }
            guard let rule = plan.rule else { continue }
            turns += plan.turns.map { Turn(at: $0.at, kind: .threshold, index: index) }
            turns += plan.closings.map { Turn(at: $0, kind: .closing, index: index) }
            // A count is 0 from the first day of its period on, which may be too few.
            if plan.measure.countsFromZero, rule.direction == .below { turns += plan.openings.map { Turn(at: $0, kind: .opening, index: index) } }
        }
        turns += catalog.departures.years.map { Turn(at: $0.at, kind: .departure, index: 0) }
        for (index, agency) in catalog.agencies.enumerated() {
            for day in [agency.from, agency.until.map { $0 + 1 }] { if let day { turns.append(Turn(at: catalog.zone.start(of: day), kind: .agency, index: index)) } }
        }
        self.turns = turns.sorted { $0.at < $1.at }
    }

    var next: Instant? { cursor < turns.count ? turns[cursor].at : nil }

    mutating func take(by now: Instant) -> ArraySlice<Turn> {
        let first = cursor
        while cursor < turns.count, turns[cursor].at <= now { cursor += 1 }
        return turns[first..<cursor]
    }
}
