public import Catalog

/// Where every cell stands: a flat array, criterion by criterion, agency by agency, period by period. Never changes; many look at it.
public final class Layout: Sendable {
    /// One criterion with the place of its cells. A constant object: many cells look at it, none copies it.
    public final class Plan: Sendable {
        public let framework: Int
        public let criterion: Int
        public let measure: Measure
        public let target: Target?
        public let points: Points?
        /// Without the thresholds where they change by the day: `rule(at:)`.
        public let rule: AlertRule?
        /// The rule from each instant on at which its thresholds change, in order; empty where they never do.
        public let turns: [(at: Instant, rule: AlertRule)]
        public let periods: [Period]
        /// By period: when it begins, and when it closes.
        public let openings: [Instant]
        public let closings: [Instant]
        /// The year of its framework.
        let year: Int
        let levels: Set<String>
        let scope: Int
        let firstCell: Int
        /// Index of the plan whose cells are the units of a share.
        let units: Int?

        init(framework: Int, criterion: Int, in catalog: Catalog, scope: Int, firstCell: Int) {
            let whole = catalog.frameworks[framework], one = whole.criteria[criterion]
            self.framework = framework
            self.criterion = criterion
            measure = one.measure
            target = one.target
            points = one.points
            rule = one.alert
            periods = one.periods.flatMap(\.periods)
            openings = periods.map { catalog.zone.start(of: $0.days(in: whole.year).lowerBound) }
            closings = periods.map { whole.closing(of: $0, for: one, in: catalog.zone) }
            turns = one.alert.map { rule in rule.milestones?.steps(in: whole.year).map { (catalog.zone.start(of: $0.from), rule.with($0)) } ?? [] } ?? []
            year = whole.year
            levels = Set(one.levels)
            self.scope = scope
            self.firstCell = firstCell
            if case .share(let code, _) = one.measure, let index = whole.criteria.firstIndex(where: { $0.code == code }) {
                units = catalog.frameworks[..<framework].reduce(0) { $0 + $1.criteria.count } + index
            } else {
                units = nil
            }
        }

        /// The rule as it is at an instant.
        @inline(__always)
        public func rule(at now: Instant) -> AlertRule? { turns.isEmpty ? rule : turns.last { $0.at <= now }?.rule ?? rule }
    }

    /// Which agencies are judged, and which of them a subject's agency counts for. Criteria with the same levels and places share it.
    struct Scope: Sendable {
        /// Indices of agencies in the catalog.
        var judged: [Int] = []
        /// By agency: its place in `judged`, or -1.
        var placeOf: [Int32]
        /// By seat: the places in `judged` of its agency and those above it; empty where its subjects do not count.
        var places: [[Int32]]

        init(levels: Set<String>, judgeAt: Set<JudgedAt>, agencies: [Agency], _ tree: AgencyTree) {
            var isJudged = [Bool](repeating: false, count: agencies.count)
            for line in tree.lines where levels.contains(agencies[line[0]].level) {
                if judgeAt.contains(.`self`) { isJudged[line[0]] = true }
                if judgeAt.contains(.parent), line.count > 1 { isJudged[line[1]] = true }
                if judgeAt.contains(.root), let root = line.last { isJudged[root] = true }
            }
            judged = agencies.indices.filter { isJudged[$0] }
            var placeOf = [Int32](repeating: -1, count: agencies.count)
            for (place, agency) in judged.enumerated() { placeOf[agency] = Int32(place) }
            self.placeOf = placeOf
            places = tree.lines.map { line in levels.contains(agencies[line[0]].level) ? line.map { placeOf[$0] }.filter { $0 >= 0 } : [] }
        }
    }

    public let catalog: Catalog
    let tree: AgencyTree
    public let plans: [Plan]
    let scopes: [Scope]
    public let cellCount: Int
    /// The same, as every message needs it.
    public let lanes: Lanes

    /// Cells of agencies in periods in which they do not exist for a single day.
    private let lifeless: Set<CellID>
    private let plansOfCriterion: [String: [Int]]
    private let agencyIndex: [String: Int]

