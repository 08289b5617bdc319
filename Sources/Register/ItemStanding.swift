public import Catalog

/// What is counted together among everything but dossiers.
public enum Stream: Hashable, Sendable {
    /// All of a kind.
    case kind(Kind)
    /// What names this criterion, by its number in the catalog.
    case criterion(Int32)
}

/// A subject other than a dossier, as it counts.
public struct ItemStanding: Equatable, Sendable {
    public var stream: Stream
    /// Its seat in the tree; of what has no day the index of the agency in the catalog.
    public var agency: Int32
    /// Its place in its criterion's checklist, or a number for its item: equal for equal items.
    public var unit: UInt32
    /// Nil: it stands in every year.
    public var day: LocalDay?
    /// Nil while it is not decided.
    public var decidedOn: LocalDay?
    public var facts: Facts
}

/// What a figure declares for a criterion, an agency and a period. Both numbers are multiplied by 10^`places`.
public struct Figure: Equatable, Sendable {
    /// Number in the catalog.
    public var criterion: Int32
    /// Its seat in the tree.
    public var agency: Int32
    public var year: Int
    public var period: Period
    public var numerator: Int64
    /// Nil: an amount.
    public var denominator: Int64?
    public var places: Int
}

/// How the standing of a subject changed.
public struct ItemChange: Sendable {
    public var old: [ItemStanding] = []
    public var new: [ItemStanding] = []
    /// Figures that no longer count, and those that count in their place.
    public var figures: [(old: Figure?, new: Figure?)] = []
}
