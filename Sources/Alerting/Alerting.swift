public import Catalog
import HeapModule
public import Scoreboard

/// Law 2: holds what the alert topic says, and finds what it should say. What is published is what was read back; nothing else is believed.
public struct Alerting: ~Copyable {
    private let layout: Layout
    private let lanes: Lanes
    /// By plan: what a value must be beyond for an incident to begin; nil: without a rule none does, or it is another on other days.
    private let bars: [AlertRule.Bar?]
    /// By plan: by what an incident goes on; nil: without a rule, or it is another on other days.
    private let limits: [AlertRule.Limits?]
    /// What the alert topic holds under our own `source`, and of it once more what judging needs, where it is quick to reach.
    private var published: [Published] = []
    private var known: [Known] = []
    /// By cell: its place in `published`, or -1.
    private var places: [Int32]
    /// Our alerts of keys that the catalog no longer judges: those that are alive or overtaken, so that a record is due.
    private var strays: [String: Published] = [:]
    /// Strays by which something may have to be written, and of these the ones that are being looked at: there may be many, and a step writes only so much.
    private var changedStrays: Set<String> = []
    private var straysToEnd: [String] = []
    /// And the others, which have ended: another catalog may judge them again, and their ids are taken.
    private var ended: [String: Published] = [:]
    /// Keys that hold a record of another `source`, judged or not.
    private var foreign: Set<String> = []
    /// Writes that were not read back yet: one in flight per key.
    private var inFlight: [String: InFlight] = [:]
    /// By cell.
    private var restraints: [Restraint]
    /// Keys that have been looked up and are judged; a topic may hold any number of others.
    private(set) var cellOfKey: [String: CellID] = [:]
    /// Whether the topic holds anything of ours.
    public private(set) var isEmpty = true
    /// Goes up with every change of what the topic holds.
    public private(set) var changes = 0
    /// The leadership under which is written; nil: what is read may be anybody's who leads.
    private var leadership: Stamp?
    /// Whether what was counted is certain to be all there is. While it is not, alerts may begin and grow worse, and nothing ends.
    public var isComplete = true {
        didSet { if isComplete, !oldValue { changedStrays.formUnion(strays.keys) } }
    }
    private var timers = Heap<Timer>()
    /// Names of the input topics, for `cause`.
    private let inputs: [String]

    private struct Known {
        var incident: Incident
        /// Whether another catalog was in force when it was written.
        var isOfOtherCatalog: Bool
        var isOvertaken: Bool
    }

    /// Why a cell is not to be judged.
    private struct Restraint: OptionSet {
        let rawValue: UInt8
        /// Until its write has been read back.
        static let inFlight = Restraint(rawValue: 1)
        /// Its key holds a record of another `source`.
        static let foreign = Restraint(rawValue: 2)
    }

    private struct InFlight {
        var record: AlertRecord
        var id: String
        /// Known when the broker has acknowledged it.
        var offset: Int64?

        init(_ record: AlertRecord) {
            self.record = record
            id = record.id
        }
    }

    private struct Timer: Comparable {
        var at: Instant
        var cell: CellID

        static func < (a: Timer, b: Timer) -> Bool { a.at < b.at }
    }

    public init(layout: Layout, inputs: [String]) {
        self.layout = layout
        lanes = layout.lanes
        self.inputs = inputs
        bars = layout.plans.map { $0.turns.isEmpty ? $0.rule?.bar : nil }
        limits = layout.plans.map { $0.turns.isEmpty ? $0.rule?.limits : nil }
        places = Array(repeating: -1, count: layout.cellCount)
        restraints = Array(repeating: [], count: layout.cellCount)
    }

    /// The same for another catalog of the same `source`: what was published and is on its way stays.
    public func adopting(_ layout: Layout) -> Alerting {
        var next = Alerting(layout: layout, inputs: inputs)
        for one in published + strays.values + ended.values { next.keep(one) }
        next.leadership = leadership
        next.isComplete = isComplete
        next.changes = changes &+ 1
        next.foreign = foreign
        for key in foreign {
            if let cell = next.cell(of: key) { next.restraints[Int(cell)].insert(.foreign) }
        }
        next.isEmpty = isEmpty
        next.inFlight = inFlight
        for key in inFlight.keys {
            if let cell = next.cell(of: key) { next.restraints[Int(cell)].insert(.inFlight) }
        }
        return next
    }

    private func record(of cell: CellID) -> AlertRecord? { places[Int(cell)] < 0 ? nil : published[Int(places[Int(cell)])].record }
    private func incident(of cell: CellID) -> Incident? { places[Int(cell)] < 0 ? nil : known[Int(places[Int(cell)])].incident }

