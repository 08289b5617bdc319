package import Catalog
import HeapModule
package import Intake

/// The register (sổ): the latest status of every dossier, and which of them come due when. It knows no criteria.
package struct Register: ~Copyable {
    package private(set) var agencies = CodeTable()
    package private(set) var procedures = CodeTable()
    package private(set) var sectors = CodeTable()
    private let catalog: Catalog
    private var table = EntryTable()
    private var dues = Heap<Due>()
    /// Entries that wait for their due instant: `dues` holds these and outdated ones.
    private var waiting = 0

    /// The years of the catalog, and when their subjects leave.
    private let departures: [(days: Range<LocalDay>, at: Instant)]

    private struct Due: Comparable {
        var at: Instant
        var key: CodeKey

        static func < (a: Due, b: Due) -> Bool { a.at < b.at }
    }

    package init(catalog: Catalog) {
        self.catalog = catalog
        departures = catalog.departures
        // Agencies and sectors of the catalog come first, so that their numbers are its indices.
        for agency in catalog.agencies { _ = agencies.number(of: agency.id) }
        for sector in catalog.sectors { _ = sectors.number(of: sector) }
    }

    package var count: Int { table.count }

    /// What a status did to its subject.
    package enum Change {
        /// Older than what is known, or the same.
        case superseded
        case replaced(old: Entry?, new: Entry)
        /// Its period closed so long ago that its subjects have left.
        case departed
    }

    /// Takes a status in if it is the latest of its subject. `now` decides whether it is overdue already.
    package mutating func accept(_ status: DossierStatus, now: Instant) -> Change {
        let key = CodeKey(code: status.subject)
        table.reserve()
        let slot = table.slot(of: key)
        let old = slot.pointee.isEmpty ? nil : slot.pointee
        if let old, old.version >= status.version { return .superseded }
        if let content = status.content, hasDeparted(catalog.zone.day(of: content.received), by: now) { return .departed }
        var entry = Entry(status, key: key, catalog: catalog, agencies: &agencies, procedures: &procedures, sectors: &sectors)
        let waited = old.flatMap { $0.isOverdue ? nil : $0.comesOverdue(by: catalog) }
        if let due = entry.comesOverdue(by: catalog) {
            if due <= now {
                entry.setOverdue()
            } else if due != waited {
                dues.insert(Due(at: due, key: key))
            }
        }
        if old == nil { table.didInsert() }
        slot.pointee = entry
        waiting += (entry.isOverdue || entry.comesOverdue(by: catalog) == nil ? 0 : 1) - (waited == nil ? 0 : 1)
        forgetOutdatedDues()
        return .replaced(old: old, new: entry)
    }

    /// When the next dossier comes due; possibly one that no longer waits.
    package var nextDue: Instant? { dues.min?.at }

    /// Turns every dossier that is due by `now` overdue, in order of their instants.
    package mutating func comeDue(by now: Instant, _ changed: (_ old: Entry, _ new: Entry) -> Void) {
        while let due = dues.min, due.at <= now {
            _ = dues.popMin()
            let slot = table.slot(of: due.key)
            let old = slot.pointee
            guard !old.isEmpty, !old.isOverdue, old.comesOverdue(by: catalog) == due.at else { continue }
            var new = old
            new.setOverdue()
            slot.pointee = new
            waiting -= 1
            changed(old, new)
        }
    }

    package func forEach(_ body: (Entry) -> Void) { table.forEach(body) }

    /// Lets go of the subjects whose frameworks have all been closed long enough. Deletions stay: they guard against older statuses.
    package mutating func depart(by now: Instant, _ gone: (Entry) -> Void) {
        var leaving: [Entry] = []
        table.forEach { entry in
            if !entry.isDeleted, hasDeparted(entry.receivedOn, by: now) { leaving.append(entry) }
        }
        for entry in leaving {
            table.remove(entry.key)
            if !entry.isOverdue, entry.comesOverdue(by: catalog) != nil { waiting -= 1 }
            gone(entry)
        }
    }

    private func hasDeparted(_ receivedOn: LocalDay, by now: Instant) -> Bool {
        departures.contains { $0.days.contains(receivedOn) && $0.at <= now }
    }

    /// Dossiers whose due instant moves leave their old one in the heap; it is built anew before those outweigh the others.
    private mutating func forgetOutdatedDues() {
        guard dues.count > 2 * waiting + 4_096 else { return }
        var current: [Due] = []
        table.forEach { entry in
            if !entry.isOverdue, let at = entry.comesOverdue(by: catalog) { current.append(Due(at: at, key: entry.key)) }
        }
        dues = Heap(current)
    }
}
