/// Levels that a value is to reach by certain days (mốc). Until the first of these days has ended nothing is asked.
public struct Milestones: Hashable, Sendable {
    public struct Milestone: Hashable, Sendable {
        /// Its last day.
        public var by: DayOfYear
        public var level: ExactDecimal

        public init(by: DayOfYear, level: ExactDecimal) {
            self.by = by
            self.level = level
        }
    }

    /// In order of their days.
    public var list: [Milestone]
    /// Whether the straight line from one to the next warns early.
    public var hasLine: Bool

    public init(_ list: [Milestone], hasLine: Bool) {
        self.list = list
        self.hasLine = hasLine
    }

    /// What is asked from the beginning of a day on.
    public struct Step: Hashable, Sendable {
        public var from: LocalDay
        /// What the line had reached when the day before ended, rounded half to even to four places.
        public var warning: ExactDecimal?
        /// The level of the last milestone that has passed.
        public var critical: ExactDecimal
    }

    /// In a framework of this year, in order of their days.
    public func steps(in year: Int) -> [Step] {
        var steps: [Step] = []
        for (place, milestone) in list.enumerated() {
            let day = milestone.by.day(in: year)
            guard hasLine, place + 1 < list.count else {
                steps.append(Step(from: day + 1, warning: nil, critical: milestone.level))
                continue
            }
            let next = list[place + 1], length = next.by.day(in: year).number - day.number
            for passed in 0..<max(length, 1) {
                steps.append(Step(from: day + (passed + 1), warning: Self.between(milestone.level, next.level, passed, of: max(length, 1)), critical: milestone.level))
            }
        }
        return steps
    }

    private static func between(_ a: ExactDecimal, _ b: ExactDecimal, _ passed: Int32, of length: Int32) -> ExactDecimal {
        func whole(_ number: ExactDecimal) -> Int128 { Int128(number.mantissa) * Int128(ExactDecimal.power(ExactDecimal.maxScale - number.scale)) }
        let sum = whole(a) * Int128(length - passed) + whole(b) * Int128(passed)
        // Of 10^9 to 10^4 places.
        let divisor = Int128(length) * Int128(ExactDecimal.power(ExactDecimal.maxScale - 4))
        var (quotient, rest) = sum.magnitude.quotientAndRemainder(dividingBy: divisor.magnitude)
        if rest * 2 > divisor.magnitude || rest * 2 == divisor.magnitude && quotient % 2 == 1 { quotient += 1 }
        var mantissa = Int64(clamping: quotient), scale = 4
        while scale > 0, mantissa % 10 == 0 { (mantissa, scale) = (mantissa / 10, scale - 1) }
        return ExactDecimal(mantissa: sum < 0 ? -mantissa : mantissa, scale: scale)
    }
}

extension AlertRule {
    /// The rule as it is from the first day of a step on.
    public func with(_ step: Milestones.Step) -> AlertRule {
        var rule = self
        rule.warning = step.warning.map { Threshold(limit: $0, clear: $0) }
        rule.critical = Threshold(limit: step.critical, clear: step.critical)
        return rule
    }
}
