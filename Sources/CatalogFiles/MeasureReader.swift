import Catalog
import Intake

/// `measure:` of a criterion, and the facts that it names.
enum MeasureReader {
    private static let names = ["ratio", "count", "mean", "distinct", "checklist", "figure", "growth", "share"]

    /// `sectors` grows by those that are asked for.
    static func measure(_ value: YAMLValue, _ sectors: inout [String]) -> Measure? {
        let entries = value.entries
        guard entries.count == 1, let (name, body) = entries.first else {
            value.fail("a measure is one of \(names.joined(separator: ", "))")
            return nil
        }
        switch name {
        case "ratio":
            let fields = body.fields(["of", "among", "counting"])
            guard let kind = kind(fields), let among = mask(fields.required("among"), kind, &sectors), let counting = mask(fields.required("counting"), kind, &sectors) else { return nil }
            return .ratio(of: kind, among: among, counting: counting)
        case "count":
            let fields = body.fields(["of", "among"])
            guard let kind = kind(fields), let among = mask(fields.required("among"), kind, &sectors) else { return nil }
            return .count(of: kind, among: among)
        case "mean":
            let fields = body.fields(["of", "among"])
            guard let kind = kind(fields, of: [.rating]), let among = mask(fields.required("among"), kind, &sectors) else { return nil }
            return .mean(among: among)
        case "distinct": return distinct(body.fields(["of", "among", "by", "out_of"]), &sectors)
        case "checklist": return checklist(body.fields(["of", "among", "items"]), &sectors)
        case "figure": return body.fields(["as"]).required("as")?.one(of: Measure.Form.self).map(Measure.figure)
        case "growth": return growth(body.fields(["as", "from", "by"]))
        case "share": return share(body.fields(["of", "reaching"]))
        default:
            value.fail("unknown measure '\(name)': \(Spelling.hint(for: name, among: names))")
            return nil
        }
    }

    private static func distinct(_ fields: YAMLValue.Fields, _ sectors: inout [String]) -> Measure? {
        guard let kind = kind(fields), let among = mask(fields.required("among"), kind, &sectors), let unit = fields.required("by")?.one(of: Measure.Unit.self) else { return nil }
        switch unit {
        case .procedure where kind != .dossier: fields["by"]?.fail("only dossiers are counted by procedure")
        case .item where !kind.namesCriterion: fields["by"]?.fail("only obligations and events are counted by item")
        default: break
        }
        guard let outOf = fields["out_of"] else { return .distinct(of: kind, among: among, by: unit, outOf: .unsaid) }
        if outOf.isScalar { return outOf.integer(in: 1...1_000_000).map { .distinct(of: kind, among: among, by: unit, outOf: .fixed(Int64($0))) } }
        if unit != .procedure { outOf.fail("'out_of: {procedure: …}' goes with 'by: procedure'") }
        return mask(outOf.fields(["procedure"]).required("procedure"), .procedure, &sectors).map { .distinct(of: kind, among: among, by: unit, outOf: .procedures($0)) }
    }

    private static func checklist(_ fields: YAMLValue.Fields, _ sectors: inout [String]) -> Measure? {
        guard let kind = kind(fields, of: [.obligation, .event]), let list = fields.required("items") else { return nil }
        var among = FactMask()
        if let value = fields["among"] {
            guard let mask = mask(value, kind, &sectors) else { return nil }
            among = mask
        }
        var items: [[String]] = [], known: Set<String> = []
        for value in list.list {
            var alternatives: [String] = []
            for item in value.isList ? value.list : [value] {
                guard let text = item.text else { continue }
                guard let code = Code.normalized(text) else {
                    item.fail("an item must not be blank")
                    continue
                }
                if !known.insert(code).inserted { item.fail("item '\(code)' stands here twice") }
                alternatives.append(code)
            }
            if alternatives.isEmpty { value.fail("an item without alternatives can never be met") }
            items.append(alternatives)
        }
        if items.isEmpty { list.fail("a checklist needs at least one item") }
        return .checklist(of: kind, among: among, items: items)
    }

