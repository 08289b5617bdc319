public import Catalog
public import Intake

/// The register (sổ): the latest status of every subject, and which of them come due when. Of criteria it knows only those that messages may name.
///
/// Its memory is its own and reading changes nothing in it, so several threads may read it at once.
public struct Register: ~Copyable, @unchecked Sendable {
    private let lateness: Lateness
    private var tree: AgencyTree
    var profiles: Profiles
    var table: EntryTable
    private var dues: Dues
    var progress: RowTable<Progress>
    var items: Items
    /// Entries that wait for their due instant: `dues` holds these and outdated ones.
    private var waiting: Int

    private var departures: Departures

    public init(catalog: Catalog) {
        self.init(catalog: catalog, Profiles(catalog: catalog), EntryTable(), Dues(), waiting: 0, RowTable<Progress>(), Items(catalog: catalog))
    }

    init(
        catalog: Catalog, _ profiles: consuming Profiles, _ table: consuming EntryTable, _ dues: consuming Dues, waiting: Int, _ progress: consuming RowTable<Progress>,
        _ items: consuming Items
    ) {
        lateness = catalog.lateness
        tree = catalog.tree
        departures = catalog.departures
        self.profiles = profiles
        self.table = table
        self.dues = dues
        self.waiting = waiting
        self.progress = progress
        self.items = items
    }

    /// Subjects; the progress of a dossier is none of its own.
    public var count: Int { table.count + items.count }

    /// What a status did to its subject.
    public enum Change {
        /// Older than what is known, or the same.
        case superseded
        /// Nil is what counts nowhere: what was not there, a deletion, a dossier of an agency that the catalog does not know.
        /// `unknownAgency` is then a number for that agency.
        case replaced(old: Standing?, new: Standing?, unknownAgency: UInt32?)
        /// Its period closed so long ago that its subjects have left.
        case departed
    }

    /// Has the memory fetched that `accept` will need first, then what it will find there. Each takes the time of many statuses to arrive, so one asks for
    /// those of a group, for the second once all the first have been asked for. They are hints and change nothing.
    public func fetchPlaces(of subject: CodeKey, _ profile: CodeKey?) {
        table.fetchSlot(of: subject)
        if let profile { profiles.fetchSlot(of: profile) }
    }

    public func fetchEntries(of subject: CodeKey, _ profile: CodeKey?) {
        table.fetch(subject)
        if let profile { profiles.fetch(profile) }
    }

    /// Takes a status in if it is the latest of its subject. `now` decides whether it is overdue already.
    public mutating func accept(_ status: DossierStatus, now: Instant) -> Change {
        let number = table.number(of: status.subject)
        let old = number.map { table[$0] }
        if old?.hasProgress == true || old == nil && progress.count > 0, let row = progress.number(of: status.subject) { return acceptProgressed(status, row, now: now) }
        if let old, let number, old.version >= status.version {
            if old.isDeleted { table[number].guardUp(to: yearDay(of: status, old)) }
            return .superseded
        }
        let yearDay = yearDay(of: status, old)
        if isTooLate(status, yearDay, old, now) { return .departed }

        var profile: UInt32 = 0
        if let key = status.content?.profile {
            let last: UInt32? = if let old, !old.isDeleted { old.profile } else { nil }
            profile = profiles.number(of: key, last: last) ?? profiles.add(status)
        }
        return put(Entry(status, profile: profile, yearDay, lateness), number, old, now)
    }

    /// Puts an entry in the place of what was known of its subject: `old`, with this number.
    @inline(__always)
    private mutating func put(_ entry: Entry, _ number: UInt32?, _ old: Entry?, _ now: Instant) -> Change {
        var entry = entry
        if let due = entry.waitsFor, due <= now { entry.setOverdue() }
        let waited = old?.waitsFor, waits = entry.waitsFor
        let place: UInt32
        if let number {
            table[number] = entry
            place = number
        } else {
            place = table.insert(entry)
        }
        waiting += (waits == nil ? 0 : 1) - (waited == nil ? 0 : 1)
        if let waits, waits != waited {
            dues.insert(place, at: waits)
            // Dossiers whose due instant moves leave their old one behind.
            if dues.count > 2 * waiting + 4_096 { dues.tidy(table) }
        }
        let before: Standing? = if let old { standing(old) } else { nil }
        return .replaced(old: before, new: standing(entry), unknownAgency: unknownAgency(entry))
    }

