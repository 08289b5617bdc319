/// A point in time: microseconds since 1970-01-01T00:00:00Z. Whatever the wire says fits: year 0000 to 9999.
public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Saturates at the ends of time.
    public init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        microseconds = overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    public static let distantPast = Instant(microseconds: .min)
    public static let distantFuture = Instant(microseconds: .max)

    public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

    /// Saturates at the ends of time instead of trapping.
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(duration.microseconds)
        return Instant(microseconds: overflow ? (duration.microseconds < 0 ? .min : .max) : sum)
    }

    /// A length of time in microseconds.
    public struct Duration: Hashable, Comparable, Sendable {
        public var microseconds: Int64

        public init(microseconds: Int64) { self.microseconds = microseconds }

        public static let zero = Duration(microseconds: 0)
        public static func seconds(_ n: Int64) -> Duration { Duration(microseconds: n.multipliedReportingOverflow(by: 1_000_000).partialValue) }
        public static func < (a: Duration, b: Duration) -> Bool { a.microseconds < b.microseconds }
    }
}

/// A local day, counted from 1970-01-01 in the proleptic Gregorian calendar.
public struct LocalDay: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var number: Int32

    public init(number: Int32) { self.number = number }

    public static func < (a: LocalDay, b: LocalDay) -> Bool { a.number < b.number }
    public static func + (day: LocalDay, days: Int32) -> LocalDay { LocalDay(number: day.number &+ days) }

    /// `month` 1–12, `day` 1–31; a day beyond the month's end runs into the next month.
    public init(year: Int, month: Int, day: Int) {
        // Days before the civil date, with years that begin in March so that the leap day comes last.
        let y = month <= 2 ? year - 1 : year
        let centuries = (y >= 0 ? y : y - 99) / 100
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number = Int32(truncatingIfNeeded: 365 * y + y >> 2 - centuries + centuries >> 2 + dayOfYear - 719_468)
    }

    public var civil: (year: Int, month: Int, day: Int) {
        let z = Int(number) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    public static func daysInMonth(_ month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
