import Catalog
import HeapModule
import Intake

/// The latest status of every subject other than a dossier, which of them come due when, and which of several figures counts.
struct Items: ~Copyable {
    private let lateness: Lateness
    private var tree: AgencyTree
    private var calendar: WorkingCalendar
    private var feedbackTerm: Term?
    /// What is owed without a message.
    private var owed: Slots
    private(set) var table = RowTable<Item>()
    private(set) var acknowledgements = RowTable<Acknowledgement>()
    private(set) var criteria = CodeTable()
    private(set) var items = CodeTable()
    /// The catalog's criteria, and by the number of a criterion's code the one that it is.
    private var nameable: [CodeKey: Named] = [:]
    private var known: [Named?] = []
    /// By the number of a criterion the first day of its framework's year.
    private var newYears: [LocalDay] = []
    /// Obligations and feedback that wait, and some that do so no longer.
    private var dues = Heap<Due>()
    private var waiting = 0
    private var rivals = Rivals()

    private struct Due: Comparable {
        var at: Instant
        var number: UInt32

        static func < (a: Due, b: Due) -> Bool { a.at < b.at }
    }

    /// A criterion that messages may name.
    private struct Named {
        var number: Int32
        /// The first day of its framework's year.
        var newYear: LocalDay
        /// Whether it counts obligations, or events.
        var counts: Kind?
        /// By an item's code its place in the checklist; nil: it has none.
        var checklist: [CodeKey: UInt32]?
    }

    init(catalog: Catalog) {
        lateness = catalog.lateness
        tree = catalog.tree
        calendar = catalog.calendar
        owed = Slots()
        adopt(catalog, now: .distantPast)
    }

    /// Made of what a copy held; nil if it does not fit together. Those of years that have left by now are left out.
    init?(_ copied: [Item], _ acknowledgements: [Acknowledgement], criteria: CodeTable, items: CodeTable, catalog: Catalog, now: Instant, _ agencies: borrowing Profiles) {
        lateness = catalog.lateness
        tree = catalog.tree
        calendar = catalog.calendar
        owed = Slots()
        (self.criteria, self.items) = (criteria, items)
        adopt(catalog, now: now)
        for item in copied {
            guard item.agency < agencies.agencies.count || item.isDeleted, item.criterion < max(1, criteria.count), item.item < max(1, items.count), table.number(of: item.key) == nil else { return nil }
            var item = item
            item.setDue(by: feedbackTerm, calendar, lateness)
            item.setOverdue(by: now)
            _ = accept(item, now: now, agencies)
        }
        for row in acknowledgements {
            guard self.acknowledgements.number(of: row.key) == nil else { return nil }
            _ = accept(row, agencies)
        }
        _ = depart(catalog.departures, by: now)
    }

    var count: Int { table.count }

    mutating func adopt(_ catalog: Catalog, now: Instant) {
        tree = catalog.tree
        calendar = catalog.calendar
        feedbackTerm = catalog.feedbackTerm
        owed = Slots(catalog, tree, now: now)
        setTerms(now: now)
        nameable = [:]
        for (number, (framework, criterion)) in catalog.criteria.enumerated() {
            var checklist: [CodeKey: UInt32]?
            if case .checklist(_, _, let listed) = criterion.measure {
                var places: [CodeKey: UInt32] = [:]
                for (place, alternatives) in listed.enumerated() {
                    for item in alternatives { places[CodeKey(code: item)] = UInt32(place) }
                }
                checklist = places
            }
            nameable[CodeKey(framework: framework.id, criterion: criterion.code)] = Named(
                number: Int32(number), newYear: LocalDay(year: framework.year, month: 1, day: 1), counts: criterion.measure.kind, checklist: checklist)
        }
        known = criteria.keys.map { nameable[$0] }
        newYears = catalog.criteria.map { LocalDay(year: $0.framework.year, month: 1, day: 1) }
    }

    /// Whether the catalog has the criterion.
    func knows(criterion: CodeKey) -> Bool { nameable[criterion] != nil }

    private mutating func number(ofCriterion code: CodeKey) -> UInt32 {
        let number = criteria.number(of: code)
        if Int(number) == known.count { known.append(nameable[code]) }
        return number
    }

