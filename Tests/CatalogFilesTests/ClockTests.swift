import Cases
import Catalog
import CatalogFiles
import Foundation
import Testing

/// Calendars, duties and milestones in files.
@Suite struct Clocks {
    private static let calendar = """
        year: 2021
        source: a notice
        holidays:
          - {day: 2021-01-01, name: {vi: Tết Dương lịch, en: New Year}}
          - {day: 2021-02-10, until: 2021-02-16, name: {vi: Tết, en: Lunar New Year}}
        swapped:
          - {day: 2021-02-20, for: 2021-02-10}

        """

    private static let main = "source: s\nagencies: agencies.yaml\ncalendar: [vn-2021.yaml]\ncriteria: [criteria.yaml]\n"
    private static let agencies = """
        timezone: Asia/Ho_Chi_Minh
        agencies:
          - {id: P, level: province, name: {vi: P, en: P}}
          - {id: D1, level: department, parent: P, name: {vi: D1, en: D1}}
          - {id: D2, level: department, parent: P, name: {vi: D2, en: D2}}
          - {id: Q1, level: district, parent: P, name: {vi: Q1, en: Q1}}
          - {id: D3, level: department, parent: P, until: 2020-12-31, name: {vi: D3, en: D3}}

        """

    private static func criteria(measure: String = "ratio: {of: obligation, among: [decided], counting: [on_time]}", alert: String? = nil, duty: String? = nil, more: String = "") -> String {
        "framework: F\ntitle: {vi: t, en: t}\nperiod: {year: 2021}\ncriteria:\n  - code: c\n    name: {vi: n, en: n}\n    levels: [department]\n    measure: {\(measure)}\n"
            + (duty.map { "    duty: {\($0)}\n" } ?? "") + (alert.map { "    alert: {\($0)}\n" } ?? "") + more
    }

    private static func load(_ criteria: String, calendar: String = calendar, main: String = main) throws -> Catalog {
        try Files().load(raw: ["parwatch.yaml": Data(main.utf8), "agencies.yaml": Data(agencies.utf8), "vn-2021.yaml": Data(calendar.utf8), "criteria.yaml": Data(criteria.utf8)]).catalog
    }

    private static func problems(_ criteria: String, calendar: String = calendar, main: String = main) throws -> [String] {
        do {
            _ = try load(criteria, calendar: calendar, main: main)
            return []
        } catch let problems as Problems {
            return problems.description.split(separator: "\n").map(String.init)
        }
    }

