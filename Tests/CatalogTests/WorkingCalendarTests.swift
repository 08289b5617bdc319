import Cases
import Catalog
import Testing

@Suite struct WorkingDays {
    private static func day(_ text: String) -> LocalDay { Zone.utc.day(of: SmallCatalog.instant(text + "T00:00:00Z")) }

    /// 2019 as far as the tests need it: New Year with the day of rest of 5 January swapped for 31 December 2018, Tết, and 29 April swapped for 4 May.
    private static let calendar: WorkingCalendar = {
        var calendar = WorkingCalendar()
        calendar.cover(2018, holidays: ["2018-12-31"].map(day), swapped: [])
        let off = ["2019-01-01", "2019-02-04", "2019-02-05", "2019-02-06", "2019-02-07", "2019-02-08", "2019-04-29", "2019-04-30", "2019-05-01"]
        calendar.cover(2019, holidays: off.map(day), swapped: ["2019-01-05", "2019-05-04"].map(day))
        return calendar
    }()

    @Test(arguments: [
        ("2019-01-01", Weekday.tuesday), ("2018-12-31", .monday), ("2020-02-29", .saturday), ("1970-01-01", .thursday), ("1969-12-31", .wednesday), ("2021-09-30", .thursday), ("1900-03-01", .thursday),
    ])
    func `every day has its weekday, before 1970 as well`(text: String, weekday: Weekday) { #expect(Self.day(text).weekday == weekday) }

    @Test(arguments: [
        ("2019-03-04", 5, "2019-03-11"), ("2019-03-08", 1, "2019-03-11"), ("2019-03-09", 1, "2019-03-11"), ("2019-03-04", 0, "2019-03-04"),
        // Over Tết: nine days without a working day.
        ("2019-02-01", 1, "2019-02-11"), ("2019-01-30", 5, "2019-02-13"),
        // Over New Year: 31 December is off, the Saturday after it is worked.
        ("2018-12-28", 1, "2019-01-02"), ("2018-12-28", 4, "2019-01-05"), ("2018-12-28", 5, "2019-01-07"),
        // Over the swapped days of April.
        ("2019-04-26", 1, "2019-05-02"), ("2019-04-26", 3, "2019-05-04"),
    ])
    func `the n-th working day leaves out weekends and holidays and takes in swapped days`(from: String, n: Int, want: String) { #expect(Self.calendar.day(n, after: Self.day(from)) == Self.day(want)) }

    @Test func `a day off is shifted to the next or the last working day, and a working day stays`() {
        for (day, after, before) in [("2019-02-05", "2019-02-11", "2019-02-01"), ("2019-01-05", "2019-01-05", "2019-01-05"), ("2019-01-06", "2019-01-07", "2019-01-05"), ("2018-12-31", "2019-01-02", "2018-12-28")] {
            #expect(Self.calendar.workingDay(onOrAfter: Self.day(day)) == Self.day(after))
            #expect(Self.calendar.workingDay(onOrBefore: Self.day(day)) == Self.day(before))
        }
    }

    @Test func `a calendar that covers nothing knows Monday to Friday`() {
        let calendar = WorkingCalendar()
        #expect(calendar.years.isEmpty && calendar.isWorkingDay(Self.day("2019-02-05")) && !calendar.isWorkingDay(Self.day("2019-02-09")))
        #expect(calendar.day(5, after: Self.day("2019-02-04")) == Self.day("2019-02-11"))
    }

    @Test func `between a day and the n-th working day after it there are n working days, the last of them that one`() {
        var random = Seeded(Oracle.seed("working days"))
        for _ in 0..<2_000 {
            let from = Self.day("2018-12-01") + Int32(random.int(0...420)), n = random.int(1...30), to = Self.calendar.day(n, after: from)
            let passed = (from.number + 1...to.number).map(LocalDay.init(number:)).filter(Self.calendar.isWorkingDay)
            if passed.count != n || passed.last != to { Issue.record("\(from) + \(n)") }
        }
    }
}
