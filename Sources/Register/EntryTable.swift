import CPrefetch
import Glibc
import Intake

/// Entries by subject. They lie close together, in the order in which they came, and never move from their number; beside them an index by the
/// subject's key: open addressing with linear probing, at most four fifths full.
struct EntryTable: ~Copyable {
    /// Blocks of 2^`blockBits` entries. Of all entries the first `used` hold something or are free again.
    private var blocks: [UnsafeMutablePointer<Entry>] = []
    private var used = 0
    /// Numbers that were let go of and may be given again.
    private var free: [UInt32] = []
    /// How often numbers were let go of: until it changes, every subject keeps its number.
    private(set) var removals = 0

    /// 0: empty. Else the entry's number plus 1 in the bits of `numberMask`, and above them as much of the key as there is room for:
    /// it tells most strangers apart without a look at their entries.
    private var slots: UnsafeMutableBufferPointer<UInt32>
    private var numberMask: UInt32 = 0

    init() {
        slots = UnsafeMutableBufferPointer.allocate(capacity: 0)
        rebuildIndex(slotCount: 1 << 10)
    }

    deinit {
        for block in blocks { block.deallocate() }
        slots.deallocate()
    }

    var count: Int { used - free.count }

    subscript(_ number: UInt32) -> Entry {
        get { entry(number).pointee }
        nonmutating set { entry(number).pointee = newValue }
    }

    @inline(__always)
    private func entry(_ number: UInt32) -> UnsafeMutablePointer<Entry> { blocks[Int(number >> Self.blockBits)] + Int(number & (1 << Self.blockBits - 1)) }

    /// The number of a subject's entry; nil if there is none.
    func number(of key: CodeKey) -> UInt32? {
        let slot = slots[place(of: key)]
        return slot == 0 ? nil : number(in: slot)
    }

    /// Keeps an entry of a subject that has none yet, and returns its number. There is room for 4 billion.
    mutating func insert(_ entry: Entry) -> UInt32 {
        if (count + 1) * 5 > slots.count * 4 { rebuildIndex(slotCount: slots.count + slots.count / 2) }
        let number: UInt32
        if let known = free.popLast() {
            self[known] = entry
            number = known
        } else {
            number = append(entry)
        }
        slots[place(of: entry.key)] = slot(entry.key, number)
        return number
    }

    /// Keeps an entry behind all others. It is not found until `index` has been called.
    mutating func append(_ entry: Entry) -> UInt32 {
        if used == blocks.count << Self.blockBits { blocks.append(Memory.block(of: Entry.self, count: 1 << Self.blockBits)) }
        let number = UInt32(used)
        used += 1
        self[number] = entry
        return number
    }

    /// Makes all entries be found that were appended; false if a subject has two.
    mutating func index() -> Bool { rebuildIndex(slotCount: max(1 << 10, used + used / 2)) }

    /// Every number that was ever given.
    var numbers: Range<UInt32> { 0..<UInt32(used) }

    /// The memory of what is kept under these numbers, one after the other.
    func bytes(of numbers: Range<Int>) -> [UInt8] {
        let size = MemoryLayout<Entry>.size
        return [UInt8](unsafeUninitializedCapacity: numbers.count * size) { bytes, count in
            guard let base = bytes.baseAddress else { return }
            for number in numbers {
                let entry = entry(UInt32(number))
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
        rebuildIndex(slotCount: slots.count)
    }

    // MARK: Index

    /// The slot of a subject, or the empty one that would be its.
    private func place(of key: CodeKey) -> Int {
        var at = home(of: key)
        let tag = self.tag(of: key)
        while slots[at] != 0 {
            if slots[at] & ~numberMask == tag, self.entry(number(in: slots[at])).pointee.key == key { break }
            at = at + 1 == slots.count ? 0 : at + 1
        }
        return at
    }

    /// Has the place in memory fetched where a search for the subject will begin; `fetch` the entry that it will find.
    func fetchSlot(of key: CodeKey) { cprefetch(slots.baseAddress.unsafelyUnwrapped + home(of: key)) }

    func fetch(_ key: CodeKey) {
        var at = home(of: key)
        let tag = self.tag(of: key)
        while slots[at] != 0 {
            if slots[at] & ~numberMask == tag {
                // Every second entry lies on two lines of the cache.
                let entry = UnsafeRawPointer(entry(number(in: slots[at])))
                cprefetch(entry)
                cprefetch(entry + MemoryLayout<Entry>.size - 1)
                return
            }
            at = at + 1 == slots.count ? 0 : at + 1
        }
    }

    /// The upper half of the key, scaled to the number of slots.
    private func home(of key: CodeKey) -> Int { Int(((key.high >> 32) &* UInt64(slots.count)) >> 32) }

    private func tag(of key: CodeKey) -> UInt32 { UInt32(truncatingIfNeeded: key.high) & ~numberMask }
    private func slot(_ key: CodeKey, _ number: UInt32) -> UInt32 { tag(of: key) | (number + 1) }
    private func number(in slot: UInt32) -> UInt32 { (slot & numberMask) - 1 }

    /// False if a subject has two entries.
    @discardableResult
    private mutating func rebuildIndex(slotCount: Int) -> Bool {
        slots.deallocate()
        slots = UnsafeMutableBufferPointer(start: Memory.block(of: UInt32.self, count: slotCount), count: slotCount)
        slots.initialize(repeating: 0)
        // Every number fits, as there are fewer than slots.
        numberMask = UInt32.max >> UInt32(truncatingIfNeeded: UInt32(clamping: slotCount).leadingZeroBitCount)
        var isUnique = true
        for number in numbers {
            // Where each belongs may be anywhere: the place is asked for long before it is needed.
            let ahead = number + Self.ahead
            if ahead < used { cprefetch(slots.baseAddress.unsafelyUnwrapped + home(of: entry(ahead).pointee.key)) }
            if entry(number).pointee.isNone { continue }
            let key = entry(number).pointee.key
            let tag = self.tag(of: key)
            var at = home(of: key)
            while slots[at] != 0 {
                if slots[at] & ~numberMask == tag, entry(self.number(in: slots[at])).pointee.key == key { isUnique = false }
                at = at + 1 == slots.count ? 0 : at + 1
            }
            slots[at] = slot(key, number)
        }
        return isUnique
    }

    /// So many entries take as long as an answer from memory.
    private static let ahead: UInt32 = 32

    /// 2^17 entries are three large pages.
    private static let blockBits: UInt32 = 17
}

private enum Memory {
    /// A dossier may lie anywhere; on large pages it is found without a walk through tables of small ones. What is never touched takes no room.
    static func block<Element>(of type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        let size = count * MemoryLayout<Element>.stride, isLarge = size >= largePage
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: isLarge ? largePage : 64)
        if isLarge { madvise(block, size, MADV_HUGEPAGE) }
        return block.bindMemory(to: type, capacity: count)
    }

    private static let largePage = 2 << 20
}