    /// What is known of a key, whether it is judged or not.
    private func truth(_ key: String, _ cell: CellID?) -> Published? {
        if let cell { return places[Int(cell)] < 0 ? nil : published[Int(places[Int(cell)])] }
        return strays[key] ?? ended[key]
    }

    private mutating func keep(_ one: Published) {
        changes &+= 1
        let key = one.record.key
        guard let cell = cell(of: key) else {
            let isDue = one.record.incident.state.isActive || one.isOvertaken
            strays[key] = isDue ? one : nil
            ended[key] = isDue ? nil : one
            if isDue { changedStrays.insert(key) }
            return
        }
        let known = Known(incident: one.record.incident, isOfOtherCatalog: one.record.catalog != layout.catalog.hash, isOvertaken: one.isOvertaken)
        if places[Int(cell)] < 0 {
            places[Int(cell)] = Int32(published.count)
            published.append(one)
            self.known.append(known)
        } else {
            published[Int(places[Int(cell)])] = one
            self.known[Int(places[Int(cell)])] = known
        }
        if let at = layout.plan(of: cell).rule?.turningPoint(of: one.record.incident) { timers.insert(Timer(at: at, cell: cell)) }
    }

    /// The last record takes the place of the one that goes.
    private mutating func forget(_ cell: CellID) {
        changes &+= 1
        let place = places[Int(cell)]
        guard place >= 0, let last = published.popLast(), let lastKnown = known.popLast() else { return }
        places[Int(cell)] = -1
        guard Int(place) < published.count, let other = self.cell(of: last.record.key) else { return }
        published[Int(place)] = last
        known[Int(place)] = lastKnown
        places[Int(other)] = place
    }

