public import Catalog
public import Intake

/// The register (sổ): the latest status of every dossier, and which of them come due when. It knows no criteria.
public struct Register: ~Copyable {
    private let lateness: Lateness
    var profiles: Profiles
    var table: EntryTable
    private var dues: Dues
    /// Entries that wait for their due instant: `dues` holds these and outdated ones.
    private var waiting: Int

    /// The years of the catalog, and when their subjects leave.
    private var departures: [(days: Range<LocalDay>, at: Instant)]

    public init(catalog: Catalog) { self.init(catalog: catalog, Profiles(catalog: catalog), EntryTable(), Dues(), waiting: 0) }

    init(catalog: Catalog, _ profiles: consuming Profiles, _ table: consuming EntryTable, _ dues: consuming Dues, waiting: Int) {
        lateness = catalog.lateness
        departures = catalog.departures
        self.profiles = profiles
        self.table = table
        self.dues = dues
        self.waiting = waiting
    }

    public var count: Int { table.count }

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
        if let old, old.version >= status.version { return .superseded }
        if let received = status.content?.received, hasDeparted(lateness.zone.day(of: received), by: now) { return .departed }

        var profile: UInt32 = 0
        if let key = status.content?.profile {
            let last: UInt32? = if let old, !old.isDeleted { old.profile } else { nil }
            profile = profiles.number(of: key, last: last) ?? profiles.add(status)
        }
        var entry = Entry(status, profile: profile, lateness)
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

    /// Not later than the next instant at which a dossier comes due.
    public var nextDue: Instant? { dues.next }

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

    public func forEach(_ body: (_ subject: CodeKey, _ standing: Standing?) -> Void) {
        let end = table.numbers.upperBound
        for number in table.numbers {
            if number + 16 < end { profiles.fetch(table[number + 16].profile) }
            let entry = table[number]
            if !entry.isNone { body(entry.key, standing(entry)) }
        }
    }

    /// Lets go of the subjects whose frameworks have all been closed long enough. Deletions stay: they guard against older statuses.
    public mutating func depart(by now: Instant, _ gone: (_ subject: CodeKey, _ standing: Standing?) -> Void) {
        guard hasDeparture(by: now) else { return }
        var leaving: [UInt32] = []
        for number in table.numbers where !table[number].isDeleted && hasDeparted(table[number].receivedOn, by: now) { leaving.append(number) }
        for number in leaving {
            let entry = table[number]
            if entry.waitsFor != nil { waiting -= 1 }
            gone(entry.key, standing(entry))
        }
        table.remove(leaving)
    }

    /// Judges by another catalog from now on: every standing may be another. Time zone and `late_by` must be the same, for entries rest on them.
    public mutating func adopt(_ catalog: Catalog) {
        departures = catalog.departures
        profiles.adopt(catalog)
    }

    /// Whether the catalog knows the agency with this number.
    public func knows(agency: UInt32) -> Bool { profiles.knows(agency: agency) }

    // Inlined, because a call of a nonmutating function would copy the whole register's struct.

    /// Nil: it counts nowhere.
    @inline(__always)
    private func standing(_ entry: Entry) -> Standing? {
        guard !entry.isDeleted else { return nil }
        let profile = profiles[entry.profile]
        guard profile.agency >= 0 else { return nil }
        return Standing(
            agency: profile.agency, procedure: profile.procedure, receivedOn: entry.receivedOn, decidedOn: entry.decidedOn(in: lateness.zone), facts: profile.facts.union(entry.facts))
    }

    /// A number for its agency, if the catalog does not know it.
    @inline(__always)
    private func unknownAgency(_ entry: Entry) -> UInt32? {
        guard !entry.isDeleted else { return nil }
        return profiles[entry.profile].agency < 0 ? profiles.agencyCode(of: entry.profile) : nil
    }

    private func hasDeparture(by now: Instant) -> Bool {
        for departure in departures where departure.at <= now { return true }
        return false
    }

    @inline(__always)
    private func hasDeparted(_ receivedOn: LocalDay, by now: Instant) -> Bool {
        for departure in departures where departure.at <= now && departure.days.contains(receivedOn) { return true }
        return false
    }
}
