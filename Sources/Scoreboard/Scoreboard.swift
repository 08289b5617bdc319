package import Catalog
package import Register

/// Facts → cells. The old contribution of a subject goes out, the new one comes in, in every cell up the agency tree.
package struct Scoreboard {
    package let layout: Layout
    private var cells: [Cell]
    private var windows: Windows
    /// Subjects per cell and procedure, for `distinct`: the union at a parent counts, not the sum.
    private var procedures: [ProcedureInCell: Int64] = [:]
    /// Cells that changed since they were last judged, and since they were last published.
    package var toJudge: CellSet
    package var toPublish: CellSet

    private struct Cell {
        var tally = Tally()
        var cause: Cause?
    }

    private struct ProcedureInCell: Hashable {
        var cell: CellID
        var procedure: UInt32
    }

    package init(catalog: Catalog) {
        layout = Layout(catalog: catalog)
        cells = Array(repeating: Cell(), count: layout.cellCount)
        windows = Windows(lengths: layout.windowLengths)
        toJudge = CellSet(capacity: layout.cellCount)
        toPublish = CellSet(capacity: layout.cellCount)
    }

    /// Replaces what `old` contributed by what `new` does.
    package mutating func replace(_ old: Entry?, by new: Entry?, cause: Cause?) {
        let before = old.flatMap { Standing($0, layout.catalog) }
        let after = new.flatMap { Standing($0, layout.catalog) }
        guard before != after else { return }
        if let before, let after, before.place == after.place {
            for index in layout.plansOfYear[after.place.year] ?? [] {
                let measure = layout.plans[index].measure
                var difference = measure.tally(after.facts)
                difference += -measure.tally(before.facts)
                book(difference, at: after.place, plan: index, cause)
            }
        } else {
            if let before { for index in layout.plansOfYear[before.place.year] ?? [] { book(-layout.plans[index].measure.tally(before.facts), at: before.place, plan: index, cause) } }
            if let after { for index in layout.plansOfYear[after.place.year] ?? [] { book(layout.plans[index].measure.tally(after.facts), at: after.place, plan: index, cause) } }
        }
    }

    private mutating func book(_ tally: Tally, at standing: Standing.Place, plan index: Int, _ cause: Cause?) {
        guard !tally.isZero else { return }
        let plan = layout.plans[index]
        let places = layout.scopes[plan.scope].places[standing.agency]
        guard !places.isEmpty else { return }
        for p in plan.periods.indices where standing.belongs(to: plan.periods[p]) {
            for place in places {
                let cell = CellID(plan.firstCell + Int(place) * plan.periods.count + p)
                if plan.windows[p] >= 0 {
                    guard let day = standing.decidedOn else { continue }
                    let bucket = Windows.Bucket(cell: cell, procedure: plan.measure.isDistinct ? standing.procedure : 0)
                    guard windows.book(tally, on: day, bucket, window: plan.windows[p]) else { continue }
                }
                add(tally, to: cell, procedure: plan.measure.isDistinct ? standing.procedure : nil, cause)
            }
        }
    }

    private mutating func add(_ tally: Tally, to cell: CellID, procedure: UInt32?, _ cause: Cause?) {
        var tally = tally
        if let procedure, tally.counted != 0 {
            // A procedure counts once, however many subjects it has.
            let key = ProcedureInCell(cell: cell, procedure: procedure)
            let before = procedures[key] ?? 0
            let after = before + tally.counted
            procedures[key] = after == 0 ? nil : after
            tally.counted = (after > 0 ? 1 : 0) - (before > 0 ? 1 : 0)
        }
        guard !tally.isZero else { return }
        cells[Int(cell)].tally += tally
        cells[Int(cell)].cause = cause
        toJudge.insert(cell)
        toPublish.insert(cell)
    }

    /// The next day at whose beginning a window moves.
    package var nextTurn: LocalDay? { windows.nextTurn }

    /// Moves the windows to a local day. It never goes back.
    package mutating func move(to day: LocalDay) {
        var moved: [(Windows.Bucket, Tally)] = []
        windows.move(to: day) { moved.append(($0, $1)) }
        for (bucket, tally) in moved {
            add(tally, to: bucket.cell, procedure: layout.plan(of: bucket.cell).measure.isDistinct ? bucket.procedure : nil, nil)
        }
    }

    package func score(of cell: CellID) -> Score { score(of: cell, layout.plan(of: cell).measure) }

    package func score(of cell: CellID, _ measure: Measure) -> Score {
        let tally = cells[Int(cell)].tally
        return switch measure {
        case .ratio: Score(numerator: tally.counted, denominator: tally.base)
        case .count: Score(numerator: tally.counted, denominator: nil)
        case .distinctProcedures(_, let outOf): Score(numerator: tally.counted, denominator: tally.base > 0 ? outOf : 0)
        }
    }

    /// The record that changed the cell since it was last judged; nil: none, so the clock did it.
    package func cause(of cell: CellID) -> Cause? { cells[Int(cell)].cause }

    package mutating func forgetCause(of cell: CellID) { cells[Int(cell)].cause = nil }

    /// Whether the cell holds any subject at all.
    package func isEmpty(_ cell: CellID) -> Bool { cells[Int(cell)].tally.base == 0 }
}

/// Where and as what a subject counts.
private struct Standing: Equatable {
    struct Place: Equatable {
        /// Index in the catalog.
        var agency: Int
        var year: Int
        var month: Int
        var decidedOn: LocalDay?
        var procedure: UInt32

        func belongs(to period: Period) -> Bool {
            switch period {
            case .year: true
            case .quarter(let quarter): (month + 2) / 3 == quarter
            case .month(let month): self.month == month
            case .window: decidedOn != nil
            }
        }
    }

    var place: Place
    var facts: Facts

    /// Nil if it counts nowhere: deleted, or of an agency that the catalog does not know.
    init?(_ entry: Entry, _ catalog: Catalog) {
        guard !entry.isDeleted, Int(entry.agency) < catalog.agencies.count else { return nil }
        let received = entry.receivedOn.civil
        place = Place(agency: Int(entry.agency), year: received.year, month: received.month, decidedOn: entry.decidedOn(by: catalog), procedure: entry.procedure)
        facts = entry.facts
        if let sector = entry.sector, Int(sector) < catalog.sectors.count { facts.insert(.sector(Int(sector))) }
    }
}
