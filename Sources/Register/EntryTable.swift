import Intake
import Synchronization

/// Entries by subject. They lie close together, in the order in which they came, and never move from their number; beside them an index by the
/// subject's key, at most four fifths full.
struct EntryTable: ~Copyable {
    private var entries = EntryBlocks()
    /// The first so many entries hold something or are free again.
    private var used = 0
    /// Numbers that were let go of and may be given again.
    private var free: [UInt32] = []
    /// How often numbers were let go of: until it changes, every subject keeps its number.
    private(set) var removals = 0
    private var index: EntryIndex

    init() { index = Self.index(slotCount: 1 << 10) }

    deinit {
        entries.deallocate()
        index.deallocate()
    }

    var count: Int { used - free.count }

    subscript(_ number: UInt32) -> Entry {
        get { entries[number].pointee }
        nonmutating set { entries[number].pointee = newValue }
    }

    /// The number of a subject's entry; nil if there is none.
    func number(of key: CodeKey) -> UInt32? { index.number(of: key, in: entries) }

    /// Keeps an entry of a subject that has none yet, and returns its number. There is room for 4 billion.
    mutating func insert(_ entry: Entry) -> UInt32 {
        if (count + 1) * 5 > index.slotCount * 4 { rebuildIndex(slotCount: index.slotCount + index.slotCount / 2) }
        let number = free.popLast() ?? UInt32(used)
        if number == used {
            used += 1
            entries.grow(to: used)
        }
        self[number] = entry
        index.insert(entry.key, number)
        return number
    }

    /// Every number that was ever given.
    var numbers: Range<UInt32> { 0..<UInt32(used) }

    /// The memory of what is kept under these numbers, one after the other.
    func bytes(of numbers: Range<Int>) -> [UInt8] {
        let size = MemoryLayout<Entry>.size
        return [UInt8](unsafeUninitializedCapacity: numbers.count * size) { bytes, count in
            guard let base = bytes.baseAddress else { return }
            for number in numbers {
                let entry = entries[UInt32(number)]
                if entry.pointee.isNone { continue }
                UnsafeMutableRawPointer(base + count).copyMemory(from: entry, byteCount: size)
                count += size
            }
        }
    }

    /// Lets go of these entries.
    mutating func remove(_ numbers: [UInt32]) {
        for number in numbers { self[number] = .none }
        guard !numbers.isEmpty else { return }
        free += numbers
        removals += 1
        rebuildIndex(slotCount: index.slotCount)
    }

    /// Has the place in memory fetched where a search for the subject will begin; `fetch` the entry that it will find.
    func fetchSlot(of key: CodeKey) { index.fetchSlot(of: key) }
    func fetch(_ key: CodeKey) { index.fetch(key, in: entries) }

    /// Without memory nothing goes on.
    private static func index(slotCount: Int) -> EntryIndex {
        guard let index = EntryIndex(slotCount: slotCount) else { fatalError("out of memory") }
        return index
    }

    private mutating func rebuildIndex(slotCount: Int) {
        index.deallocate()
        index = Self.index(slotCount: slotCount)
        fillIndex()
    }

    private func fillIndex() {
        for number in numbers {
            let ahead = number + UInt32(EntryIndex.ahead)
            if ahead < used { index.fetchSlot(of: entries[ahead].pointee.key) }
            if !entries[number].pointee.isNone { index.insert(entries[number].pointee.key, number) }
        }
    }

    // MARK: From a copy

    /// Room for at most so many entries behind all others. Nil: there is not the memory to have them found.
    mutating func room(for most: Int) -> Room? {
        if (used + most) * 5 > index.slotCount * 4 {
            guard let larger = EntryIndex(slotCount: max(index.slotCount, used + most) * 3 / 2) else { return nil }
            index.deallocate()
            index = larger
            fillIndex()
        }
        return Room(first: used, most: most, entries, index)
    }

    /// Keeps the first so many places of a room. `free`: numbers among them under which nothing is kept.
    mutating func keep(_ count: Int, in room: borrowing Room, free: [UInt32]) {
        entries = room.blocks
        used += count
        self.free += free
    }

    /// Gives back what the index has too much, where fewer came than there was room for.
    mutating func fit() { if index.slotCount > max(1 << 10, used * 15 / 8) { rebuildIndex(slotCount: max(1 << 10, used * 3 / 2)) } }

    /// Where several threads put entries at once, each its own, and have them found. It grows as it is asked for places.
    final class Room: Sendable {
        /// The number of its first entry.
        let first: Int
        private let most: Int
        private let index: EntryIndex
        private let grown: Mutex<EntryBlocks>

        fileprivate init(first: Int, most: Int, _ blocks: EntryBlocks, _ index: EntryIndex) {
            self.first = first
            self.most = most
            self.index = index
            grown = Mutex(blocks)
        }

        fileprivate var blocks: EntryBlocks { grown.withLock { $0 } }

        /// The places of an entry, counted from the first on, and of those behind it, as many as lie together.
        func entries(from place: Int) -> UnsafeMutableBufferPointer<Entry> {
            precondition(place < most, "there is no room for so many")
            // Whoever asks for these places alone writes to them.
            nonisolated(unsafe) let entries = grown.withLock { blocks in
                blocks.grow(to: first + place + 1)
                return blocks.entries(from: first + place)
            }
            return entries
        }

        /// Has the place fetched where `insert` will begin.
        @inline(__always)
        func fetchSlot(of key: CodeKey) { index.fetchSlot(of: key) }

        /// Has an entry be found that stands in its place. Of a subject that has two, one is told so: false.
        @inline(__always)
        func insert(_ key: CodeKey, _ number: UInt32) -> Bool { index.insertBeside(key, number) { other in grown.withLock { $0[other].pointee.key } } }
    }
}