    private struct ScopeKey: Hashable {
        var levels: Set<String>
        var judgeAt: Set<JudgedAt>
    }

    public init(catalog: Catalog) {
        let tree = catalog.tree
        var plans: [Plan] = [], scopes: [Scope] = [], cellCount = 0
        var plansOfCriterion: [String: [Int]] = [:], scopeOf: [ScopeKey: Int] = [:]
        for (f, framework) in catalog.frameworks.enumerated() {
            for (c, criterion) in framework.criteria.enumerated() {
                let key = ScopeKey(levels: Set(criterion.levels), judgeAt: criterion.judgeAt)
                let scope = scopeOf[key] ?? scopes.count
                if scope == scopes.count {
                    scopes.append(Scope(levels: key.levels, judgeAt: key.judgeAt, agencies: catalog.agencies, tree))
                    scopeOf[key] = scope
                }
                plansOfCriterion["\(framework.id)/\(criterion.code)", default: []].append(plans.count)
                let plan = Plan(framework: f, criterion: c, in: catalog, scope: scope, firstCell: cellCount)
                plans.append(plan)
                cellCount += scopes[scope].judged.count * plan.periods.count
            }
        }
        self.catalog = catalog
        self.tree = tree
        self.plans = plans
        self.scopes = scopes
        self.cellCount = cellCount
        self.plansOfCriterion = plansOfCriterion
        lanes = Lanes(plans, scopes, catalog, tree)
        lifeless = tree.isConstant ? [] : Self.lifeless(plans, scopes, catalog.agencies)
        agencyIndex = Dictionary(catalog.agencies.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
    }

    private static func lifeless(_ plans: [Plan], _ scopes: [Scope], _ agencies: [Agency]) -> Set<CellID> {
        var cells: Set<CellID> = []
        for plan in plans {
            for (place, agency) in scopes[plan.scope].judged.enumerated() {
                for (period, span) in plan.periods.enumerated() where !agencies[agency].exists(within: span.days(in: plan.year)) {
                    cells.insert(CellID(plan.firstCell + place * plan.periods.count + period))
                }
            }
        }
        return cells
    }

    /// Whether its agency exists on no day of its period: then it has no value by itself, only by what was said of it.
    func isLifeless(_ cell: CellID) -> Bool { !lifeless.isEmpty && lifeless.contains(cell) }

    /// Where an agency stands as a unit of a share, in a period of the units' plan: as of the period's first day, or its own first or last where it comes later
    /// or went before.
    func seat(ofUnit agency: Int32, _ plan: Plan, period: Int) -> Int32 {
        if tree.isConstant { return agency }
        let life = catalog.agencies[Int(agency)], day = max(plan.periods[period].days(in: plan.year).lowerBound, life.from ?? LocalDay(number: .min))
        return tree.seat(of: agency, on: min(day, life.until ?? day)) ?? agency
    }

    /// All cells of an agency.
    public func cells(ofAgency agency: Int) -> [CellID] {
        plans.flatMap { plan in
            let place = scopes[plan.scope].placeOf[agency]
            return place < 0 ? [] : plan.periods.indices.map { CellID(plan.firstCell + Int(place) * plan.periods.count + $0) }
        }
    }

    /// What a cell stands for.
    public struct Place: Sendable {
        public let plan: Plan
        public let framework: Framework
        public let criterion: Criterion
        /// Index in the catalog.
        public let agency: Int
        public let period: Period

        public var periodName: String { period.name(in: framework.year) }
    }

    public func place(of cell: CellID) -> Place {
        let plan = plan(of: cell)
        let (place, period) = (Int(cell) - plan.firstCell).quotientAndRemainder(dividingBy: plan.periods.count)
        let framework = catalog.frameworks[plan.framework]
        return Place(plan: plan, framework: framework, criterion: framework.criteria[plan.criterion], agency: scopes[plan.scope].judged[place], period: plan.periods[period])
    }

    /// Index of the agency in the catalog, and place of the period in the plan.
    func agencyAndPeriod(of cell: CellID) -> (agency: Int, period: Int) {
        let plan = plan(of: cell)
        let (place, period) = (Int(cell) - plan.firstCell).quotientAndRemainder(dividingBy: plan.periods.count)
        return (scopes[plan.scope].judged[place], period)
    }

    /// Of a cell's period.
    func firstDay(of cell: CellID) -> LocalDay {
        let plan = plan(of: cell)
        return plan.periods[(Int(cell) - plan.firstCell) % plan.periods.count].days(in: plan.year).lowerBound
    }

    public func plan(of cell: CellID) -> Plan { plans[lanes.plan(of: cell)] }

    /// `<framework>/<criterion>/<agency>/<period>`.
    public func key(of cell: CellID) -> String {
        let place = place(of: cell)
        return "\(place.framework.id)/\(place.criterion.code)/\(catalog.agencies[place.agency].id)/\(place.periodName)"
    }

    /// The cell of an agency in a plan; nil if that judges it not, or not in that period.
    func cell(ofAgency agency: Int, _ plan: Plan, _ period: Period) -> CellID? {
        let place = scopes[plan.scope].placeOf[agency]
        guard place >= 0, let index = plan.periods.firstIndex(of: period) else { return nil }
        return CellID(plan.firstCell + Int(place) * plan.periods.count + index)
    }

    /// Those that are judged by a plan, as indices in the catalog, in the order of its cells.
    public func agencies(of plan: Plan) -> [Int] { scopes[plan.scope].judged }

    public func cells(of plan: Plan) -> Range<CellID> {
        CellID(plan.firstCell)..<CellID(plan.firstCell + scopes[plan.scope].judged.count * plan.periods.count)
    }

    /// Whether the catalog has an agency of this id.
    public func knows(agency id: String) -> Bool { agencyIndex[id] != nil }

    /// The cell of a key; nil if the catalog judges no such thing.
    public func cell(of key: String) -> CellID? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let agency = agencyIndex[parts[2]] else { return nil }
        for plan in plansOfCriterion["\(parts[0])/\(parts[1])"] ?? [] {
            let plan = plans[plan], place = scopes[plan.scope].placeOf[agency], year = catalog.frameworks[plan.framework].year
            if place >= 0, let period = plan.periods.firstIndex(where: { $0.name(in: year) == parts[3] }) {
                return CellID(plan.firstCell + Int(place) * plan.periods.count + period)
            }
        }
        return nil
    }

