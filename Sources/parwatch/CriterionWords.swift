import Alerting
import Catalog

/// How a criterion counts and from which value it alerts, in a sentence for people.
struct CriterionWords {
    let criterion: Criterion
    let catalog: Catalog

    /// The types of message that feed it; `among` are the framework's criteria, of which a share has one.
    func fedBy(among criteria: [Criterion]) -> [String] {
        switch criterion.measure {
        case .share(let code, _): criteria.first { $0.code == code }.map { CriterionWords(criterion: $0, catalog: catalog).fedBy(among: []) } ?? []
        case .figure, .growth: [Self.type("figure")]
        case .ratio(let kind, let among, let counting): Self.types(kind, [among, counting])
        case .count(let kind, let among): Self.types(kind, [among])
        case .distinct(let kind, let among, _, .procedures): Self.types(kind, [among]) + [Self.type("procedure")]
        case .distinct(let kind, let among, _, _): Self.types(kind, [among])
        case .checklist(let kind, let among, _): Self.types(kind, [among])
        case .mean(let among): Self.types(.rating, [among])
        }
    }

    private static func types(_ kind: Kind, _ masks: [FactMask]) -> [String] {
        let isTracked = kind == .dossier && masks.contains { $0.asks(about: .tracked) }
        return [type(kind == .announcement ? "procedure" : kind.rawValue)] + (isTracked ? [type("dossier.progress")] : [])
    }

    private static func type(_ name: String) -> String { "vn.par.\(name).v1" }

    // MARK: Counting

    var counting: Bilingual {
        switch criterion.measure {
        case .ratio(let kind, let among, let counting):
            let whole = facts(among, kind), part = facts(counting, kind), kind = Self.name(kind)
            return Bilingual(
                vi: "\(kind.vi): \(part?.vi ?? "tất cả"), trên tổng số\(whole.map { " \($0.vi)" } ?? "")", en: "\(kind.en): \(part?.en ?? "all"), of \(whole.map { "those \($0.en)" } ?? "all")")
        case .count(let kind, let among):
            let which = facts(among, kind), kind = Self.name(kind)
            return Bilingual(vi: "số \(kind.vi)\(which.map { " \($0.vi)" } ?? "")", en: "number of \(kind.en)\(which.map { " that are \($0.en)" } ?? "")")
        case .mean: return Bilingual(vi: "điểm trung bình của 9 chỉ số (0–18)", en: "average sum of the nine scores (0–18)")
        case .distinct(let kind, let among, let unit, let offered): return distinct(kind, among, unit, offered)
        case .checklist(let kind, _, let items):
            let list = items.map { $0.count == 1 ? $0[0] : "(\($0.joined(separator: " | ")))" }.joined(separator: ", "), kind = Self.name(kind)
            return Bilingual(vi: "số mục đã có \(kind.vi), trên \(items.count) mục: \(list)", en: "items that have \(kind.en), of \(items.count): \(list)")
        case .figure(.ratio): return Bilingual(vi: "số liệu khai báo: tử số ÷ mẫu số", en: "declared: numerator ÷ denominator")
        case .figure(.value): return Bilingual(vi: "số liệu khai báo", en: "declared")
        case .growth(let form, let baseline, let comparison): return growth(form, baseline, comparison)
        case .share(let code, let levels): return share(code, levels)
        }
    }

    private func distinct(_ kind: Kind, _ among: FactMask, _ unit: Measure.Unit, _ offered: Measure.Offered) -> Bilingual {
        let which = facts(among, kind), kind = Self.name(kind)
        let units: Bilingual = switch unit {
        case .procedure: Bilingual(vi: "số thủ tục", en: "procedures")
        case .agency: Bilingual(vi: "số cơ quan", en: "agencies")
        case .item: Bilingual(vi: "số mục khác nhau", en: "different items")
        }
        let whole: Bilingual = switch offered {
        case .unsaid: Bilingual(vi: "", en: "")
        case .fixed(let number): Bilingual(vi: ", trên \(number)", en: ", of \(number)")
        case .procedures(let mask): facts(mask, .procedure).map { Bilingual(vi: ", trên số thủ tục \($0.vi) trong danh mục", en: ", of those \($0.en) in the catalogue") } ?? Bilingual(vi: ", trên danh mục", en: ", of the catalogue")
        }
        return Bilingual(vi: "\(units.vi) có \(kind.vi)\(which.map { " \($0.vi)" } ?? "")\(whole.vi)", en: "\(units.en) with \(kind.en)\(which.map { " \($0.en)" } ?? "")\(whole.en)")
    }

    private func growth(_ form: Measure.Form, _ baseline: Measure.Baseline, _ comparison: Measure.Comparison) -> Bilingual {
        let base: Bilingual = switch baseline {
        case .number(let number): Bilingual(vi: comma(form == .ratio ? "\(number.percent)%" : "\(number)"), en: form == .ratio ? "\(number.percent)%" : "\(number)")
        case .year(let year): Bilingual(vi: "số liệu năm \(year)", en: "the figure of \(year)")
        }
        return switch comparison {
        case .points: Bilingual(vi: "số liệu khai báo trừ \(base.vi)", en: "declared, less \(base.en)")
        case .relative: Bilingual(vi: "tăng, giảm của số liệu khai báo so với \(base.vi)", en: "declared: change against \(base.en)")
        }
    }

