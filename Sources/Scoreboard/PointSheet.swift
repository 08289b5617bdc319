public import Catalog

/// The points of a framework at one agency in one period: what it earned of what it could have, criterion by criterion.
public struct PointSheet: Sendable {
    public struct Line: Sendable {
        public var criterion: Criterion
        public var maximum: ExactDecimal
        /// Nil while there is no value: then all of it is at risk.
        public var earned: ExactDecimal?
        /// False: there was nothing to judge, and the line is left out of the sums.
        public var isApplicable: Bool

        public var atRisk: PointSum {
            var risk = PointSum()
            if isApplicable { risk += maximum }
            if let earned, isApplicable { risk = risk - (PointSum() + earned) }
            return risk
        }
    }

    /// Which are wanted, by their names.
    public struct Choice {
        public var framework: (String) -> Bool
        public var agency: (String) -> Bool
        public var period: (String) -> Bool

        public init(framework: @escaping (String) -> Bool = { _ in true }, agency: @escaping (String) -> Bool = { _ in true }, period: @escaping (String) -> Bool = { _ in true }) {
            (self.framework, self.agency, self.period) = (framework, agency, period)
        }
    }

    public var framework: Framework
    /// Index in the catalog.
    public var agency: Int
    public var period: String
    public var lines: [Line]

    public var earned: PointSum { lines.reduce(PointSum()) { $1.isApplicable ? $0 + ($1.earned ?? ExactDecimal(mantissa: 0, scale: 0)) : $0 } }
    public var maximum: PointSum { lines.reduce(PointSum()) { $1.isApplicable ? $0 + $1.maximum : $0 } }
    public var atRisk: PointSum { maximum - earned }
}

extension Layout {
    /// The sheets of a choice: by framework, period and agency, in the order of the catalog. Windows have none, because no index is made of them. `score`: what
    /// a cell earned, and whether there is anything to judge.
    public func pointSheets(_ choice: PointSheet.Choice = .init(), _ score: (CellID) -> (earned: ExactDecimal?, isApplicable: Bool)) -> [PointSheet] {
        let agencies = catalog.agencies.indices.filter { choice.agency(catalog.agencies[$0].id) }
        return catalog.frameworks.indices.filter { choice.framework(catalog.frameworks[$0].id) }.flatMap { framework in
            let plans = plans.filter { $0.framework == framework && $0.points != nil }
            let year = catalog.frameworks[framework].year
            let periods = [PeriodKind.year, .quarter, .month].flatMap(\.periods).filter { choice.period($0.name(in: year)) }
            return periods.flatMap { period in agencies.compactMap { sheet(framework, plans, agency: $0, period, score) } }
        }
    }

    /// Nil if none of the plans judges the agency in that period.
    private func sheet(_ framework: Int, _ plans: [Plan], agency: Int, _ period: Period, _ score: (CellID) -> (earned: ExactDecimal?, isApplicable: Bool)) -> PointSheet? {
        let framework = catalog.frameworks[framework]
        var lines: [PointSheet.Line] = []
        for plan in plans {
            let criterion = framework.criteria[plan.criterion]
            guard let points = plan.points, let cell = cell(ofAgency: agency, plan, period), !isLifeless(cell) else { continue }
            let (earned, isApplicable) = score(cell)
            lines.append(PointSheet.Line(criterion: criterion, maximum: points.maximum, earned: earned, isApplicable: isApplicable))
        }
        return lines.isEmpty ? nil : PointSheet(framework: framework, agency: agency, period: period.name(in: framework.year), lines: lines)
    }
}
