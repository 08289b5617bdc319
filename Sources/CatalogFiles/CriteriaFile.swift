import Catalog
import Intake

/// `criteria/*.yaml`: one framework with its criteria.
struct CriteriaFile {
    var framework: Framework?

    /// `sectors` grows by those that criteria ask for; `levels` are those of the tree.
    init(_ root: YAMLValue, sectors: inout [String], levels: Set<String>) {
        let fields = root.fields(["framework", "title", "period", "criteria"])
        let id = fields.required("framework")?.keyPart, title = fields.required("title")?.bilingual
        let period = fields.required("period")?.fields(["year", "closes_after", "keep_closed"])
        let year = period?.required("year")?.integer(in: 1990...2099)
        var criteria: [Criterion] = []
        var lineOf: [String: Int] = [:]
        for value in fields.required("criteria")?.list ?? [] {
            guard let criterion = Self.criterion(value, &sectors, levels) else { continue }
            if let first = lineOf[criterion.code] {
                value.fail("criterion '\(criterion.code)' stands here twice: first in line \(first)")
                continue
            }
            lineOf[criterion.code] = value.line
            criteria.append(criterion)
        }
        guard let id, let title, let year else { return }
        framework = Framework(
            id: id, title: title, year: year, closesAfter: period?["closes_after"]?.span ?? .days(60), keepClosed: period?["keep_closed"]?.span ?? .days(365), criteria: criteria)
    }

    private static func criterion(_ value: YAMLValue, _ sectors: inout [String], _ levels: Set<String>) -> Criterion? {
        let fields = value.fields(["code", "area", "name", "levels", "judge_at", "periods", "measure", "target", "alert", "lead", "source"])
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
        if let measure, !measure.isCount {
            for limit in [target?.value, alert?.warning?.limit, alert?.warning?.clear, alert?.critical?.limit, alert?.critical?.clear] {
                if let limit, ExactDecimal(mantissa: 1, scale: 0) < limit { value.fail("\(limit) is above 1, but this measure is a share: did you mean \(limit)%?") }
            }
        }
        let source = fields["source"]?.fields(["document", "where"])
        guard let code, let name, let measure else { return nil }
        return Criterion(
            code: code, area: fields["area"]?.text, name: name, levels: counted, judgeAt: judgeAt, periods: periods, measure: measure, target: target, alert: alert,
            lead: fields["lead"]?.text, source: source.map { Criterion.Source(document: $0["document"]?.text, place: $0["where"]?.text) })
    }

    private static func target(_ value: YAMLValue) -> Target? {
        let entries = value.entries
        guard entries.count == 1, let (name, number) = entries.first, let comparison = Target.Comparison(rawValue: name) else {
            value.fail("a target is one of \(Target.Comparison.allCases.map(\.rawValue).joined(separator: ", ")) with a number")
            return nil
        }
        return number.decimal.map { Target(comparison: comparison, value: $0) }
    }
}

/// Measures and the facts that they name.
enum MeasureReader {
    static func measure(_ value: YAMLValue, _ sectors: inout [String]) -> Measure? {
        let entries = value.entries
        guard entries.count == 1, let (kind, body) = entries.first else {
            value.fail("a measure is one of ratio, count, distinct")
            return nil
        }
        switch kind {
        case "ratio":
            let fields = body.fields(["of", "among", "counting"])
            guard isDossier(fields), let among = mask(fields.required("among"), &sectors), let counting = mask(fields.required("counting"), &sectors) else { return nil }
            return .ratio(among: among, counting: counting)
        case "count":
            let fields = body.fields(["of", "among"])
            guard isDossier(fields), let among = mask(fields.required("among"), &sectors) else { return nil }
            return .count(among: among)
        case "distinct":
            let fields = body.fields(["of", "among", "by", "out_of"])
            if let by = fields.required("by"), let text = by.text, text != "procedure" { by.fail("'\(text)' is not known: distinct counts by procedure") }
            guard isDossier(fields), let among = mask(fields.required("among"), &sectors), let outOf = fields.required("out_of")?.integer(in: 1...1_000_000) else { return nil }
            return .distinctProcedures(among: among, outOf: Int64(outOf))
        default:
            value.fail("unknown measure '\(kind)': \(Spelling.nearest(to: kind, among: ["ratio", "count", "distinct"]).map { "did you mean '\($0)'?" } ?? "known are ratio, count, distinct")")
            return nil
        }
    }

    private static func isDossier(_ fields: YAMLValue.Fields) -> Bool {
        guard let of = fields.required("of"), let text = of.text else { return false }
        if text != "dossier" { of.fail("'\(text)' is not known: this version counts dossiers (of: dossier)") }
        return text == "dossier"
    }

    /// A list of facts that must all hold; a list in the list means at least one of them.
    private static func mask(_ value: YAMLValue?, _ sectors: inout [String]) -> FactMask? {
        guard let value else { return nil }
        var mask = FactMask()
        for item in value.list {
            if item.isList {
                var clause = FactMask.Clause()
                for alternative in item.list {
                    guard let (fact, isNegated) = fact(alternative, &sectors) else { continue }
                    if isNegated { clause.anyAbsent.formUnion(fact) } else { clause.anyOf.formUnion(fact) }
                }
                mask.clauses.append(clause)
            } else if let (fact, isNegated) = fact(item, &sectors) {
                if isNegated { mask.forbidden.formUnion(fact) } else { mask.required.formUnion(fact) }
            }
        }
        if !mask.required.isDisjoint(with: mask.forbidden) { value.fail("a fact stands here together with its opposite: nothing can match") }
        return mask
    }

    private static func fact(_ value: YAMLValue, _ sectors: inout [String]) -> (Facts, isNegated: Bool)? {
        guard let text = value.text else { return nil }
        let isNegated = text.hasPrefix("not_")
        let name = isNegated ? String(text.dropFirst(4)) : text
        if let known = Facts.named.first(where: { $0.name == name }) { return (known.fact, isNegated) }
        if name.hasPrefix("sector:") { return sector(String(name.dropFirst(7)), value, &sectors).map { ($0, isNegated) } }
        let hint = Spelling.nearest(to: name, among: Facts.named.map(\.name)).map { "did you mean '\(isNegated ? "not_" : "")\($0)'?" }
        value.fail("unknown fact '\(text)': \(hint ?? "docs/facts.md lists the facts of a dossier")")
        return nil
    }

    private static func sector(_ name: String, _ value: YAMLValue, _ sectors: inout [String]) -> Facts? {
        guard let code = Code.normalized(name) else {
            value.fail("a sector must not be blank")
            return nil
        }
        if let index = sectors.firstIndex(where: { Array($0.utf8) == Array(code.utf8) }) { return .sector(index) }
        guard sectors.count < Facts.maxSectors else {
            value.fail("over \(Facts.maxSectors) different sectors are asked for")
            return nil
        }
        sectors.append(code)
        return .sector(sectors.count - 1)
    }
}
