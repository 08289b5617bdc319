import Cases
import Foundation
import Testing

@Suite struct DocumentedKeys {
    /// The lists in the code from which unknown keys are told: `fields(["a", "b"])`.
    private func keys() throws -> [String] {
        let folder = Oracle.repository.appendingPathComponent("Sources/CatalogFiles")
        var keys: [String] = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) where file.pathExtension == "swift" {
            for list in try String(contentsOf: file, encoding: .utf8).matches(of: /fields\(\[([^\]]*)\]/) {
                keys += list.1.matches(of: /"([a-z_]+)"/).map { String($0.1) }
            }
        }
        return Array(Set(keys)).sorted()
    }

    @Test func `docs configuration names every key that the code knows`() throws {
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        // Words of code, in a line or in a block of its own.
        var words: Set<Substring> = []
        for (index, block) in page.components(separatedBy: "```").enumerated() {
            let code = index % 2 == 1 ? [Substring(block)] : block.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            for text in code { words.formUnion(text.matches(of: /[a-z_]+/).map { text[$0.range] }) }
        }
        let keys = try keys()
        #expect(keys.count > 50, "the code's lists were not found: \(keys)")
        let missing = keys.filter { !words.contains(Substring($0)) }
        #expect(missing.isEmpty)
    }
}
