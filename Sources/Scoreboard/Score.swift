public import Catalog

/// Numerator and denominator of one cell: one criterion × agency × period.
public struct Score: Hashable, Sendable {
    public var numerator: Int64
    /// Nil for counts; 0 where there is nothing to judge.
    public var denominator: Int64?

    public init(numerator: Int64, denominator: Int64?) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The same as a fraction with a positive denominator; nil where there is no value.
    public var fraction: (numerator: Int64, denominator: Int64)? {
        switch denominator {
        case nil: (numerator, 1)
        case 0: nil
        case let denominator?: (numerator, denominator)
        }
    }

    /// Rounded half to even to four places; nil where there is none.
    public var value: ExactDecimal? { fraction.map { ExactDecimal(numerator: $0.numerator, denominator: $0.denominator) } }

    /// Whether there is anything to show: a denominator, or for counts a numerator, above 0.
    public var isPresent: Bool { denominator.map { $0 > 0 } ?? (numerator > 0) }
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
