import Catalog

/// What a criterion says of days: `duty`, `closes_after`, and whether its days are those of a calendar that is there.
struct ClockReader {
    /// Of the framework.
    let year: Int
    let closesAfter: Span
    let agencies: [Agency]
    let calendar: WorkingCalendar

    /// Adds them to a criterion that was read from `value`.
    func complete(_ criterion: inout Criterion, _ value: YAMLValue) {
        let fields = value.mapping ?? [:]
        criterion.closesAfter = fields["closes_after"]?.span
        if let duty = fields["duty"] { criterion.duty = self.duty(duty, of: criterion) }
        if criterion.measure.restsOnWorkingDays { needWorkingDays(of: [year], "'\(criterion.code)' counts working days", fields["measure"] ?? value) }
        if let alert = fields["alert"] { checkMilestones(of: criterion, alert) }
    }

    private func needWorkingDays(of years: Set<Int>, _ reason: String, _ value: YAMLValue) {
        for year in years.subtracting(calendar.years).sorted() {
            value.fail("\(reason), and no calendar covers \(year): add a file for that year to 'calendar' in the configuration, as calendar/vn-\(year).yaml")
        }
    }

    /// `{days: 15}` or `{working_days: 10}`. Frameworks that count feedback need a calendar of their year for working days.
    static func term(_ value: YAMLValue, for frameworks: [Framework], _ calendar: WorkingCalendar) -> Term? {
        let fields = value.fields(["days", "working_days"])
        switch (fields["days"], fields["working_days"]) {
        case (let days?, nil): return days.integer(in: 1...3_660).map { .days(Int32($0)) }
        case (nil, let days?):
            for framework in frameworks where framework.criteria.contains(where: { $0.measure.kind == .feedback }) && !calendar.years.contains(framework.year) {
                days.fail("a term counts working days, and no calendar covers \(framework.year), of which \(framework.id) is: add a file for that year to 'calendar'")
            }
            return days.integer(in: 1...366).map(Term.workingDays)
        default:
            value.fail("a term has either 'days' or 'working_days'")
            return nil
        }
    }

    // MARK: Duties

    private func duty(_ value: YAMLValue, of criterion: Criterion) -> Duty? {
        guard criterion.measure.kind == .obligation else {
            value.fail("a duty is owed as obligations, so the measure must be 'of: obligation'")
            return nil
        }
        let fields = value.fields(["every", "due", "of", "at", "shift", "agencies", "from", "until"])
        let second = fields["at"].map(\.timeOfDay), shift = fields["shift"].map { $0.one(of: Duty.Shift.self) } ?? Duty.Shift.none
        let owing = fields["agencies"].map { list(of: $0, criterion.levels) }, from = fields["from"]?.day, until = fields["until"]?.day
        guard let rhythm = rhythm(fields), second != .some(nil), let shift else { return nil }
        if let from, let until, until < from {
            fields["until"]?.fail("'until' is before 'from': nothing would ever be due")
            return nil
        }
        let duty = Duty(rhythm, second: second ?? nil, shift: shift, agencies: owing, from: from, until: until)
        if shift != .none {
            let days = Duty(rhythm, from: from, until: until).days(in: year, by: calendar) + duty.days(in: year, by: calendar)
            needWorkingDays(of: Set(days.map(\.civil.year)), "a due day is shifted to a working day", fields["shift"] ?? value)
        }
        let days = duty.days(in: year, by: calendar)
        if days.isEmpty { value.fail("nothing is due in \(year): look at 'from' and 'until'") }
        for agency in (owing ?? []).map({ agencies[$0] }) where !days.isEmpty && !days.contains(where: { agency.exists(within: $0..<$0 + 1) }) {
            fields["agencies"]?.fail("'\(agency.id)' owes nothing: it exists on none of the due days of \(year)")
        }
        return duty
    }

    private func rhythm(_ fields: YAMLValue.Fields) -> Duty.Rhythm? {
        enum Every: String, CaseIterable { case week, month, quarter, year }
        guard let every = fields.required("every")?.one(of: Every.self) else { return nil }
        let due = fields["due"], isNext = isNext(fields["of"])
        switch every {
        case .week:
            fields["of"]?.fail("a week has no 'of': its days are 'due: [monday, …]'")
            guard let due = fields.required("due") else { return nil }
            let days = (due.isList ? due.list : [due]).compactMap { $0.one(of: Weekday.self) }
            if due.isEmptyList { due.fail("'due' is empty: nothing would ever be due") }
            return days.isEmpty ? nil : .week(on: days)
        case .month: return dayOfMonth(due).map { .month(on: $0, isNext: isNext) }
        case .quarter: return dayOfMonth(due).map { .quarter(on: $0, isNext: isNext) }
        case .year: return fields.required("due")?.dayOfYear(isOfNextYear: isNext).map(Duty.Rhythm.year)
        }
    }

    /// 31, the last, if nothing is said.
    private func dayOfMonth(_ value: YAMLValue?) -> Int? { value.map { $0.integer(in: 1...31) } ?? 31 }

    private func list(of value: YAMLValue, _ levels: [String]) -> [Int] {
        if value.isEmptyList { value.fail("'agencies' is empty: leave it out for all of the criterion's levels") }
        return value.list.compactMap { entry in
            guard let id = entry.code else { return nil }
            guard let index = agencies.firstIndex(where: { $0.id == id }) else {
                entry.fail("agency '\(id)' is not in the agencies' file: \(Spelling.hint(for: id, among: agencies.map(\.id)))")
                return nil
            }
            if !levels.contains(agencies[index].level) { entry.fail("'\(id)' is of level '\(agencies[index].level)', which is not among the criterion's 'levels'") }
            return index
        }
    }

    // MARK: Milestones

    private func checkMilestones(of criterion: Criterion, _ value: YAMLValue) {
        guard let milestones = criterion.alert?.milestones, let last = milestones.list.last?.by.day(in: year) else { return }
        if criterion.periods != [.year] { value.fail("milestones are days of the year: use periods: [year]") }
        // Closing is compared on a clock without offsets: a time zone moves both alike.
        if (criterion.closesAfter ?? closesAfter).after(Period.year.days(in: year).upperBound, in: .utc) <= Zone.utc.start(of: last + 1) {
            value.fail("the period closes before its last milestone has ended, which then means nothing: give the criterion a longer 'closes_after'")
        }
    }

    private func isNext(_ value: YAMLValue?) -> Bool { value?.isNext ?? false }
}

extension YAMLValue {
    /// `of: next`.
    var isNext: Bool {
        enum Of: String, CaseIterable { case this, next }
        return one(of: Of.self) == .next
    }

    /// `09-30`.
    func dayOfYear(isOfNextYear: Bool) -> DayOfYear? {
        guard let text else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { $0.count == 2 ? Int($0) : nil }
        if parts.count == 2, let month = parts[0], let day = parts[1], (1...12).contains(month), (1...LocalDay.daysInMonth(month, year: 2000)).contains(day) {
            return DayOfYear(month: month, day: day, isOfNextYear: isOfNextYear)
        }
        fail("'\(text)' is not a day of the year such as 09-30, month and day")
        return nil
    }

    /// `15:00` → seconds after midnight.
    var timeOfDay: Int? {
        guard let text else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0.count == 2 ? Int($0) : nil }
        if parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour), (0...59).contains(minute) { return hour * 3_600 + minute * 60 }
        fail("'\(text)' is not a time of day such as 15:00")
        return nil
    }
}
