import Catalog

/// `calendar/*.yaml`: the public holidays of a year, and the days of rest that were swapped for working days.
struct CalendarFile {
    /// Adds the year to `calendar`.
    init(_ root: YAMLValue, into calendar: inout WorkingCalendar) {
        let fields = root.fields(["year", "source", "holidays", "swapped"])
        _ = fields.required("source")?.text
        guard let yearField = fields.required("year"), let year = yearField.integer(in: 1990...2099) else { return }
        if calendar.years.contains(year) { yearField.fail("two calendars are of \(year)") }
        var lineOf: [LocalDay: Int] = [:]
        func note(_ days: [LocalDay], _ value: YAMLValue) {
            for day in days {
                if let first = lineOf[day] { value.fail("a day stands here twice: first in line \(first)") } else { lineOf[day] = value.line ?? 0 }
                if day.civil.year != year { value.fail("a day is not of \(year)") }
            }
        }
        var off: [LocalDay] = [], worked: [LocalDay] = []
        for value in fields.required("holidays")?.list ?? [] {
            let fields = value.fields(["day", "until", "name"])
            _ = fields.required("name")?.bilingual
            let last = fields["until"]?.day
            guard let first = fields.required("day")?.day else { continue }
            if let last, last < first || last > first + 31 { fields["until"]?.fail("'until' is before 'day', or more than a month after it") }
            let days = (first.number...max(first.number, min((last ?? first).number, first.number + 31))).map(LocalDay.init(number:))
            note(days, value)
            off += days
        }
        for value in fields["swapped"]?.list ?? [] {
            let fields = value.fields(["day", "for"])
            let rest = fields.required("for")?.day
            guard let day = fields.required("day")?.day else { continue }
            if !day.weekday.isWeekend { fields["day"]?.fail("it is a \(day.weekday.rawValue): only a Saturday or a Sunday is swapped") }
            if let rest, rest.weekday.isWeekend { fields["for"]?.fail("it is a \(rest.weekday.rawValue), which is no working day anyway") }
            note([day], value)
            worked.append(day)
        }
        calendar.cover(year, holidays: off, swapped: worked)
    }
}