    @Test func `a calendar, a duty and milestones arrive as they are written`() throws {
        let duty = #"every: week, due: [monday, thursday], at: "14:00", shift: next_working_day, agencies: [d2], from: 2021-09-14, until: 2021-12-20"#
        let catalog = try Self.load(Self.criteria(alert: "milestones: [{by: 09-30, at_least: 60%}, {by: 01-31, of: next, at_least: 100%}], early_warning: line, for: 1d", duty: duty, more: "    closes_after: 90d\n"))
        func day(_ text: String) -> LocalDay { catalog.zone.day(of: SmallCatalog.instant(text + "T00:00:00+07:00")) }
        #expect(catalog.calendar.years == [2021] && !catalog.calendar.isWorkingDay(day("2021-02-15")) && catalog.calendar.isWorkingDay(day("2021-02-20")) && !catalog.calendar.isWorkingDay(day("2021-02-21")))
        let criterion = try #require(catalog.frameworks.first?.criteria.first), milestones = try #require(criterion.alert?.milestones)
        #expect(criterion.duty == Duty(
            .week(on: [.monday, .thursday]), second: 50_400, shift: .nextWorkingDay, agencies: [2], from: day("2021-09-14"), until: day("2021-12-20")))
        #expect(criterion.closesAfter == .days(90) && milestones.hasLine && criterion.alert?.direction == .below && criterion.alert?.pendingFor == .seconds(86_400))
        #expect(milestones.list == [
            .init(by: DayOfYear(month: 9, day: 30), level: SmallCatalog.decimal("0.6")), .init(by: DayOfYear(month: 1, day: 31, isOfNextYear: true), level: SmallCatalog.decimal("1")),
        ])
        for (yaml, rhythm) in [
            ("every: month, due: 19", Duty.Rhythm.month(on: 19, isNext: false)), ("every: month, due: 5, of: next", .month(on: 5, isNext: true)), ("every: quarter", .quarter(on: 31, isNext: false)),
            ("every: year, due: 01-31, of: next", .year(on: DayOfYear(month: 1, day: 31, isOfNextYear: true))), ("every: week, due: friday", .week(on: [.friday])),
        ] {
            #expect(try Self.load(Self.criteria(duty: yaml)).frameworks.first?.criteria.first?.duty == Duty(rhythm))
        }
    }

    @Test(arguments: [
        ("every: day", "criteria.yaml:9: 'day' is not one of week, month, quarter, year"), ("due: 19", "criteria.yaml:9: 'every' is missing"), ("every: week", "criteria.yaml:9: 'due' is missing"),
        ("every: week, due: [thrusday]", "criteria.yaml:9: 'thrusday' is not one of monday"), ("every: week, due: []", "criteria.yaml:9: 'due' is empty"),
        ("every: week, due: [monday], of: next", "criteria.yaml:9: a week has no 'of'"), ("every: month, due: 32", "criteria.yaml:9: '32' is not a whole number from 1 to 31"),
        ("every: month, due: 5, of: last", "criteria.yaml:9: 'last' is not one of this, next"), ("every: year, due: 2021-01-31", "criteria.yaml:9: '2021-01-31' is not a day of the year such as 09-30"),
        ("every: year, due: 02-30", "criteria.yaml:9: '02-30' is not a day of the year"), ("every: year", "criteria.yaml:9: 'due' is missing"),
        ("every: quarter, at: 15h", "criteria.yaml:9: '15h' is not a time of day such as 15:00"), ("every: quarter, at: \"24:00\"", "criteria.yaml:9: '24:00' is not a time of day"),
        ("every: quarter, shift: later", "criteria.yaml:9: 'later' is not one of none, next_working_day, previous_working_day"), ("every: quarter, day: 5", "criteria.yaml:9: unknown key 'day'"),
        ("every: quarter, agencies: [D9]", "criteria.yaml:9: agency 'D9' is not in the agencies' file: did you mean 'D1'?"), ("every: quarter, agencies: [Q1]", "criteria.yaml:9: 'Q1' is of level 'district', which is not among the criterion's 'levels'"),
        ("every: quarter, agencies: [D1, D3]", "criteria.yaml:9: 'D3' owes nothing: it exists on none of the due days of 2021"), ("every: quarter, agencies: []", "criteria.yaml:9: 'agencies' is empty"), ("every: quarter, from: 2021-09-31", "criteria.yaml:9: '2021-09-31' is not a date"),
        ("every: quarter, from: 2021-09-14, until: 2021-09-01", "criteria.yaml:9: 'until' is before 'from'"), ("every: quarter, from: 2022-01-01", "criteria.yaml:9: nothing is due in 2021"),
        ("every: year, due: 01-31, of: next, shift: next_working_day", "criteria.yaml:9: a due day is shifted to a working day, and no calendar covers 2022: add a file for that year to 'calendar'"),
    ])
    func `a mistake in a duty is named`(duty: String, problem: String) throws {
        let problems = try Self.problems(Self.criteria(duty: duty))
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
    }

    @Test(arguments: [
        ("milestones: []", "criteria.yaml:9: 'milestones' is empty"), ("milestones: [{by: 09-30}]", "criteria.yaml:9: a milestone has either 'at_least' or 'at_most'"),
        ("milestones: [{at_least: 60%}]", "criteria.yaml:9: 'by' is missing"), ("milestones: [{by: 30/9, at_least: 60%}]", "criteria.yaml:9: '30/9' is not a day of the year"),
        ("milestones: [{by: 09-30, at_least: 60%}, {by: 06-30, at_least: 70%}]", "criteria.yaml:9: milestones stand in the order of their days"),
        ("milestones: [{by: 06-30, at_least: 60%}, {by: 09-30, at_most: 70%}]", "criteria.yaml:9: all milestones must look the same way"),
        ("milestones: [{by: 09-30, at_least: 60}]", "criteria.yaml:5: 60 is above 1, but this measure is a share: did you mean 60%?"),
        ("milestones: [{by: 09-30, at_least: 60%}], critical: {below: 50%}", "criteria.yaml:9: with 'milestones' there is no 'critical'"),
        ("milestones: [{by: 09-30, at_least: 60%}], early_warning: line", "criteria.yaml:9: a line needs two milestones"),
        ("milestones: [{by: 03-31, at_least: 6%}, {by: 09-30, at_least: 60%}], early_warning: curve", "criteria.yaml:9: 'curve' is not one of line"),
        ("warning: {below: 50%}, early_warning: line", "criteria.yaml:9: 'early_warning' goes with 'milestones'"),
        ("milestones: [{by: 03-01, of: next, at_least: 60%}]", "criteria.yaml:9: the period closes before its last milestone has ended"),
    ])
    func `a mistake in milestones is named`(alert: String, problem: String) throws {
        let problems = try Self.problems(Self.criteria(alert: alert))
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
    }

    @Test func `what does not go together is named`() throws {
        let figure = "figure: {as: ratio}"
        #expect(try Self.problems(Self.criteria(measure: figure, duty: "every: quarter")).contains { $0.hasPrefix("criteria.yaml:9: a duty is owed as obligations") })
        let quarters = Self.criteria(measure: figure, alert: "milestones: [{by: 09-30, at_least: 60%}]", more: "    periods: [quarter]\n")
        #expect(try Self.problems(quarters).contains { $0.hasPrefix("criteria.yaml:9: milestones are days of the year") })
        // One day more, and the milestone means something: 60 days after New Year is 2 March.
        #expect(try Self.problems(Self.criteria(measure: figure, alert: "milestones: [{by: 02-28, of: next, at_least: 60%}]")) == [])
    }

    @Test(arguments: [
        ("year: 2021", "year: 2022", "vn-2021.yaml:4: a day is not of 2022"), ("source: a notice\n", "", "vn-2021.yaml:1: 'source' is missing"), ("{day: 2021-01-01", "{day: 2021-02-16", "vn-2021.yaml:5: a day stands here twice: first in line 4"),
        ("until: 2021-02-16", "until: 2021-02-09", "vn-2021.yaml:5: 'until' is before 'day'"), ("until: 2021-02-16", "until: 2021-12-16", "vn-2021.yaml:5: 'until' is before 'day', or more than a month after it"),
        ("{day: 2021-02-20", "{day: 2021-02-19", "vn-2021.yaml:7: it is a friday: only a Saturday or a Sunday is swapped"), ("for: 2021-02-10", "for: 2021-02-13", "vn-2021.yaml:7: it is a saturday, which is no working day anyway"),
        (", for: 2021-02-10", "", "vn-2021.yaml:7: 'for' is missing"), ("swapped:", "swaped:", "vn-2021.yaml:6: unknown key 'swaped': did you mean 'swapped'?"), ("holidays:", "holiday:", "'holidays' is missing"),
    ])
    func `a mistake in a calendar is named`(part: String, replacement: String, problem: String) throws {
        let problems = try Self.problems(Self.criteria(), calendar: Self.calendar.replacing(part, with: replacement))
        #expect(problems.contains { $0.contains(problem) }, "\(problems)")
    }

    @Test func `what counts working days needs a calendar of its year, and each year has one`() throws {
        let announcement = "ratio: {of: announcement, among: [announced], counting: [[not_published, published_in_time]]}"
        #expect(try Self.problems(Self.criteria(measure: announcement)) == [])
        let without = Self.main.replacing("calendar: [vn-2021.yaml]\n", with: "")
        #expect(try Self.problems(Self.criteria(measure: announcement), main: without)
            == ["criteria.yaml:8: 'c' counts working days, and no calendar covers 2021: add a file for that year to 'calendar' in the configuration, as calendar/vn-2021.yaml"])
        #expect(try Self.problems(Self.criteria(), main: without) == [])
        #expect(try Self.problems(Self.criteria(), main: Self.main.replacing("[vn-2021.yaml]", with: "[vn-2021.yaml, vn-2021.yaml]")).contains { $0.hasPrefix("vn-2021.yaml:1: two calendars are of 2021") })
    }

    @Test func `a term for feedback arrives, and a mistake in it is named`() throws {
        let feedback = Self.criteria(measure: "count: {of: feedback, among: [late]}")
        func main(_ term: String) -> String { Self.main + "terms: {feedback: {\(term)}}\n" }
        #expect(try Self.load(feedback).feedbackTerm == nil && Self.load(feedback, main: main("days: 15")).feedbackTerm == .days(15) && Self.load(feedback, main: main("working_days: 10")).feedbackTerm == .workingDays(10))
        #expect(try Self.load(feedback).hash != Self.load(feedback, main: main("days: 15")).hash)
        for (term, problem) in [
            ("days: 0", "'0' is not a whole number from 1 to 3660"), ("working_days: many", "'many' is not a whole number"), ("days: 1, working_days: 1", "a term has either 'days' or 'working_days'"),
            ("workdays: 10", "unknown key 'workdays'"),
        ] {
            #expect(try Self.problems(feedback, main: main(term)).contains { $0.hasPrefix("parwatch.yaml:5: \(problem)") }, "\(term)")
        }
        let without = main("working_days: 10").replacing("calendar: [vn-2021.yaml]\n", with: "")
        #expect(try Self.problems(feedback, main: without) == ["parwatch.yaml:4: a term counts working days, and no calendar covers 2021, of which F is: add a file for that year to 'calendar'"])
        #expect(try Self.problems(Self.criteria(), main: without) == [])
    }

    @Test func `another calendar is another catalog`() throws {
        #expect(try Self.load(Self.criteria()).hash != Self.load(Self.criteria(), calendar: Self.calendar.replacing("2021-02-16", with: "2021-02-15")).hash)
    }

    /// Working days of a year, counted from the notices by hand: days from Monday to Friday, less those off, and the swapped ones.
    @Test(arguments: [(2018, 261 - 11, 0), (2019, 261 - 11, 2), (2020, 262 - 10, 0), (2021, 261 - 11, 0), (2022, 260 - 11, 0)])
    func `the calendars that are shipped have as many working days as the notices leave`(year: Int, ordinary: Int, swapped: Int) throws {
        let catalog = try Configuration.load(path: Oracle.repository.appendingPathComponent("config/parwatch.yaml").path).catalog
        let days = Period.year.days(in: year), working = (days.lowerBound.number..<days.upperBound.number).map(LocalDay.init(number:)).filter(catalog.calendar.isWorkingDay)
        #expect(working.count == ordinary + swapped)
        #expect(working.filter { $0.weekday.isWeekend }.count == swapped)
    }
}
