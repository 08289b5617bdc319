import Intake

/// Entries by subject in flat memory: open addressing with linear probing, doubled when 7 of 8 slots are taken.
struct EntryTable: ~Copyable {
    private var slots: UnsafeMutableBufferPointer<Entry>
    private(set) var count = 0

    init() { slots = Self.allocate(1 << 10) }

    deinit { slots.deallocate() }

    /// The entry of a subject, or an empty place for it. Valid until the next `reserve`.
    func slot(of key: CodeKey) -> UnsafeMutablePointer<Entry> {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: key.high) & mask
        while true {
            let slot = slots.baseAddress.unsafelyUnwrapped + index   // never empty: `allocate` makes at least one slot
            if slot.pointee.isEmpty || slot.pointee.key == key { return slot }
            index = (index + 1) & mask
        }
    }

    /// Makes room for one more entry, before `slot(of:)` is asked for its place.
    mutating func reserve() {
        guard (count + 1) * 8 > slots.count * 7 else { return }
        let old = slots
        slots = Self.allocate(old.count * 2)
        for entry in old where !entry.isEmpty { slot(of: entry.key).pointee = entry }
        old.deallocate()
    }

    mutating func didInsert() { count += 1 }

    func forEach(_ body: (Entry) -> Void) {
        for entry in slots where !entry.isEmpty { body(entry) }
    }

    /// Takes an entry out and closes the gap, so that every other one is still found from its home slot.
    mutating func remove(_ key: CodeKey) {
        let mask = slots.count - 1
        let found = slot(of: key)
        guard !found.pointee.isEmpty, let base = slots.baseAddress else { return }
        var gap = found - base
        var next = (gap + 1) & mask
        while !slots[next].isEmpty {
            let home = Int(truncatingIfNeeded: slots[next].key.high) & mask
            if (next - home) & mask >= (next - gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        slots[gap] = .empty
        count -= 1
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutableBufferPointer<Entry> {
        let slots = UnsafeMutableBufferPointer<Entry>.allocate(capacity: capacity)
        slots.initialize(repeating: .empty)
        return slots
    }
}