    /// The same where a progress is known as well.
    private mutating func acceptProgressed(_ status: DossierStatus, _ row: UInt32, now: Instant) -> Change {
        var known = progress[row]
        let old = known.own.isNone ? nil : known.own
        if let old, old.version >= status.version {
            if old.isDeleted {
                let day = yearDay(of: status, old)
                progress[row].own.guardUp(to: day)
                if let number = table.number(of: status.subject) { table[number].guardUp(to: day) }
            }
            return .superseded
        }
        let yearDay = yearDay(of: status, old)
        if isTooLate(status, yearDay, old, now) { return .departed }
        let profile = status.content.map { profiles.number(of: $0.profile, last: nil) ?? profiles.add(status) } ?? 0
        known.own = Entry(status, profile: profile, yearDay, lateness)
        progress[row] = known
        let number = table.number(of: status.subject)
        return put(known.effective(lateness), number, number.map { table[$0] }, now)
    }

    /// Takes a progress in if it is the latest of its dossier, which need not be there yet.
    public mutating func accept(_ status: ProgressStatus, now: Instant) -> Change {
        let number = table.number(of: status.subject)
        let row = progress.number(of: status.subject)
        if let row, progress[row].version >= status.version { return .superseded }
        var known: Progress
        if let row {
            known = progress[row]
            known.take(status)
        } else {
            known = Progress(status, own: number.map { table[$0].own } ?? .none)
        }
        if known.own.isNone, departures.wordsHaveLeft(saidOn: lateness.zone.day(of: known.version.time), by: now) { return .departed }
        if let row { progress[row] = known } else { _ = progress.insert(known) }
        guard let number, !known.own.isNone else { return .replaced(old: nil, new: nil, unknownAgency: nil) }
        return put(known.effective(lateness), number, table[number], now)
    }

    /// What a status of another kind did to its subject.
    public enum ItemOutcome {
        /// Older than what is known, or the same.
        case superseded
        /// `unknownAgency` is a number for its agency, if the catalog does not know it.
        case replaced(ItemChange, unknownAgency: UInt32?)
        case departed
    }

    /// Whether the catalog has a criterion that a status names.
    public func knows(criterion: CodeKey) -> Bool { items.knows(criterion: criterion) }

    public mutating func accept(_ status: ItemStatus, now: Instant) -> ItemOutcome {
        if items.supersedes(status) {
            items.guardUp(against: status)
            return .superseded
        }
        let agency = status.content.map { profiles.number(ofAgency: $0.agency) } ?? 0
        let item = items.item(status, agency: agency)
        if items.hasLeft(item, departures, by: now), !items.deletes(item) { return .departed }
        let change = items.accept(item, now: now, profiles)
        return .replaced(change, unknownAgency: status.content == nil || items.hasSeat(item, profiles) ? nil : agency)
    }

    /// Takes in what the receiver of a document says of it, which need not be there yet.
    public mutating func accept(_ status: AcknowledgementStatus, now: Instant) -> ItemOutcome {
        if items.supersedes(status) { return .superseded }
        let word = Acknowledgement(status, lateness.zone)
        if items.hasLeft(word, departures, by: now) { return .departed }
        return .replaced(items.accept(word, profiles), unknownAgency: nil)
    }

    /// Not later than the next instant at which a subject comes due.
    @inline(__always)
    public var nextDue: Instant? {
        guard let due = items.nextDue else { return dues.next }
        return dues.next.map { min($0, due) } ?? due
    }

    /// Turns every subject other than a dossier that is due by `now` overdue.
    public mutating func itemsComeDue(by now: Instant) -> [ItemChange] {
        if let due = items.nextDue, due <= now { items.comeDue(by: now, profiles) } else { [] }
    }

    public func forEachItem(_ body: (ItemStanding) -> Void) { items.forEach(profiles, body) }
    public func forEachFigure(_ body: (Figure) -> Void) { items.forEachFigure(profiles, body) }

    /// Turns every dossier that is due by `now` overdue, in order of their instants.
    public mutating func comeDue(by now: Instant, _ changed: (_ subject: CodeKey, _ old: Standing?, _ new: Standing?) -> Void) {
        while let number = dues.take(by: now, from: table) {
            let old = table[number]
            var new = old
            new.setOverdue()
            table[number] = new
            waiting -= 1
            changed(old.key, standing(old), standing(new))
        }
    }