    private static func growth(_ fields: YAMLValue.Fields) -> Measure? {
        let comparison = fields["by"].map { $0.one(of: Measure.Comparison.self) } ?? .points
        guard let form = fields.required("as")?.one(of: Measure.Form.self), let from = fields.required("from"), let comparison else { return nil }
        if !from.isScalar { return from.fields(["year"]).required("year")?.integer(in: 1990...2099).map { .growth(as: form, from: .year($0), by: comparison) } }
        guard let number = from.decimal else { return nil }
        if comparison == .relative, number.mantissa <= 0 { from.fail("a baseline of \(number) has no relative growth: use by: points") }
        return .growth(as: form, from: .number(number), by: comparison)
    }

    private static func share(_ fields: YAMLValue.Fields) -> Measure? {
        guard let code = fields.required("of")?.keyPart, let reaching = fields.required("reaching") else { return nil }
        let entries = reaching.entries
        if entries.count == 1, Target.Comparison(rawValue: entries[0].0) != nil { return CriteriaFile.target(reaching).map { .share(of: code, reaching: .all($0)) } }
        var targets: [String: Target] = [:]
        for (level, value) in entries { targets[level] = CriteriaFile.target(value) }
        if entries.isEmpty { reaching.fail("'reaching' is a target such as {at_least: 80%}, or one for each level") }
        return .share(of: code, reaching: .each(targets))
    }

    private static func kind(_ fields: YAMLValue.Fields, of allowed: [Kind] = Kind.allCases) -> Kind? {
        guard let of = fields.required("of"), let text = of.text else { return nil }
        if let kind = Kind(rawValue: text), allowed.contains(kind) { return kind }
        of.fail("'\(text)' cannot be counted here: \(Spelling.hint(for: text, among: allowed.map(\.rawValue)))")
        return nil
    }

    /// A list of facts that must all hold; a list in the list means at least one of them.
    private static func mask(_ value: YAMLValue?, _ kind: Kind, _ sectors: inout [String]) -> FactMask? {
        guard let value else { return nil }
        var mask = FactMask()
        for item in value.list {
            if item.isList {
                var clause = FactMask.Clause()
                for alternative in item.list {
                    guard let (fact, isNegated) = fact(alternative, kind, &sectors) else { continue }
                    if isNegated { clause.anyAbsent.formUnion(fact) } else { clause.anyOf.formUnion(fact) }
                }
                mask.clauses.append(clause)
            } else if let (fact, isNegated) = fact(item, kind, &sectors) {
                if isNegated { mask.forbidden.formUnion(fact) } else { mask.required.formUnion(fact) }
            }
        }
        if !mask.required.isDisjoint(with: mask.forbidden) { value.fail("a fact stands here together with its opposite: nothing can match") }
        return mask
    }

    private static func fact(_ value: YAMLValue, _ kind: Kind, _ sectors: inout [String]) -> (Facts, isNegated: Bool)? {
        guard let text = value.text else { return nil }
        let isNegated = text.hasPrefix("not_")
        let name = isNegated ? String(text.dropFirst(4)) : text
        let named = Facts.named(of: kind)
        if let known = named.first(where: { $0.name == name }) { return (known.fact, isNegated) }
        if kind == .dossier, name.hasPrefix("sector:") { return sector(String(name.dropFirst(7)), value, &sectors).map { ($0, isNegated) } }
        let hint = Spelling.nearest(to: name, among: named.map(\.name)).map { "did you mean '\(isNegated ? "not_" : "")\($0)'?" }
        value.fail("unknown fact '\(text)': \(hint ?? "docs/facts.md lists the facts of \(kind == .dossier ? "a dossier" : "the kind '\(kind.rawValue)'")")")
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
