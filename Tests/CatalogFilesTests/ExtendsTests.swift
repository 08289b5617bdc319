import Cases
import Catalog
import CatalogFiles
import Foundation
import Testing

/// A new year as a file of a few lines.
@Suite struct ExtendingFrameworks {
    private static let base = """
        framework: F-2021
        title: {vi: t, en: t}
        period: {year: 2021, closes_after: 90d, keep_closed: 30d}
        criteria:
          - code: 1.1
            name: {vi: n, en: n}
            levels: [department, district]
            judge_at: [self, root]
            measure: {ratio: {of: dossier, among: [decided], counting: [on_time]}}
            target: {at_least: 90%}
            alert: {warning: {below: 90%}, critical: {below: 50%}}
            lead: Sở
          - code: "1.10"
            name: {vi: n, en: n}
            levels: [district]
            measure: {share: {of: 1.1, reaching: {district: {at_least: 1}, commune: {at_least: 0.5}}}}
          - code: 1.2
            name: {vi: n, en: n}
            levels: [province]
            measure: {figure: {as: value}}

        """
    private static let tree = """
        timezone: Asia/Ho_Chi_Minh
        agencies:
          - {id: P, level: province, name: {vi: P, en: P}}
          - {id: S, level: department, parent: P, name: {vi: S, en: S}}
          - {id: Q, level: district, parent: P, name: {vi: Q, en: Q}}
          - {id: C, level: commune, parent: Q, name: {vi: C, en: C}}

        """
    private static let head = "extends: base.yaml\nframework: F-2022\nperiod: {year: 2022}\n"

    private func load(_ criteria: String, base: String = base, more: [String: String] = [:], list: String = "new.yaml") throws -> Configuration {
        var files = ["parwatch.yaml": "source: urn:t\nagencies: agencies.yaml\ncriteria: [\(list)]\n", "agencies.yaml": Self.tree, "new.yaml": criteria, "base.yaml": base]
        files.merge(more) { $1 }
        return try Files().load(raw: files.mapValues { Data($0.utf8) })
    }

