import Catalog

/// Which units of each share have a value, and which of them reach its level. A unit is an agency's own cell of another criterion.
struct Shares: ~Copyable {
    private enum State: UInt8 { case without, missed, reached }

    private struct Share {
        let plan: Int
        /// Where its targets and periods begin.
        let firstTarget: Int
        let firstPeriod: Int
    }

    /// What a unit that has changed is to a share.
    struct Change {
        let plan: Int
        let period: Int32
        let tally: Tally
    }

    /// By the plan of the units.
    private var shares = Rows<Share>()
    /// Of each share, by the unit's agency; nil: none of its units.
    private var targets: [Target?] = []
    /// Of each share, by period of the units' plan: that of the share, or -1.
    private var periods: [Int32] = []
    /// By cell of the units and place among the shares of its plan.
    private let states: FlatArray<State>
    private let most: Int

    init(_ layout: Layout) {
        var most = 0
        for (units, unitPlan) in layout.plans.enumerated() {
            var row: [Share] = []
            for (index, plan) in layout.plans.enumerated() where plan.units == units {
                guard case .share(_, let levels) = plan.measure else { continue }
                row.append(Share(plan: index, firstTarget: targets.count, firstPeriod: periods.count))
                targets += layout.catalog.agencies.map { plan.levels.contains($0.level) ? levels.target(at: $0.level) : nil }
                periods += unitPlan.periods.map { period in Int32(plan.periods.firstIndex(of: period) ?? -1) }
            }
            shares.append(row)
            most = max(most, row.count)
        }
        self.most = most
        states = FlatArray(repeating: .without, count: most * layout.cellCount)
    }

    /// The shares that look at the cells of a plan.
    func looking(at plan: Int) -> Range<Int> { shares.row(plan) }

    /// What a unit's value, as it is now, changes in one of the shares that look at it; nil: nothing. `agency` and `period` are those of the unit's cell.
    func change(in share: Int, of cell: CellID, _ plan: Int, agency: Int, period: Int, _ score: Score) -> Change? {
        let one = shares[share], shown = periods[one.firstPeriod + period]
        guard shown >= 0, let target = targets[one.firstTarget + agency] else { return nil }
        let state: State = score.fraction.map { target.isMet(numerator: $0.numerator, denominator: $0.denominator) ? .reached : .missed } ?? .without
        let place = Int(cell) * most + share - shares.row(plan).lowerBound, known = states[place]
        if state == known { return nil }
        states[place] = state
        var tally = Self.tally(state)
        tally += -Self.tally(known)
        return Change(plan: one.plan, period: shown, tally: tally)
    }

    /// Takes over the states of others, of the same layout.
    func become(_ others: borrowing Shares) { for place in states.indices { states[place] = others.states[place] } }

    private static func tally(_ state: State) -> Tally { Tally(counted: state == .reached ? 1 : 0, base: state == .without ? 0 : 1) }
}
