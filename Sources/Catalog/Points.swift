/// How the value of a criterion earns points of its index (điểm). docs/measures.md has an example of each.
public struct Points: Hashable, Sendable {
    public enum Rule: Hashable, Sendable {
        /// None at `floor` and beyond, all at `fullAt` and beyond, in proportion between. Lower is better where `fullAt` is the lower one.
        case linear(fullAt: ExactDecimal, floor: ExactDecimal)
        /// The best first: the first that is reached counts. Where none is, there are no points.
        case steps([Step], lowerIsBetter: Bool)
    }

    public struct Step: Hashable, Sendable {
        /// Reached from here on, inclusive.
        public var limit: ExactDecimal
        public var points: ExactDecimal

        public init(limit: ExactDecimal, points: ExactDecimal) {
            self.limit = limit
            self.points = points
        }
    }

    /// As many as the document gives at most; above 0, as `isAmount` says.
    public var maximum: ExactDecimal
    public var rule: Rule

    public init(maximum: ExactDecimal, rule: Rule) {
        self.maximum = maximum
        self.rule = rule
    }

    /// The greatest number of points that a criterion can have: far above any index, and small enough for exact products.
    public static let most = ExactDecimal(mantissa: 1_000, scale: 0)

    /// Whether a number can be points: 0 to 1000, of at most four places.
    public static func isAmount(_ number: ExactDecimal) -> Bool { number.mantissa >= 0 && number.scale <= PointSum.places && number <= most }

    /// What numerator ÷ denominator earns, rounded half to even to four places. `denominator` > 0.
    public func earned(numerator: Int64, denominator: Int64) -> ExactDecimal {
        switch rule {
        case .linear(let fullAt, let floor): return Self.part(of: maximum, numerator, denominator, fullAt, floor)
        case .steps(let steps, let lowerIsBetter):
            for step in steps {
                let order = step.limit.compare(numerator: numerator, denominator: denominator)
                if lowerIsBetter ? order <= 0 : order >= 0 { return step.points }
            }
            return ExactDecimal(mantissa: 0, scale: 0)
        }
    }

    /// maximum × (value − floor) ÷ (fullAt − floor), between 0 and maximum.
    private static func part(of maximum: ExactDecimal, _ numerator: Int64, _ denominator: Int64, _ fullAt: ExactDecimal, _ floor: ExactDecimal) -> ExactDecimal {
        let scale = max(fullAt.scale, floor.scale)
        func whole(_ number: ExactDecimal) -> Int128 { Int128(number.mantissa) * Int128(ExactDecimal.power(scale - number.scale)) }
        // At most 64 bits times 10^9, and 10^18 times 64 bits: far below 2^127.
        let way = Int128(numerator) * Int128(ExactDecimal.power(scale)) - whole(floor) * Int128(denominator), all = (whole(fullAt) - whole(floor)) * Int128(denominator)
        if way == 0 || (way < 0) != (all < 0) { return ExactDecimal(mantissa: 0, scale: 0) }
        let full = UInt128(PointSum.units(of: maximum))
        if way.magnitude >= all.magnitude { return maximum }
        let product = full.multipliedFullWidth(by: way.magnitude)
        var (quotient, remainder) = all.magnitude.dividingFullWidth(product)
        let rest = all.magnitude - remainder
        if remainder > rest || remainder == rest && quotient % 2 == 1 { quotient += 1 }
        return PointSum.decimal(Int64(clamping: quotient))
    }
}

/// Points added up, in steps of a ten-thousandth: sums of what is shown, so that everyone who adds comes to the same.
public struct PointSum: Hashable, Sendable {
    static let places = 4

    private var units: Int64 = 0

    public init() {}

    public static func += (sum: inout PointSum, points: ExactDecimal) { sum.units &+= units(of: points) }
    public static func + (sum: PointSum, points: ExactDecimal) -> PointSum {
        var sum = sum
        sum += points
        return sum
    }

    public static func - (a: PointSum, b: PointSum) -> PointSum {
        var difference = a
        difference.units &-= b.units
        return difference
    }

    public static func < (a: PointSum, b: PointSum) -> Bool { a.units < b.units }

    public var value: ExactDecimal { Self.decimal(units) }

    /// Of a number that `Points.isAmount`; any other is cut off there.
    static func units(of number: ExactDecimal) -> Int64 {
        if number.scale > places { return number.mantissa / ExactDecimal.power(number.scale - places) }
        return number.mantissa.multipliedReportingOverflow(by: ExactDecimal.power(places - number.scale)).partialValue
    }

    static func decimal(_ units: Int64) -> ExactDecimal {
        var mantissa = units, scale = places
        while scale > 0, mantissa % 10 == 0 { (mantissa, scale) = (mantissa / 10, scale - 1) }
        return ExactDecimal(mantissa: mantissa, scale: scale)
    }
}
