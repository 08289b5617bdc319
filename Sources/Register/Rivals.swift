/// Figures that speak for the same criterion, agency and period: of each such slot one counts, the winner.
struct Rivals {
    private var slots: [Item.Slot: Slot] = [:]

    private struct Slot {
        var winner: UInt32
        var all: Set<UInt32>
    }

    var winners: some Sequence<UInt32> { slots.values.lazy.map(\.winner) }

    /// Puts a figure among those of its slot; nil: another goes on to count.
    mutating func insert(_ number: UInt32, into slot: Item.Slot, in table: borrowing RowTable<Item>) -> (winner: UInt32?, heir: UInt32)? {
        guard let winner = slots[slot]?.winner else {
            slots[slot] = Slot(winner: number, all: [number])
            return (nil, number)
        }
        slots[slot]?.all.insert(number)
        guard table[number].precedes(table[winner]) else { return nil }
        slots[slot]?.winner = number
        return (winner, number)
    }

    /// Takes a figure out of its slot; nil: another goes on to count. The heir is nil if there is no other.
    mutating func remove(_ number: UInt32, from slot: Item.Slot, in table: borrowing RowTable<Item>) -> (winner: UInt32, heir: UInt32?)? {
        slots[slot]?.all.remove(number)
        guard let left = slots[slot], left.winner == number else { return nil }
        guard var heir = left.all.first else {
            slots[slot] = nil
            return (number, nil)
        }
        for rival in left.all where table[rival].precedes(table[heir]) { heir = rival }
        slots[slot]?.winner = heir
        return (number, heir)
    }
}
