import Catalog
import HeapModule
import Intake

/// Figures that speak for the same criterion, agency and period: of each such slot one counts, the winner.
struct Rivals {
    private var slots: [Item.Slot: Slot] = [:]

    /// One figure as it was when it was put in, by what decides who wins.
    private struct Rival: Comparable {
        let number: UInt32
        let asOf: Instant
        let version: Version
        let key: CodeKey

        init(_ number: UInt32, _ figure: Item) { (self.number, asOf, version, key) = (number, figure.instant, figure.version, figure.key) }

        /// The greatest wins.
        static func < (a: Rival, b: Rival) -> Bool {
            if a.asOf != b.asOf { return a.asOf < b.asOf }
            if a.version != b.version { return a.version < b.version }
            return (a.key.high, a.key.low) < (b.key.high, b.key.low)
        }
    }

    private struct Slot {
        private var present: Set<UInt32> = []
        /// All that are present, and some that have gone or were put in anew since; never one of these first.
        private var ranked = Heap<Rival>()

        var winner: UInt32? { ranked.max?.number }

        mutating func insert(_ number: UInt32, in table: borrowing RowTable<Item>) {
            present.insert(number)
            ranked.insert(Rival(number, table[number]))
            if ranked.count > 2 * present.count + 64 {
                var rivals: [Rival] = []
                for number in present { rivals.append(Rival(number, table[number])) }
                ranked = Heap(rivals)
            }
        }

        mutating func remove(_ number: UInt32, in table: borrowing RowTable<Item>) {
            present.remove(number)
            while let first = ranked.max, !present.contains(first.number) || Rival(first.number, table[first.number]) != first { _ = ranked.popMax() }
        }
    }

    var winners: some Sequence<UInt32> { slots.values.lazy.compactMap(\.winner) }

    /// Puts a figure among those of its slot; nil: another goes on to count.
    mutating func insert(_ number: UInt32, into slot: Item.Slot, in table: borrowing RowTable<Item>) -> (winner: UInt32?, heir: UInt32)? {
        let winner = slots[slot]?.winner
        slots[slot, default: Slot()].insert(number, in: table)
        return slots[slot]?.winner == number ? (winner, number) : nil
    }

    /// Takes a figure out of its slot; nil: another goes on to count. The heir is nil if there is no other.
    mutating func remove(_ number: UInt32, from slot: Item.Slot, in table: borrowing RowTable<Item>) -> (winner: UInt32, heir: UInt32?)? {
        let winner = slots[slot]?.winner
        slots[slot]?.remove(number, in: table)
        guard winner == number else { return nil }
        let heir = slots[slot]?.winner
        if heir == nil { slots[slot] = nil }
        return (number, heir)
    }
}
