public import Catalog

/// The layout in flat tables without references, so that a message finds its cells in a few steps whatever else the catalog judges.
public final class Lanes: Sendable {
    /// The cells of one plan.
    struct Lane {
        var firstCell: CellID
        var periodCount: Int32
        /// Of its first period.
        var firstSpan: Int32
        var scope: Int32
        var hasCalendar: Bool
        var hasWindows: Bool
        var kind: Kind
        /// Whether there is a rule to judge it by.
        var hasRule: Bool

        /// Whether others look at its cells as units.
        var hasShares: Bool

        enum Kind: Equatable {
            /// `counted` ÷ `base`; a mean and a share as well.
            case ratio
            case count
            case distinct(outOf: Int64)
            /// Out of `base`.
            case distinctOffered
            case distinctCount
            case checklist(items: Int64)
            case figure
        }

        var isDistinct: Bool {
            switch kind {
            case .distinct, .distinctOffered, .distinctCount, .checklist: true
            case .ratio, .count, .figure: false
            }
        }

        /// Whether it has a value without any subject.
        var hasValueFromStart: Bool {
            switch kind {
            case .count, .distinctCount, .checklist: true
            case .ratio, .distinct, .distinctOffered, .figure: false
            }
        }

        /// Whether something distinct is counted by agency.
        var isByAgency: Bool
        /// Whether its values begin with the first day of the period.
        var beginsWithPeriod: Bool
    }

    /// By plan.
    let lanes: [Lane]
    /// By plan and month: the plan's calendar periods that hold it. Behind the twelve stands what belongs to the year alone.
    let periodsOfMonth: Rows<Int32>
    static let monthsAndYear = 13
    static let yearAlone: Int32 = 12
    /// By plan: its windows.
    let windowsOfPlan: Rows<(period: Int32, window: Int32)>
    /// Lengths of the windows in use, in days.
    let windowLengths: [Int32]
    /// By scope and seat: the places among the judged of its agency and those above it; empty where its subjects do not count.
    private let places: Rows<Int32>
    /// By cell: its plan.
    private let planOfCell: [Int32]
    /// By plan and period.
    private let spans: [PeriodSpan]

    /// The years of the frameworks.
    private let years: [Year]
    /// By seat: seats whose subjects count for the same criteria share a class.
    private let classes: [Int32]
    private let classCount: Int32
    /// By group, the plans that count its subjects: by year and class first dossiers, then the other kinds in their order, then by plan what names its criterion.
    let plansOfGroup: [[Int]]
    private let kindOfGroup: [Kind]
    private static let others = Kind.allCases.filter { $0 != .dossier && !$0.namesCriterion }
    /// The first group of what names its criterion.
    private let firstNamed: Int32
    /// By plan: the place of its framework's year.
    private let yearOfPlan: [Int32]

    /// By seat: the agency that counts there.
    private let agencies: [Int32]
    /// By agency: when it begins and ends; empty where none does.
    private let lives: [Life]
    /// By scope: indices of the judged agencies, where there are lives.
    private let judged: [[Int]]

    /// When a period begins, and when it closes, for the agency of a cell.
    public struct PeriodSpan: Sendable {
        public var opening: Instant
        public var closing: Instant
        /// It begins with the agency's first day; it ends with the agency's last.
        public var beginsWithAgency = false
        public var endsWithAgency = false
    }

    private struct Life {
        let beginning: Instant
        let end: Instant

        init(_ agency: Agency, _ zone: Zone) {
            beginning = agency.from.map(zone.start) ?? .distantPast
            end = agency.until.map { zone.start(of: $0 + 1) } ?? .distantFuture
        }
    }

    private struct Year {
        var days: Range<LocalDay>
        /// By day of the year, 1–12.
        var months: [UInt8]
    }

