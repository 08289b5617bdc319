import Catalog
import Dispatch
public import Register

/// Counting a whole register at once, as a start and another catalog need it.
extension Scoreboard {
    /// Counts every subject of a register, in a scoreboard that holds none of them. Dossiers are most, so several threads count a part of them each: cells are
    /// additive, and shares are fed once at the end. The number of parts changes nothing but the time that it takes.
    public mutating func add(_ register: borrowing Register, inParts parts: Int? = nil) {
        feedsShares = false
        let parts = parts ?? min(register.count / Self.leastPart + 1, Self.mostParts)
        let layout = layout, today = windows.today
        // Each thread writes a place of its own.
        nonisolated(unsafe) let counted = UnsafeMutableBufferPointer<Scoreboard>.allocate(capacity: parts)
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            var scoreboard = Scoreboard(bare: layout)
            scoreboard.move(to: today)
            scoreboard.count(part, of: parts, register)
            counted.initializeElement(at: part, to: scoreboard)
        }
        for part in 0..<parts { merge(counted.moveElement(from: part)) }
        counted.deallocate()
        register.forEachItem { post([$0], times: 1, nil) }
        register.forEachFigure { declare($0, nil) }
        feedsShares = true
        feedShares()
    }

    /// A thread's part is worth it from so many dossiers on; and each needs cells of its own.
    private static let leastPart = 50_000, mostParts = 4

    /// Counts a part of a register's dossiers. Shares are not fed.
    private mutating func count(_ part: Int, of parts: Int, _ register: borrowing Register) {
        feedsShares = false
        let common = Crowds(bits: 16), particular = Crowds(bits: 16)
        register.forEach(part, of: parts) { if let standing = $1 { add(standing, to: common, particular) } }
        for _ in 0..<Crowds.delay { add(common.exchange(nil), to: common, particular) }
        for _ in 0..<Crowds.delay { add(particular.exchange(nil), to: particular) }
        common.forEach { post($0) }
        particular.forEach { post($0) }
    }

    /// Adds a subject to those that count like it, to be posted with them: in `common` those that are alike in the calendar whatever their procedures, in `particular`
    /// what depends on procedures or days.
    @inline(__always)
    private mutating func add(_ standing: Standing, to common: borrowing Crowds, _ particular: borrowing Crowds) {
        guard let spot = spot(of: standing) else { return }
        let day = standing.decidedOn.flatMap { windows.holds($0) ? $0 : nil }
        add(common.exchange(.init(.calendar, spot: spot.anyUnit, facts: standing.facts, day: nil), procedure: spot.unit, day: day), to: common, particular)
    }

    @inline(__always)
    private mutating func add(_ arrival: Crowds.Arrival?, to common: borrowing Crowds, _ particular: borrowing Crowds) {
        guard let arrival else { return }
        let kind = arrival.kind, facts = kind.facts, slot = arrival.slot
        if common[slot].kind != kind {
            post(common[slot])
            let way = postings.find(.init(group: kind.spot.group, from: nil, to: facts))
            var also: Crowd.Also = []
            if !way.calendar.byProcedure.isEmpty { also.insert(.byProcedure) }
            if !way.windows.common.isEmpty { also.insert(.byDay) }
            if !way.windows.byProcedure.isEmpty { also.insert(.byProcedureAndDay) }
            common[slot] = Crowd(kind: kind, also: also)
        }
        common[slot].count += 1
        let also = common[slot].also
        if also.isEmpty { return }
        var spot = kind.spot
        if let day = arrival.day, also.contains(.byDay) { add(particular.exchange(.init(.windows, spot: spot, facts: facts, day: day)), to: particular) }
        spot.unit = arrival.procedure
        if also.contains(.byProcedure) { add(particular.exchange(.init(.calendarByProcedure, spot: spot, facts: facts, day: nil)), to: particular) }
        if let day = arrival.day, also.contains(.byProcedureAndDay) { add(particular.exchange(.init(.windowsByProcedure, spot: spot, facts: facts, day: day)), to: particular) }
    }

    @inline(__always)
    private mutating func add(_ arrival: Crowds.Arrival?, to particular: borrowing Crowds) {
        guard let arrival else { return }
        if particular[arrival.slot].kind != arrival.kind {
            post(particular[arrival.slot])
            particular[arrival.slot] = Crowd(kind: arrival.kind)
        }
        particular[arrival.slot].count += 1
    }

    private mutating func post(_ crowd: Crowd) {
        guard crowd.count > 0 else { return }
        let kind = crowd.kind, way = postings.find(.init(group: kind.spot.group, from: nil, to: kind.facts))
        switch kind.part {
        case .calendar: post(way.calendar.common, at: kind.spot, times: Int64(crowd.count), nil)
        case .calendarByProcedure: post(way.calendar.byProcedure, at: kind.spot, times: Int64(crowd.count), nil)
        case .windows: post(way.windows.common, at: kind.spot, on: kind.day, times: Int64(crowd.count), nil)
        case .windowsByProcedure: post(way.windows.byProcedure, at: kind.spot, on: kind.day, times: Int64(crowd.count), nil)
        }
    }

    /// Adds the dossiers that another scoreboard has counted, of the same layout and day.
    private mutating func merge(_ other: consuming Scoreboard) {
        for cell in other.toPublish.cells {
            let lane = lanes.lanes[lanes.plan(of: cell)]
            var tally = other.cells[Int(cell)].tally
            // What is distinct here need not be new there.
            if lane.isDistinct { tally.counted = 0 }
            add(tally, to: cell, lane, 0, nil)
        }
        for (key, tally) in other.procedures.all { add(tally, to: key.cell, lanes.lanes[lanes.plan(of: key.cell)], key.procedure, nil) }
        windows.merge(other.windows)
    }
}