    private func named(_ criterion: UInt32) -> Named? { Int(criterion) < known.count ? known[Int(criterion)] : nil }

    // MARK: Statuses in

    /// Whether the register knows as much or more of the subject.
    func supersedes(_ status: ItemStatus) -> Bool { table.number(of: status.key).map { table[$0].version >= status.version } ?? false }

    /// An older status has come than a deletion: that guards against it as if it had come before.
    mutating func guardUp(against status: ItemStatus) {
        guard status.content != nil, let known = table.number(of: status.key), table[known].isDeleted, yearDay(of: table[known]) != nil else { return }
        if let day = yearDay(of: Item(status, lateness, agency: 0, criterion: 0, item: 0)) { table[known].guardUp(to: day) }
    }

    /// What is to be kept of a status. `agency` is the number of its agency's code.
    mutating func item(_ status: ItemStatus, agency: UInt32) -> Item {
        var item: CodeKey?
        switch status.content?.detail {
        case .obligation(_, let named, _, _), .event(_, let named, _): item = named
        default: break
        }
        var kept = Item(
            status, lateness, agency: agency, criterion: status.criterion.map { number(ofCriterion: $0) } ?? 0, item: item.map { items.number(of: $0) } ?? 0)
        kept.setDue(by: feedbackTerm, calendar, lateness)
        if kept.isDeleted, let known = table.number(of: kept.key), let day = yearDay(of: table[known]) { kept.guardUp(to: day) }
        return kept
    }

    /// The day whose year decides when it leaves; nil: it stays. So does the deletion of what names a criterion, which may be of any year.
    func yearDay(of item: Item) -> LocalDay? {
        switch item.kind {
        case .document, .feedback, .rating: item.localDay
        case .obligation, .event, .figure: item.isDeleted ? nil : named(item.criterion)?.newYear
        case .procedure, nil: nil
        }
    }

    /// Whether it has left the register: the subject, or the deletion.
    func hasLeft(_ item: Item, _ departures: Departures, by now: Instant) -> Bool {
        guard let day = yearDay(of: item) else { return false }
        return item.isDeleted ? departures.guardsHaveLeft(day, by: now) : departures.haveLeft(day, by: now)
    }

    /// Whether a receiver's word has left: not while its document is there.
    func hasLeft(_ word: Acknowledgement, _ departures: Departures, by now: Instant) -> Bool { !isThere(word.key) && departures.wordsHaveLeft(saidOn: word.day, by: now) }

    /// Whether it is the deletion of a subject that is there.
    func deletes(_ item: Item) -> Bool { item.isDeleted && isThere(item.key) }

    private func isThere(_ key: CodeKey) -> Bool { table.number(of: key).map { !table[$0].isDeleted } ?? false }

    /// Puts an item in the place of what was known of its subject.
    mutating func accept(_ item: Item, now: Instant, _ agencies: borrowing Profiles) -> ItemChange {
        var item = item, change = ItemChange()
        if let due = item.waitsFor, due <= now { item.setOverdue() }
        if item.kind == .document, let row = acknowledgements.number(of: item.key) { item.take(acknowledgements[row]) }
        let number: UInt32
        if let known = table.number(of: item.key) {
            number = known
            let old = table[known]
            change.old = standings(old, agencies)
            if old.waitsFor != nil { waiting -= 1 }
            leave(old.slot, known, &change, agencies)
            table[number] = item
        } else {
            change.old = owed(item.key)
            number = table.insert(item)
        }
        change.new = standings(item, agencies)
        enter(item.slot, number, &change, agencies)
        if let due = item.waitsFor {
            waiting += 1
            dues.insert(Due(at: due, number: number))
            if dues.count > 2 * waiting + 1_024 { tidy() }
        }
        return change
    }

    /// Whether the register knows as much or more from the receiver of the document.
    func supersedes(_ status: AcknowledgementStatus) -> Bool {
        acknowledgements.number(of: status.key).map { acknowledgements[$0].version >= status.version } ?? false
    }