    private func share(_ code: String, _ levels: Measure.Levels) -> Bilingual {
        // The level that is reached is written as the other criterion's values are.
        let isPercentage = catalog.criteria.contains { $0.criterion.code == code && $0.criterion.measure.isPercentage && $0.framework.criteria.contains { $0.code == criterion.code } }
        let text = switch levels {
        case .all(let target): Self.text(target, isPercentage)
        case .each(let targets): targets.sorted { $0.key < $1.key }.map { "\($0.key) \(Self.text($0.value, isPercentage))" }.joined(separator: ", ")
        }
        return Bilingual(vi: "tỷ lệ cơ quan đạt \(code) \(comma(text))", en: "share of agencies whose \(code) is \(text)")
    }

    // MARK: Target and alert

    /// `≥ 95%`; nil if the document prints none.
    var target: String? { criterion.target.map { Self.text($0, criterion.measure.isPercentage) } }

    private static func text(_ target: Target, _ isPercentage: Bool) -> String {
        let sign = switch target.comparison {
        case .atLeast: "≥"
        case .above: ">"
        case .atMost: "≤"
        case .below: "<"
        case .equal: "="
        }
        return "\(sign) \(target.value.text(isPercentage: isPercentage))"
    }

    var alert: Bilingual? {
        guard let rule = criterion.alert else { return nil }
        let isPercentage = criterion.measure.isPercentage, sign = rule.direction == .below ? "<" : ">"
        var vi: [String] = [], en: [String] = []
        for (threshold, name) in [(rule.warning, Bilingual(vi: "cảnh báo", en: "warning")), (rule.critical, Bilingual(vi: "nghiêm trọng", en: "critical"))] {
            guard let threshold else { continue }
            let limit = "\(sign) \(threshold.limit.text(isPercentage: isPercentage))"
            vi.append("\(name.vi) \(comma(limit))")
            en.append("\(name.en) \(limit)")
        }
        if let milestones = rule.milestones {
            let words = self.milestones(milestones, rule.direction)
            vi.append(words.vi)
            en.append(words.en)
        }
        if rule.minSample > 1, criterion.measure.hasSample {
            vi.append("khi có từ \(rule.minSample)")
            en.append("from \(rule.minSample) on")
        }
        if rule.pendingFor > .zero {
            let length = Self.length(rule.pendingFor)
            vi.append("sau \(length.vi)")
            en.append("after \(length.en)")
        }
        return Bilingual(vi: vi.joined(separator: "; "), en: en.joined(separator: "; "))
    }

    /// How points are earned; nil where no document says it.
    var points: Bilingual? {
        guard let points = criterion.points else { return nil }
        func value(_ value: ExactDecimal) -> String { value.text(isPercentage: criterion.measure.isPercentage) }
        let rule: Bilingual
        switch points.rule {
        case .linear(let fullAt, let floor):
            rule = Bilingual(vi: "từ 0 khi \(comma(value(floor))) đến tối đa khi \(comma(value(fullAt)))", en: "from 0 at \(value(floor)) to all at \(value(fullAt)), in proportion")
        case .steps(let steps, let lowerIsBetter):
            let sign = lowerIsBetter ? "≤" : "≥"
            let text = steps.map { "\($0.points) \(sign) \(value($0.limit))" }.joined(separator: "; ")
            rule = Bilingual(vi: comma(text), en: text)
        }
        return Bilingual(vi: "tối đa \(comma("\(points.maximum)")) điểm: \(rule.vi)", en: "\(points.maximum) at most: \(rule.en)")
    }

    static func length(_ duration: Instant.Duration) -> Bilingual {
        let seconds = duration.microseconds / 1_000_000
        let units: [(Int64, String, String)] = [(86_400, "ngày", "day"), (3_600, "giờ", "hour"), (60, "phút", "minute")]
        let (size, vi, en) = units.first { seconds % $0.0 == 0 } ?? (1, "giây", "second")
        let number = seconds / size
        return Bilingual(vi: "\(number) \(vi)", en: "\(number) \(en)\(number == 1 ? "" : "s")")
    }

    /// Vietnamese writes a decimal comma.
    func comma(_ text: String) -> String { String(text.map { $0 == "." ? "," : $0 }) }

    // MARK: Facts

    /// A condition in words; nil if it asks for nothing.
    private func facts(_ mask: FactMask, _ kind: Kind) -> Bilingual? {
        var parts = named(mask.required, kind, negated: false) + named(mask.forbidden, kind, negated: true)
        for clause in mask.clauses {
            let either = named(clause.anyOf, kind, negated: false) + named(clause.anyAbsent, kind, negated: true)
            parts.append(Bilingual(vi: either.map(\.vi).joined(separator: " hoặc "), en: either.map(\.en).joined(separator: " or ")))
        }
        return parts.isEmpty ? nil : Bilingual(vi: parts.map(\.vi).joined(separator: ", "), en: parts.map(\.en).joined(separator: ", "))
    }

    private func named(_ facts: Facts, _ kind: Kind, negated: Bool) -> [Bilingual] {
        var names = Facts.named(of: kind).filter { facts.contains($0.fact) }.map { Bilingual(vi: Glossary.vietnamese($0.name, kind), en: $0.name.replacing("_", with: " ")) }
        if kind == .dossier {
            names += catalog.sectors.indices.filter { facts.contains(.sector($0)) }.map { Bilingual(vi: "lĩnh vực \(catalog.sectors[$0])", en: "of sector \(catalog.sectors[$0])") }
        }
        return negated ? names.map { Bilingual(vi: "không \($0.vi)", en: "not \($0.en)") } : names
    }

    private static func name(_ kind: Kind) -> Bilingual { Glossary.name(of: kind) }
}
