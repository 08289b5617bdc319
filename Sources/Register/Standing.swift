public import Catalog

/// A dossier as it counts.
public struct Standing: Equatable, Sendable {
    /// Its agency's place in the tree as of its own day.
    public var seat: Int32
    /// Equal for equal procedures.
    public var procedure: UInt32
    public var receivedOn: LocalDay
    /// Nil while it is not decided.
    public var decidedOn: LocalDay?
    public var facts: Facts

    public init(seat: Int32, procedure: UInt32, receivedOn: LocalDay, decidedOn: LocalDay?, facts: Facts) {
        (self.seat, self.procedure, self.receivedOn, self.decidedOn, self.facts) = (seat, procedure, receivedOn, decidedOn, facts)
    }
}
