/// How a criterion counts. docs/measures.md says what each is, with examples.
public enum Measure: Hashable, Sendable {
    /// Of the subjects `among`, those that are also `counting`.
    case ratio(of: Kind = .dossier, among: FactMask, counting: FactMask)
    /// How many subjects are `among`; there is no denominator.
    case count(of: Kind = .dossier, among: FactMask)
    /// Of the ratings `among`, the average of the sums of their nine scores.
    case mean(among: FactMask)
    /// Procedures, agencies or items with at least one subject `among`. At a parent the union counts.
    case distinct(of: Kind = .dossier, among: FactMask, by: Unit = .procedure, outOf: Offered)
    /// Items of which at least one alternative has a subject `among`. At a parent the union counts.
    case checklist(of: Kind, among: FactMask, items: [[String]])
    /// What was declared.
    case figure(as: Form)
    /// The same against a baseline.
    case growth(as: Form, from: Baseline, by: Comparison)
    /// Of the agencies that have a value of another criterion of the framework, those that reach a level of it.
    case share(of: String, reaching: Levels)

    public enum Unit: String, Hashable, Sendable, CaseIterable { case procedure, agency, item }

    /// Out of how many something distinct is.
    public enum Offered: Hashable, Sendable {
        /// There is no denominator.
        case unsaid
        case fixed(Int64)
        /// Procedures of the catalogue with these facts.
        case procedures(FactMask)
    }

    public enum Form: String, Hashable, Sendable, CaseIterable {
        /// Numerators ÷ denominators.
        case ratio
        /// An amount, which has no denominator.
        case value
    }

    public enum Baseline: Hashable, Sendable {
        case number(ExactDecimal)
        /// The figure for that year.
        case year(Int)
    }

    public enum Comparison: String, Hashable, Sendable, CaseIterable { case points, relative }

    public enum Levels: Hashable, Sendable {
        case all(Target)
        /// By the level of the agency.
        case each([String: Target])

        public func target(at level: String) -> Target? {
            switch self {
            case .all(let target): target
            case .each(let targets): targets[level]
            }
        }
    }

    /// As a criteria file names it.
    public var name: String {
        switch self {
        case .ratio: "ratio"
        case .count: "count"
        case .mean: "mean"
        case .distinct: "distinct"
        case .checklist: "checklist"
        case .figure: "figure"
        case .growth: "growth"
        case .share: "share"
        }
    }

    /// What it counts; nil where it counts no subjects.
    public var kind: Kind? {
        switch self {
        case .ratio(let kind, _, _), .count(let kind, _), .distinct(let kind, _, _, _), .checklist(let kind, _, _): kind
        case .mean: .rating
        case .figure, .growth, .share: nil
        }
    }

    /// Whether it counts anything by working days.
    public var restsOnWorkingDays: Bool {
        switch self {
        case .ratio(let kind, let among, let counting): kind.hasTerms && [among, counting].contains { $0.asks(about: .termsOfProcedures) }
        case .distinct(_, _, _, .procedures(let offered)): offered.asks(about: .termsOfProcedures)
        case .count(let kind, let among), .distinct(let kind, let among, _, _): kind.hasTerms && among.asks(about: .termsOfProcedures)
        case .checklist, .mean, .figure, .growth, .share: false
        }
    }

    /// Whether it has a value, 0, without any subject.
    public var countsFromZero: Bool {
        switch self {
        case .count, .distinct(_, _, _, .unsaid): true
        default: false
        }
    }

    /// Whether its values begin with the first day of the period.
    public var beginsWithPeriod: Bool {
        switch self {
        case .checklist, .share: true
        default: false
        }
    }

    /// Whether its value is a part of a whole, never above 1.
    public var isPart: Bool {
        switch self {
        case .ratio, .checklist, .share, .distinct(_, _, _, .fixed), .distinct(_, _, _, .procedures): true
        case .count, .mean, .distinct(_, _, _, .unsaid), .figure, .growth: false
        }
    }

    /// Whether people read its value in per cent.
    public var isPercentage: Bool {
        switch self {
        case .figure(.ratio), .growth(_, _, .relative), .growth(.ratio, _, .points): true
        default: isPart
        }
    }

    /// Whether a smallest sample means anything to it: what it is divided by was counted, not declared.
    public var hasSample: Bool { form == nil && !countsFromZero }

    /// Whether it takes declared figures.
    public var form: Form? {
        switch self {
        case .figure(let form), .growth(let form, _, _): form
        default: nil
        }
    }
}
