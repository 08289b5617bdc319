import Alerting
import Catalog
import Scoreboard

/// What the catalog says of one criterion at one agency in one period, in words.
struct Explanation {
    private let place: Layout.Place
    private let catalog: Catalog

    init(_ place: Layout.Place, _ catalog: Catalog) {
        self.place = place
        self.catalog = catalog
    }

    private var criterion: Criterion { place.criterion }
    private var isPercentage: Bool { criterion.measure.isPercentage }

    var sections: [(name: String, lines: [String])] {
        let source = [criterion.source?.document, criterion.source?.place].compactMap(\.self)
        return [
            ("criterion", [criterion.name.vi, criterion.name.en]),
            ("framework", ["\(place.framework.id): \(place.framework.title.vi)", place.framework.title.en]),
            ("document", [source.isEmpty ? "not named in the catalog" : source.joined(separator: ", ")]),
            ("lead", [criterion.lead].compactMap(\.self)),
            ("agency", ["\(agency.id): \(agency.name.vi) (\(agency.name.en)), \(agency.level)"]),
            ("counts", counted),
            ("measure", measure),
            ("target", [words.target ?? "none"]),
            ("alerts", alerts),
            ("period", period),
        ].filter { !$0.1.isEmpty }
    }

    private var agency: Agency { catalog.agencies[place.agency] }

    static func places(_ criterion: Criterion) -> String {
        JudgedAt.allCases.filter(criterion.judgeAt.contains).map { place in
            switch place {
            case .`self`: "the agency itself"
            case .parent: "the agency above it"
            case .root: "the top of the tree"
            }
        }.joined(separator: ", ")
    }

    private func amount(_ value: ExactDecimal) -> String { value.text(isPercentage: isPercentage) }

    // MARK: Whose

    private var counted: [String] {
        let those = catalog.agencies.indices.filter { criterion.levels.contains(catalog.agencies[$0].level) && catalog.line(of: $0).contains(place.agency) }
        let whose = those == [place.agency] ? "its own" : "those of \(those.count) \(those.count == 1 ? "agency" : "agencies") at or below it"
        return ["\(words.fedBy(among: place.framework.criteria).joined(separator: ", ")) of agencies with level \(criterion.levels.joined(separator: ", ")); here \(whose)", "judged at \(Self.places(criterion))"]
    }

    // MARK: How

    private var words: CriterionWords { CriterionWords(criterion: criterion, catalog: catalog) }

    private var measure: [String] {
        let masks: [FactMask] = switch criterion.measure {
        case .ratio(.dossier, let among, let counting): [among, counting]
        case .count(.dossier, let among), .distinct(.dossier, let among, _, _), .checklist(.dossier, let among, _): [among]
        default: []
        }
        let owed = words.duty.map { ["owed \($0.en), also where no message says so"] } ?? []
        return [words.counting.vi, words.counting.en] + owed + meanings(masks)
    }

    /// What each fact says, where its name alone does not: docs/facts.md.
    private func meanings(_ masks: [FactMask]) -> [String] {
        var facts: Facts = []
        for mask in masks {
            facts.formUnion(mask.required.union(mask.forbidden))
            for clause in mask.clauses { facts.formUnion(clause.anyOf.union(clause.anyAbsent)) }
        }
        if !facts.isDisjoint(with: [.decided]) { facts.formUnion([.finished, .overdue]) }
        if !facts.isDisjoint(with: [.onTime]) { facts.formUnion([.late]) }
        return Facts.named.compactMap { name, fact in
            guard facts.contains(fact), let meaning = meaning(name) else { return nil }
            return "\(name): \(meaning)"
        }
    }

    private func meaning(_ fact: String) -> String? {
        switch fact {
        case "accepted": "in state 2, 4, 5, 6, 8, 9 or 10"
        case "open": "in state 2 or 4"
        case "finished": "in state 9 or 10"
        case "overdue": catalog.lateBy == .date ? "open, and its due date has ended" : "open, and its due instant has passed"
        case "late": catalog.lateBy == .date ? "finished on a day after its due date, or overdue" : "finished after its due instant, or overdue"
        case "on_time": "finished and not late; without a due date nothing is late"
        case "decided": "finished or overdue"
        case "supplemented_twice": "asked for supplements more than once"
        default: nil
        }
    }

    // MARK: Thresholds

    private var alerts: [String] {
        guard let rule = criterion.alert else { return ["none"] }
        let back = rule.direction == .below ? "or more" : "or less"
        var lines: [String] = []
        if let milestones = rule.milestones { lines.append(words.milestones(milestones, rule.direction).en) }
        for (name, threshold) in [("warning", rule.warning), ("critical", rule.critical)] {
            guard let threshold else { continue }
            lines.append("\(name) \(rule.direction.rawValue) \(amount(threshold.limit)), ends at \(amount(threshold.clear)) \(back)")
        }
        if criterion.measure.hasSample { lines.append("nothing begins while fewer than \(rule.minSample) are counted") }
        if rule.pendingFor > .zero { lines.append("fires after \(CriterionWords.length(rule.pendingFor).en) (for)") }
        if rule.keepFiringFor > .zero { lines.append("goes on firing for \(CriterionWords.length(rule.keepFiringFor).en) after it is over (keep_firing_for)") }
        return lines
    }

    // MARK: When

    private var period: [String] {
        let zone = catalog.zone
        return ["\(place.periodName): \(belonging)",
                "closes \(place.framework.closing(of: place.period, for: criterion, in: zone).text(in: zone)): from then on corrections change the score and no alert"]
    }

    /// What the period holds: docs/measures.md, "Which period".
    private var belonging: String {
        guard let kind = criterion.measure.kind else { return criterion.measure.form == nil ? "its units, as they stand in that period" : "what is declared for it, whenever" }
        let subjects = Glossary.name(of: kind).en, zone = catalog.zone, days = place.period.days(in: place.framework.year)
        switch (place.period, kind) {
        case (.window(let length), _): return "\(subjects) of \(place.framework.year) that were decided in the last \(length) local days, today included"
        case (_, .procedure): return "\(subjects), as they stand now: they have no day"
        case (.year, .obligation): return "\(subjects) that name this criterion, whatever the day on which they are due"
        default: return "\(subjects) from \(zone.start(of: days.lowerBound).text(in: zone)) until before \(zone.start(of: days.upperBound).text(in: zone)) (\(zone.name))"
        }
    }
}
