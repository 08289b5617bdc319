import Cases
import Catalog
import CatalogFiles
import Foundation
import Intake
import Testing

/// Sources, formats of inputs, and agencies that begin, end and are merged.
@Suite struct ProvinceFiles {
    private static let tree = """
        timezone: Asia/Ho_Chi_Minh
        agencies:
          - {id: H21, level: province, name: {vi: P, en: P}}
          - {id: Q1, level: district, parent: H21, until: 2025-06-30, merged_into: H21, name: {vi: Q, en: Q}}
          - {id: C1, level: commune, parent: Q1, from: 2020-02-29, name: {vi: C, en: C}}

        """
    private static let sources = """
        sources:
          - {source: "urn:a", system: "Một cửa", topics: [par.status], agencies: [q1, H21], kinds: [dossier, progress], rank: 31}
          - {source: "urn:b"}

        """
    private static let main = "source: urn:t\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nsources: sources.yaml\ninputs: [{topic: par.status}, {topic: portal, format: dvcqg}]\n"
    private static let criteria = "framework: F\ntitle: {vi: t, en: t}\nperiod: {year: 2021}\ncriteria: []\n"

    private func load(main: String = main, tree: String = tree, sources: String = sources) throws -> Configuration {
        try Files().load(raw: ["parwatch.yaml": Data(main.utf8), "agencies.yaml": Data(tree.utf8), "criteria.yaml": Data(Self.criteria.utf8), "sources.yaml": Data(sources.utf8)])
    }

    /// What is wrong, one `file:line: text` each.
    private func problems(main: String = main, tree: String = tree, sources: String = sources) -> [String] {
        do {
            _ = try load(main: main, tree: tree, sources: sources)
            return []
        } catch let problems as Problems {
            return problems.list.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `sources, formats and lives are read as they stand`() throws {
        let configuration = try load(), catalog = configuration.catalog
        #expect(configuration.inputs == ["par.status", "portal"] && configuration.formats == [.cloudEvents, .dvcqg])
        #expect(catalog.sources == [
            SourceRule(source: "urn:a", topics: ["par.status"], agencies: [0, 1], types: [.dossier, .progress], rank: 31), SourceRule(source: "urn:b"),
        ])
        #expect(catalog.agencies[1].until == LocalDay(year: 2025, month: 6, day: 30) && catalog.agencies[1].mergedInto == 0 && catalog.agencies[1].from == nil)
        #expect(catalog.agencies[2].from == LocalDay(year: 2020, month: 2, day: 29) && catalog.agencies[2].until == nil && catalog.agencies[2].mergedInto == nil)
        #expect(try load(main: Self.main.replacing("sources: sources.yaml\n", with: "")).catalog.sources == nil)
        let plain = try load(main: "source: urn:t\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n")
        #expect(plain.inputs == ["par.status"] && plain.formats == [.cloudEvents])
    }

    /// A reload reads it on the daemon's thread, which must not be silent for a minute.
    @Test(.timeLimit(.minutes(2))) func `a tree with all communes of the country is read without a look at each for each`() throws {
        var tree = "timezone: Asia/Ho_Chi_Minh\nagencies:\n  - {id: VN, level: province, name: {vi: V, en: V}}\n"
        for district in 0..<600 {
            tree += "  - {id: D\(district), level: district, parent: VN, name: {vi: D, en: D}}\n"
            for commune in 0..<19 { tree += "  - {id: D\(district).\(commune), level: commune, parent: D\(district), name: {vi: C, en: C}}\n" }
        }
        let agencies = try load(main: "source: urn:t\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n", tree: tree).catalog.agencies
        #expect(agencies.count == 12_001 && agencies.last?.parent == agencies.firstIndex { $0.id == "D599" })
    }

    @Test func `what sources say decides the catalog's hash`() throws {
        #expect(try load().catalog.hash != load(sources: Self.sources + "  - {source: \"urn:c\"}\n").catalog.hash)
    }

    @Test func `the numbers of iGate are the usual ones, but for those that the input names`() throws {
        let configuration = try load(main: Self.main.replacing("format: dvcqg", with: "format: igate, states: {7: stopped, 3: \"5\"}"))
        guard case .igate(let states) = configuration.formats[1] else {
            Issue.record("not igate")
            return
        }
        #expect(states[7] == .stopped && states[3] == .supplement && states[4] == .finished && states.count == 8)
    }

