import Catalog

/// `sources.yaml`: who may speak, on which topics, of what and for whom, and how much a word weighs.
struct SourcesFile {
    var rules: [SourceRule] = []

    init(_ root: YAMLValue, agencies: [Agency], inputs: [String]) {
        let known = agencies.map(\.id), indexOf = Dictionary(known.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        var lineOf: [String: Int] = [:]
        for value in root.fields(["sources"]).required("sources")?.list ?? [] {
            let fields = value.fields(["source", "system", "topics", "agencies", "kinds", "rank"])
            _ = fields["system"]?.text
            let rank = fields["rank"]?.integer(in: 0...SourceRule.greatestRank) ?? 0
            let topics = fields["topics"].map { Self.set($0) { Self.topic($0, inputs) } }
            let agencies = fields["agencies"].map { Self.set($0) { Self.agency($0, known, indexOf) } }
            let types = fields["kinds"].map { Self.set($0) { $0.one(of: MessageType.self) } }
            guard let source = fields.required("source")?.text else { continue }
            if let first = lineOf[source] {
                value.fail("source '\(source)' stands here twice: first in line \(first)")
                continue
            }
            lineOf[source] = value.line
            rules.append(SourceRule(source: source, topics: topics, agencies: agencies, types: types, rank: UInt8(clamping: rank)))
        }
    }

    private static func set<Element>(_ value: YAMLValue, _ read: (YAMLValue) -> Element?) -> Set<Element> {
        if value.isEmptyList { value.fail("an empty list allows nothing: leave it out to allow everything") }
        return Set(value.list.compactMap(read))
    }

    private static func topic(_ value: YAMLValue, _ inputs: [String]) -> String? {
        guard let name = value.text else { return nil }
        if inputs.contains(name) { return name }
        let hint = Spelling.nearest(to: name, among: inputs).map { "did you mean '\($0)'?" } ?? "inputs are \(inputs.joined(separator: ", "))"
        value.fail("topic '\(name)' is not an input: \(hint)")
        return nil
    }

    private static func agency(_ value: YAMLValue, _ known: [String], _ indexOf: [String: Int]) -> Int? {
        guard let code = value.code else { return nil }
        if let index = indexOf[code] { return index }
        value.fail("agency '\(code)' is not in the agencies' file: \(Spelling.hint(for: code, among: known))")
        return nil
    }
}
