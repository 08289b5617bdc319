import Catalog
import Intake

/// `criteria/*.yaml`: one framework with its criteria.
struct CriteriaFile {
    var framework: Framework?

    /// `sectors` grows by those that criteria ask for.
    init(_ layers: CriteriaLayers, sectors: inout [String], agencies: [Agency], calendar: WorkingCalendar) {
        let fields = layers.fields, levels = Set(agencies.map(\.level))
        let id = fields.required("framework")?.keyPart, title = fields.required("title")?.bilingual
        let period = fields.required("period")?.fields(["year", "closes_after", "keep_closed"])
        let year = period?.required("year")?.integer(in: 1990...2099)
        let closesAfter = period?["closes_after"]?.span ?? .days(60)
        var criteria: [Criterion] = []
        var lineOf: [String: Int] = [:]
        var shares: [(criterion: Criterion, measure: YAMLValue)] = []
        for value in layers.criteria {
            guard var criterion = Self.criterion(value, &sectors, levels) else { continue }
            if let year { ClockReader(year: year, closesAfter: closesAfter, agencies: agencies, calendar: calendar).complete(&criterion, value) }
            if let first = lineOf[criterion.code] {
                value.fail("criterion '\(criterion.code)' stands here twice: first in line \(first)")
                continue
            }
            lineOf[criterion.code] = value.line
            criteria.append(criterion)
            if case .share = criterion.measure { shares.append((criterion, value.mapping?["measure"] ?? value)) }
            if case .growth(_, .year(year), _) = criterion.measure { value.fail("the baseline's year is the framework's own: what grows since when?") }
        }
        for (criterion, measure) in shares { Self.checkUnits(of: criterion, among: criteria, measure) }
        guard let id, let title, let year else { return }
        framework = Framework(
            id: id, title: title, year: year, closesAfter: closesAfter, keepClosed: period?["keep_closed"]?.span ?? .days(365), criteria: criteria)
    }

    private static func criterion(_ value: YAMLValue, _ sectors: inout [String], _ levels: Set<String>) -> Criterion? {
        let fields = value.fields(["code", "area", "name", "levels", "judge_at", "periods", "measure", "target", "alert", "duty", "closes_after", "points", "lead", "note", "source"])
        let code = fields.required("code")?.keyPart, name = fields.required("name")?.bilingual
        let counted = (fields.required("levels")?.list ?? []).compactMap { level -> String? in
            guard let text = level.text else { return nil }
            if !levels.isEmpty, !levels.contains(text) { level.fail("no agency has level '\(text)': the tree has \(levels.sorted().joined(separator: ", "))") }
            return text
        }
        let judgeAt = fields["judge_at"].map { Set($0.list.compactMap { $0.one(of: JudgedAt.self) }) } ?? [.self]
        let periods = fields["periods"].map { $0.list.compactMap(\.periodKind) } ?? [.year]
        for name in ["levels", "judge_at", "periods"] where fields[name]?.isEmptyList == true { fields[name]?.fail("'\(name)' is empty: nothing would be judged") }
        if Set(periods).count < periods.count { fields["periods"]?.fail("a period stands here twice") }
        let measure = fields.required("measure").flatMap { MeasureReader.measure($0, &sectors) }
        let target = fields["target"].flatMap(Self.target)
        let alert = fields["alert"].flatMap(AlertRule.init(yaml:))
        if let measure { checkPeriods(periods, of: measure, fields["periods"] ?? value) }
        if let measure, measure.form != nil, let sample = fields["alert"]?.mapping?["min_sample"] { sample.fail("'min_sample' has no meaning for what is declared") }
        if let measure, measure.isPart {
            for limit in [target?.value, alert?.warning?.limit, alert?.warning?.clear, alert?.critical?.limit, alert?.critical?.clear] + (alert?.milestones?.list.map(\.level) ?? []) {
                if let limit, ExactDecimal(mantissa: 1, scale: 0) < limit { value.fail("\(limit) is above 1, but this measure is a share: did you mean \(limit)%?") }
            }
        }
        let source = fields["source"]?.fields(["document", "where"])
        guard let code, let name, let measure else { return nil }
        return Criterion(
            code: code, area: fields["area"]?.text, name: name, levels: counted, judgeAt: judgeAt, periods: periods, measure: measure, target: target, alert: alert,
            points: fields["points"].flatMap(Points.init(yaml:)), lead: fields["lead"]?.shortText, note: fields["note"]?.text, source: source?.required("document")?.text.map { Source(document: $0, place: source?["where"]?.text) })
    }

    /// A share looks at cells of another criterion, which must be there.
    private static func checkUnits(of share: Criterion, among criteria: [Criterion], _ value: YAMLValue) {
        guard case .share(let code, let levels) = share.measure else { return }
        guard let units = criteria.first(where: { $0.code == code }) else {
            let hint = Spelling.nearest(to: code, among: criteria.map(\.code)).map { "did you mean '\($0)'?" } ?? "it must be one of this framework"
            return value.fail("there is no criterion '\(code)': \(hint)")
        }
        if case .share = units.measure { return value.fail("'\(code)' is a share itself: give the criterion that it looks at") }
        for level in share.levels where !units.levels.contains(level) || !units.judgeAt.contains(.`self`) {
            value.fail("'\(code)' is not judged at agencies of level '\(level)' themselves: its 'levels' and 'judge_at: [self]' must cover those of the share")
        }
        for period in share.periods where !units.periods.contains(period) { value.fail("'\(code)' is not judged by \(period): both must have the same 'periods'") }
        for level in share.levels where levels.target(at: level) == nil { value.fail("'reaching' says nothing for level '\(level)'") }
    }

    /// What a measure cannot be divided by.
    private static func checkPeriods(_ periods: [PeriodKind], of measure: Measure, _ value: YAMLValue) {
        let hasWindow = periods.contains { if case .window = $0 { true } else { false } }
        switch measure {
        case .checklist where hasWindow: value.fail("a checklist has no windows: use year, quarter or month")
        case .figure where hasWindow, .growth where hasWindow: value.fail("a figure names its period, so there are no windows: use year, quarter or month")
        case .share where hasWindow: value.fail("a share has no windows: use year, quarter or month")
        case .distinct(_, _, _, .procedures) where periods != [.year]: value.fail("the catalogue of procedures has no dates: with 'out_of: {procedure: …}' use periods: [year]")
        default: if measure.kind == .procedure, periods != [.year] { value.fail("a procedure has no date: use periods: [year], or of: announcement") }
        }
    }

    static func target(_ value: YAMLValue) -> Target? {
        let entries = value.entries
        guard entries.count == 1, let (name, number) = entries.first, let comparison = Target.Comparison(rawValue: name) else {
            value.fail("a target is one of \(Target.Comparison.allCases.map(\.rawValue).joined(separator: ", ")) with a number")
            return nil
        }
        return number.decimal.map { Target(comparison: comparison, value: $0) }
    }
}
