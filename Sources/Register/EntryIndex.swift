import CPrefetch
import Glibc
import Intake
import Synchronization

/// Where the entries of subjects stand, by their keys: open addressing with linear probing. `deallocate` gives its memory back.
///
/// `@unchecked Sendable`: its slots are atomics, and it does not change otherwise.
struct EntryIndex: @unchecked Sendable {
    let slotCount: Int
    /// 0: empty. Else the entry's number plus 1 in the bits of `numberMask`, and above them as much of the key as there is room for:
    /// it tells most strangers apart without a look at their entries.
    private let slots: UnsafeMutablePointer<Atomic<UInt32>>
    private let numberMask: UInt32
    private let seed = CodeKey.seed

    /// An empty one, for fewer entries than slots. Nil: there is not so much memory.
    init?(slotCount: Int) {
        guard let zeros = Memory.zeros(slotCount * MemoryLayout<Atomic<UInt32>>.stride) else { return nil }
        self.slotCount = slotCount
        slots = zeros.bindMemory(to: Atomic<UInt32>.self, capacity: slotCount)
        // Every number fits, as there are fewer than slots.
        numberMask = UInt32.max >> UInt32(truncatingIfNeeded: UInt32(clamping: slotCount).leadingZeroBitCount)
    }

    func deallocate() { free(slots) }

    /// The number of a subject's entry; nil if there is none.
    func number(of key: CodeKey, in entries: EntryBlocks) -> UInt32? {
        var at = home(of: key)
        let tag = self.tag(of: key)
        while true {
            let slot = self[at]
            if slot == 0 { return nil }
            if slot & ~numberMask == tag, entries[number(in: slot)].pointee.key == key { return number(in: slot) }
            at = next(at)
        }
    }

    /// Has a subject's entry be found that is not yet.
    func insert(_ key: CodeKey, _ number: UInt32) {
        var at = home(of: key)
        while self[at] != 0 { at = next(at) }
        slots[at].store(slot(key, number), ordering: .relaxed)
    }

    /// The same while other threads do so, each for others. `keyOf` tells the key of an entry that is found already. Of a subject that has two entries at least one
    /// thread learns it: false.
    @inline(__always)
    func insertBeside(_ key: CodeKey, _ number: UInt32, _ keyOf: (UInt32) -> CodeKey) -> Bool {
        let slot = slot(key, number)
        var at = home(of: key), isUnique = true
        while true {
            var other = slots[at].load(ordering: .acquiring)
            if other == 0 { other = slots[at].compareExchange(expected: 0, desired: slot, ordering: .acquiringAndReleasing).original }
            if other == 0 { return isUnique }
            if (other ^ slot) & ~numberMask == 0, keyOf(self.number(in: other)) == key { isUnique = false }
            at = next(at)
        }
    }

    /// Where an entry belongs may be anywhere: the place is asked for so many entries before it is needed, which take as long as an answer from memory.
    static let ahead = 32

    /// Has the place in memory fetched where a search for the subject will begin; `fetch` the entry that it will find.
    func fetchSlot(of key: CodeKey) { cprefetch(slots + home(of: key)) }

    func fetch(_ key: CodeKey, in entries: EntryBlocks) {
        var at = home(of: key)
        let tag = self.tag(of: key)
        while self[at] != 0 {
            if self[at] & ~numberMask == tag {
                // Every second entry lies on two lines of the cache.
                let entry = UnsafeRawPointer(entries[number(in: self[at])])
                cprefetch(entry)
                cprefetch(entry + MemoryLayout<Entry>.size - 1)
                return
            }
            at = next(at)
        }
    }

    private subscript(_ at: Int) -> UInt32 { slots[at].load(ordering: .relaxed) }
    private func next(_ at: Int) -> Int { at + 1 == slotCount ? 0 : at + 1 }

    /// Scaled to the number of slots.
    func home(of key: CodeKey) -> Int { Int((key.spread(by: seed) &* UInt64(slotCount)) >> 32) }

    private func tag(of key: CodeKey) -> UInt32 { UInt32(truncatingIfNeeded: key.high) & ~numberMask }
    private func slot(_ key: CodeKey, _ number: UInt32) -> UInt32 { tag(of: key) | (number + 1) }
    private func number(in slot: UInt32) -> UInt32 { (slot & numberMask) - 1 }
}