    private func problems(_ criteria: String, base: String = base, more: [String: String] = [:], list: String = "new.yaml") -> [String] {
        do {
            _ = try load(criteria, base: base, more: more, list: list)
            return []
        } catch let problems as Problems {
            return problems.list.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    private func framework(_ criteria: String, more: [String: String] = [:]) throws -> Framework { try #require(try load(criteria, more: more).catalog.frameworks.first) }

    @Test func `three lines are a new year with everything of the old one`() throws {
        let old = try framework(Self.base), new = try framework(Self.head)
        #expect(new.id == "F-2022" && new.year == 2022 && new.title == old.title && new.closesAfter == .days(90) && new.keepClosed == .days(30))
        #expect(new.criteria.count == 3)
        for (new, old) in zip(new.criteria, old.criteria) {
            #expect(new.code == old.code && new.name == old.name && new.levels == old.levels && new.judgeAt == old.judgeAt && new.periods == old.periods)
            #expect(new.measure == old.measure && new.target == old.target && new.alert == old.alert && new.lead == old.lead && new.source == old.source)
        }
    }

    @Test func `a criterion changes what it gives, keeps the rest and its place; new ones come last, removed ones go`() throws {
        let new = try framework(Self.head.replacing("2022}", with: "2022, closes_after: 10d}") + """
            title: {vi: m, en: m}
            remove: ["1.10"]
            criteria:
              - {code: "2", name: {vi: n, en: n}, levels: [commune], measure: {count: {of: dossier, among: []}}}
              - {code: 1.1, target: {at_least: 95%}, alert: {critical: {below: 60%}}, lead: ~}
              - {code: 1.2, judge_at: [root]}

            """)
        #expect(new.title.vi == "m" && new.closesAfter == .days(10) && new.keepClosed == .days(30))
        #expect(new.criteria.map(\.code) == ["1.1", "1.2", "2"])
        let first = new.criteria[0]
        #expect(first.target == Target(comparison: .atLeast, value: ExactDecimal(mantissa: 95, scale: 2)) && first.lead == nil)
        #expect(first.alert?.warning == nil && first.alert?.critical?.limit == ExactDecimal(mantissa: 6, scale: 1))
        #expect(first.levels == ["department", "district"] && first.judgeAt == [.self, .root])
        #expect(new.criteria[1].judgeAt == [.root] && new.criteria[1].measure == .figure(as: .value))
    }

    @Test func `a level stands for another, also in the levels that a share reaches`() throws {
        let new = try framework(Self.head + "levels: {district: commune}\n")
        #expect(new.criteria[0].levels == ["department", "commune"] && new.criteria[1].levels == ["commune"])
        guard case .share(_, .each(let targets)) = new.criteria[1].measure else { return _ = Issue.record("no share") }
        // What was said of communes themselves goes before what was said of districts.
        #expect(targets == ["commune": Target(comparison: .atLeast, value: ExactDecimal(mantissa: 5, scale: 1))])
        // Both in one list are one.
        #expect(try framework(Self.head + "levels: {department: commune, district: commune}\n").criteria[0].levels == ["commune"])
    }

    @Test func `what extends may be extended`() throws {
        let middle = Self.head + "levels: {district: commune}\ncriteria:\n  - {code: 1.1, target: {at_least: 91%}, lead: Văn phòng}\n"
        let new = try framework("extends: middle.yaml\nframework: F-2023\nperiod: {year: 2023}\nremove: [1.2]\ncriteria:\n  - {code: 1.1, target: ~}\n", more: ["middle.yaml": middle])
        #expect(new.year == 2023 && new.closesAfter == .days(90) && new.criteria.map(\.code) == ["1.1", "1.10"])
        #expect(new.criteria[0].target == nil && new.criteria[0].lead == "Văn phòng" && new.criteria[0].levels == ["department", "commune"])
    }

    @Test func `every file that is extended belongs to the hash`() throws {
        let middle = "extends: base.yaml\nframework: M\nperiod: {year: 2022}\n", top = "extends: middle.yaml\nframework: T\nperiod: {year: 2023}\n"
        let hash = try load(top, more: ["middle.yaml": middle]).catalog.hash
        #expect(try load(top, more: ["middle.yaml": middle]).catalog.hash == hash)
        #expect(try load(top, base: Self.base + "# more\n", more: ["middle.yaml": middle]).catalog.hash != hash)
        #expect(try load(top, more: ["middle.yaml": middle + "# more\n"]).catalog.hash != hash)
    }

    static let mistakes: [(String, String)] = [
        (head.replacing("base.yaml", with: "nowhere.yaml"), "new.yaml:1: 'nowhere.yaml' cannot be read: check that the file exists beside this one"),
        (head.replacing("base.yaml", with: "new.yaml"), "new.yaml:1: files extend each other in a circle: 'new.yaml'"),
        (head.replacing("base.yaml", with: "./new.yaml"), "new.yaml:1: files extend each other in a circle"),
        (head.replacing("base.yaml", with: "[base.yaml]"), "new.yaml:1: expected a text"),
        (head.replacing("framework: F-2022\n", with: ""), "new.yaml:1: 'framework' is missing"),
        (head + "criteria:\n  - {code: 1.11, target: {above: 1}}\n", "new.yaml:5: there is no criterion '1.11' in base.yaml to change: did you mean '1.1'?"),
        (head + "remove: [1.3]\n", "new.yaml:4: there is no criterion '1.3' in base.yaml to remove: did you mean '1.1'?"),
        (head + "remove: [1.2, 1.2]\n", "new.yaml:4: '1.2' stands here twice"),
        (head + "remove: 1.2\n", "new.yaml:4: expected a list"),
        (head + "remove: [1.1]\n", "base.yaml:16: there is no criterion '1.1'"),
        (head + "remove: [1.2]\ncriteria:\n  - {code: 1.2, lead: A}\n", "new.yaml:6: criterion '1.2' is removed and changed"),
        (head + "criteria:\n  - {code: 1.2, lead: A}\n  - {code: 1.2, lead: B}\n", "new.yaml:6: criterion '1.2' stands here twice: first in line 5"),
        (head + "criteria:\n  - {code: 1.2, laed: A}\n", "new.yaml:5: unknown key 'laed': did you mean 'lead'?"),
        (head + "criteria:\n  - {code: 1.2, measure: ~}\n", "new.yaml:5: 'measure' is missing"),
        (head + "criteria:\n  - {lead: A}\n", "new.yaml:5: 'code' is missing"),
        (head + "criteria:\n  - {code: 1.2, measure: {growth: {as: value, from: {year: 2022}}}}\n", "new.yaml:5: the baseline's year is the framework's own"),
        (head + "levels: {distric: commune}\n", "new.yaml:4: no criterion of base.yaml has level 'distric': did you mean 'district'?"),
        (head + "levels: {district: comune}\n", "new.yaml:4: no agency has level 'comune'"),
        (head + "extend: x\n", "new.yaml:4: unknown key 'extend': did you mean 'extends'?"),
        ("framework: F\ntitle: {vi: t, en: t}\nperiod: {year: 2021}\nremove: [a]\ncriteria: []\n", "new.yaml:4: 'remove' goes with 'extends'"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is named in the file and the line where it stands`(_ criteria: String, _ expected: String) {
        let found = problems(criteria)
        #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
    }

    @Test func `a mistake in the extended file is named there, once`() {
        let wrong = Self.base.replacing("counting: [on_time]", with: "counting: [ontime]")
        #expect(problems(Self.head, base: wrong, list: "new.yaml, base.yaml") == ["base.yaml:9: unknown fact 'ontime': did you mean 'on_time'?"])
        #expect(problems(Self.head, base: "framework: [\n").first?.hasPrefix("base.yaml:") == true)
    }

    @Test func `files that extend each other in a longer circle end`() {
        let found = problems("extends: base.yaml\nframework: A\n", base: "extends: new.yaml\nframework: B\n")
        #expect(found.contains { $0.hasPrefix("base.yaml:1: files extend each other in a circle: 'new.yaml'") }, "\(found)")
    }

    @Test func `the shipped example of 2026 says what 2021 said, of communes and without aims of 2020`() throws {
        let config = Oracle.repository.appendingPathComponent("config")
        let old = try #require(try Configuration.load(path: config.appendingPathComponent("parwatch.yaml").path).catalog.frameworks.first { $0.id == "GL-2021" })
        let catalog = try Configuration.load(path: config.appendingPathComponent("examples/two-level/parwatch.yaml").path).catalog, new = try #require(catalog.frameworks.first)
        #expect(new.id == "GL-2026" && new.year == 2026 && new.closesAfter == old.closesAfter)
        let gone = Set(old.criteria.map(\.code)).subtracting(new.criteria.map(\.code)), came = Set(new.criteria.map(\.code)).subtracting(old.criteria.map(\.code))
        #expect(gone.count == old.criteria.count - new.criteria.count && came.isEmpty)
        #expect(new.criteria.allSatisfy { !$0.levels.contains("district") } && new.criteria.contains { $0.levels.contains("commune") })
        for criterion in new.criteria { #expect(!"\(criterion.measure)".contains("year(2020)"), "\(criterion.code)") }
    }
}
