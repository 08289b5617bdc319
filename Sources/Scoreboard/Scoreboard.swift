public import Catalog
public import Register

/// Facts → cells. The old contribution of a subject goes out, the new one comes in, in every cell up the agency tree.
public struct Scoreboard: ~Copyable {
    public let layout: Layout
    private let lanes: Lanes
    private let cells: FlatArray<Cell>
    private var windows: Windows
    private var postings: Postings
    /// Subjects per cell and procedure, for `distinct`: the union at a parent counts, not the sum.
    private var procedures = TallyTable()
    /// Cells that changed since they were last judged, and since they were last published.
    public let toJudge: CellSet
    public let toPublish: CellSet
    /// Cells that were ever handed out to be published: what is known of them out there has to be kept right.
    public let published: CellSet

    private struct Cell: BitwiseCopyable {
        var tally = Tally()
        /// `nowhere` where there is none.
        private var last = Self.nowhere

        private static let nowhere = Cause(topic: -1, partition: -1, offset: -1)

        mutating func add(_ tally: Tally, _ cause: Cause?) {
            self.tally += tally
            last = cause ?? Self.nowhere
        }

        var cause: Cause? { last.topic < 0 ? nil : last }
        mutating func forgetCause() { last = Self.nowhere }
    }

    public init(catalog: Catalog) {
        layout = Layout(catalog: catalog)
        lanes = layout.lanes
        postings = Postings(layout)
        cells = FlatArray(repeating: Cell(), count: layout.cellCount)
        windows = Windows(lengths: lanes.windowLengths)
        toJudge = CellSet(capacity: layout.cellCount)
        toPublish = CellSet(capacity: layout.cellCount)
        published = CellSet(capacity: layout.cellCount)
    }

    /// Takes out every cell that is to be published.
    public func takeToPublish() -> [CellID] {
        let cells = toPublish.take()
        for cell in cells { published.insert(cell) }
        return cells
    }

    /// Counts every subject of a register, in a scoreboard that holds none of them.
    public mutating func add(_ register: borrowing Register) {
        let crowds = Crowds(bits: 14), sameProcedure = Crowds(bits: 16)
        register.forEach { if let standing = $1 { add(standing, to: crowds, sameProcedure) } }
        crowds.forEach { post($0) }
        sameProcedure.forEach { postByProcedure($0) }
    }

    /// The same by another catalog, derived anew from the register. Every cell is to be judged; to be published are those that say something else than
    /// here, or were to be published already.
    public func adopting(_ catalog: Catalog, from register: borrowing Register) -> Scoreboard {
        var next = Scoreboard(catalog: catalog)
        next.move(to: windows.today)
        next.add(register)
        next.toJudge.insertAll()
        let counterparts = next.layout.counterparts(in: layout)
        var changed: [CellID] = []
        for cell in 0..<CellID(next.layout.cellCount) {
            let known = counterparts[Int(cell)]
            if known >= 0, published.contains(known) { next.published.insert(cell) }
            let isChanged = known < 0 ? next.toPublish.contains(cell)
                : toPublish.contains(known) || next.score(of: cell) != score(of: known) || next.layout.plan(of: cell).target != layout.plan(of: known).target
            if isChanged { changed.append(cell) }
        }
        _ = next.toPublish.take()
        for cell in changed { next.toPublish.insert(cell) }
        return next
    }

    /// Replaces what `old` contributed by what `new` does.
    public mutating func replace(_ old: Standing?, by new: Standing?, cause: Cause?) {
        guard old != new else { return }
        let before: Spot? = if let old { spot(of: old) } else { nil }
        let after: Spot? = if let new { spot(of: new) } else { nil }
        if let old, let new, let after, before == after {
            let way = postings.find(.init(group: after.group, from: old.facts, to: new.facts))
            post(way.calendar.all, at: after, cause)
            if old.decidedOn == new.decidedOn {
                post(way.windows.all, at: after, on: new.decidedOn, cause)
                return
            }
            post(postings.find(.init(group: after.group, from: old.facts, to: nil)).windows.all, at: after, on: old.decidedOn, cause)
            post(postings.find(.init(group: after.group, from: nil, to: new.facts)).windows.all, at: after, on: new.decidedOn, cause)
            return
        }
        if let old, let before {
            let way = postings.find(.init(group: before.group, from: old.facts, to: nil))
            post(way.calendar.all, at: before, cause)
            post(way.windows.all, at: before, on: old.decidedOn, cause)
        }
        if let new, let after {
            let way = postings.find(.init(group: after.group, from: nil, to: new.facts))
            post(way.calendar.all, at: after, cause)
            post(way.windows.all, at: after, on: new.decidedOn, cause)
        }
    }

    /// Where a subject counts.
    struct Spot: Equatable, BitwiseCopyable {
        /// Of the layout's groups.
        var group: Int32
        var agency: Int32
        /// 0–11.
        var month: Int32
        var procedure: UInt32
    }

    /// Nil if no framework is of the year in which it was received.
    private func spot(of standing: Standing) -> Spot? {
        lanes.group(receivedOn: standing.receivedOn, agency: standing.agency).map { Spot(group: $0.group, agency: standing.agency, month: $0.month, procedure: standing.procedure) }
    }

    /// Books postings in the calendar periods, of so many subjects.
    private mutating func post(_ range: Range<Int32>, at spot: Spot, times: Int64 = 1, _ cause: Cause?) {
        for i in range {
            let posting = postings[i], tally = posting.tally * times, lane = lanes.lanes[Int(posting.plan)]
            for index in lanes.periodsOfMonth.row(Int(posting.plan) * 12 + Int(spot.month)) {
                let first = lane.firstCell + lanes.periodsOfMonth[index]
                for place in lanes.places(lane, agency: spot.agency) { add(tally, to: first + lanes.place(at: place) * lane.periodCount, lane, spot.procedure, cause) }
            }
        }
    }

