import Cases
import Catalog
import Testing

@Suite struct Periods {
    @Test func `periods are named as keys name them`() {
        #expect(Period.year.name(in: 2021) == "2021")
        #expect(Period.quarter(3).name(in: 2021) == "2021-Q3")
        #expect(Period.month(9).name(in: 2021) == "2021-09")
        #expect(Period.month(12).name(in: 2021) == "2021-12")
        #expect(Period.window(days: 30).name(in: 2021) == "last-30d")
    }

    @Test func `months and quarters divide the year without gap or overlap`() {
        for year in [1999, 2000, 2020, 2021, 2100] {
            for kind in [PeriodKind.year, .quarter, .month] {
                let days = kind.periods.map { $0.days(in: year) }
                #expect(days.first?.lowerBound == LocalDay(year: year, month: 1, day: 1))
                #expect(days.last?.upperBound == LocalDay(year: year + 1, month: 1, day: 1))
                for (a, b) in zip(days, days.dropFirst()) { #expect(a.upperBound == b.lowerBound && a.lowerBound < a.upperBound) }
            }
        }
        #expect(PeriodKind.quarter.periods.count == 4 && PeriodKind.month.periods.count == 12 && PeriodKind.window(days: 7).periods == [.window(days: 7)])
        #expect(Period.quarter(2).days(in: 2021) == LocalDay(year: 2021, month: 4, day: 1)..<LocalDay(year: 2021, month: 7, day: 1))
        #expect(Period.month(2).days(in: 2020) == LocalDay(year: 2020, month: 2, day: 1)..<LocalDay(year: 2020, month: 3, day: 1))
        #expect(Period.window(days: 30).days(in: 2021) == Period.year.days(in: 2021))
    }

    /// Summer time from 28 March to 31 October 2021 and from 27 March 2022.
    static let amsterdam = Zone(name: "Europe/Amsterdam", initialOffset: 3_600, transitions: [
        .init(from: SmallCatalog.instant("2021-03-28T01:00:00Z"), offset: 7_200), .init(from: SmallCatalog.instant("2021-10-31T01:00:00Z"), offset: 3_600),
        .init(from: SmallCatalog.instant("2022-03-27T01:00:00Z"), offset: 7_200), .init(from: SmallCatalog.instant("2022-10-30T01:00:00Z"), offset: 3_600),
        .init(from: SmallCatalog.instant("2023-03-26T01:00:00Z"), offset: 7_200), .init(from: SmallCatalog.instant("2023-10-29T01:00:00Z"), offset: 3_600),
    ])

    @Test(arguments: [
        (Period.year, Span.days(60), "2022-03-02T00:00:00+01:00"), (.year, .days(100), "2022-04-11T00:00:00+02:00"), (.year, .days(0), "2022-01-01T00:00:00+01:00"),
        (.quarter(1), .days(0), "2021-04-01T00:00:00+02:00"), (.month(2), .days(30), "2021-03-31T00:00:00+02:00"), (.window(days: 30), .days(60), "2022-03-02T00:00:00+01:00"),
        (.month(9), .days(31), "2021-11-01T00:00:00+01:00"),
    ])
    func `whole days close a period at a local midnight, whatever the clock did between`(period: Period, after: Span, closing: String) {
        #expect(framework(after).closing(of: period, in: Self.amsterdam).text(in: Self.amsterdam) == closing)
    }

    @Test func `a length of time closes a period exactly so much later`() {
        #expect(framework(.duration(.seconds(100 * 86_400))).closing(of: .year, in: Self.amsterdam).text(in: Self.amsterdam) == "2022-04-11T01:00:00+02:00")
        #expect(framework(.duration(.seconds(36 * 3_600))).closing(of: .year, in: Self.amsterdam).text(in: Self.amsterdam) == "2022-01-02T12:00:00+01:00")
    }

    @Test func `subjects leave so many local days after their year has closed, at the same time of day`() {
        #expect(framework(.days(60), keep: .days(365)).departure(in: Self.amsterdam).text(in: Self.amsterdam) == "2023-03-02T00:00:00+01:00")
        #expect(framework(.days(60), keep: .days(30)).departure(in: Self.amsterdam).text(in: Self.amsterdam) == "2022-04-01T00:00:00+02:00")
        #expect(framework(.duration(.seconds(36 * 3_600)), keep: .days(100)).departure(in: Self.amsterdam).text(in: Self.amsterdam) == "2022-04-12T12:00:00+02:00")
        #expect(framework(.days(60), keep: .duration(.seconds(3_600))).departure(in: Self.amsterdam).text(in: Self.amsterdam) == "2022-03-02T01:00:00+01:00")
    }

    private func framework(_ closesAfter: Span, keep: Span = .days(365)) -> Framework {
        Framework(id: "F", title: Bilingual(vi: "", en: ""), year: 2021, closesAfter: closesAfter, keepClosed: keep, criteria: [])
    }
}

@Suite struct Lateness {
    @Test func `by date, a dossier is late from the midnight that ends its due date`() {
        let catalog = SmallCatalog.make([])
        let due = SmallCatalog.instant("2021-03-05T17:00:00+07:00")
        #expect(catalog.lateness.overdueFrom(due: due).text(in: catalog.zone) == "2021-03-06T00:00:00+07:00")
        #expect(!catalog.lateness.isLate(finished: SmallCatalog.instant("2021-03-05T23:59:59.999999+07:00"), due: due))
        #expect(catalog.lateness.isLate(finished: SmallCatalog.instant("2021-03-06T00:00:00+07:00"), due: due))
        // Local dates, not those of UTC.
        #expect(!catalog.lateness.isLate(finished: SmallCatalog.instant("2021-03-05T16:00:00Z"), due: SmallCatalog.instant("2021-03-04T18:00:00Z")))
    }

