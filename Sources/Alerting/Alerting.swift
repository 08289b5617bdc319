package import Catalog
import HeapModule
package import Scoreboard

/// Law 2: holds what the alert topic says, and finds what it should say. What is published is what was read back; nothing else is believed.
package struct Alerting {
    private let catalog: Catalog
    private let layout: Layout
    /// What the alert topic holds under our own `source`, by cell.
    private var published: [CellID: AlertRecord] = [:]
    /// Our alerts that are alive, but whose key the catalog no longer judges.
    private var strays: [String: AlertRecord] = [:]
    /// Writes that were not read back yet: one in flight per key.
    private var inFlight: [String: InFlight] = [:]
    private var cellsInFlight: Set<CellID> = []
    private var cellOfKey: [String: CellID?] = [:]
    /// Whether the topic holds anything of ours.
    package private(set) var isEmpty = true
    /// Cells whose key holds a record of another `source`.
    private var foreign: Set<CellID> = []
    private var timers = Heap<Timer>()
    /// Names of the input topics, for `cause`.
    private let inputs: [String]

    private struct InFlight {
        var id: String
        /// Known when the broker has acknowledged it.
        var offset: Int64?
    }

    private struct Timer: Comparable {
        var at: Instant
        var cell: CellID

        static func < (a: Timer, b: Timer) -> Bool { a.at < b.at }
    }

    package init(layout: Layout, inputs: [String]) {
        self.layout = layout
        self.inputs = inputs
        catalog = layout.catalog
    }

    /// Records on the topic that are alerts now, in order of their keys.
    package var firing: [AlertRecord] {
        published.values.filter { $0.incident.state == .firing }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    // MARK: What the topic holds

    /// Takes in a record of the alert topic. `record` nil: a tombstone, or something that is no alert of ours in form.
    /// Returns the cell that must be judged again.
    package mutating func read(key: String, record: AlertRecord?, offset: Int64) -> CellID? {
        let cell = cell(of: key)
        if let record, record.source != catalog.source {
            // Another daemon's: its keys are left alone.
            strays[key] = nil
            if let cell {
                foreign.insert(cell)
                published[cell] = nil
            }
            return nil
        }
        if let cell { foreign.remove(cell) }
        isEmpty = false
        if let write = inFlight[key], record?.id == write.id || write.offset.map({ offset >= $0 }) ?? false { land(key, cell) }
        guard let cell else {
            strays[key] = record?.incident.state.isActive == true ? record : nil
            return nil
        }
        published[cell] = record
        if let record, let rule = layout.plan(of: cell).rule, let at = rule.turningPoint(of: record.incident) { timers.insert(Timer(at: at, cell: cell)) }
        return cell
    }

    /// The broker acknowledged a write. It counts when it is read back.
    package mutating func acknowledged(key: String, id: String, offset: Int64) {
        if inFlight[key]?.id == id { inFlight[key]?.offset = offset }
    }

    /// A write has failed for good. Returns the cell that must be judged again.
    package mutating func failed(key: String, id: String) -> CellID? {
        let cell = cell(of: key)
        guard inFlight[key]?.id == id else { return nil }
        land(key, cell)
        return cell
    }

    /// Whether a write for this cell is on its way: it is judged again when that one is read back.
    package func isInFlight(_ cell: CellID) -> Bool { cellsInFlight.contains(cell) }

    private mutating func land(_ key: String, _ cell: CellID?) {
        inFlight[key] = nil
        if let cell { cellsInFlight.remove(cell) }
    }

    private mutating func cell(of key: String) -> CellID? {
        if let known = cellOfKey[key] { return known }
        let found = layout.cell(of: key)
        cellOfKey[key] = .some(found)
        return found
    }

    // MARK: What it should say

    /// The next instant at which the clock alone changes an alert; possibly one that has passed meanwhile.
    package var nextTimer: Instant? { timers.min?.at }

    package mutating func takeTimers(by now: Instant) -> [CellID] {
        var due: [CellID] = []
        while let timer = timers.min, timer.at <= now {
            _ = timers.popMin()
            due.append(timer.cell)
        }
        return due
    }

    /// Cells with an incident that is alive.
    package func active(in plan: Layout.Plan) -> [CellID] {
        let cells = layout.cells(of: plan)
        return published.compactMap { cells.contains($0.key) && $0.value.incident.state.isActive ? $0.key : nil }
    }

    /// The difference between what should be published and what is, for these cells, none of them in flight; in order of the keys' bytes.
    package mutating func step(_ cells: [CellID], _ scoreboard: Scoreboard, now: Instant, initial: Bool) -> [AlertRecord] {
        var writes: [AlertRecord] = []
        for cell in cells where !foreign.contains(cell) {
            guard let next = next(cell, layout.plan(of: cell), scoreboard, now) else { continue }
            writes.append(record(next, cell, scoreboard, now: now, initial: initial))
            cellsInFlight.insert(cell)
        }
        for (key, record) in strays where inFlight[key] == nil { writes.append(ended(record, now)) }
        for write in writes { inFlight[write.key] = InFlight(id: write.id, offset: nil) }
        return writes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func next(_ cell: CellID, _ plan: Layout.Plan, _ scoreboard: Scoreboard, _ now: Instant) -> Incident? {
        let incident = published[cell]?.incident
        guard let rule = plan.rule else { return incident?.state.isActive == true ? incident?.ended(.ruleRemoved, at: now) : nil }
        let score = scoreboard.score(of: cell, plan.measure)
        let period = layout.period(of: cell, in: plan)
        // A count has a value from the first day of its period on, or as soon as there is something to count.
        if incident == nil, score.denominator == nil, plan.openings[period] > now, scoreboard.isEmpty(cell) { return nil }
        if let next = rule.next(after: incident, score: score, isClosed: plan.closings[period] <= now, now: now) { return next }
        return incident?.state.isActive == true && hasNewRule(cell, rule) ? incident?.revised { _ in } : nil
    }

    /// Whether the catalog's rule is another than the one that a published record tells of.
    private func hasNewRule(_ cell: CellID, _ rule: AlertRule) -> Bool {
        guard let record = published[cell], record.catalog != catalog.hash, let threshold = rule.threshold(record.incident.severity) else { return false }
        return (threshold.limit, threshold.clear) != (record.threshold, record.clear) || layout.place(of: cell).criterion.target?.value != record.target
    }

    private func record(_ incident: Incident, _ cell: CellID, _ scoreboard: Scoreboard, now: Instant, initial: Bool) -> AlertRecord {
        let place = layout.place(of: cell)
        let agency = catalog.agencies[place.agency]
        let previous = published[cell]
        // An incident whose severity the catalog no longer knows ends with the threshold that it had.
        let threshold = place.plan.rule?.threshold(incident.severity)
        let cause = scoreboard.cause(of: cell)
        var record = AlertRecord(
            key: layout.key(of: cell), source: catalog.source, time: now, incident: incident, initial: initial,
            agency: .init(id: agency.id, name: agency.name.vi, level: agency.level, parent: agency.parent.map { catalog.agencies[$0].id }),
            criterion: .init(framework: place.framework.id, code: place.criterion.code, name: place.criterion.name.vi, lead: place.criterion.lead),
            period: place.periodName, score: scoreboard.score(of: cell, place.plan.measure),
            threshold: threshold?.limit ?? previous?.threshold ?? ExactDecimal(mantissa: 0, scale: 0), clear: threshold?.clear ?? previous?.clear ?? ExactDecimal(mantissa: 0, scale: 0),
            target: place.criterion.target?.value,
            cause: cause.map { .init(topic: inputs[Int($0.topic)], partition: Int64($0.partition), offset: $0.offset) },
            catalog: catalog.hash, text: Bilingual(vi: "", en: ""))
        record.text = Wording.text(record, criterion: place.criterion.name, agency: agency.name, isRatio: record.score.denominator != nil)
        return record
    }

    /// The end of an alert that the catalog no longer judges.
    private func ended(_ record: AlertRecord, _ now: Instant) -> AlertRecord {
        var next = record
        let isKnown = catalog.agencies.contains { $0.id == record.agency.id }
        next.incident = record.incident.ended(isKnown ? .ruleRemoved : .agencyChanged, at: now)
        next.time = now
        next.initial = false
        next.cause = nil
        next.catalog = catalog.hash
        let name = Bilingual(vi: record.agency.name, en: record.agency.name), criterion = Bilingual(vi: record.criterion.name, en: record.criterion.name)
        next.text = Wording.text(next, criterion: criterion, agency: name, isRatio: record.score.denominator != nil)
        return next
    }
}
