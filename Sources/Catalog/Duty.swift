/// A duty that recurs (nhiệm vụ định kỳ), such as a report before 15:00 on every Thursday: each time that it is due, each agency that has it owes one.
public struct Duty: Hashable, Sendable {
    public enum Rhythm: Hashable, Sendable {
        case week(on: [Weekday])
        /// On a day of the month, 1–31, or its last; of the next month, if it is told of afterwards.
        case month(on: Int, isNext: Bool)
        /// On a day of the last month of the quarter, or of the first month of the next one.
        case quarter(on: Int, isNext: Bool)
        case year(on: DayOfYear)
    }

    /// What becomes of a due day that is no working day.
    public enum Shift: String, CaseIterable, Sendable {
        case none
        case nextWorkingDay = "next_working_day"
        case previousWorkingDay = "previous_working_day"
    }

    public var rhythm: Rhythm
    /// Seconds after midnight by which it is due; nil: the whole day is in time.
    public var second: Int?
    public var shift: Shift
    /// Who has it, as indices in the catalog; nil: every agency of the criterion's levels.
    public var agencies: [Int]?
    /// Its first and its last due day; nil: there is none.
    public var from: LocalDay?
    public var until: LocalDay?

    public init(_ rhythm: Rhythm, second: Int? = nil, shift: Shift = .none, agencies: [Int]? = nil, from: LocalDay? = nil, until: LocalDay? = nil) {
        self.rhythm = rhythm
        self.second = second
        self.shift = shift
        self.agencies = agencies
        self.from = from
        self.until = until
    }

    /// The days on which it is due in a framework of this year, in order. Where a shift brings two together they are one.
    public func days(in year: Int, by calendar: WorkingCalendar) -> [LocalDay] {
        let due = nominalDays(in: year).map { day in
            switch shift {
            case .none: day
            case .nextWorkingDay: calendar.workingDay(onOrAfter: day)
            case .previousWorkingDay: calendar.workingDay(onOrBefore: day)
            }
        }
        return Set(due).filter { from ?? $0 <= $0 && $0 <= until ?? $0 }.sorted()
    }

    private func nominalDays(in year: Int) -> [LocalDay] {
        switch rhythm {
        case .week(let weekdays):
            let days = Period.year.days(in: year)
            return (days.lowerBound.number..<days.upperBound.number).map(LocalDay.init(number:)).filter { weekdays.contains($0.weekday) }
        case .month(let day, let isNext): return (1...12).map { Self.day(day, ofMonth: isNext ? $0 + 1 : $0, year) }
        case .quarter(let day, let isNext): return (1...4).map { Self.day(day, ofMonth: isNext ? 3 * $0 + 1 : 3 * $0, year) }
        case .year(let day): return [day.day(in: year)]
        }
    }

    /// `month` 13 is the next January.
    private static func day(_ day: Int, ofMonth month: Int, _ year: Int) -> LocalDay {
        DayOfYear(month: month > 12 ? month - 12 : month, day: day, isOfNextYear: month > 12).day(in: year)
    }

    /// How a due day stands in the id of what is owed: `2021-09-30`, `2021-09-30T15:00`.
    public func name(of day: LocalDay) -> String {
        let (year, month, dayOfMonth) = day.civil
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = second.map { "T\(two($0 / 3_600)):\(two($0 / 60 % 60))" } ?? ""
        return "\(year)-\(two(month))-\(two(dayOfMonth))\(time)"
    }

    /// The instant from which what was due on a day is overdue. A time of day is kept to the instant, whatever `late_by`.
    public func overdueFrom(_ day: LocalDay, in zone: Zone) -> Instant {
        guard let second else { return zone.start(of: day + 1) }
        return zone.instant(of: day, second: second).advanced(by: Instant.Duration(microseconds: 1))
    }
}
