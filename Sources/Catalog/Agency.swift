/// A text that citizens' servants read, in Vietnamese and English.
public struct Bilingual: Hashable, Sendable {
    public var vi: String
    public var en: String

    public init(vi: String, en: String) {
        self.vi = vi
        self.en = en
    }
}

/// A node in the tree province → department / district → commune.
public struct Agency: Sendable {
    /// As in the messages, e.g. `000.00.12.H21` (QCVN 102:2016): trimmed, upper-cased, otherwise opaque.
    public var id: String
    public var name: Bilingual
    /// `province`, `department`, `district`, `commune` or whatever the operator calls it.
    public var level: String
    /// Index of the parent among the catalog's agencies; nil for a root.
    public var parent: Int?
    /// The first and the last day of its existence; nil: always, for ever.
    public var from: LocalDay?
    public var until: LocalDay?
    /// Index of the agency that stands in its place after its last day.
    public var mergedInto: Int?

    public init(id: String, name: Bilingual, level: String, parent: Int?, from: LocalDay? = nil, until: LocalDay? = nil, mergedInto: Int? = nil) {
        self.id = id
        self.name = name
        self.level = level
        self.parent = parent
        self.from = from
        self.until = until
        self.mergedInto = mergedInto
    }
}
