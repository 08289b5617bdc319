import Catalog

extension Points {
    /// `points:` of a criterion.
    init?(yaml value: YAMLValue) {
        let fields = value.fields(["max", "full_at", "floor", "by", "steps"])
        let maximum = fields.required("max").flatMap(Self.amount)
        if let maximum, maximum.mantissa == 0 { fields["max"]?.fail("'max' must be above 0") }
        guard let rule = fields["steps"].map({ Self.steps($0, fields, maximum) }) ?? Self.line(fields, maximum), let maximum, maximum.mantissa > 0 else { return nil }
        self.init(maximum: maximum, rule: rule)
    }

    /// Points as they are shown.
    private static func amount(_ value: YAMLValue) -> ExactDecimal? {
        guard let number = value.decimal else { return nil }
        if isAmount(number) { return number }
        value.fail("\(number) cannot be points: 0 to \(most), with at most 4 places")
        return nil
    }

    private enum Manner: String, CaseIterable { case linear, step }

    /// `full_at`, `floor` and `by`.
    private static func line(_ fields: YAMLValue.Fields, _ maximum: ExactDecimal?) -> Rule? {
        guard let value = fields["full_at"] else {
            fields.owner.fail("'points' needs 'full_at' or 'steps': from which value are they earned?")
            return nil
        }
        guard let fullAt = value.decimal, let floor = fields["floor"].map(\.decimal) ?? ExactDecimal(mantissa: 0, scale: 0), let manner = fields["by"].map({ $0.one(of: Manner.self) }) ?? .linear
        else { return nil }
        if !(fullAt < floor), !(floor < fullAt) {
            value.fail("'full_at' and 'floor' are both \(floor): where lower is better, 'floor' is the greater one")
            return nil
        }
        switch manner {
        case .linear: return .linear(fullAt: fullAt, floor: floor)
        case .step: return maximum.map { .steps([Step(limit: fullAt, points: $0)], lowerIsBetter: fullAt < floor) }
        }
    }

    /// `[[80%, 1], [60%, 0.5]]`.
    private static func steps(_ value: YAMLValue, _ fields: YAMLValue.Fields, _ maximum: ExactDecimal?) -> Rule? {
        for name in ["full_at", "floor", "by"] { fields[name]?.fail("'\(name)' does not go with 'steps': the steps say it all") }
        var steps: [Step] = []
        for pair in value.list {
            let parts = pair.list
            guard parts.count == 2 else {
                pair.fail("a step is [value, points], such as [80%, 1]")
                return nil
            }
            guard let limit = parts[0].decimal, let points = amount(parts[1]) else { return nil }
            if let maximum, maximum < points { parts[1].fail("\(points) is above 'max'") }
            if let last = steps.last, !(points < last.points) { parts[1].fail("the best step comes first: \(points) is not below \(last.points)") }
            steps.append(Step(limit: limit, points: points))
        }
        guard let first = steps.first, let last = steps.last else {
            value.fail("'steps' is empty: nothing could be earned")
            return nil
        }
        let lowerIsBetter = first.limit < last.limit
        for (step, next) in zip(steps, steps.dropFirst()) where lowerIsBetter ? !(step.limit < next.limit) : !(next.limit < step.limit) {
            value.fail("the values of steps rise or fall: \(next.limit) comes after \(step.limit)")
        }
        return .steps(steps, lowerIsBetter: lowerIsBetter)
    }
}