    init(_ plans: [Layout.Plan], _ scopes: [Layout.Scope], _ catalog: Catalog, _ tree: AgencyTree) {
        var lanes: [Lane] = [], periodsOfMonth = Rows<Int32>(), windowsOfPlan = Rows<(period: Int32, window: Int32)>(), lengths: [Int32] = [], spans: [PeriodSpan] = [], planOfCell: [Int32] = []
        let units = Set(plans.compactMap(\.units))
        for (index, plan) in plans.enumerated() {
            for month in 1...Self.monthsAndYear { periodsOfMonth.append(plan.periods.indices.filter { plan.periods[$0].holds(month: month) }.map(Int32.init)) }
            var windows: [(period: Int32, window: Int32)] = []
            for (period, kind) in plan.periods.enumerated() {
                guard case .window(let days) = kind else { continue }
                if !lengths.contains(days) { lengths.append(days) }
                windows.append((Int32(period), Int32(lengths.firstIndex(of: days) ?? 0)))
            }
            windowsOfPlan.append(windows)
            lanes.append(Lane(
                firstCell: CellID(plan.firstCell), periodCount: Int32(plan.periods.count), firstSpan: Int32(spans.count), scope: Int32(plan.scope),
                hasCalendar: windows.count < plan.periods.count, hasWindows: !windows.isEmpty, kind: .init(plan.measure), hasRule: plan.rule != nil,
                hasShares: units.contains(index), isByAgency: plan.measure.isByAgency, beginsWithPeriod: plan.measure.beginsWithPeriod))
            spans += zip(plan.openings, plan.closings).map { PeriodSpan(opening: $0, closing: $1) }
            planOfCell += Array(repeating: Int32(index), count: scopes[plan.scope].judged.count * plan.periods.count)
        }
        var places = Rows<Int32>()
        for scope in scopes { for row in scope.places { places.append(row) } }

        let counting = tree.lines.indices.map { seat in scopes.indices.filter { !scopes[$0].places[seat].isEmpty } }
        let kinds = Array(Set(counting)), years = Set(catalog.frameworks.map(\.year)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($0.element, Int32($0.offset)) })
        var plansOfGroup: [[Int]] = [], kindOfGroup: [Kind] = []
        for counted in [.dossier] + Self.others {
            for year in years {
                for kind in kinds {
                    plansOfGroup.append(plans.indices.filter {
                        catalog.frameworks[plans[$0].framework].year == year && kind.contains(plans[$0].scope) && plans[$0].measure.counts(counted)
                    })
                    kindOfGroup.append(counted)
                }
            }
        }
        firstNamed = Int32(plansOfGroup.count)
        for (index, plan) in plans.enumerated() {
            plansOfGroup.append(plan.measure.kind?.namesCriterion == true ? [index] : [])
            kindOfGroup.append(plan.measure.kind ?? .event)
        }
        self.plansOfGroup = plansOfGroup
        self.kindOfGroup = kindOfGroup
        yearOfPlan = plans.map { plan in Int32(years.firstIndex(of: catalog.frameworks[plan.framework].year) ?? 0) }
        self.years = years.map { year in
            let days = Period.year.days(in: year)
            return Year(days: days, months: (days.lowerBound.number..<days.upperBound.number).map { UInt8(LocalDay(number: $0).civil.month) })
        }
        classes = counting.map { numbers[$0] ?? 0 }
        classCount = Int32(kinds.count)
        self.lanes = lanes
        self.periodsOfMonth = periodsOfMonth
        self.windowsOfPlan = windowsOfPlan
        windowLengths = lengths
        self.places = places
        self.planOfCell = planOfCell
        self.spans = spans
        agencies = tree.lines.map { Int32($0[0]) }
        lives = tree.isConstant ? [] : catalog.agencies.map { Life($0, catalog.zone) }
        judged = tree.isConstant ? [] : scopes.map(\.judged)
    }

    public func plan(of cell: CellID) -> Int { Int(planOfCell[Int(cell)]) }

    public func span(of cell: CellID) -> PeriodSpan {
        let lane = lanes[plan(of: cell)], (place, period) = (cell - lane.firstCell).quotientAndRemainder(dividingBy: lane.periodCount)
        var span = spans[Int(lane.firstSpan + period)]
        if lives.isEmpty { return span }
        let life = lives[judged[Int(lane.scope)][Int(place)]]
        if life.beginning > span.opening { (span.opening, span.beginsWithAgency) = (life.beginning, true) }
        if life.end < span.closing { (span.closing, span.endsWithAgency) = (life.end, true) }
        return span
    }

    /// The agency that counts at a seat.
    func agency(at seat: Int32) -> Int32 { agencies[Int(seat)] }

    /// The last day of the year at this place.
    func lastDay(ofYear year: Int) -> LocalDay { years[year].days.upperBound + -1 }

    /// The rows of `place(at:)` for a lane and a seat.
    func places(_ lane: Lane, seat: Int32) -> Range<Int> { places.row(Int(lane.scope) * classes.count + Int(seat)) }
    func place(at index: Int) -> Int32 { places[index] }

    func kind(of group: Int32) -> Kind { kindOfGroup[Int(group)] }

    var yearCount: Int { years.count }

    /// The group of another kind than dossiers in the year at this place.
    func group(of kind: Kind, year: Int, seat: Int32) -> Int32 {
        let block = (Self.others.firstIndex(of: kind) ?? 0) + 1
        return Int32((block * years.count + year) * Int(classCount)) + classes[Int(seat)]
    }

    /// The group of what names a plan's criterion.
    func group(naming plan: Int32) -> Int32 { firstNamed + plan }

    func kind(naming plan: Int32) -> Kind { kindOfGroup[Int(firstNamed + plan)] }

    /// The month (0–11) of a day in the year of a plan; nil: it lies in another.
    func month(of day: LocalDay, plan: Int32) -> Int32? { month(of: day, in: years[Int(yearOfPlan[Int(plan)])]) }

    /// The place of the year and the month (0–11) of a day; nil: no framework is of that year.
    func yearAndMonth(of day: LocalDay) -> (year: Int, month: Int32)? {
        for (place, year) in years.enumerated() { if let month = month(of: day, in: year) { return (place, month) } }
        return nil
    }

    private func month(of day: LocalDay, in year: Year) -> Int32? {
        year.days.contains(day) ? Int32(year.months[Int(day.number - year.days.lowerBound.number)]) - 1 : nil
    }

    /// What is counted alike in a year, and the month (0–11), of a dossier; nil if no framework is of that year.
    func group(receivedOn day: LocalDay, seat: Int32) -> (group: Int32, month: Int32)? {
        for year in years.indices where years[year].days.contains(day) {
            return (Int32(year) * classCount + classes[Int(seat)], Int32(years[year].months[Int(day.number - years[year].days.lowerBound.number)]) - 1)
        }
        return nil
    }
}

