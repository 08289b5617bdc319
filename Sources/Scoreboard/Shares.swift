import Catalog

/// Which units of each share have a value, and which of them reach its level. A unit is an agency's own cell of another criterion.
struct Shares: ~Copyable {
    private enum State: UInt8 { case without, missed, reached }

    private struct Share {
        var plan: Int
        /// By level of the unit's agency.
        var targets: [String: Target]
        /// By period of the units' plan: that of the share, or -1.
        var periods: [Int32]
    }

    private let layout: Layout
    /// By the plan of the units.
    private var shares: [Int: [Share]] = [:]
    /// By cell of the units and place among the shares of its plan.
    private let states: FlatArray<UInt8>
    private let most: Int

    init(_ layout: Layout) {
        self.layout = layout
        for (index, plan) in layout.plans.enumerated() {
            guard let units = plan.units, case .share(_, let levels) = plan.measure else { continue }
            let targets = Dictionary(plan.levels.compactMap { level in levels.target(at: level).map { (level, $0) } }) { first, _ in first }
            let periods = layout.plans[units].periods.map { period in Int32(plan.periods.firstIndex(of: period) ?? -1) }
            shares[units, default: []].append(Share(plan: index, targets: targets, periods: periods))
        }
        most = shares.values.map(\.count).max() ?? 0
        states = FlatArray(repeating: State.without.rawValue, count: most * layout.cellCount)
    }

    /// What a unit's value, as it is now, changes: by how much, for which share's period, seen from which agency.
    func changes(of cell: CellID, _ score: Score) -> [(plan: Int, period: Int32, agency: Int32, tally: Tally)] {
        var changes: [(plan: Int, period: Int32, agency: Int32, tally: Tally)] = []
        let (agency, period) = layout.agencyAndPeriod(of: cell)
        for (place, share) in (shares[layout.lanes.plan(of: cell)] ?? []).enumerated() where share.periods[period] >= 0 {
            guard let target = share.targets[layout.catalog.agencies[agency].level] else { continue }
            let state: State = score.fraction.map { target.isMet(numerator: $0.numerator, denominator: $0.denominator) ? .reached : .missed } ?? .without
            let known = Int(cell) * most + place
            let tally = Self.tally(state.rawValue, minus: states[known])
            states[known] = state.rawValue
            if !tally.isZero { changes.append((share.plan, share.periods[period], Int32(agency), tally)) }
        }
        return changes
    }

    private static func tally(_ new: UInt8, minus old: UInt8) -> Tally {
        func tally(_ state: UInt8) -> Tally { Tally(counted: state == State.reached.rawValue ? 1 : 0, base: state == State.without.rawValue ? 0 : 1) }
        var change = tally(new)
        change += -tally(old)
        return change
    }
}
