import Cases
import CatalogFiles
import Foundation
import Testing

/// A small right configuration as files; a test spoils what it is about.
struct Files {
    var main = """
        source: urn:parwatch:test
        agencies: agencies.yaml
        criteria: [criteria.yaml]
        late_by: date
        kafka: {bootstrap: "localhost:9092", properties: {linger.ms: 5}}
        inputs: [{topic: par.status, format: cloudevents}]
        outputs: {alerts: par.alerts, scores: par.scores, rejected: par.rejected}
        publish_every: 10s
        clock: wall
        max_ahead: 5m

        """
    var agencies = """
        timezone: Asia/Ho_Chi_Minh
        agencies:
          - {id: H21, level: province, name: {vi: Tỉnh, en: Province}}
          - {id: 000.00.12.h21, level: department, parent: H21, name: {vi: Sở, en: Department}}
          - {id: 000.00.31.H21, level: district, parent: H21, name: {vi: Huyện, en: District}}

        """
    var criteria = """
        framework: GL-2021
        title: {vi: t, en: t}
        period: {year: 2021, closes_after: 60d, keep_closed: 30d}
        criteria:
          - code: 1.1
            area: 1
            name: {vi: n, en: n}
            levels: [department]
            judge_at: [self, root]
            periods: [year, quarter, last-30d]
            measure: {ratio: {of: dossier, among: [decided, not_late, [level_3, not_level_4]], counting: [on_time]}}
            target: {at_least: 98.5%}
            alert: {warning: {below: 98%, clear: 98.5%}, critical: {below: 95%, clear: 96%}, min_sample: 20, for: 2h, keep_firing_for: 1d}
            lead: Văn phòng
            source: {document: d, where: w}
          - code: 1.10
            name: {vi: n, en: n}
            levels: [district]
            measure: {count: {of: dossier, among: [overdue, "sector: đất đai "]}}
            target: {at_most: 0}
            alert: {warning: {above: 3, clear: 1}}
          - code: 1.2
            name: {vi: n, en: n}
            levels: [department, district]
            measure: {distinct: {of: dossier, among: [filed_online], by: procedure, out_of: 300}}

        """

    /// The same with `part` replaced; a part that does not stand there is a mistake of the test.
    enum File { case main, agencies, criteria }

    func with(_ file: File, _ part: String, _ replacement: String) -> Files {
        var copy = self
        func replace(_ text: inout String) {
            if !text.contains(part) { Issue.record("'\(part)' does not stand there") }
            text = text.replacing(part, with: replacement, maxReplacements: 1)
        }
        switch file {
        case .main: replace(&copy.main)
        case .agencies: replace(&copy.agencies)
        case .criteria: replace(&copy.criteria)
        }
        return copy
    }

    /// What is wrong with it, one `file:line: text` each; empty if nothing is.
    func problems() throws -> [String] {
        do {
            _ = try load()
            return []
        } catch let problems as Problems {
            return problems.description.split(separator: "\n").map(String.init)
        }
    }

    func load(_ overrides: @autoclosure () throws -> Overrides = .none) throws -> Configuration { try load(overrides(), raw: ["parwatch.yaml": Data(main.utf8), "agencies.yaml": Data(agencies.utf8), "criteria.yaml": Data(criteria.utf8)]) }

    /// Files as they are. Paths in what is thrown are relative to their folder.
    func load(_ overrides: Overrides = .none, raw files: [String: Data]) throws -> Configuration {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parwatch-files-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
        do {
            return try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path, overrides: overrides)
        } catch {
            var problems = error
            for i in problems.list.indices { problems.list[i].file.replace(folder.path + "/", with: "") }
            throw problems
        }
    }
}
