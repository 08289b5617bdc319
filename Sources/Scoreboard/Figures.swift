import Catalog
import Register

/// What was declared, added up by cell. Numbers are kept multiplied by 10^9, so that decimals of any places add exactly.
struct Figures {
    /// What a figure is to a cell.
    enum Role { case current, baseline }

    private struct Sum {
        var numerator: Int128 = 0
        var denominator: Int128 = 0
        /// Figures that count here, and those that say there is nothing to judge.
        var count = 0
        var notApplicable = 0

        var isEmpty: Bool { count == 0 && notApplicable == 0 }
    }

    private let layout: Layout
    private var current: [CellID: Sum] = [:]
    private var baseline: [CellID: Sum] = [:]

    init(_ layout: Layout) { self.layout = layout }

    /// The places of the plan's periods that a figure speaks for.
    static func periods(of figure: Figure, in plan: Layout.Plan) -> [(period: Int, role: Role)] {
        guard plan.measure.form != nil else { return [] }
        if figure.year == plan.year { return plan.periods.indices.filter { plan.periods[$0] == figure.period }.map { ($0, .current) } }
        guard case .growth(_, .year(figure.year), _) = plan.measure, figure.period == .year else { return [] }
        return plan.periods.indices.map { ($0, .baseline) }
    }

    mutating func add(_ figure: Figure, _ role: Role, to cell: CellID, times: Int128) {
        var sum = (role == .current ? current[cell] : baseline[cell]) ?? Sum()
        if figure.denominator == 0 {
            sum.notApplicable += Int(times)
        } else if let form = layout.plan(of: cell).measure.form, form == .ratio || figure.denominator == nil {
            let unit = Int128(ExactDecimal.power(ExactDecimal.maxScale - figure.places)) * times
            sum.numerator += Int128(figure.numerator) * unit
            if form == .ratio { sum.denominator += figure.denominator.map { Int128($0) * unit } ?? Self.one * times }
            sum.count += Int(times)
        }
        switch role {
        case .current: current[cell] = sum.isEmpty ? nil : sum
        case .baseline: baseline[cell] = sum.isEmpty ? nil : sum
        }
    }

    private static let one = Int128(ExactDecimal.power(ExactDecimal.maxScale))

    func score(of cell: CellID) -> Score {
        guard let now = current[cell] else { return .none }
        if now.count == 0 { return .notApplicable }
        let measure = layout.plan(of: cell).measure
        guard case .growth(let form, let from, let comparison) = measure else {
            return measure.form == .value ? Self.amount(now.numerator) : Self.fraction(now.numerator, now.denominator)
        }
        let then: Sum
        switch from {
        case .number(let number):
            let places = ExactDecimal.maxScale - number.scale
            then = Sum(numerator: Int128(number.mantissa) * Int128(ExactDecimal.power(places)), denominator: Self.one, count: 1)
        case .year:
            guard let declared = baseline[cell], declared.count > 0 else { return .none }
            then = declared
        }
        switch (form, comparison) {
        case (.value, .points): return Self.amount(now.numerator - then.numerator)
        case (.value, .relative): return then.numerator > 0 ? Self.reduced(now.numerator - then.numerator, then.numerator) : .none
        case (.ratio, _):
            guard now.denominator > 0, then.denominator > 0 else { return .none }
            let (c, d) = Self.whole(now.numerator, now.denominator), (b, e) = Self.whole(then.numerator, then.denominator)
            let base = comparison == .points ? d * e : b * d
            return base > 0 ? Self.reduced(c * e - b * d, base) : .none
        }
    }

    private static func amount(_ sum: Int128) -> Score {
        var mantissa = sum, scale = ExactDecimal.maxScale
        while scale > 0, mantissa % 10 == 0 || Int64(exactly: mantissa) == nil {
            mantissa /= 10
            scale -= 1
        }
        return Score(amount: ExactDecimal(mantissa: Int64(clamping: mantissa), scale: scale))
    }

    private static func fraction(_ numerator: Int128, _ denominator: Int128) -> Score {
        guard denominator > 0 else { return .none }
        let (n, d) = whole(numerator, denominator)
        return Score(numerator: Int64(n), denominator: Int64(d))
    }

    /// In lowest terms.
    private static func reduced(_ numerator: Int128, _ denominator: Int128) -> Score {
        var a = numerator.magnitude, b = denominator.magnitude
        while b > 0 { (a, b) = (b, a % b) }
        let divisor = Int128(a)
        return fraction(numerator / divisor, denominator / divisor)
    }

    /// The smallest whole numbers by which both can be written, if both are multiplied by the same power of ten; of at most 18 digits, so that products of two
    /// fit into 128 bits: beyond that the last digits are dropped.
    private static func whole(_ numerator: Int128, _ denominator: Int128) -> (Int128, Int128) {
        var n = numerator, d = denominator
        for _ in 0..<ExactDecimal.maxScale where n % 10 == 0 && d % 10 == 0 { (n, d) = (n / 10, d / 10) }
        while n.magnitude > most || d > most { (n, d) = (n / 10, d / 10) }
        return (n, d)
    }

    private static let most: Int128 = 1_000_000_000_000_000_000
}
