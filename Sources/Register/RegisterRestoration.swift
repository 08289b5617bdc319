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
    private var table = EntryTable()
    private var found = ArrivingEntries.Found()
    private var profiles: [StoredProfile] = []
    private var progress: [Progress] = []
    private var items: [Item] = []
    private var acknowledgements: [Acknowledgement] = []
    private var codes: [RegisterPart: [CodeKey]] = [:]

    /// `now`: when it will be used.
    public init(catalog: Catalog, now: Instant) {
        self.catalog = catalog
        self.now = now
    }

    /// Takes in bytes as one step of a copy gave them.
    public mutating func take(_ part: RegisterPart, _ bytes: UnsafeRawBufferPointer) throws(RegisterMisfit) {
        switch part {
        case .entries:
            try takeEntries(atMost: bytes.count) { (room: (Int) -> UnsafeMutableRawBufferPointer, arrived: (Range<Int>) -> Void) throws(RegisterMisfit) in
                var done = 0
                while done < bytes.count {
                    let room = room(done), count = min(room.count, bytes.count - done)
                    room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<done + count]))
                    done += count
                }
                arrived(0..<done)
                return done
            }
            if let misfit = found.misfit { throw misfit }
        case .profiles: profiles += try Self.values(StoredProfile.self, bytes)
        case .progress:
            for row in try Self.values(Progress.self, bytes) {
                guard row.isSound else { throw RegisterMisfit(description: "a progress is of no subject, or in no state") }
                if !row.own.isNone, !row.own.isDeleted { found.leastProfiles = max(found.leastProfiles, Int(row.own.profile) + 1) }
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

    /// Takes in entries that several threads may bring: at most so many bytes. `bring` is given where bytes from so many on belong, as many as lie together, and whom to
    /// tell that some stand there; it returns how many came. If it throws, the restoration is of no use any more. What is wrong with entries is said at the end.
    public mutating func takeEntries<Failure>(
        atMost most: Int, _ bring: (_ room: @Sendable (Int) -> UnsafeMutableRawBufferPointer, _ arrived: @Sendable (Range<Int>) -> Void) throws(Failure) -> Int
    ) throws(Failure) {
        let size = MemoryLayout<Entry>.size
        guard let room = table.room(for: (most + size - 1) / size) else { return found.misfit = RegisterMisfit(description: "there is not enough memory for it") }
        let entries = ArrivingEntries(room, departures: catalog.departures, now: now)
        var count = 0
        defer {
            let some = entries.take()
            table.keep(count / size, in: room, free: some.departed)
            found.add(some)
        }
        count = try bring({ entries.room(at: $0) }, { entries.look(at: $0) })
    }

    public consuming func finish() throws(RegisterMisfit) -> Register {
        if let misfit = found.misfit { throw misfit }
        let leastProfiles = found.leastProfiles
        guard leastProfiles <= profiles.count else { throw RegisterMisfit(description: "an entry is of profile \(leastProfiles - 1), but there are only \(profiles.count)") }
        guard let agencies = CodeTable(codes[.agencies] ?? []), let procedures = CodeTable(codes[.procedures] ?? []), let sectors = CodeTable(codes[.sectors] ?? []),
              let criteria = CodeTable(codes[.criteria] ?? []), let itemCodes = CodeTable(codes[.itemCodes] ?? [])
        else {
            throw RegisterMisfit(description: "a code stands there twice")
        }
        guard let profiles = Profiles(profiles, agencies: agencies, procedures: procedures, sectors: sectors, catalog: catalog) else {
            throw RegisterMisfit(description: "a profile is of a code that is not there")
        }
        table.fit()
        let rows = try indexedProgress()
        guard let items = Items(items, acknowledgements, criteria: criteria, items: itemCodes, catalog: catalog, now: now, profiles) else {
            throw RegisterMisfit(description: "an item is of a code that is not there, or stands there twice")
        }
        return Register(catalog: catalog, profiles, table, found.dues, waiting: found.waiting, rows, items)
    }

    /// The progress of every dossier. Entries were copied before it, so a dossier is as its progress knows it; one that was not there yet will come again.
    private mutating func indexedProgress() throws(RegisterMisfit) -> RowTable<Progress> {
        var rows = RowTable<Progress>()
        let departures = catalog.departures
        for row in progress {
            guard rows.number(of: row.key) == nil else { throw RegisterMisfit(description: "a progress stands there twice") }
            var row = row
            if row.depart(departures, in: catalog.zone, by: now) { continue }
            if let number = table.number(of: row.key) {
                if row.own.isNone { row.own = table[number].own }
                let known = table[number]
                var entry = row.effective(catalog.lateness)
                entry.setOverdue(by: now)
                table[number] = entry
                found.waiting += (entry.waitsFor == nil ? 0 : 1) - (known.waitsFor == nil ? 0 : 1)
                if let due = entry.waitsFor, due != known.waitsFor { found.dues.insert(number, at: due) }
            } else {
                row.own = .none
            }
            _ = rows.insert(row)
        }
        return rows
    }

    private static func values<Value: BitwiseCopyable>(_ type: Value.Type, _ bytes: UnsafeRawBufferPointer) throws(RegisterMisfit) -> [Value] {
        guard let values = Raw.values(type, in: bytes) else { throw RegisterMisfit(description: "a part of a record is missing") }
        return values
    }
}