    /// Puts a receiver's word in the place of its last one.
    mutating func accept(_ acknowledgement: Acknowledgement, _ agencies: borrowing Profiles) -> ItemChange {
        if let row = acknowledgements.number(of: acknowledgement.key) { acknowledgements[row] = acknowledgement } else { _ = acknowledgements.insert(acknowledgement) }
        guard let number = table.number(of: acknowledgement.key) else { return ItemChange() }
        var item = table[number], change = ItemChange(old: standings(item, agencies))
        item.take(acknowledgement)
        table[number] = item
        change.new = standings(item, agencies)
        return change
    }

    // MARK: The clock

    /// Not later than the next instant at which something comes due.
    @inline(__always)
    var nextDue: Instant? {
        guard let due = owed.next else { return dues.min?.at }
        return dues.min.map { min($0.at, due) } ?? due
    }

    /// Turns everything that is due by `now` overdue, in order of the instants.
    mutating func comeDue(by now: Instant, _ agencies: borrowing Profiles) -> [ItemChange] {
        var changes: [ItemChange] = []
        while let due = dues.min, due.at <= now {
            _ = dues.popMin()
            var item = table[due.number]
            guard item.waitsFor == due.at else { continue }
            let old = standings(item, agencies)
            item.setOverdue()
            table[due.number] = item
            waiting -= 1
            changes.append(ItemChange(old: old, new: standings(item, agencies)))
        }
        while let due = owed.next, due <= now {
            let key = owed[owed.upcoming].key, old = standings(of: key, agencies)
            owed.pass()
            changes.append(ItemChange(old: old, new: standings(of: key, agencies)))
        }
        return changes
    }

    /// When feedback is due without a message that says so.
    private mutating func setTerms(now: Instant) {
        for number in table.numbers where table[number].kind == .feedback {
            let old = table[number]
            var item = old
            item.setDue(by: feedbackTerm, calendar, lateness)
            item.setOverdue(by: now)
            table[number] = item
            waiting += (item.waitsFor == nil ? 0 : 1) - (old.waitsFor == nil ? 0 : 1)
            if let due = item.waitsFor, due != old.waitsFor { dues.insert(Due(at: due, number: number)) }
        }
    }

    /// Lets go of due instants that moved or were met.
    private mutating func tidy() {
        var kept: [Due] = [], seen: Set<UInt32> = []
        for due in dues.unordered where table[due.number].waitsFor == due.at && seen.insert(due.number).inserted { kept.append(due) }
        dues = Heap(kept)
    }

    /// Lets go of what has left by now, and says how many that were.
    mutating func depart(_ departures: Departures, by now: Instant) -> Int {
        var leaving: [UInt32] = []
        for number in table.numbers {
            let item = table[number]
            guard hasLeft(item, departures, by: now) else { continue }
            if item.waitsFor != nil { waiting -= 1 }
            if let slot = item.slot { _ = rivals.remove(number, from: slot, in: table) }
            leaving.append(number)
        }
        table.remove(leaving)
        acknowledgements.remove(acknowledgements.numbers.filter { acknowledgements[$0].key != .none && hasLeft(acknowledgements[$0], departures, by: now) })
        let owedNoMore = Set(owed.all.filter { departures.haveLeft(newYears[Int(owed[$0].criterion)], by: now) })
        if !owedNoMore.isEmpty { owed.keep { !owedNoMore.contains($0) } }
        return leaving.count + owedNoMore.count
    }

    func forEach(_ agencies: borrowing Profiles, _ body: (ItemStanding) -> Void) {
        for number in table.numbers { for standing in standings(table[number], agencies) { body(standing) } }
        for number in owed.all where table.number(of: owed[number].key) == nil { body(owed.standing(number, in: lateness.zone)) }
    }

    /// Every figure that counts.
    func forEachFigure(_ agencies: borrowing Profiles, _ body: (Figure) -> Void) {
        for winner in rivals.winners { if let figure = figure(winner, agencies) { body(figure) } }
    }

    // MARK: Standings

    /// Whether the catalog knows its agency, and on its day something stands in the agency's place.
    func hasSeat(_ item: Item, _ agencies: borrowing Profiles) -> Bool { seat(of: item, agencies) != nil }

