import Catalog
import Foundation
import Yams

/// A criteria file on top of those that it extends: what it says itself goes before what it takes from them.
struct CriteriaLayers {
    /// What stands beside the criteria.
    let fields: YAMLValue.Fields
    /// Each with what lies under it, in the order of the lowest file; new ones come last.
    let criteria: [YAMLValue]
    /// All that was read, the topmost first.
    let files: [YAMLFile]

    /// `levels` are those of the tree.
    init(_ file: YAMLFile, levels: Set<String>, problems: ProblemList) { self.init(file, levels: levels, problems, above: []) }

    /// `above`: the files that extend this one, by their true paths.
    private init(_ file: YAMLFile, levels: Set<String>, _ problems: ProblemList, above: [String]) {
        let own = file.root.fields(["framework", "title", "period", "criteria", "extends", "remove", "levels"])
        guard let extends = own["extends"] else {
            for name in ["remove", "levels"] { own[name]?.fail("'\(name)' goes with 'extends': here is nothing that it could change") }
            (fields, criteria, files) = (own, own.required("criteria")?.list ?? [], [file])
            return
        }
        let path = Self.truePath(file.name)
        guard let name = extends.text, let extended = Self.extended(name, extends, beside: file.name, unlessIn: above + [path], problems) else {
            // Only what it says itself: what depends on the rest would be told as wrong, too.
            (fields, criteria, files) = (YAMLValue.Fields(owner: own.owner, values: own.values.filter { $0.key != "period" }), [], [file])
            return
        }
        let base = CriteriaLayers(extended, levels: levels, problems, above: above + [path])
        var values = base.fields.values.merging(own.values) { $1 }
        values["framework"] = own.required("framework")
        if let period = own["period"], let under = base.fields["period"] { values["period"] = period.over(under) }
        fields = YAMLValue.Fields(owner: own.owner, values: values)
        files = [file] + base.files

        let renamed = own["levels"].map { Self.renamed($0, in: base, name, levels) } ?? [:]
        let under = renamed.isEmpty ? base.criteria : base.criteria.map { $0.renamingLevels(renamed) }
        criteria = Self.changed(under, by: own["criteria"]?.list ?? [], without: own["remove"]?.list ?? [], name)
    }

    /// The file that `extends` names; nil if there is no reading it, or if it stands above already.
    private static func extended(_ name: String, _ value: YAMLValue, beside file: String, unlessIn above: [String], _ problems: ProblemList) -> YAMLFile? {
        let folder = (file as NSString).deletingLastPathComponent
        let path = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
        guard FileManager.default.isReadableFile(atPath: path) else {
            value.fail("'\(name)' cannot be read: check that the file exists beside this one and may be read")
            return nil
        }
        if above.contains(truePath(path)) {
            value.fail("files extend each other in a circle: '\(name)' is reached from itself")
            return nil
        }
        return YAMLFile(path: path, problems: problems)
    }

    private static func truePath(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

    /// The criteria of the extended file, changed; `name` is that file's.
    private static func changed(_ under: [YAMLValue], by changes: [YAMLValue], without removals: [YAMLValue], _ name: String) -> [YAMLValue] {
        let codes = under.map(\.codeAsWritten), known = codes.compactMap(\.self)
        var criteria: [YAMLValue?] = under
        var removed: Set<String> = []
        for value in removals {
            guard let code = value.text else { continue }
            guard let index = codes.firstIndex(of: code) else {
                value.fail("there is no criterion '\(code)' in \(name) to remove: \(Spelling.hint(for: code, among: known))")
                continue
            }
            if !removed.insert(code).inserted { value.fail("'\(code)' stands here twice") }
            criteria[index] = nil
        }
        var lineOf: [String: Int] = [:]
        for value in changes {
            guard let code = value.codeAsWritten else {
                criteria.append(value)
                continue
            }
            if let first = lineOf[code] {
                value.fail("criterion '\(code)' stands here twice: first in line \(first)")
            } else if removed.contains(code) {
                value.fail("criterion '\(code)' is removed and changed: do one of both")
            } else if let index = codes.firstIndex(of: code) {
                criteria[index] = value.over(under[index])
            } else if value.mapping?["measure"] == nil {
                value.fail("there is no criterion '\(code)' in \(name) to change: \(Spelling.hint(for: code, among: known)) A new one needs a 'measure'")
            } else {
                criteria.append(value)
            }
            lineOf[code] = value.line ?? 0
        }
        return criteria.compactMap(\.self)
    }

    /// `levels:` of a file that extends another: which level stands for which of the extended file.
    private static func renamed(_ value: YAMLValue, in base: CriteriaLayers, _ name: String, _ levels: Set<String>) -> [String: String] {
        var names: [String: String] = [:]
        let named = Set(base.criteria.flatMap(\.levelsAsWritten)).sorted()
        for (level, value) in value.entries {
            guard let new = value.text else { continue }
            if !named.contains(level) { value.fail("no criterion of \(name) has level '\(level)': \(Spelling.hint(for: level, among: named))") }
            if !levels.isEmpty, !levels.contains(new) {
                value.fail("no agency has level '\(new)': the tree has \(levels.sorted().joined(separator: ", "))")
                continue
            }
            names[level] = new
        }
        return names
    }
}

extension YAMLValue {
    /// This one, with what it does not say taken from another.
    fileprivate func over(_ under: YAMLValue) -> YAMLValue {
        var value = self
        value.under = [under]
        return value
    }

    /// Nothing is noted: who reads the criterion says what is wrong.
    fileprivate var codeAsWritten: String? { mapping?["code"]?.node.scalar?.string }
    fileprivate var levelsAsWritten: [String] { mapping?["levels"]?.node.sequence?.compactMap { $0.scalar?.string } ?? [] }

    /// A criterion with other names of levels, in `levels` and in the levels of a share.
    fileprivate func renamingLevels(_ names: [String: String]) -> YAMLValue {
        var value = self
        value.under = under.map { $0.renamingLevels(names) }
        value.node = node.changing("levels") { list in
            guard var sequence = list.sequence else { return list }
            var known: Set<String> = []
            let renamed = sequence.map { $0.renamed(names) }.filter { level in level.scalar.map { known.insert($0.string).inserted } ?? true }
            sequence = Node.Sequence(renamed, sequence.tag, sequence.style, sequence.mark)
            return .sequence(sequence)
        }.changing("measure") { measure in
            measure.changing("share") { share in
                share.changing("reaching") { reaching in
                    guard let mapping = reaching.mapping else { return reaching }
                    var pairs: [(Node, Node)] = []
                    for (key, target) in mapping {
                        let new = key.renamed(names)
                        // What is said of the new level itself goes before what another brings along.
                        if new == key || mapping[new] == nil, !pairs.contains(where: { $0.0 == new }) { pairs.append((new, target)) }
                    }
                    return .mapping(Node.Mapping(pairs, mapping.tag, mapping.style, mapping.mark))
                }
            }
        }
        return value
    }
}

extension Node {
    /// The same mapping with another value of one key; anything else as it is.
    fileprivate func changing(_ name: String, _ change: (Node) -> Node) -> Node {
        guard let mapping else { return self }
        return .mapping(Node.Mapping(mapping.map { key, value in (key, key.scalar?.string == name ? change(value) : value) }, mapping.tag, mapping.style, mapping.mark))
    }

    fileprivate func renamed(_ names: [String: String]) -> Node {
        guard let scalar, let name = names[scalar.string] else { return self }
        return .scalar(Node.Scalar(name, scalar.tag, scalar.style, scalar.mark))
    }
}
