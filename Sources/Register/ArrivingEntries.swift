import Catalog
import Synchronization

/// Entries on their way into a table, as they lie in a copy. Several threads put them into their room, and each is looked at once it stands there.
final class ArrivingEntries: Sendable {
    /// What was found.
    struct Found: ~Copyable {
        /// 1 more than the greatest number of a profile that an entry has.
        var leastProfiles = 0
        var dues = Dues()
        /// How many wait for their due instant.
        var waiting = 0
        /// Numbers of those whose year has departed: nothing is kept there.
        var departed: [UInt32] = []
        var misfit: RegisterMisfit?

        mutating func add(_ other: borrowing Found) {
            leastProfiles = max(leastProfiles, other.leastProfiles)
            waiting += other.waiting
            departed += other.departed
            misfit = misfit ?? other.misfit
            dues.add(other.dues)
        }
    }

    private let room: EntryTable.Room
    private let now: Instant
    private let departures: Departures
    private let found = Mutex(Found())

    init(_ room: EntryTable.Room, departures: Departures, now: Instant) {
        (self.room, self.departures, self.now) = (room, departures, now)
    }

    /// Where bytes from so many on belong, as many as lie together.
    func room(at offset: Int) -> UnsafeMutableRawBufferPointer {
        let (place, rest) = offset.quotientAndRemainder(dividingBy: MemoryLayout<Entry>.size)
        return UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room.entries(from: place))[rest...])
    }

    /// Looks at what has come: these bytes.
    func look(at bytes: Range<Int>) {
        let size = MemoryLayout<Entry>.size
        var some = Found()
        if bytes.lowerBound % size == 0, bytes.count % size == 0 {
            var next = bytes.lowerBound / size
            while next < bytes.upperBound / size {
                let entries = UnsafeMutableBufferPointer(rebasing: room.entries(from: next).prefix(bytes.upperBound / size - next))
                look(at: entries, from: UInt32(room.first + next), &some)
                next += entries.count
            }
        } else {
            some.misfit = RegisterMisfit(description: "a part of an entry is missing")
        }
        found.withLock { $0.add(some) }
    }

    private func look(at entries: UnsafeMutableBufferPointer<Entry>, from first: UInt32, _ found: inout Found) {
        for place in entries.indices {
            let number = first + UInt32(place), ahead = place + EntryIndex.ahead
            if ahead < entries.count { room.fetchSlot(of: entries[ahead].key) }
            guard entries[place].isSound else { return found.misfit = RegisterMisfit(description: "an entry is of no subject, or in no state") }
            if entries[place].hasLeft(departures, by: now) {
                entries[place] = .none
                found.departed.append(number)
                continue
            }
            if !entries[place].isDeleted { found.leastProfiles = max(found.leastProfiles, Int(entries[place].profile) + 1) }
            guard room.insert(entries[place].key, number) else { return found.misfit = RegisterMisfit(description: "a subject stands there twice") }
            entries[place].setOverdue(by: now)
            if let due = entries[place].waitsFor {
                found.dues.insert(number, at: due)
                found.waiting += 1
            }
        }
    }

    /// What was found in all, once nothing more comes.
    func take() -> Found { found.withLock { exchange(&$0, with: Found()) } }
}
