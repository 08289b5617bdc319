extension Simulation {
    /// What an office owes by a certain time: a report, a plan, a finding to settle. Most is done in time, some of it days later.
    package struct Owed: Sendable, Hashable {
        /// Of the obligation: what it is known by.
        package var subject: String
        package var framework: String
        package var criterion: String
        package var agency: String
        /// From this instant on it is overdue: microseconds since 1970 UTC.
        package var overdueFrom: Int64

        package init(subject: String, framework: String, criterion: String, agency: String, overdueFrom: Int64) {
            (self.subject, self.framework, self.criterion, self.agency, self.overdueFrom) = (subject, framework, criterion, agency, overdueFrom)
        }
    }

    private static let latePerMille = 40
    /// Working days.
    private static let mostDaysEarly = 3
    private static let mostDaysLate = 6
    /// What has to be ready goes out in the morning.
    private static let morning = 3_600..<16_200

    /// The message that says that it was done, at the instant at which it was. Each has a fate of its own, which does not change with what else is owed.
    func done(_ owed: Owed, seed: UInt64) -> Message {
        var random = SplitMix64(seed: seed, stream: owed.subject.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
        let second = Self.morning.lowerBound + random.below(Self.morning.count), isLate = random.chance(perMille: Self.latePerMille)
        func time(_ day: Int) -> Int64 { working.instant(of: Swift.max(0, day) * WorkingTime.secondsPerDay + second) * 1_000_000 }
        // The last morning before it is overdue.
        var day = working.index(onOrBefore: working.localDay(of: (owed.overdueFrom - 1) / 1_000_000))
        while day > 0, time(day) >= owed.overdueFrom { day -= 1 }
        let at = time(isLate ? day + 1 + random.below(Self.mostDaysLate) : day - random.below(Self.mostDaysEarly + 1))
        return Message(time: at, key: owed.subject, json: writer.done(owed, at: at / 1_000_000))
    }
}
