/// The dossiers of each working day, spread over its hours; one is drawn at a time.
struct Arrivals: Sendable {
    struct Arrival: Sendable {
        /// Microseconds since 1970 UTC.
        var time: Int64
        /// The working second.
        var worked: Int
    }

    private(set) var next: Arrival?
    private let perDay: Int
    private var day = -1
    private var index = 0
    private var count = 0

    init(perDay: Int, working: WorkingTime, random: inout SplitMix64) {
        self.perDay = min(max(0, perDay), 1_000_000_000)
        advance(working: working, random: &random)
    }

    mutating func advance(working: WorkingTime, random: inout SplitMix64) {
        index += 1
        while index >= count {
            day += 1
            guard perDay > 0, day < working.dayCount else {
                next = nil
                return
            }
            index = 0
            count = dossiers(on: working.day(day), random: &random)
        }
        // Each dossier falls somewhere into its own slice of the day, so they come in order without being sorted.
        let slice = max(1, WorkingTime.secondsPerDay * 1_000_000 / count)
        let microsecond = min(index * slice + random.below(slice), WorkingTime.secondsPerDay * 1_000_000 - 1)
        let worked = day * WorkingTime.secondsPerDay + microsecond / 1_000_000
        next = Arrival(time: working.instant(of: worked) * 1_000_000 + Int64(microsecond % 1_000_000), worked: worked)
    }

    /// Mondays are busier than Fridays, and no day is like another.
    private func dossiers(on day: Day, random: inout SplitMix64) -> Int {
        let perCent = switch day.weekday {
        case 1: 115
        case 5: 91
        default: 98
        }
        return (perDay * perCent * random.within(90...110) + random.below(10_000)) / 10_000
    }
}

/// Dossier numbers: each office begins anew every day.
struct Numbering: Sendable {
    private var day: Day?
    private var numbers: [Int]

    init(offices: Int) {
        numbers = Array(repeating: 0, count: offices)
    }

    mutating func next(office: Int, day: Day) -> Int {
        if day != self.day {
            self.day = day
            for office in numbers.indices { numbers[office] = 0 }
        }
        numbers[office] += 1
        return numbers[office]
    }
}