    @Test func `by instant, a dossier is late after its due instant, not at it`() {
        let catalog = SmallCatalog.make([], lateBy: .instant)
        let due = SmallCatalog.instant("2021-03-05T17:00:00+07:00")
        #expect(catalog.lateness.overdueFrom(due: due).text(in: catalog.zone) == "2021-03-05T17:00:00.000001+07:00")
        #expect(!catalog.lateness.isLate(finished: due, due: due))
        #expect(catalog.lateness.isLate(finished: SmallCatalog.instant("2021-03-05T17:00:00.000001+07:00"), due: due))
    }

    @Test func `subjects of a year leave when the last framework of that year lets go of them`() {
        var catalog = SmallCatalog.make([], years: [2021, 2020], keepClosed: .days(10))
        var second = catalog.frameworks[0]
        second.id = "G-2021"
        second.keepClosed = .days(20)
        catalog.frameworks.append(second)
        let departures = catalog.departures.years.map { ($0.days, $0.at.text(in: catalog.zone)) }
        #expect(departures.map(\.0) == [Period.year.days(in: 2020), Period.year.days(in: 2021)])
        #expect(departures.map(\.1) == ["2021-03-12T00:00:00+07:00", "2022-03-22T00:00:00+07:00"])
        #expect(!catalog.departures.guardsHaveLeft(LocalDay(year: 2019, month: 12, day: 31), by: .distantFuture), "what it guards stays, too")
        for (day, at) in [((2020, 1, 1), "2021-03-12T00:00:00+07:00"), ((2020, 12, 31), "2021-03-12T00:00:00+07:00"), ((2021, 1, 1), "2022-03-22T00:00:00+07:00")] {
            let day = LocalDay(year: day.0, month: day.1, day: day.2), at = SmallCatalog.instant(at)
            #expect(catalog.departures.guardsHaveLeft(day, by: at) && !catalog.departures.guardsHaveLeft(day, by: at.advanced(by: .seconds(-1))))
        }
        #expect(!catalog.departures.guardsHaveLeft(LocalDay(year: 2022, month: 1, day: 1), by: .distantFuture), "no year of the catalog comes after it")
    }
}