    /// Where it counts: a figure as of the first day of its period, all else as of its own day; of what has none the index of the agency.
    private func seat(of item: Item, _ agencies: borrowing Profiles) -> Int32? {
        guard let agency = agencies.index(ofAgency: item.agency) else { return nil }
        if tree.isConstant { return agency }
        guard let day = item.isFigure ? item.firstDay : owed(item).map({ owed[$0].day }) ?? item.localDay else { return agency }
        return tree.seat(of: agency, on: day)
    }

    /// What a subject adds of which nothing was said.
    private func owed(_ key: CodeKey) -> [ItemStanding] { owed.number(of: key).map { [owed.standing($0, in: lateness.zone)] } ?? [] }

    /// The number of what is owed that a status tells of: one that names its criterion.
    private func owed(_ item: Item) -> Slots.Number? {
        guard item.kind == .obligation, let number = owed.number(of: item.key), named(item.criterion)?.number == owed[number].criterion else { return nil }
        return number
    }

    private func standings(of key: CodeKey, _ agencies: borrowing Profiles) -> [ItemStanding] { table.number(of: key).map { standings(table[$0], agencies) } ?? owed(key) }

    /// As what it counts; nothing where its agency or its criterion is not known.
    private func standings(_ item: Item, _ agencies: borrowing Profiles) -> [ItemStanding] {
        guard !item.isDeleted else { return [] }
        let decidedOn = item.decidedOn(in: lateness.zone), seat = seat(of: item, agencies), facts = item.kind == .procedure ? item.facts(by: calendar) : item.facts
        func standing(_ kind: Kind) -> [ItemStanding] {
            seat.map { [ItemStanding(stream: .kind(kind), agency: $0, unit: 0, day: item.localDay, decidedOn: decidedOn, facts: facts)] } ?? []
        }
        switch item.kind {
        case .document: return standing(.document)
        case .feedback: return standing(.feedback)
        case .rating: return standing(.rating)
        case .procedure:
            guard let index = agencies.index(ofAgency: item.agency) else { return [] }
            let procedure = ItemStanding(stream: .kind(.procedure), agency: index, unit: 0, day: nil, decidedOn: nil, facts: facts)
            return item.localDay == nil ? [procedure] : [procedure] + standing(.announcement)
        case .obligation, .event:
            guard let agency = seat, let named = named(item.criterion), named.counts == (item.kind == .event ? .event : .obligation) else { return [] }
            var standing = ItemStanding(stream: .criterion(named.number), agency: agency, unit: item.item, day: item.localDay, decidedOn: decidedOn, facts: facts)
            if let checklist = named.checklist, facts.contains(.hasItem), let place = checklist[items.key(of: item.item)] {
                standing.facts.insert(.listed)
                standing.unit = place
            }
            // Of what is owed the catalog says when it is due.
            if let number = owed(item) {
                standing.day = owed[number].day
                standing.decidedOn = owed.decidedOn(number, done: item.done, in: lateness.zone)
                standing.facts.formIntersection([.hasItem, .listed])
                standing.facts.formUnion(owed.facts(number, done: item.done, in: lateness.zone))
            }
            return [standing]
        case .figure, nil: return []
        }
    }

    // MARK: Figures

    private func figure(_ number: UInt32, _ agencies: borrowing Profiles) -> Figure? {
        let item = table[number]
        guard let agency = seat(of: item, agencies), let named = named(item.criterion) else { return nil }
        return item.figure(criterion: named.number, agency: agency)
    }

    /// Takes a figure out of those of its slot; another may count now. Must be called while it still is what it was.
    private mutating func leave(_ slot: Item.Slot?, _ number: UInt32, _ change: inout ItemChange, _ agencies: borrowing Profiles) {
        guard let slot, let was = rivals.remove(number, from: slot, in: table) else { return }
        change.figures.append((figure(was.winner, agencies), was.heir.flatMap { figure($0, agencies) }))
    }

    private mutating func enter(_ slot: Item.Slot?, _ number: UInt32, _ change: inout ItemChange, _ agencies: borrowing Profiles) {
        guard let slot, let was = rivals.insert(number, into: slot, in: table) else { return }
        change.figures.append((was.winner.flatMap { figure($0, agencies) }, figure(was.heir, agencies)))
    }
}
