public import Catalog

/// Numerator and denominator of one cell: one criterion × agency × period.
public struct Score: Hashable, Sendable {
    /// Of an amount, multiplied by 10^`places`.
    public var numerator: Int64
    /// Nil for counts and amounts; 0 where there is nothing to judge.
    public var denominator: Int64?
    /// Of an amount that was declared, 0 to 9; nil where the numerator is a count.
    public private(set) var places: Int8?
    /// False: it was declared that there is nothing to judge.
    public private(set) var isApplicable = true

    public init(numerator: Int64, denominator: Int64?) {
        self.numerator = numerator
        self.denominator = denominator
    }

    public init(amount: ExactDecimal) {
        numerator = amount.mantissa
        places = Int8(clamping: amount.scale)
    }

    public static let none = Score(numerator: 0, denominator: 0)
    public static let notApplicable = {
        var score = none
        score.isApplicable = false
        return score
    }()

    /// The numerator as it is written.
    public var written: ExactDecimal { ExactDecimal(mantissa: numerator, scale: Int(places ?? 0)) }

    /// The same as a fraction with a positive denominator; nil where there is no value.
    public var fraction: (numerator: Int64, denominator: Int64)? {
        switch denominator {
        case nil: (numerator, places.map { ExactDecimal.power(Int($0)) } ?? 1)
        case 0: nil
        case let denominator?: (numerator, denominator)
        }
    }

    /// Rounded half to even to four places; nil where there is none.
    public var value: ExactDecimal? {
        if let places, places <= 4 { return written }
        return fraction.map { ExactDecimal(numerator: $0.numerator, denominator: $0.denominator) }
    }

    /// What it earns; nil without a value or a rule.
    public func points(by rule: Points?) -> ExactDecimal? {
        guard let rule, let (numerator, denominator) = fraction else { return nil }
        return rule.earned(numerator: numerator, denominator: denominator)
    }

    /// Whether there is anything to show: a denominator, or for counts a numerator, above 0; or an amount.
    public var isPresent: Bool { denominator.map { $0 > 0 } ?? (places != nil || numerator > 0) }
}

/// The record that brought a cell to its present score.
public struct Cause: Hashable, Sendable, BitwiseCopyable {
    /// Index of the input topic.
    public var topic: Int32
    public var partition: Int32
    public var offset: Int64

    public init(topic: Int32, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

/// The cell's place in the scoreboard.
public typealias CellID = Int32
