/// Tallies by cell and procedure, in flat memory: open addressing with linear probing, at most three quarters full. One of nothing may stay until room is needed.
struct TallyTable {
    /// A cell, and a procedure where the measure counts by it.
    struct Key: Equatable {
        private let bits: UInt64

        init(_ cell: CellID, _ procedure: UInt32) { bits = UInt64(UInt32(bitPattern: cell)) << 32 | UInt64(procedure) }

        var cell: CellID { CellID(bitPattern: UInt32(truncatingIfNeeded: bits >> 32)) }
        var procedure: UInt32 { UInt32(truncatingIfNeeded: bits) }
        fileprivate var hash: UInt64 { (bits ^ bits >> 29) &* 0x9e37_79b9_7f4a_7c15 }
        /// No cell has this number.
        fileprivate static let none = Key(-1, 0)
    }

    private var slots = [(key: Key, tally: Tally)](repeating: (.none, Tally()), count: 16)
    private var count = 0

    /// Adds to a tally and returns what it was before.
    mutating func add(_ tally: Tally, to key: Key) -> Tally {
        var place = place(of: key)
        if slots[place].key == .none {
            count += 1
            if count * 4 > slots.count * 3 {
                grow()
                place = self.place(of: key)
            }
            slots[place].key = key
        }
        let before = slots[place].tally
        slots[place].tally += tally
        return before
    }

    var all: [(key: Key, tally: Tally)] { slots.filter { !$0.tally.isZero } }

    func forEach(_ body: (Key, Tally) -> Void) { for slot in slots where !slot.tally.isZero { body(slot.key, slot.tally) } }

    /// For how many tallies there is room.
    var capacity: Int { slots.count }

    private func place(of key: Key) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: key.hash >> 32) & mask
        while slots[place].key != key, slots[place].key != .none { place = (place + 1) & mask }
        return place
    }

    /// Makes room: lets go of what has come to nothing, and is as large as the rest needs.
    private mutating func grow() {
        let kept = slots.filter { $0.key != .none && !$0.tally.isZero }
        slots = Array(repeating: (.none, Tally()), count: kept.count * 2 > slots.count ? slots.count * 2 : slots.count)
        count = kept.count + 1
        for slot in kept { slots[place(of: slot.key)] = slot }
    }
}
