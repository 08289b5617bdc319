public import Catalog
public import Register

/// Facts → cells. The old contribution of a subject goes out, the new one comes in, in every cell up the agency tree.
public struct Scoreboard: ~Copyable {
    public let layout: Layout
    let lanes: Lanes
    let cells: FlatArray<Cell>
    var windows: Windows
    var postings: Postings
    /// Subjects per cell and procedure (or agency, or item), for `distinct`: the union at a parent counts, not the sum.
    var procedures = TallyTable()
    var figures: Figures
    let shares: Shares
    /// While many subjects are added, shares wait.
    var feedsShares = true
    /// Cells that changed since they were last judged, and since they were last published.
    public let toJudge: CellSet
    public let toPublish: CellSet
    /// Cells that were ever handed out to be published: what is known of them out there has to be kept right.
    public let published: CellSet
    /// Keys that were handed out under a catalog before and that this one lacks: one that has them again must put right what is known of them out there.
    private var orphans: Set<String> = []

    struct Cell: BitwiseCopyable {
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

    public init(catalog: Catalog) { self.init(layout: Layout(catalog: catalog)) }

    /// One that holds nothing.
    public init(layout: Layout) {
        self.init(bare: layout)
        // Units that have a value without any subject; that is no change.
        feedShares()
        _ = toJudge.take()
        _ = toPublish.take()
    }