    /// By cell: the one with the same key in another layout, or -1.
    func counterparts(in other: Layout) -> [CellID] {
        let agencies = catalog.agencies.map { other.agencyIndex[$0.id] }
        var cells: [CellID] = []
        cells.reserveCapacity(cellCount)
        for plan in plans {
            let framework = catalog.frameworks[plan.framework]
            let names = plan.periods.map { $0.name(in: framework.year) }
            let others = (other.plansOfCriterion["\(framework.id)/\(framework.criteria[plan.criterion].code)"] ?? []).map { index in
                let year = other.catalog.frameworks[other.plans[index].framework].year
                return (plan: other.plans[index], periods: names.map { name in other.plans[index].periods.firstIndex { $0.name(in: year) == name } })
            }
            for agency in scopes[plan.scope].judged {
                for period in plan.periods.indices { cells.append(agencies[agency].flatMap { other.cell($0, others, period) } ?? -1) }
            }
        }
        return cells
    }

    /// The cell of an agency in the first plan that has it, in that plan's period for `period`.
    private func cell(_ agency: Int, _ plans: [(plan: Plan, periods: [Int?])], _ period: Int) -> CellID? {
        for (plan, periods) in plans {
            if let period = periods[period], scopes[plan.scope].placeOf[agency] >= 0 {
                return CellID(plan.firstCell + Int(scopes[plan.scope].placeOf[agency]) * plan.periods.count + period)
            }
        }
        return nil
    }
}