    @Test(arguments: [
        ("rank: 31", "rank: 32", "sources.yaml:2: '32' is not a whole number from 0 to 31"), ("rank: 31", "rank: -1", "sources.yaml:2: '-1' is not a whole number"),
        ("kinds: [dossier, progress]", "kinds: [dossiers]", "sources.yaml:2: 'dossiers' is not one of dossier, progress, document"),
        ("kinds: [dossier, progress]", "kinds: []", "sources.yaml:2: an empty list allows nothing"), ("kinds: [dossier, progress]", "kinds: dossier", "sources.yaml:2: expected a list"),
        ("topics: [par.status]", "topics: [par.statu]", "sources.yaml:2: topic 'par.statu' is not an input: did you mean 'par.status'?"),
        ("agencies: [q1, H21]", "agencies: [X9]", "sources.yaml:2: agency 'X9' is not in the agencies' file: "), ("{source: \"urn:b\"}", "{source: \"urn:a\"}", "sources.yaml:3: source 'urn:a' stands here twice: first in line 2"),
        ("source: \"urn:b\"", "rank: 1", "sources.yaml:3: 'source' is missing"), ("system:", "sytem:", "sources.yaml:2: unknown key 'sytem': did you mean 'system'?"), ("sources:", "source:", "sources.yaml:1: unknown key 'source'"),
    ])
    func `a mistake in the sources is named with its line`(_ part: String, _ replacement: String, _ expected: String) {
        let found = problems(sources: Self.sources.replacing(part, with: replacement, maxReplacements: 1))
        #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
    }

    @Test(arguments: [
        ("format: dvcqg", "format: dvcgq", "parwatch.yaml:5: unknown format 'dvcgq': did you mean 'dvcqg'?"), ("format: dvcqg", "format: csv", "unknown format 'csv': known are cloudevents, dvcqg, igate, edxml"),
        ("format: dvcqg", "format: dvcqg, states: {1: stopped}", "'states' says what the numbers of format igate mean; this input is of format dvcqg"),
        ("format: dvcqg", "format: igate, states: {x: stopped}", "'x' is not a number of a state"), ("format: dvcqg", "format: igate, states: {1: halted}", "'halted' is no state"),
        ("format: dvcqg", "format: igate, states: {1: 11}", "'11' is no state"), ("sources: sources.yaml", "sources: nowhere.yaml", "cannot be read"),
    ])
    func `a mistake in the inputs is named with its line`(_ part: String, _ replacement: String, _ expected: String) {
        let found = problems(main: Self.main.replacing(part, with: replacement))
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test(arguments: [
        ("until: 2025-06-30", "until: 2025-06-31", "agencies.yaml:4: '2025-06-31' is not a date such as 2025-07-01"), ("until: 2025-06-30", "until: 30/06/2025", "agencies.yaml:4: '30/06/2025' is not a date"),
        ("until: 2025-06-30", "from: 2025-07-01, until: 2025-06-30", "agencies.yaml:4: 'until' is before 'from'"), ("until: 2025-06-30, ", "", "agencies.yaml:4: 'merged_into' says what stands in its place after its last day: 'until' is missing"),
        ("merged_into: H21", "merged_into: X", "agencies.yaml:4: 'X', which 'Q1' is merged into, is not an agency of this file"), ("merged_into: H21", "merged_into: Q1", "agencies.yaml:4: agencies are merged in a circle: 'Q1'"),
        ("from: 2020-02-29", "until: 2020-02-29, merged_into: Q1", ""), ("merged_into: H21", "merged_into: C1", ""),
    ])
    func `a mistake in the lives of agencies is named with its line`(_ part: String, _ replacement: String, _ expected: String) {
        let found = problems(tree: Self.tree.replacing(part, with: replacement))
        #expect(expected.isEmpty ? found.isEmpty : found.contains { $0.hasPrefix(expected) }, "\(found)")
    }

    @Test func `the shipped examples of sources and of a province of two levels load`() throws {
        let config = Oracle.repository.appendingPathComponent("config"), agencies = try String(contentsOf: config.appendingPathComponent("agencies/two-level.yaml"), encoding: .utf8)
        let configuration = try load(tree: agencies, sources: String(contentsOf: config.appendingPathComponent("sources.yaml"), encoding: .utf8)), catalog = configuration.catalog
        #expect(catalog.sources?.count == 51 && Set(catalog.sources?.map(\.source) ?? []).count == 51)
        func line(_ id: String, _ day: LocalDay) -> [String]? {
            guard let agency = catalog.agencies.firstIndex(where: { $0.id == id }), let seat = catalog.tree.seat(of: Int32(agency), on: day) else { return nil }
            return catalog.tree.lines[Int(seat)].map { catalog.agencies[$0].id }
        }
        let last = LocalDay(year: 2025, month: 6, day: 30)
        #expect(line("000.01.31.H21", last) == ["000.01.31.H21", "000.00.31.H21", "H21"] && line("000.01.31.H21", last + 1) == ["000.01.31.H21", "H21"])
        #expect(line("000.02.31.H21", last) == ["000.02.31.H21", "000.00.31.H21", "H21"] && line("000.02.31.H21", last + 1) == ["H21.31.90", "H21"])
        #expect(line("H21.31.90", last) == ["H21.31.90", "H21"] && line("000.00.31.H21", last + 1) == ["H21"])
        #expect(line("000.05.31.H21", last + 1) == ["000.04.31.H21", "H21"] && line("000.00.03.H21", last) == ["000.00.04.H21", "H21"])
    }
}
