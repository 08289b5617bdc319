import Catalog
import Intake

/// `agencies/*.yaml`: the tree and its time zone.
struct AgenciesFile {
    var zone: Zone?
    var agencies: [Agency] = []

    init(_ root: YAMLValue) {
        let fields = root.fields(["timezone", "agencies"])
        zone = fields.required("timezone")?.zone
        typealias Reference = (id: String, value: YAMLValue)
        var read: [(agency: Agency, parent: Reference?, heir: Reference?, value: YAMLValue)] = []
        var indexOf: [String: Int] = [:]
        for value in fields.required("agencies")?.list ?? [] {
            let fields = value.fields(["id", "level", "parent", "name", "from", "until", "merged_into"])
            let id = fields.required("id")?.code, level = fields.required("level")?.shortText, name = fields.required("name")?.bilingual
            func reference(_ name: String) -> Reference? { fields[name].flatMap { value in value.code.map { ($0, value) } } }
            let parent = reference("parent"), heir = reference("merged_into"), from = fields["from"]?.day, until = fields["until"]?.day
            if let from, let until, until < from { fields["until"]?.fail("'until' is before 'from': an agency ends on its last day") }
            if fields["until"] == nil, let heir { heir.value.fail("'merged_into' says what stands in its place after its last day: 'until' is missing") }
            guard let id, let level, let name else { continue }
            if let first = indexOf[id] {
                value.fail("agency '\(id)' stands here twice: first in line \(read[first].value.line ?? 0)")
                continue
            }
            indexOf[id] = read.count
            read.append((Agency(id: id, name: name, level: level, parent: nil, from: from, until: until), parent, heir, value))
        }
        for i in read.indices {
            if let parent = read[i].parent {
                read[i].agency.parent = indexOf[parent.id]
                if indexOf[parent.id] == nil { parent.value.fail("parent '\(parent.id)' of '\(read[i].agency.id)' is not an agency of this file") }
            }
            if let heir = read[i].heir {
                read[i].agency.mergedInto = indexOf[heir.id]
                if indexOf[heir.id] == nil { heir.value.fail("'\(heir.id)', which '\(read[i].agency.id)' is merged into, is not an agency of this file") }
            }
        }
        let heirs = read.map(\.agency.mergedInto), parents = read.map(\.agency.parent)
        for i in read.indices where Self.isCyclic(from: i, heirs) {
            read[i].value.fail("agencies are merged in a circle: '\(read[i].agency.id)' is merged into itself")
        }
        for i in read.indices where Self.isCyclic(from: i, parents) {
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
    var code: String? {
        guard let part = keyPart else { return nil }
        if let code = Code.normalized(part) { return code }
        fail("a code must not be blank")
        return nil
    }
}
