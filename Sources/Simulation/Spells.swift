extension Simulation {
    /// Some weeks in which an office finishes too many dossiers late.
    package struct Spell: Sendable, Hashable {
        package var office: String
        /// The first and the last due date of the dossiers concerned.
        package var firstDay: Day
        package var lastDay: Day
        /// How many of a hundred are finished on time.
        package var onTimePerCent: Int
    }
}

/// Which offices slip, when and how far.
struct Slips: Sendable {
    struct Slip: Sendable {
        /// Working days on which the dossiers are due.
        let days: Range<Int>
        let latePerCent: Int

        init(start: Int, length: Int, latePerCent: Int) {
            days = start..<start + length
            self.latePerCent = latePerCent
        }
    }

    private var byOffice: [[Slip]]

    init(levels: [String], weights: [Int], days: Int, random: inout SplitMix64) {
        byOffice = Array(repeating: [], count: levels.count)
        let large = random.shuffled(levels.indices.filter { levels[$0] != "commune" })
        let small = random.shuffled(levels.indices.filter { levels[$0] == "commune" })
        // The busiest slip first: their rates need the fewest days to mean something.
        let slippingLarge = large.prefix((large.count + 4) / 5).sorted { (weights[$1], $0) < (weights[$0], $1) }
        let slipping = slippingLarge + small.prefix((small.count + 19) / 20)
        let early = max(1, (slippingLarge.count + 2) / 3)
        for (rank, office) in slipping.enumerated() {
            let first = if rank < early {
                // In the first week, long and deep, so that a short demo sees it. Nothing is due on the first days.
                Slip(start: random.within(2...4), length: random.within(10...15), latePerCent: random.within(30...45))
            } else {
                Slip(start: random.within(5...max(5, days - 15)), length: random.within(5...15), latePerCent: random.within(15...45))
            }
            byOffice[office].append(first)
            // A few slip twice.
            if rank % 4 == 0 {
                let start = first.days.upperBound + 25 + random.below(max(1, days / 2))
                byOffice[office].append(Slip(start: start, length: random.within(5...15), latePerCent: random.within(15...45)))
            }
        }
    }

    func of(_ office: Int) -> [Slip] { byOffice[office] }

    /// Those that begin before the end.
    func spells(of offices: [Simulation.Office], in working: WorkingTime) -> [Simulation.Spell] {
        var spells: [Simulation.Spell] = []
        for (office, slips) in zip(offices, byOffice) {
            for slip in slips where slip.days.lowerBound < working.dayCount {
                spells.append(Simulation.Spell(
                    office: office.id, firstDay: working.day(slip.days.lowerBound), lastDay: working.day(slip.days.upperBound - 1),
                    onTimePerCent: 100 - slip.latePerCent))
            }
        }
        return spells.sorted { ($0.firstDay, $0.office) < ($1.firstDay, $1.office) }
    }
}
