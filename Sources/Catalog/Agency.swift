/// A text that citizens' servants read, in Vietnamese and English.
package struct Bilingual: Hashable, Sendable {
    package var vi: String
    package var en: String

    package init(vi: String, en: String) {
        self.vi = vi
        self.en = en
    }
}

/// A node in the tree province → department / district → commune.
package struct Agency: Sendable {
    /// As in the messages, e.g. `000.00.12.H21` (QCVN 102:2016): trimmed, upper-cased, otherwise opaque.
    package var id: String
    package var name: Bilingual
    /// `province`, `department`, `district`, `commune` or whatever the operator calls it.
    package var level: String
    /// Index of the parent among the catalog's agencies; nil for a root.
    package var parent: Int?

    package init(id: String, name: Bilingual, level: String, parent: Int?) {
        self.id = id
        self.name = name
        self.level = level
        self.parent = parent
    }
}
