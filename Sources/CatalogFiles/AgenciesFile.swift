import Catalog
import Intake

/// `agencies/*.yaml`: the tree and its time zone.
struct AgenciesFile {
    var zone: Zone?
    var agencies: [Agency] = []

    init(_ root: YAMLValue) {
        let fields = root.fields(["timezone", "agencies"])
        zone = fields.required("timezone")?.zone
        var read: [(agency: Agency, parent: (id: String, value: YAMLValue)?, value: YAMLValue)] = []
        var indexOf: [String: Int] = [:]
        for value in fields.required("agencies")?.list ?? [] {
            let fields = value.fields(["id", "level", "parent", "name", "from", "until", "merged_into"])
            for later in ["from", "until", "merged_into"] {
                if let field = fields[later] { field.problems.warn(field.file, field.line, "'\(later)' has no effect in this version") }
            }
            let id = fields.required("id")?.code, level = fields.required("level")?.text, name = fields.required("name")?.bilingual
            let parent = fields["parent"].flatMap { value in value.code.map { ($0, value) } }
            guard let id, let level, let name else { continue }
            if let first = indexOf[id] {
                value.fail("agency '\(id)' stands here twice: first in line \(read[first].value.line ?? 0)")
                continue
            }
            indexOf[id] = read.count
            read.append((Agency(id: id, name: name, level: level, parent: nil), parent, value))
        }
        for i in read.indices {
            guard let parent = read[i].parent else { continue }
            guard let index = indexOf[parent.id] else {
                parent.value.fail("parent '\(parent.id)' of '\(read[i].agency.id)' is not an agency of this file")
                continue
            }
            read[i].agency.parent = index
        }
        for i in read.indices where Self.isCyclic(from: i, read.map(\.agency.parent)) {
            read[i].value.fail("the tree runs in a circle: '\(read[i].agency.id)' is its own ancestor")
        }
        agencies = read.map(\.agency)
    }

    private static func isCyclic(from start: Int, _ parents: [Int?]) -> Bool {
        var at = parents[start]
        for _ in parents.indices {
            guard let here = at else { return false }
            if here == start { return true }
            at = parents[here]
        }
        return false
    }
}

extension YAMLValue {
    /// A code in normal form that may stand in a key.
    fileprivate var code: String? {
        guard let part = keyPart else { return nil }
        if let code = Code.normalized(part) { return code }
        fail("a code must not be blank")
        return nil
    }
}
