/// Which local days are working days (ngày làm việc): Monday to Friday, but for public holidays, and with the days of rest that were swapped for others.
/// Outside the years that it covers it knows neither.
public struct WorkingCalendar: Hashable, Sendable {
    public private(set) var years: Set<Int> = []
    /// Days off from Monday to Friday.
    private var holidays: Set<LocalDay> = []
    /// Saturdays and Sundays that were swapped for such days.
    private var swapped: Set<LocalDay> = []

    public init() {}

    /// Covers one more year. What is off at a weekend anyway, and what is worked from Monday to Friday, says nothing new.
    public mutating func cover(_ year: Int, holidays off: some Sequence<LocalDay>, swapped worked: some Sequence<LocalDay>) {
        years.insert(year)
        holidays.formUnion(off)
        swapped.formUnion(worked)
    }

    public func isWorkingDay(_ day: LocalDay) -> Bool { day.weekday.isWeekend ? swapped.contains(day) : !holidays.contains(day) }

    /// The n-th working day after a day; the day itself for 0.
    public func day(_ n: Int, after day: LocalDay) -> LocalDay {
        var day = day, left = n
        while left > 0 {
            day = day + 1
            if isWorkingDay(day) { left -= 1 }
        }
        return day
    }

    /// The day if it is a working day, else the next one.
    public func workingDay(onOrAfter day: LocalDay) -> LocalDay {
        var day = day
        while !isWorkingDay(day) { day = day + 1 }
        return day
    }

    /// The day if it is a working day, else the last one before it.
    public func workingDay(onOrBefore day: LocalDay) -> LocalDay {
        var day = day
        while !isWorkingDay(day) { day = day + -1 }
        return day
    }
}

public enum Weekday: String, CaseIterable, Sendable {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday

    public var isWeekend: Bool { self == .saturday || self == .sunday }
}

extension LocalDay {
    public var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        let days = (Int(number) % 7 + 10) % 7
        return Weekday.allCases[days]
    }
}