    /// One in which shares have not been looked at yet.
    init(bare layout: Layout) {
        self.layout = layout
        lanes = layout.lanes
        postings = Postings(layout)
        figures = Figures(layout)
        shares = Shares(layout)
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

    /// The same by another catalog, derived anew from the register. Every cell is to be judged; to be published are those that say something else than
    /// here, or were to be published already.
    public func adopting(_ catalog: Catalog, from register: borrowing Register) -> Scoreboard {
        var next = Scoreboard(catalog: catalog)
        next.move(to: windows.today)
        next.add(register)
        next.toJudge.insertAll()
        let counterparts = next.layout.counterparts(in: layout)
        var changed: [CellID] = [], isKept = [Bool](repeating: false, count: layout.cellCount)
        for cell in 0..<CellID(next.layout.cellCount) {
            let known = counterparts[Int(cell)]
            if known >= 0 {
                isKept[Int(known)] = true
                if published.contains(known) { next.published.insert(cell) }
            }
            if known < 0 ? next.toPublish.contains(cell) : toPublish.contains(known) || next.score(of: cell) != score(of: known) || next.isToldOtherwise(cell, than: known, layout) {
                changed.append(cell)
            }
        }
        _ = next.toPublish.take()
        for cell in changed { next.toPublish.insert(cell) }
        for key in orphans {
            if let cell = next.layout.cell(of: key) { next.toPublish.insert(cell) } else { next.orphans.insert(key) }
        }
        for cell in published.cells where !isKept[Int(cell)] { next.orphans.insert(layout.key(of: cell)) }
        return next
    }

    /// Whether a score record of the cell would say another target or other points than that of its counterpart in another layout, with the same score.
    private func isToldOtherwise(_ cell: CellID, than other: CellID, _ layout: Layout) -> Bool {
        let plan = self.layout.plan(of: cell), known = layout.plan(of: other)
        return plan.target != known.target || plan.points != known.points
    }

    /// Derives everything anew from the register, of which subjects have left. What that changes is to be judged and published; no record did it.
    public mutating func derive(from register: borrowing Register) {
        var next = Scoreboard(layout: layout)
        next.move(to: windows.today)
        next.add(register)
        for cell in cells.indices {
            let id = CellID(cell)
            if next.cells[cell].tally == cells[cell].tally, next.score(of: id) == score(of: id) { continue }
            cells[cell] = next.cells[cell]
            if lanes.lanes[lanes.plan(of: id)].hasRule { toJudge.insert(id) }
            toPublish.insert(id)
        }
        shares.become(next.shares)
        windows = next.windows
        procedures = next.procedures
        figures = next.figures
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
        /// In the tree.
        var seat: Int32
        /// 0–11, or `Lanes.yearAlone`.
        var month: Int32
        /// A procedure, or an item.
        var unit: UInt32

        var anyUnit: Spot { Spot(group: group, seat: seat, month: month, unit: 0) }

        /// What is told apart where something distinct is counted.
        @inline(__always)
        func distinct(_ lane: Lanes.Lane, _ lanes: Lanes) -> UInt32 { lane.isByAgency ? UInt32(bitPattern: lanes.agency(at: seat)) : unit }
    }

    /// Nil if no framework is of the year in which it was received.
    func spot(of standing: Standing) -> Spot? {
        lanes.group(receivedOn: standing.receivedOn, seat: standing.seat).map { Spot(group: $0.group, seat: standing.seat, month: $0.month, unit: standing.procedure) }
    }

    /// Books postings in the calendar periods, of so many subjects.
    mutating func post(_ range: Range<Int32>, at spot: Spot, times: Int64 = 1, _ cause: Cause?) {
        for i in range {
            let posting = postings[i], tally = posting.tally * times, lane = lanes.lanes[Int(posting.plan)]
            for index in lanes.periodsOfMonth.row(Int(posting.plan) * Lanes.monthsAndYear + Int(spot.month)) {
                let first = lane.firstCell + lanes.periodsOfMonth[index]
                for place in lanes.places(lane, seat: spot.seat) { add(tally, to: first + lanes.place(at: place) * lane.periodCount, lane, spot.distinct(lane, lanes), cause) }
            }
        }
    }

    /// Books postings in the windows, on the day on which the subjects were decided.
    mutating func post(_ range: Range<Int32>, at spot: Spot, on day: LocalDay?, times: Int64 = 1, _ cause: Cause?) {
        guard let day else { return }
        for i in range {
            let posting = postings[i], tally = posting.tally * times, lane = lanes.lanes[Int(posting.plan)]
            for index in lanes.windowsOfPlan.row(Int(posting.plan)) {
                let (period, window) = lanes.windowsOfPlan[index]
                for place in lanes.places(lane, seat: spot.seat) {
                    let cell = lane.firstCell + period + lanes.place(at: place) * lane.periodCount
                    guard windows.book(tally, on: day, .init(cell, lane.isDistinct && tally.counted != 0 ? spot.distinct(lane, lanes) : 0), window: Int(window)) else { continue }
                    add(tally, to: cell, lane, spot.distinct(lane, lanes), cause)
                }
            }
        }
    }

    mutating func add(_ tally: Tally, to cell: CellID, _ lane: Lanes.Lane, _ procedure: UInt32, _ cause: Cause?) {
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
        if lane.hasShares, feedsShares { feedShares(cell, lane, cause) }
    }

    /// The next day at whose beginning a window moves.
    @inline(__always)
    public var nextTurn: LocalDay? { windows.nextTurn }

    /// Moves the windows to a local day. It never goes back.
    public mutating func move(to day: LocalDay) {
        guard day > windows.today else { return }
        var moved: [(TallyTable.Key, Tally)] = []
        windows.move(to: day) { moved.append(($0, $1)) }
        for (key, tally) in moved { add(tally, to: key.cell, lanes.lanes[lanes.plan(of: key.cell)], key.procedure, nil) }
    }

    public func score(of cell: CellID) -> Score {
        let lane = lanes.lanes[lanes.plan(of: cell)]
        return score(of: cell, cells[Int(cell)].tally, lane)
    }

    /// How cells stand, one after another.
    public func scores(of range: Range<CellID>) -> [Score] { range.map { score(of: $0, cells[Int($0)].tally, lanes.lanes[lanes.plan(of: $0)]) } }

    @inline(__always)
    private func score(of cell: CellID, _ tally: Tally, _ lane: Lanes.Lane) -> Score {
        if lane.beginsWithPeriod, layout.firstDay(of: cell) > windows.today { return .none }
        return bareScore(of: cell, tally, lane)
    }

    /// Whether its period has begun or not.
    @inline(__always)
    func bareScore(of cell: CellID, _ tally: Tally, _ lane: Lanes.Lane) -> Score {
        if tally.base == 0, lane.hasValueFromStart, layout.isLifeless(cell) { return .none }
        return switch lane.kind {
        case .ratio: Score(numerator: tally.counted, denominator: tally.base)
        case .count, .distinctCount: Score(numerator: tally.counted, denominator: nil)
        case .distinct(let outOf): Score(numerator: tally.counted, denominator: tally.base > 0 ? outOf : 0)
        case .distinctOffered: Score(numerator: tally.base > 0 ? tally.counted : 0, denominator: tally.base)
        case .checklist(let items): Score(numerator: tally.counted, denominator: items)
        case .figure: figures.score(of: cell)
        }
    }

    /// How a cell stands, to be judged. From now on no record has changed it.
    public mutating func read(_ cell: CellID) -> Reading {
        let known = cells[Int(cell)]
        cells.at(Int(cell)).pointee.forgetCause()
        let lane = lanes.lanes[lanes.plan(of: cell)]
        return Reading(score: score(of: cell, known.tally, lane), isEmpty: lane.kind != .figure && known.tally.base == 0, cause: known.cause)
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
