import Catalog
public import Register

/// What counts beside dossiers: subjects of other kinds, figures, and the units of shares.
extension Scoreboard {
    /// Replaces what a subject contributed by what it does now.
    public mutating func replace(_ change: ItemChange, cause: Cause?) {
        if change.old != change.new {
            post(change.old, times: -1, cause)
            post(change.new, times: 1, cause)
        }
        for (old, new) in change.figures { declare(new, instead: old, cause) }
    }

    mutating func post(_ standings: [ItemStanding], times: Int64, _ cause: Cause?) {
        for standing in standings {
            guard let day = standing.day else {
                // It has no day, so it stands in every year.
                guard case .kind(let kind) = standing.stream else { continue }
                for year in 0..<lanes.yearCount {
                    var own = standing
                    // In each as of its last day.
                    guard let seat = layout.tree.seat(of: standing.agency, on: lanes.lastDay(ofYear: year)) else { continue }
                    own.agency = seat
                    post(own, in: lanes.group(of: kind, year: year, seat: seat), month: Lanes.yearAlone, times, cause)
                }
                continue
            }
            switch standing.stream {
            case .kind(let kind):
                guard let (year, month) = lanes.yearAndMonth(of: day) else { continue }
                post(standing, in: lanes.group(of: kind, year: year, seat: standing.agency), month: month, times, cause)
            case .criterion(let plan):
                // An obligation belongs to the framework that it names, though it be due later.
                guard let month = lanes.month(of: day, plan: plan) ?? (lanes.kind(naming: plan) == .obligation ? Lanes.yearAlone : nil) else { continue }
                post(standing, in: lanes.group(naming: plan), month: month, times, cause)
            }
        }
    }

    private mutating func post(_ standing: ItemStanding, in group: Int32, month: Int32, _ times: Int64, _ cause: Cause?) {
        let way = postings.find(.init(group: group, from: nil, to: standing.facts))
        let spot = Spot(group: group, seat: standing.agency, month: month, unit: standing.unit)
        post(way.calendar.all, at: spot, times: times, cause)
        post(way.windows.all, at: spot, on: standing.decidedOn, times: times, cause)
    }

    mutating func declare(_ figure: Figure?, instead old: Figure? = nil, _ cause: Cause?) {
        if let old { declare(old, times: -1, cause) }
        if let figure { declare(figure, times: 1, cause) }
    }

    private mutating func declare(_ figure: Figure, times: Int128, _ cause: Cause?) {
        let plan = layout.plans[Int(figure.criterion)], lane = lanes.lanes[Int(figure.criterion)]
        for (period, role) in Figures.periods(of: figure, in: plan) {
            for place in lanes.places(lane, seat: figure.agency) {
                let cell = lane.firstCell + Int32(period) + lanes.place(at: place) * lane.periodCount
                figures.add(figure, role, to: cell, times: times)
                add(Tally(), to: cell, lane, 0, cause)
            }
        }
    }

    mutating func feedShares() {
        for plan in layout.plans.indices where lanes.lanes[plan].hasShares {
            for cell in layout.cells(of: layout.plans[plan]) { feedShares(cell, lanes.lanes[plan], nil) }
        }
    }

    /// What a unit's value means to the shares that look at it.
    mutating func feedShares(_ cell: CellID, _ lane: Lanes.Lane, _ cause: Cause?) {
        let score = bareScore(of: cell, cells[Int(cell)].tally, lane), units = lanes.plan(of: cell), (agency, period) = layout.agencyAndPeriod(of: cell)
        for number in shares.looking(at: units) {
            guard let change = shares.change(in: number, of: cell, units, agency: agency, period: period, score) else { continue }
            let share = lanes.lanes[change.plan], seat = layout.seat(ofUnit: Int32(agency), layout.plans[change.plan], period: Int(change.period))
            for place in lanes.places(share, seat: seat) {
                add(change.tally, to: share.firstCell + change.period + lanes.place(at: place) * share.periodCount, share, 0, cause)
            }
        }
    }
}