    /// Records on the topic that are alerts now, whether the catalog still judges them or not, in order of their keys.
    public var firing: [AlertRecord] {
        (published + strays.values).map(\.record).filter { $0.incident.state == .firing }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// How many it holds in this state, `pending` or `firing`, whether the catalog still judges them or not.
    public func count(_ state: AlertState, _ severity: Severity) -> Int {
        func counts(_ incident: Incident) -> Bool { incident.state == state && incident.severity == severity }
        return known.count { counts($0.incident) } + strays.values.count { counts($0.record.incident) }
    }

    /// What the topic holds of these cells, in their order.
    public func records(of cells: Range<CellID>) -> [AlertRecord] { places[Int(cells.lowerBound)..<Int(cells.upperBound)].compactMap { $0 < 0 ? nil : published[Int($0)].record } }

    /// How many it holds of cells.
    public var recordCount: Int { published.count }

    /// What it holds of keys that the catalog no longer judges and that has not ended, in order of their keys.
    public var unjudged: [AlertRecord] { strays.values.map(\.record).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }

    // MARK: What the topic holds

    /// Takes in a record of the alert topic. `record` nil: a tombstone, or something that is no alert of ours in form.
    /// Returns the cell that must be judged again.
    public mutating func read(key: String, record: AlertRecord?, by stamp: Stamp, offset: Int64) -> CellID? {
        let cell = cell(of: key), record = record ?? unreadable(key, stamp, offset)
        let isOwn = leadership == nil || stamp == leadership
        if let write = inFlight[key], isOwn && record?.id == write.id || write.offset.map({ offset >= $0 }) ?? false { land(key, cell) }
        if let record, record.source != layout.catalog.source {
            // Another daemon's: its keys are left alone.
            strays[key] = nil
            ended[key] = nil
            foreign.insert(key)
            if let cell {
                restraints[Int(cell)].insert(.foreign)
                forget(cell)
            }
            return nil
        }
        foreign.remove(key)
        if let cell { restraints[Int(cell)].remove(.foreign) }
        if record != nil { isEmpty = false }
        if let now = Published.after(truth(key, cell), record, stamp, isOwn: isOwn) { keep(now) }
        return cell
    }

    /// What a record says that cannot be read back although this leadership wrote it, as something forged that was carried on can make it. Nil: another wrote it. If it
    /// counted as garbage, it would be written again without end.
    private func unreadable(_ key: String, _ stamp: Stamp, _ offset: Int64) -> AlertRecord? {
        guard stamp == leadership, let write = inFlight[key], write.offset.map({ $0 == offset }) ?? true else { return nil }
        return write.record
    }

    /// From now on what is written is written under this leadership, and a record under our `source` that is not of it is overwritten.
    public mutating func lead(as stamp: Stamp) { leadership = stamp }

    /// Another may lead. What is on its way is forgotten: if it arrives it is read as anybody's.
    public mutating func stepDown() {
        leadership = nil
        for key in Array(inFlight.keys) { land(key, cell(of: key)) }
    }

    /// The topic was made anew and holds nothing: what is alive must be written again, and goes on as the incident that it was.
    public mutating func lostTopic() {
        for index in published.indices where published[index].record.incident.state.isActive {
            published[index].isOvertaken = true
            known[index].isOvertaken = true
        }
        for (key, stray) in strays where stray.record.incident.state.isActive {
            strays[key]?.isOvertaken = true
            changedStrays.insert(key)
        }
    }

    /// The broker acknowledged a write. It counts when it is read back.
    public mutating func acknowledged(key: String, id: String, offset: Int64) {
        if inFlight[key]?.id == id { inFlight[key]?.offset = offset }
    }

    /// A write has failed for good. Returns the cell that must be judged again.
    public mutating func failed(key: String, id: String) -> CellID? {
        let cell = cell(of: key)
        guard inFlight[key]?.id == id else { return nil }
        land(key, cell)
        return cell
    }

    private mutating func land(_ key: String, _ cell: CellID?) {
        inFlight[key] = nil
        if let cell { restraints[Int(cell)].remove(.inFlight) } else if strays[key] != nil { changedStrays.insert(key) }
    }

    private mutating func cell(of key: String) -> CellID? {
        if let known = cellOfKey[key] { return known }
        guard let found = layout.cell(of: key) else { return nil }
        cellOfKey[key] = found
        return found
    }

    // MARK: What it should say

    /// The next instant at which the clock alone changes an alert; possibly one that has passed meanwhile.
    @inline(__always)
    public var nextTimer: Instant? { timers.min?.at }

    public mutating func takeTimers(by now: Instant) -> [CellID] {
        var due: [CellID] = []
        while let timer = timers.min, timer.at <= now {
            _ = timers.popMin()
            due.append(timer.cell)
        }
        return due
    }

    /// Cells with an incident that is alive.
    public func active(in plan: Layout.Plan) -> [CellID] { layout.cells(of: plan).filter { incident(of: $0)?.state.isActive == true } }

    /// How many writes are on their way.
    @inline(__always)
    public var underWay: Int { inFlight.count }

    /// Whether a write for this cell is on its way: it is judged again when that one is read back.
    @inline(__always)
    public func isInFlight(_ cell: CellID) -> Bool { restraints[Int(cell)].contains(.inFlight) }

    /// Adds to `writes` the record by which a cell, not in flight, says what it should, if what is published says something else.
    public mutating func judge(_ cell: CellID, _ reading: Reading, now: Instant, initial: Bool, into writes: inout [AlertRecord]) {
        guard restraints[Int(cell)].isEmpty, !isAsItWas(cell, reading.score, now), let next = next(after: incident(of: cell), cell, reading, now) else { return }
        let write = record(next, cell, reading, now: now, initial: initial)
        restraints[Int(cell)].insert(.inFlight)
        inFlight[write.key] = InFlight(write)
        writes.append(write)
    }

    /// Whether alerts that the catalog no longer judges may have to be ended.
    public var hasStraysToEnd: Bool { !straysToEnd.isEmpty || !changedStrays.isEmpty }

    /// The ends of alerts that the catalog no longer judges, and those of them that were overtaken, once more: so many at most.
    public mutating func endStrays(now: Instant, atMost most: Int) -> [AlertRecord] {
        guard hasStraysToEnd else { return [] }
        if straysToEnd.isEmpty {
            straysToEnd = Array(changedStrays)
            changedStrays = []
        }
        var writes: [AlertRecord] = []
        while writes.count < most, let key = straysToEnd.popLast() {
            // It is looked at again when its write has been read back.
            guard let stray = strays[key], inFlight[key] == nil else { continue }
            if stray.record.incident.state.isActive, isComplete {
                writes.append(end(of: stray.record, now))
            } else if stray.isOvertaken {
                var again = stray.record
                again.incident = again.incident.revised(at: again.time)
                writes.append(again)
            }
        }
        for write in writes { inFlight[write.key] = InFlight(write) }
        return writes
    }

    /// Whether nothing is the matter and nothing was, or what was the matter still is. Nearly always one is so. The whole rule says the same, but takes longer.
    @inline(__always)
    private func isAsItWas(_ cell: CellID, _ score: Score, _ now: Instant) -> Bool {
        let place = Int(places[Int(cell)]), plan = lanes.plan(of: cell)
        if place >= 0, known[place].isOvertaken || known[place].isOfOtherCatalog && known[place].incident.state.isActive { return false }
        if place >= 0, known[place].incident.state.isActive { return limits[plan]?.keep(known[place].incident, score) == true && lanes.span(of: cell).closing > now }
        guard let bar = bars[plan] ?? layout.plans[plan].rule(at: now)?.bar else { return true }
        return !bar.isBreached(by: score)
    }

    private func next(after incident: Incident?, _ cell: CellID, _ reading: Reading, _ now: Instant) -> Incident? {
        if let next = change(of: incident, cell, reading, now), isComplete || next.isNoBetter(than: incident) { return next }
        return places[Int(cell)] >= 0 && known[Int(places[Int(cell)])].isOvertaken ? incident?.revised(at: now) : nil
    }

    private func change(of incident: Incident?, _ cell: CellID, _ reading: Reading, _ now: Instant) -> Incident? {
        guard let rule = layout.plans[lanes.plan(of: cell)].rule(at: now) else { return incident?.state.isActive == true ? incident?.ended(.ruleRemoved, at: now) : nil }
        let span = lanes.span(of: cell)
        // A count has a value from the first day of its period on, or as soon as there is something to count; and no agency has one before its own first day.
        if incident == nil, reading.score.denominator == nil || span.beginsWithAgency, span.opening > now, reading.isEmpty { return nil }
        let reason: AlertReason = span.endsWithAgency ? .agencyChanged : .periodClosed
        if let next = rule.next(after: incident, score: reading.score, isClosed: span.closing <= now, because: reason, now: now) { return next }
        return incident?.state.isActive == true && hasNewRule(cell, rule) ? incident?.revised(at: now) : nil
    }

    /// Whether the catalog's rule is another than the one that a published record tells of. A milestone that has passed makes it another, a day on the line between two
    /// does not: that would be a record a day.
    private func hasNewRule(_ cell: CellID, _ rule: AlertRule) -> Bool {
        let known = known[Int(places[Int(cell)])]
        guard known.isOfOtherCatalog || rule.milestones != nil && known.incident.severity == .critical, let record = record(of: cell), let threshold = rule.threshold(record.incident.severity) else { return false }
        return (threshold.limit, threshold.clear) != (record.threshold, record.clear) || layout.place(of: cell).criterion.target?.value != record.target
    }

    private func record(_ incident: Incident, _ cell: CellID, _ reading: Reading, now: Instant, initial: Bool) -> AlertRecord {
        let place = layout.place(of: cell)
        let agency = layout.catalog.agencies[place.agency]
        let previous = self.record(of: cell)
        // An incident whose severity the catalog no longer knows ends with the threshold that it had.
        let threshold = place.plan.rule(at: now)?.threshold(incident.severity)
        var record = AlertRecord(
            key: layout.key(of: cell), source: layout.catalog.source, time: now, incident: incident, initial: initial,
            agency: .init(id: agency.id, name: agency.name.vi, level: agency.level, parent: agency.parent.map { layout.catalog.agencies[$0].id }),
            criterion: .init(framework: place.framework.id, code: place.criterion.code, name: place.criterion.name.vi, lead: place.criterion.lead),
            period: place.periodName, score: reading.score,
            threshold: threshold?.limit ?? previous?.threshold ?? ExactDecimal(mantissa: 0, scale: 0), clear: threshold?.clear ?? previous?.clear ?? ExactDecimal(mantissa: 0, scale: 0),
            target: place.criterion.target?.value,
            cause: reading.cause.map { .init(topic: inputs[Int($0.topic)], partition: Int64($0.partition), offset: $0.offset) },
            catalog: layout.catalog.hash, text: Bilingual(vi: "", en: ""))
        record.text = Wording.text(record, criterion: place.criterion.name, agency: agency.name, isRatio: place.plan.measure.isPercentage)
        return record
    }

    /// The end of an alert that the catalog no longer judges.
    private func end(of record: AlertRecord, _ now: Instant) -> AlertRecord {
        var next = record
        next.incident = record.incident.ended(layout.knows(agency: record.agency.id) ? .ruleRemoved : .agencyChanged, at: now)
        next.time = now
        next.initial = false
        next.cause = nil
        next.catalog = layout.catalog.hash
        let name = Bilingual(vi: record.agency.name, en: record.agency.name), criterion = Bilingual(vi: record.criterion.name, en: record.criterion.name)
        next.text = Wording.text(next, criterion: criterion, agency: name, isRatio: Wording.isInPerCent(record))
        return next
    }
}