    /// Every dossier of one of so many parts of about the same size. Several threads may do so at once, as long as nobody changes the register.
    public func forEach(_ part: Int = 0, of parts: Int = 1, _ body: (_ subject: CodeKey, _ standing: Standing?) -> Void) {
        let count = table.numbers.count
        let end = UInt32(count * (part + 1) / parts)
        for number in UInt32(count * part / parts)..<end {
            if number + 16 < end { profiles.fetch(table[number + 16].profile) }
            let entry = table[number]
            if !entry.isNone { body(entry.key, standing(entry)) }
        }
    }

    /// Lets go of the subjects whose frameworks have all been closed long enough, of deletions that need guard no more, and of what was owed without a message, and says how
    /// many they were: if any, what is left is to be counted anew.
    @discardableResult
    public mutating func depart(by now: Instant) -> Int {
        guard departures.years.contains(where: { $0.at <= now }) else { return 0 }
        var leaving: [UInt32] = []
        for number in table.numbers {
            let entry = table[number]
            guard entry.hasLeft(departures, by: now) else { continue }
            if entry.waitsFor != nil { waiting -= 1 }
            leaving.append(number)
        }
        table.remove(leaving)
        var alone: [UInt32] = []
        for number in progress.numbers where progress[number].key != .none {
            var known = progress[number]
            if known.depart(departures, in: lateness.zone, by: now) { alone.append(number) } else { progress[number] = known }
        }
        progress.remove(alone)
        return leaving.count + items.depart(departures, by: now)
    }

    /// Judges by another catalog from now on: every standing may be another. `now` decides what is owed and overdue already. Time zone and `late_by` must be the same, for entries rest on them.
    public mutating func adopt(_ catalog: Catalog, now: Instant) {
        departures = catalog.departures
        tree = catalog.tree
        profiles.adopt(catalog)
        items.adopt(catalog, now: now)
    }

    /// Whether the catalog knows the agency with this number.
    public func knows(agency: UInt32) -> Bool { profiles.knows(agency: agency) }

    // Inlined, because a call of a nonmutating function would copy the whole register's struct.

    /// Nil: it counts nowhere.
    @inline(__always)
    private func standing(_ entry: Entry) -> Standing? {
        guard !entry.isDeleted else { return nil }
        let profile = profiles[entry.profile]
        guard profile.agency >= 0, let seat = seat(of: profile.agency, on: entry.receivedOn) else { return nil }
        return Standing(
            seat: seat, procedure: profile.procedure, receivedOn: entry.receivedOn, decidedOn: entry.decidedOn(in: lateness.zone), facts: profile.facts.union(entry.facts))
    }

    /// Nil: nothing stands in the agency's place on that day.
    @inline(__always)
    private func seat(of agency: Int32, on day: LocalDay) -> Int32? { tree.isConstant ? agency : tree.seat(of: agency, on: day) }

    /// A number for its agency, if the catalog does not know it, or not any more on the entry's day.
    @inline(__always)
    private func unknownAgency(_ entry: Entry) -> UInt32? {
        guard !entry.isDeleted else { return nil }
        let agency = profiles[entry.profile].agency
        return agency < 0 || seat(of: agency, on: entry.receivedOn) == nil ? profiles.agencyCode(of: entry.profile) : nil
    }

    /// The day whose year decides when the subject of a status leaves. A deletion stays at least as long as what it takes the place of would, whichever of the two comes first.
    @inline(__always)
    private func yearDay(of status: DossierStatus, _ old: Entry?) -> LocalDay {
        if let received = status.content?.received { return lateness.zone.day(of: received) }
        let day = Departures.guardDay(saidOn: lateness.zone.day(of: status.version.time))
        return old.map { max(day, $0.yearDay) } ?? day
    }

    /// Whether the subject of a status has left. While it is there, it can be deleted.
    @inline(__always)
    private func isTooLate(_ status: DossierStatus, _ yearDay: LocalDay, _ old: Entry?, _ now: Instant) -> Bool {
        if status.content != nil { return departures.haveLeft(yearDay, by: now) }
        return old?.isDeleted != false && departures.guardsHaveLeft(yearDay, by: now)
    }
}