    /// Books postings in the windows, on the day on which the subjects were decided.
    private mutating func post(_ range: Range<Int32>, at spot: Spot, on day: LocalDay?, times: Int64 = 1, _ cause: Cause?) {
        guard let day else { return }
        for i in range {
            let posting = postings[i], tally = posting.tally * times, lane = lanes.lanes[Int(posting.plan)]
            for index in lanes.windowsOfPlan.row(Int(posting.plan)) {
                let (period, window) = lanes.windowsOfPlan[index]
                for place in lanes.places(lane, agency: spot.agency) {
                    let cell = lane.firstCell + period + lanes.place(at: place) * lane.periodCount
                    guard windows.book(tally, on: day, .init(cell, lane.isDistinct && tally.counted != 0 ? spot.procedure : 0), window: Int(window)) else { continue }
                    add(tally, to: cell, lane, spot.procedure, cause)
                }
            }
        }
    }

    /// Adds a subject to those that count like it, to be posted with them: `crowds` whatever their procedures, `sameProcedure` what depends on that.
    private mutating func add(_ standing: Standing, to crowds: borrowing Crowds, _ sameProcedure: borrowing Crowds) {
        guard var spot = spot(of: standing) else { return }
        let procedure = spot.procedure, decidedOn = standing.decidedOn.flatMap { windows.holds($0) ? $0 : nil }
        spot.procedure = 0
        let kind = Crowd.Kind(spot: spot, facts: standing.facts, decidedOn: decidedOn)
        let slot = crowds.slot(of: kind)
        if crowds[slot].kind != kind {
            post(crowds[slot])
            let way = postings.find(.init(group: spot.group, from: nil, to: standing.facts))
            crowds[slot] = Crowd(kind: kind, hasProcedures: !way.calendar.byProcedure.isEmpty || !way.windows.byProcedure.isEmpty)
        }
        crowds[slot].count += 1
        guard crowds[slot].hasProcedures else { return }
        spot.procedure = procedure
        let same = Crowd.Kind(spot: spot, facts: standing.facts, decidedOn: decidedOn)
        let place = sameProcedure.slot(of: same)
        if sameProcedure[place].kind != same {
            postByProcedure(sameProcedure[place])
            sameProcedure[place] = Crowd(kind: same, hasProcedures: true)
        }
        sameProcedure[place].count += 1
    }

    private mutating func post(_ crowd: Crowd) {
        guard crowd.count > 0 else { return }
        let way = postings.find(.init(group: crowd.kind.spot.group, from: nil, to: crowd.kind.facts))
        post(way.calendar.common, at: crowd.kind.spot, times: crowd.count, nil)
        post(way.windows.common, at: crowd.kind.spot, on: crowd.kind.decidedOn, times: crowd.count, nil)
    }

    private mutating func postByProcedure(_ crowd: Crowd) {
        guard crowd.count > 0 else { return }
        let way = postings.find(.init(group: crowd.kind.spot.group, from: nil, to: crowd.kind.facts))
        post(way.calendar.byProcedure, at: crowd.kind.spot, times: crowd.count, nil)
        post(way.windows.byProcedure, at: crowd.kind.spot, on: crowd.kind.decidedOn, times: crowd.count, nil)
    }

    private mutating func add(_ tally: Tally, to cell: CellID, _ lane: Lanes.Lane, _ procedure: UInt32, _ cause: Cause?) {
        var tally = tally
        if lane.isDistinct, tally.counted != 0 {
            // A procedure counts once, however many subjects it has.
            let before = procedures.add(Tally(counted: tally.counted), to: .init(cell, procedure)).counted
            tally.counted = (before + tally.counted > 0 ? 1 : 0) - (before > 0 ? 1 : 0)
            if tally.isZero { return }
        }
        cells.at(Int(cell)).pointee.add(tally, cause)
        if lane.hasRule { toJudge.insert(cell) }
        toPublish.insert(cell)
    }

    /// The next day at whose beginning a window moves.
    public var nextTurn: LocalDay? { windows.nextTurn }

    /// Moves the windows to a local day. It never goes back.
    public mutating func move(to day: LocalDay) {
        guard day > windows.today else { return }
        var moved: [(TallyTable.Key, Tally)] = []
        windows.move(to: day) { moved.append(($0, $1)) }
        for (key, tally) in moved { add(tally, to: key.cell, lanes.lanes[lanes.plan(of: key.cell)], key.procedure, nil) }
    }

    public func score(of cell: CellID) -> Score { score(cells[Int(cell)].tally, lanes.lanes[lanes.plan(of: cell)].kind) }

    private func score(_ tally: Tally, _ kind: Lanes.Lane.Kind) -> Score {
        switch kind {
        case .ratio: Score(numerator: tally.counted, denominator: tally.base)
        case .count: Score(numerator: tally.counted, denominator: nil)
        case .distinct(let outOf): Score(numerator: tally.counted, denominator: tally.base > 0 ? outOf : 0)
        }
    }

    /// How a cell stands, to be judged. From now on no record has changed it.
    public mutating func read(_ cell: CellID) -> Reading {
        let known = cells[Int(cell)]
        cells.at(Int(cell)).pointee.forgetCause()
        return Reading(score: score(known.tally, lanes.lanes[lanes.plan(of: cell)].kind), isEmpty: known.tally.base == 0, cause: known.cause)
    }
}

/// How a cell stands.
public struct Reading: Sendable {
    public var score: Score
    /// Whether it holds no subject at all.
    public var isEmpty: Bool
    /// The record that changed it since it was last judged; nil: none, so the clock did it.
    public var cause: Cause?
}
