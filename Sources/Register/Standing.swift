public import Catalog

/// A dossier as it counts.
public struct Standing: Equatable, Sendable {
    /// Its seat in the tree.
    public var agency: Int32
    /// Equal for equal procedures.
    public var procedure: UInt32
    public var receivedOn: LocalDay
    /// Nil while it is not decided.
    public var decidedOn: LocalDay?
    public var facts: Facts

    public init(agency: Int32, procedure: UInt32, receivedOn: LocalDay, decidedOn: LocalDay?, facts: Facts) {
        (self.agency, self.procedure, self.receivedOn, self.decidedOn, self.facts) = (agency, procedure, receivedOn, decidedOn, facts)
    }
}
