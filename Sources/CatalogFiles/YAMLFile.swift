import Foundation
import Yams

/// A YAML file whose values know their line. Scalars are text, whatever they look like: 1.10 is not 1.1.
struct YAMLFile {
    let name: String
    let bytes: Data
    let root: YAMLValue

    /// Nil if it cannot be read or is not YAML; the problem is noted.
    init?(path: String, problems: ProblemList) {
        name = path
        guard let bytes = FileManager.default.contents(atPath: path) else {
            var isDirectory = ObjCBool(false)
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            problems.add(path, nil, exists && isDirectory.boolValue ? "is a directory: name the file" : "cannot be read: check that the file exists and may be read")
            return nil
        }
        self.bytes = bytes
        guard let text = String(data: bytes, encoding: .utf8) else {
            problems.add(path, nil, "is not UTF-8: save it as UTF-8")
            return nil
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                problems.add(path, 1, "is empty: write its keys, or name another file")
                return nil
            }
            root = YAMLValue(node: node, file: path, problems: problems)
        } catch let error as YamlError {
            let (line, what) = Self.explain(error, in: text)
            problems.add(path, line, "is not valid YAML: \(what)")
            return nil
        } catch {
            problems.add(path, nil, "is not valid YAML: \(error)")
            return nil
        }
    }

    private static func line(_ number: Int, of text: String) -> Substring? {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(number - 1).first
    }

    /// Quotes nothing of the file: it may hold secrets.
    private static func explain(_ error: YamlError, in text: String) -> (line: Int?, text: String) {
        switch error {
        case .scanner(_, "found character that cannot start any token", let mark, _) where line(mark.line, of: text)?.contains("\t") == true:
            return (mark.line, "a tab stands where none may: indent with spaces")
        case .composer(_, "but found another document", let mark, _): return (mark.line, "a second document begins here: a file holds one")
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return (mark.line, problem)
        case .reader(let problem, let offset, _, _):
            return (offset.map { text.utf8.prefix($0).count { $0 == 0x0A } + 1 }, "\(problem): remove what does not belong there")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return (context.mark.line, "key given twice: \(duplicates.joined(separator: ", "))")
        default: return (nil, "\(error)".replacingOccurrences(of: "\n", with: " "))
        }
    }
}

/// A node of a YAML file. Every getter notes what is wrong and goes on.
struct YAMLValue {
    var node: Node
    let file: String
    let problems: ProblemList
    /// Nil: nobody can say anything instead of it.
    var layer: Layer?
    /// Of a mapping: another one, of which it takes what it does not say itself; one at most.
    var under: [YAMLValue] = []

    var line: Int? { node.mark?.line }

    func fail(_ text: String) { problems.add(file, line, text) }

    private func child(_ node: Node) -> YAMLValue { YAMLValue(node: node, file: file, problems: problems) }

    var text: String? {
        if let scalar = node.scalar, !scalar.string.isEmpty { return scalar.string }
        fail("expected a text")
        return nil
    }

    var isScalar: Bool { node.scalar != nil }
    var isList: Bool { node.sequence != nil }
    var isEmptyList: Bool { node.sequence?.isEmpty == true }

    /// The elements of a list.
    var list: [YAMLValue] {
        if let sequence = node.sequence { return sequence.map(child) }
        fail("expected a list")
        return []
    }

    /// The entries of a mapping with these keys and no others.
    func fields(_ known: [String]) -> Fields {
        guard let mapping = node.mapping else {
            fail("expected a mapping with \(known.joined(separator: ", "))")
            return Fields(owner: self, values: [:])
        }
        var values = under.first?.fields(known).values ?? [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, known.contains(name) else {
                let name = key.scalar?.string ?? "?"
                let hint = Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" } ?? "known here: \(known.joined(separator: ", "))"
                problems.add(file, key.mark?.line, "unknown key '\(name)': \(hint)")
                continue
            }
            // `target: ~` takes away what lies under it.
            values[name] = !under.isEmpty && value.isNothing ? nil : child(value)
        }
        if let layer { for name in known { values[name] = value(layer.below(name), written: values[name]) } }
        return Fields(owner: self, values: values)
    }

    /// What holds at a place of `parwatch.yaml`: what is said instead, or what is written.
    private func value(_ layer: Layer, written: YAMLValue?) -> YAMLValue? {
        if let override = layer.overrides.values[layer.path] {
            // Nothing is no list: a variable without a value takes nothing away.
            let isList = override.isList && !override.text.isEmpty
            let node = isList ? Node(override.text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.map { Node($0) }) : Node(override.text)
            return YAMLValue(node: node, file: override.origin, problems: problems)
        }
        var value = written
        // Where something below it is said, it is a mapping.
        if layer.overrides.speak(below: layer.path), written?.node.mapping == nil { value = YAMLValue(node: Node([(Node, Node)]()), file: file, problems: problems) }
        value?.layer = layer
        return value
    }

    /// The entries of a mapping whose keys were looked at elsewhere; nil if it is none.
    var mapping: [String: YAMLValue]? {
        node.mapping.map { mapping in
            let own = Dictionary(mapping.compactMap { key, value in key.scalar.map { ($0.string, child(value)) } }) { first, _ in first }
            guard let under = under.first else { return own }
            return (under.mapping ?? [:]).merging(own) { $1 }.filter { !$1.node.isNothing }
        }
    }

    /// The entries of a mapping with keys of any name, in order.
    var entries: [(String, YAMLValue)] {
        guard let mapping = node.mapping else {
            fail("expected a mapping")
            return []
        }
        return mapping.compactMap { key, value in key.scalar.map { ($0.string, child(value)) } }
    }

    struct Fields {
        let owner: YAMLValue
        let values: [String: YAMLValue]

        subscript(_ name: String) -> YAMLValue? { values[name] }

        func required(_ name: String) -> YAMLValue? {
            if let value = values[name] { return value }
            owner.fail("'\(name)' is missing")
            return nil
        }
    }
}

extension Node {
    /// Whether it is written as `~`, `null` or not at all.
    fileprivate var isNothing: Bool { scalar.map { $0.style != .singleQuoted && $0.style != .doubleQuoted && ["", "~", "null"].contains($0.string) } ?? false }
}
