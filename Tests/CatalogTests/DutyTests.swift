import Cases
import Catalog
import Testing

@Suite struct Duties {
    private static func day(_ text: String) -> LocalDay { Zone.utc.day(of: SmallCatalog.instant(text + "T00:00:00Z")) }
    private static let calendar: WorkingCalendar = {
        var calendar = WorkingCalendar()
        calendar.cover(2020, holidays: ["2020-01-01", "2020-01-23", "2020-01-24", "2020-01-27", "2020-01-28", "2020-01-29"].map(day), swapped: [])
        calendar.cover(2021, holidays: ["2021-01-01"].map(day), swapped: [])
        return calendar
    }()

    private static func names(_ duty: Duty, _ year: Int) -> [String] { duty.days(in: year, by: calendar).map { duty.name(of: $0) } }

    @Test(arguments: [
        (Duty(.month(on: 19, isNext: false)), 2021, 12, "2021-01-19", "2021-12-19"), (Duty(.month(on: 5, isNext: true)), 2021, 12, "2021-02-05", "2022-01-05"),
        (Duty(.quarter(on: 31, isNext: false)), 2021, 4, "2021-03-31", "2021-12-31"), (Duty(.quarter(on: 10, isNext: true)), 2021, 4, "2021-04-10", "2022-01-10"),
        (Duty(.year(on: DayOfYear(month: 6, day: 13))), 2018, 1, "2018-06-13", "2018-06-13"),
        (Duty(.year(on: DayOfYear(month: 1, day: 31, isOfNextYear: true))), 2021, 1, "2022-01-31", "2022-01-31"),
        (Duty(.week(on: [.thursday]), second: 15 * 3_600), 2021, 52, "2021-01-07T15:00", "2021-12-30T15:00"),
        (Duty(.week(on: [.monday, .thursday]), second: 14 * 3_600), 2020, 105, "2020-01-02T14:00", "2020-12-31T14:00"),
    ])
    func `what is due every week, month, quarter and year`(duty: Duty, year: Int, count: Int, first: String, last: String) {
        let names = Self.names(duty, year)
        #expect(names.count == count && names.first == first && names.last == last)
    }

    @Test func `a day that a month does not have is its last, in leap years the 29th of February`() {
        #expect(Self.names(Duty(.month(on: 31, isNext: false)), 2021)[1] == "2021-02-28" && Self.names(Duty(.month(on: 31, isNext: false)), 2020)[1] == "2020-02-29")
        let leapDay = Duty(.year(on: DayOfYear(month: 2, day: 29)))
        #expect(Self.names(leapDay, 2020) == ["2020-02-29"] && Self.names(leapDay, 2021) == ["2021-02-28"] && Self.names(leapDay, 2100) == ["2100-02-28"])
        #expect(Self.names(Duty(.week(on: [.saturday])), 2020).contains("2020-02-29"))
    }

    @Test func `a due day that is no working day is shifted over holidays and into another year, and two that meet are one`() {
        var duty = Duty(.month(on: 25, isNext: false), shift: .nextWorkingDay)
        #expect(Self.names(duty, 2020).first == "2020-01-30")
        duty.shift = .previousWorkingDay
        #expect(Self.names(duty, 2020).first == "2020-01-22")
        #expect(Self.names(Duty(.year(on: DayOfYear(month: 1, day: 1)), shift: .previousWorkingDay), 2021) == ["2020-12-31"])
        // Thursday and Monday of Tết 2020 both become Thursday the 30th.
        let both = Self.names(Duty(.week(on: [.monday, .thursday]), shift: .nextWorkingDay), 2020)
        #expect(both.filter { $0 == "2020-01-30" }.count == 1 && !both.contains("2020-01-27") && !both.contains("2020-01-23"))
    }

    @Test func `nothing is due before from and after until`() {
        let duty = Duty(.week(on: [.thursday]), from: Self.day("2021-09-16"), until: Self.day("2021-09-30"))
        #expect(Self.names(duty, 2021) == ["2021-09-16", "2021-09-23", "2021-09-30"] && Self.names(duty, 2022) == [])
    }

    @Test func `a time of day is kept to the microsecond, a day to the midnight that ends it, where clocks are turned as well`() {
        let zone = Zone(name: "Europe/Amsterdam", initialOffset: 3_600, transitions: [
            .init(from: SmallCatalog.instant("2021-03-28T01:00:00Z"), offset: 7_200), .init(from: SmallCatalog.instant("2021-10-31T01:00:00Z"), offset: 3_600),
        ])
        func from(_ day: String, _ second: Int?) -> String { Timestamp.utc(Duty(.week(on: [.sunday]), second: second).overdueFrom(Self.day(day), in: zone)) }
        #expect(from("2021-03-27", 54_000) == "2021-03-27T14:00:00.000001Z" && from("2021-03-28", 54_000) == "2021-03-28T13:00:00.000001Z")
        // 02:30 does not exist on the one day and comes twice on the other, where the first counts.
        #expect(from("2021-03-28", 9_000) == "2021-03-28T01:30:00.000001Z" && from("2021-10-31", 9_000) == "2021-10-31T00:30:00.000001Z")
        #expect(from("2021-03-28", nil) == "2021-03-28T22:00:00.000000Z" && from("2021-10-31", nil) == "2021-10-31T23:00:00.000000Z")
    }
}