extension Measure {
    fileprivate var isByAgency: Bool { if case .distinct(_, _, .agency, _) = self { true } else { false } }
}

extension Lanes.Lane.Kind {
    init(_ measure: Measure) {
        switch measure {
        case .ratio, .mean, .share: self = .ratio
        case .count: self = .count
        case .distinct(_, _, _, .fixed(let outOf)): self = .distinct(outOf: outOf)
        case .distinct(_, _, _, .procedures): self = .distinctOffered
        case .distinct(_, _, _, .unsaid): self = .distinctCount
        case .checklist(_, _, let items): self = .checklist(items: Int64(items.count))
        case .figure, .growth: self = .figure
        }
    }
}

extension Period {
    /// Whether it is a calendar period with that month, 1–12, in it.
    fileprivate func holds(month: Int) -> Bool {
        switch self {
        case .year: true
        case _ where month > 12: false
        case .quarter(let quarter): (month + 2) / 3 == quarter
        case .month(let other): month == other
        case .window: false
        }
    }
}

/// Rows of different lengths in flat memory.
struct Rows<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var ends: [Int32] = [0]

    mutating func append(_ row: [Element]) {
        elements += row
        ends.append(Int32(elements.count))
    }

    /// The indices of a row's elements.
    func row(_ index: Int) -> Range<Int> { Int(ends[index])..<Int(ends[index + 1]) }

    subscript(_ index: Int) -> Element { elements[index] }
}
