/// When offices are open: Monday to Friday, 07:00–11:30 and 13:30–17:00, but not on national holidays.
///
/// The simulation plans in *working seconds*: the seconds of working time since the first working day opened. Each day has 28,800 of them, so
/// whatever is planned falls into working hours, and a number of working days later is an addition.
struct WorkingTime: Sendable {
    static let secondsPerDay = 28_800
    private static let morning = 16_200
    /// Dossiers that arrive on the last day are planned beyond it, although nothing is sent then.
    private static let daysBeyond = 240

    /// The working days from the first day on, ascending, and those beyond the last day.
    private let days: [Day]
    /// How many of them are not beyond the last day.
    let dayCount: Int
    let utcOffset: Int64

    init(from first: Day, through last: Day, utcOffset: Int64) {
        let end = max(first, last + 1)
        days = (first.daysSince1970..<(end + Self.daysBeyond).daysSince1970).map(Day.init(daysSince1970:)).filter(Self.isWorkingDay)
        dayCount = days.prefix { $0 < end }.count
        self.utcOffset = utcOffset
    }

    static func isWorkingDay(_ day: Day) -> Bool {
        guard day.weekday <= 5 else { return false }
        switch day.civil {
        case (_, 1, 1), (_, 4, 30), (_, 5, 1), (_, 9, 2): return false
        case (2021, 2, 10...16): return false // Tết Tân Sửu
        default: return true
        }
    }

    func day(_ index: Int) -> Day { days[min(index, days.count - 1)] }

    /// The last working day that is not after this one; 0 if there is none.
    func index(onOrBefore day: Day) -> Int {
        var low = 0, high = days.count
        while low < high {
            let middle = (low + high) / 2
            if days[middle] <= day { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    func midnight(of day: Day) -> Int64 { Int64(day.daysSince1970) * 86_400 - utcOffset }

    /// The instant, in seconds since 1970 UTC, of a working second.
    func instant(of worked: Int) -> Int64 {
        let second = worked % Self.secondsPerDay
        let timeOfDay = second < Self.morning ? 7 * 3600 + second : 13 * 3600 + 1800 + second - Self.morning
        return midnight(of: day(worked / Self.secondsPerDay)) + Int64(timeOfDay)
    }

    /// 17:00 of a working day.
    func closing(of index: Int) -> Int64 { midnight(of: day(index)) + 17 * 3600 }

    func localDay(of instant: Int64) -> Day {
        let local = instant + utcOffset
        return Day(daysSince1970: Int((local >= 0 ? local : local - 86_399) / 86_400))
    }
}
