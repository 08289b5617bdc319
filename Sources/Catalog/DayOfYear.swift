/// A day that comes every year, counted from a framework's year, so that a framework for another year may keep it.
public struct DayOfYear: Hashable, Sendable {
    /// 1–12.
    public var month: Int
    /// 1–31. A month that is shorter has its last day instead.
    public var day: Int
    /// It lies in the year after the framework's.
    public var isOfNextYear: Bool

    public init(month: Int, day: Int, isOfNextYear: Bool = false) {
        self.month = month
        self.day = day
        self.isOfNextYear = isOfNextYear
    }

    /// As in a criteria file: `09-30`.
    public var name: String { "\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)" }

    /// In a framework of this year.
    public func day(in year: Int) -> LocalDay {
        let year = isOfNextYear ? year + 1 : year
        return LocalDay(year: year, month: month, day: min(day, LocalDay.daysInMonth(month, year: year)))
    }
}
