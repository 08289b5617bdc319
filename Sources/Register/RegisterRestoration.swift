public import Catalog
import Intake

/// Why bytes do not make a register.
public struct RegisterMisfit: Error, CustomStringConvertible {
    public let description: String
}

/// A register that is being made from the parts of its copy, which come in their order. What rests on the catalog or the clock is derived anew: agencies that are
/// known, what is overdue, what waits, and which years have departed.
public struct RegisterRestoration: ~Copyable {
    private let catalog: Catalog
    private let now: Instant
    /// Years that have departed.
    private let departed: [Range<LocalDay>]
    private var table = EntryTable()
    private var dues = Dues()
    private var waiting = 0
    /// 1 more than the greatest number of a profile that an entry has.
    private var leastProfiles = 0
    private var profiles: [StoredProfile] = []
    private var progress: [Progress] = []
    private var items: [Item] = []
    private var acknowledgements: [Acknowledgement] = []
    private var codes: [RegisterPart: [CodeKey]] = [:]

    /// `now`: when it will be used.
    public init(catalog: Catalog, now: Instant) {
        self.catalog = catalog
        self.now = now
        departed = catalog.departures.filter { $0.at <= now }.map(\.days)
    }

    /// Takes in bytes as one step of a copy gave them.
    public mutating func take(_ part: RegisterPart, _ bytes: UnsafeRawBufferPointer) throws(RegisterMisfit) {
        switch part {
        case .entries: try takeEntries(bytes)
        case .profiles: profiles += try Self.values(StoredProfile.self, bytes)
        case .progress:
            for row in try Self.values(Progress.self, bytes) {
                guard row.isSound else { throw RegisterMisfit(description: "a progress is of no subject, or in no state") }
                if !row.own.isNone, !row.own.isDeleted { leastProfiles = max(leastProfiles, Int(row.own.profile) + 1) }
                progress.append(row)
            }
        case .items:
            for item in try Self.values(Item.self, bytes) {
                guard item.isSound else { throw RegisterMisfit(description: "an item is of no subject, or of no kind") }
                items.append(item)
            }
        case .acknowledgements:
            for word in try Self.values(Acknowledgement.self, bytes) {
                guard word.key != .none else { throw RegisterMisfit(description: "an acknowledgement is of no document") }
                acknowledgements.append(word)
            }
        case .agencies, .procedures, .sectors, .criteria, .itemCodes: codes[part, default: []] += try Self.values(CodeKey.self, bytes)
        }
    }

    public consuming func finish() throws(RegisterMisfit) -> Register {
        guard leastProfiles <= profiles.count else { throw RegisterMisfit(description: "an entry is of profile \(leastProfiles - 1), but there are only \(profiles.count)") }
        guard let agencies = CodeTable(codes[.agencies] ?? []), let procedures = CodeTable(codes[.procedures] ?? []), let sectors = CodeTable(codes[.sectors] ?? []),
              let criteria = CodeTable(codes[.criteria] ?? []), let itemCodes = CodeTable(codes[.itemCodes] ?? [])
        else {
            throw RegisterMisfit(description: "a code stands there twice")
        }
        guard let profiles = Profiles(profiles, agencies: agencies, procedures: procedures, sectors: sectors, catalog: catalog) else {
            throw RegisterMisfit(description: "a profile is of a code that is not there")
        }
        guard table.index() else { throw RegisterMisfit(description: "a subject stands there twice") }
        let rows = try indexedProgress(), departed = departed
        guard let items = Items(items, acknowledgements, criteria: criteria, items: itemCodes, catalog: catalog, now: now, profiles, { day in departed.contains { $0.contains(day) } }) else {
            throw RegisterMisfit(description: "an item is of a code that is not there, or stands there twice")
        }
        return Register(catalog: catalog, profiles, table, dues, waiting: waiting, rows, items)
    }

    /// The progress of every dossier. Entries were copied before it, so a dossier is as its progress knows it; one that was not there yet will come again.
    private mutating func indexedProgress() throws(RegisterMisfit) -> RowTable<Progress> {
        var rows = RowTable<Progress>()
        for row in progress {
            guard rows.number(of: row.key) == nil else { throw RegisterMisfit(description: "a progress stands there twice") }
            if !row.own.isNone, !row.own.isDeleted, hasDeparted(row.own.receivedOn) { continue }
            var row = row
            if let number = table.number(of: row.key) {
                if row.own.isNone { row.own = table[number].own }
                let known = table[number]
                var entry = row.effective(catalog.lateness)
                entry.setOverdue(by: now)
                table[number] = entry
                waiting += (entry.waitsFor == nil ? 0 : 1) - (known.waitsFor == nil ? 0 : 1)
                if let due = entry.waitsFor, due != known.waitsFor { dues.insert(number, at: due) }
            } else {
                row.own = .none
            }
            _ = rows.insert(row)
        }
        return rows
    }

    private mutating func takeEntries(_ bytes: UnsafeRawBufferPointer) throws(RegisterMisfit) {
        let size = MemoryLayout<Entry>.size
        guard bytes.count % size == 0 else { throw RegisterMisfit(description: "a part of an entry is missing") }
        for offset in stride(from: 0, to: bytes.count, by: size) {
            var entry = bytes.loadUnaligned(fromByteOffset: offset, as: Entry.self)
            guard entry.isSound else { throw RegisterMisfit(description: "an entry is of no subject, or in no state") }
            if !entry.isDeleted {
                if hasDeparted(entry.receivedOn) { continue }
                leastProfiles = max(leastProfiles, Int(entry.profile) + 1)
            }
            entry.setOverdue(by: now)
            let number = table.append(entry)
            if let due = entry.waitsFor {
                dues.insert(number, at: due)
                waiting += 1
            }
        }
    }

    @inline(__always)
    private func hasDeparted(_ receivedOn: LocalDay) -> Bool {
        for days in departed where days.contains(receivedOn) { return true }
        return false
    }

    private static func values<Value: BitwiseCopyable>(_ type: Value.Type, _ bytes: UnsafeRawBufferPointer) throws(RegisterMisfit) -> [Value] {
        guard let values = Raw.values(type, in: bytes) else { throw RegisterMisfit(description: "a part of a record is missing") }
        return values
    }
}
