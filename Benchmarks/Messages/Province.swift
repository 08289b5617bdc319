package import Catalog

/// A working year of dossiers, each one a function of its number: nothing is kept, and ten million cost no memory.
package struct Province {
    /// One dossier's whole life. Times are seconds since 1970.
    package struct Life {
        package var agency: Int
        package var procedure: Int
        /// The local day of receipt, and the number of the dossier on that day.
        package var day: LocalDay
        package var number: Int
        package var received: Int64
        package var due: Int64
        package var started: Int64
        package var finished: Int64
        /// 0 at the counter, 1 online, 2 by post.
        package var filing: Int
        package var level: Int
        package var returnedByPost: Bool
        package var apologised: Bool
        package var seed: UInt64
    }

    /// Ids of those that settle dossiers.
    package let agencies: [String]
    package let dossiers: Int
    package let seed: UInt64
    private let workingDays: [LocalDay]
    /// Working days on which dossiers are received: the last ones are still settled within the year.
    private let daysOfReceipt: Int
    private let lastDay: Int

    package static let procedures = 150
    package static let timezoneOffset: Int64 = 7 * 3_600
    /// After everything has happened: noon of the year's last working day.
    package static let end = Instant(microseconds: (seconds(of: LocalDay(year: 2021, month: 12, day: 31)) + 12 * 3_600) * 1_000_000)

    package init(catalog: Catalog, dossiers: Int, seed: UInt64 = 2021) {
        agencies = Self.agencies(of: catalog)
        self.dossiers = dossiers
        self.seed = seed
        let first = LocalDay(year: 2021, month: 1, day: 4)
        // 1970-01-01 was a Thursday.
        workingDays = (0..<400).map { first + Int32($0) }.filter { ($0.number + 3) % 7 < 5 }
        daysOfReceipt = workingDays.count { $0 < LocalDay(year: 2021, month: 12, day: 10) }
        lastDay = workingDays.count { $0 < LocalDay(year: 2021, month: 12, day: 31) } - 1
    }

    /// Eighty of those that settle dossiers: 20 departments, 17 districts, 43 communes, as far as there are so many.
    private static func agencies(of catalog: Catalog) -> [String] {
        [("department", 20), ("district", 17), ("commune", 43)].flatMap { level, count in
            catalog.agencies.filter { $0.level == level }.prefix(count).map(\.id)
        }
    }

    package static func seconds(of day: LocalDay) -> Int64 { Int64(day.number) * 86_400 - timezoneOffset }

    package func life(of dossier: Int) -> Life {
        var dice = Dice(seed: seed, stream: UInt64(dossier))
        let day = dossier * daysOfReceipt / dossiers
        let firstOfDay = (day * dossiers + daysOfReceipt - 1) / daysOfReceipt
        // Some agencies have several times the dossiers of others.
        let agency = min(dice.below(agencies.count), dice.below(agencies.count))
        let procedure = min(dice.below(Self.procedures), dice.below(Self.procedures))
        let received = time(day, hour: 7, below: 9 * 3_600, &dice)
        let dueDay = day + [3, 5, 7, 10, 15][procedure % 5]
        let startDay = day + 1 + dice.below(2)
        let started = time(startDay, hour: 8, below: 6 * 3_600, &dice)

        // Each agency has good months and bad ones, so that alerts fire and are resolved.
        let isBadTime = (agency * 7 + day / 21) % 12 < 3
        let isLate = dice.chance(perMille: (agency * 37) % 30 + (isBadTime ? 90 : 0))
        let finishDay = isLate ? dueDay + 1 + dice.below(10) : startDay + dice.below(dueDay - startDay + 1)
        let finished = time(min(finishDay, lastDay), hour: 15, below: 2 * 3_600, &dice)
        let filing = dice.chance(perMille: 150 + agency % 8 * 50) ? 1 : dice.chance(perMille: 60) ? 2 : 0
        return Life(
            agency: agency, procedure: procedure, day: workingDays[day], number: dossier - firstOfDay + 1, received: received,
            due: Self.seconds(of: workingDays[dueDay]) + 17 * 3_600, started: started, finished: finished, filing: filing, level: 2 + procedure % 3,
            returnedByPost: dice.chance(perMille: 100 + agency % 5 * 50), apologised: isLate && dice.chance(perMille: 850), seed: dice.next())
    }

    private func time(_ day: Int, hour: Int64, below bound: Int, _ dice: inout Dice) -> Int64 {
        Self.seconds(of: workingDays[day]) + hour * 3_600 + Int64(dice.below(bound))
    }
}
