import Cases
import CatalogFiles
import Foundation
import Testing

/// Each mistake names its file and line and says what to do.
@Suite struct WrongConfigurations {
    @Test func `the configuration that the others spoil is right`() throws {
        #expect(try Files().problems() == [])
    }

    static let mistakes: [(Files.File, String, String, String)] = [
        // YAML
        (.main, "late_by: date", "late_by: [date", "parwatch.yaml:5: is not valid YAML"),
        (.criteria, "    area: 1", "   area: 1", "criteria.yaml:6: is not valid YAML"),
        (.agencies, "timezone:", "\ttimezone:", "agencies.yaml:1: is not valid YAML: a tab stands where none may: indent with spaces"),
        (.main, "late_by: date", "late_by: secret\0", "parwatch.yaml:4: is not valid YAML: control characters are not allowed: remove what does not belong there"),
        (.main, "late_by: date", "late_by: date\n---", "parwatch.yaml:5: is not valid YAML: a second document begins here"),
        (.main, "late_by: date", "late_by: date\nlate_by: instant", "key given twice: late_by"),
        (.criteria, "    area: 1", "    area: 1\n    area: 2", "key given twice: area"),
        // Keys
        (.main, "late_by: date", "lateby: date", "parwatch.yaml:4: unknown key 'lateby': did you mean 'late_by'?"),
        (.main, "late_by: date", "colour: red", "parwatch.yaml:4: unknown key 'colour': known here: source, agencies"),
        (.agencies, "level: district", "lvel: district", "agencies.yaml:5: unknown key 'lvel': did you mean 'level'?"),
        (.agencies, "level: district", "lvel: district", "agencies.yaml:5: 'level' is missing"),
        (.criteria, "min_sample: 20", "min_samples: 20", "criteria.yaml:13: unknown key 'min_samples': did you mean 'min_sample'?"),
        (.criteria, "closes_after: 60d", "closes_afer: 60d", "criteria.yaml:3: unknown key 'closes_afer': did you mean 'closes_after'?"),
        (.criteria, "counting: [on_time]", "count: [on_time]", "criteria.yaml:11: unknown key 'count'"),
        (.main, "source: urn:parwatch:test", "", "'source' is missing"),
        (.criteria, "framework: GL-2021", "", "'framework' is missing"),
        (.criteria, "vi: n, ", "", "criteria.yaml:7: 'vi' is missing"),
        (.criteria, ", by: procedure", "", "criteria.yaml:25: 'by' is missing"),
        // Types
        (.criteria, "levels: [department]", "levels: department", "criteria.yaml:8: expected a list"),
        (.criteria, "code: 1.10", "code: [1.10]", "criteria.yaml:16: expected a text"),
        (.criteria, "code: 1.10", "code:", "criteria.yaml:16: expected a text"),
        (.agencies, "name: {vi: Sở, en: Department}", "name: Sở", "agencies.yaml:4: expected a mapping with vi, en"),
        (.main, "criteria: [criteria.yaml]", "criteria: criteria.yaml", "parwatch.yaml:3: expected a list"),
        (.main, "inputs: [{topic: par.status, format: cloudevents}]", "inputs: [par.status]", "parwatch.yaml:6: expected a mapping with topic, format"),
        // Values
        (.main, "late_by: date", "late_by: date\nmax_lag: 0s", "parwatch.yaml:5: 'max_lag' must be at least 1s"),
        (.main, "late_by: date", "late_by: day", "parwatch.yaml:4: 'day' is not one of date, instant"),
        (.agencies, "Asia/Ho_Chi_Minh", "Asia/Gia_Lai", "agencies.yaml:1: 'Asia/Gia_Lai' is not a time zone such as Asia/Ho_Chi_Minh"),
        (.agencies, "Asia/Ho_Chi_Minh", "GMT+7", "agencies.yaml:1: 'GMT+7' is not a time zone"),
        (.main, "max_ahead: 5m", "max_ahead: 5", "parwatch.yaml:10: '5' is not a duration such as 30s, 10m, 2h or 60d"),
        (.main, "max_ahead: 5m", "max_ahead: -5m", "parwatch.yaml:10: '-5m' is not a duration"),
        (.main, "max_ahead: 5m", "max_ahead: 1.5m", "parwatch.yaml:10: '1.5m' is not a duration"),
        (.main, "publish_every: 10s", "publish_every: 10 s", "parwatch.yaml:8: '10 s' is not a duration"),
        (.criteria, "for: 2h", "for: two hours", "criteria.yaml:13: 'two hours' is not a duration"),
        (.criteria, "keep_closed: 30d", "keep_closed: 30w", "criteria.yaml:3: '30w' is not a duration"),
        (.criteria, "year: 2021", "year: MMXXI", "criteria.yaml:3: 'MMXXI' is not a whole number from 1990 to 2099"),
        (.criteria, "year: 2021", "year: 20210", "criteria.yaml:3: '20210' is not a whole number from 1990 to 2099"),
        (.criteria, "below: 98%", "below: 98 %", "criteria.yaml:13: '98 %' is not a number such as 0.95, 95% or 3"),
        (.criteria, "below: 98%", "below: 0.9800000001", "criteria.yaml:13: '0.9800000001' is not a number"),
        (.criteria, "min_sample: 20", "min_sample: -1", "criteria.yaml:13: '-1' is not a whole number from 0 to"),
        (.criteria, "out_of: 300", "out_of: 0", "criteria.yaml:25: '0' is not a whole number from 1 to"),
        (.criteria, "periods: [year, quarter, last-30d]", "periods: [year, week]", "criteria.yaml:10: 'week' is not one of year, quarter, month or last-Nd"),
        (.criteria, "last-30d", "last-0d", "criteria.yaml:10: 'last-0d' is not one of"),
        (.criteria, "last-30d", "last-367d", "criteria.yaml:10: 'last-367d' is not one of"),
        (.criteria, "last-30d", "year", "criteria.yaml:10: a period stands here twice"),
        (.criteria, "judge_at: [self, root]", "judge_at: [self, top]", "criteria.yaml:9: 'top' is not one of self, parent, root"),
        (.criteria, "code: 1.10", "code: 1/10", "criteria.yaml:16: '1/10' is not usable in a key"),
        (.criteria, "GL-2021", "GL#2021", "criteria.yaml:1: 'GL#2021' is not usable in a key"),
        (.criteria, "code: 1.10", "code: \"1\\t10\"", "criteria.yaml:16: '1\t10' is not usable in a key"),
        // What alerts carry
        (.criteria, "code: 1.10", "code: \(String(repeating: "1", count: 1_025))", "criteria.yaml:16: this text has 1025 bytes, and 1024 at most fit into an alert"),
        (.agencies, "vi: Sở", "vi: \(String(repeating: "ở", count: 1_366))", "agencies.yaml:4: this text has 4098 bytes, and 4096 at most fit into an alert"),
        (.main, "urn:parwatch:test", "urn:parwatch test", "parwatch.yaml:1: 'urn:parwatch test' is not a URI such as urn:parwatch:gia-lai"),
        (.main, "clock: wall", "clock: sundial", "parwatch.yaml:9: a clock is 'wall' or {start: TIME, speed: N}"),
        (.main, "clock: wall", "clock: {start: 2021-01-04, speed: 1}", "parwatch.yaml:9: '2021-01-04' is not a time such as"),
        (.main, "clock: wall", "clock: {start: 2021-01-04T00:00:00Z, speed: 0}", "parwatch.yaml:9: speed must be above 0"),
        (.main, "clock: wall", "clock: {speed: 2}", "parwatch.yaml:9: 'start' is missing"),
        (.main, "clock: wall", "state: {snapshot_every: 60s}", "parwatch.yaml:9: 'directory' is missing"),
        (.main, "clock: wall", "state: {directory: x, snapshot_every: 0s}", "parwatch.yaml:9: 'snapshot_every' must be at least 1s"),
        (.main, "clock: wall", "state: {directory: x, snapshot_every: often}", "parwatch.yaml:9: 'often' is not a duration"),
        (.main, "clock: wall", "state: {directory: x, snapshot_evry: 1m}", "parwatch.yaml:9: unknown key 'snapshot_evry': did you mean 'snapshot_every'?"),
        (.main, "clock: wall", "state: /var/lib/parwatch", "parwatch.yaml:9: expected a mapping with directory, snapshot_every"),
        (.main, "format: cloudevents", "format: xml", "parwatch.yaml:6: unknown format 'xml': known are cloudevents, dvcqg, igate, edxml"),
        (.main, "[{topic: par.status, format: cloudevents}]", "[]", "parwatch.yaml:6: at least one input topic is needed"),
        (.main, "[{topic: par.status, format: cloudevents}]", "[{topic: a}, {topic: a}]", "parwatch.yaml:6: an input topic is given twice"),
        // The tree
        (.agencies, "id: 000.00.31.H21", "id: \" 000.00.12.H21\"", "agencies.yaml:5: agency '000.00.12.H21' stands here twice: first in line 4"),
        (.agencies, "parent: H21", "parent: H22", "agencies.yaml:4: parent 'H22' of '000.00.12.H21' is not an agency of this file"),
        (.agencies, "parent: H21", "parent: 000.00.12.H21", "agencies.yaml:4: the tree runs in a circle: '000.00.12.H21' is its own ancestor"),
        (.agencies, "level: province,", "level: province, parent: 000.00.31.H21,", "agencies.yaml:3: the tree runs in a circle: 'H21' is its own ancestor"),
        (.agencies, "level: province,", "level: province, parent: 000.00.31.H21,", "agencies.yaml:5: the tree runs in a circle: '000.00.31.H21' is its own ancestor"),
        (.agencies, "id: 000.00.31.H21", "id: \"  \"", "agencies.yaml:5: a code must not be blank"),
        // Criteria
        (.criteria, "code: 1.10", "code: 1.1", "criteria.yaml:16: criterion '1.1' stands here twice: first in line 5"),
        (.criteria, "levels: [district]", "levels: [distrct]", "criteria.yaml:18: no agency has level 'distrct': the tree has department, district, province"),
        (.criteria, "ratio:", "ration:", "criteria.yaml:11: unknown measure 'ration': did you mean 'ratio'?"),
        (.criteria, "ratio:", "percentile:", "criteria.yaml:11: unknown measure 'percentile': known are ratio, count, mean, distinct, checklist, figure, growth, share"),
        (.criteria, "of: dossier", "of: dosier", "criteria.yaml:11: 'dosier' cannot be counted here: did you mean 'dossier'?"),
        (.criteria, "of: dossier", "of: document", "criteria.yaml:11: unknown fact 'decided': docs/facts.md lists the facts of the kind 'document'"),
        (.criteria, "by: procedure", "by: sector", "criteria.yaml:25: 'sector' is not one of procedure, agency, item"),
        (.criteria, "by: procedure", "by: item", "criteria.yaml:25: only obligations and events are counted by item"),
        (.criteria, measured, "{mean: {of: dossier, among: []}}", "criteria.yaml:25: 'dossier' cannot be counted here: known are rating"),
        (.criteria, measured, "{count: {of: obligation, among: [finished]}}", "criteria.yaml:25: unknown fact 'finished': docs/facts.md lists the facts of the kind 'obligation'"),
        (.criteria, measured, "{count: {of: event, among: [\"sector:A\"]}}", "criteria.yaml:25: unknown fact 'sector:A'"),
        (.criteria, measured, "{distinct: {of: document, among: [], by: procedure}}", "criteria.yaml:25: only dossiers are counted by procedure"),
        (.criteria, measured, "{distinct: {of: dossier, among: [], by: agency, out_of: {procedure: []}}}", "criteria.yaml:25: 'out_of: {procedure: …}' goes with 'by: procedure'"),
        (.criteria, measured, "{checklist: {of: event, items: []}}", "criteria.yaml:25: a checklist needs at least one item"),
        (.criteria, measured, "{checklist: {of: event, items: [a, [b, A]]}}", "criteria.yaml:25: item 'A' stands here twice"),
        (.criteria, measured, "{checklist: {of: event, items: [a, []]}}", "criteria.yaml:25: an item without alternatives can never be met"),
        (.criteria, measured, "{checklist: {of: rating, items: [a]}}", "criteria.yaml:25: 'rating' cannot be counted here: known are obligation, event"),
        (.criteria, measured, "{figure: {as: percent}}", "criteria.yaml:25: 'percent' is not one of ratio, value"),
        (.criteria, measured, "{growth: {as: value}}", "criteria.yaml:25: 'from' is missing"),
        (.criteria, measured, "{growth: {as: value, from: 0, by: relative}}", "criteria.yaml:25: a baseline of 0 has no relative growth: use by: points"),
        (.criteria, measured, "{growth: {as: value, from: {year: 2021}}}", "the baseline's year is the framework's own"),
        (.criteria, measured, "{share: {of: 1.11, reaching: {at_least: 1}}}", "criteria.yaml:25: there is no criterion '1.11': did you mean"),
        (.criteria, measured, "{share: {of: \"1.1\", reaching: {most: 1}}}", "criteria.yaml:25: expected a mapping"),
        (.criteria, measured, "{share: {of: \"1.1\", reaching: {department: {at_least: 1}}}}", "'reaching' says nothing for level 'district'"),
        (.criteria, measured, "{share: {of: \"1.1\", reaching: {at_least: 1}}}", "is not judged at agencies of level 'district' themselves"),
        (.criteria, "counting: [on_time]", "counting: [ontime]", "criteria.yaml:11: unknown fact 'ontime': did you mean 'on_time'?"),
        (.criteria, "not_late", "not_lat", "criteria.yaml:11: unknown fact 'not_lat': did you mean 'not_late'?"),
        (.criteria, "not_level_4", "not_level4", "criteria.yaml:11: unknown fact 'not_level4': did you mean 'not_level_4'?"),
        (.criteria, "among: [overdue,", "among: [beautiful,", "criteria.yaml:19: unknown fact 'beautiful': docs/facts.md"),
        (.criteria, "among: [overdue,", "among: [overdue, not_overdue,", "criteria.yaml:19: a fact stands here together with its opposite"),
        (.criteria, "\"sector: đất đai \"", "\"sector: \"", "criteria.yaml:19: a sector must not be blank"),
        (.criteria, "at_least: 98.5%", "atleast: 98.5%", "criteria.yaml:12: a target is one of at_least, above, at_most, below, equal"),
        (.criteria, "at_least: 98.5%", "at_least: 98.5%, above: 1", "criteria.yaml:12: a target is one of"),
        // Thresholds
        (.criteria, "{below: 98%, clear: 98.5%}", "{below: 98%, clear: 97.9%}", "criteria.yaml:13: 'clear: 0.979' is on the wrong side of 'below: 0.98'"),
        (.criteria, "{above: 3, clear: 1}", "{above: 3, clear: 4}", "criteria.yaml:21: 'clear: 4' is on the wrong side of 'above: 3'"),
        (.criteria, "{above: 3, clear: 1}", "{clear: 1}", "criteria.yaml:21: a threshold has either 'below' or 'above'"),
        (.criteria, "{above: 3, clear: 1}", "{above: 3, below: 1}", "criteria.yaml:21: a threshold has either 'below' or 'above'"),
        (.criteria, "{warning: {above: 3, clear: 1}}", "{min_sample: 3}", "criteria.yaml:21: 'alert' needs a 'warning', a 'critical' or 'milestones'"),
        (.criteria, "critical: {below: 95%, clear: 96%}", "critical: {below: 98.1%, clear: 99%}", "criteria.yaml:13: 'critical' must not be reached before 'warning'"),
        (.criteria, "{warning: {above: 3, clear: 1}}", "{warning: {above: 3}, critical: {above: 2}}", "criteria.yaml:21: 'critical' must not be reached before 'warning'"),
        (.criteria, "critical: {below: 95%, clear: 96%}", "critical: {above: 95%}", "criteria.yaml:13: 'warning' says below, 'critical' says above"),
        // Files
        (.main, "agencies: agencies.yaml", "agencies: nowhere.yaml", "nowhere.yaml: cannot be read: check that the file exists"),
        (.main, "[criteria.yaml]", "[criteria.yaml, /nowhere/c.yaml]", "/nowhere/c.yaml: cannot be read"),
        (.main, "[criteria.yaml]", "[criteria.yaml, criteria.yaml]", "parwatch.yaml:3: framework 'GL-2021' is given twice"),
    ]

    /// The last criterion's measure.
    private static let measured = "{distinct: {of: dossier, among: [filed_online], by: procedure, out_of: 300}}"

    @Test(arguments: mistakes)
    func `a mistake is named with its file and line and what to do`(file: Files.File, part: String, replacement: String, problem: String) throws {
        let problems = try Files().with(file, part, replacement).problems()
        #expect(problems.contains { $0.hasPrefix(problem) || $0.contains(problem) && !problem.contains(".yaml:") }, "\(problems)")
    }

    @Test func `limits that touch are no mistake`() throws {
        #expect(try Files().with(.criteria, "{below: 98%, clear: 98.5%}", "{below: 98%, clear: 0.98}").problems() == [])
        #expect(try Files().with(.criteria, "critical: {below: 95%, clear: 96%}", "critical: {below: 98%, clear: 99%}").problems() == [])
        #expect(try Files().with(.criteria, "{above: 3, clear: 1}", "{above: 3, clear: 3}").problems() == [])
    }

    @Test func `all mistakes of all files are told in one run`() throws {
        let files = Files().with(.main, "late_by: date", "late_by: day").with(.main, "max_ahead: 5m", "max_ahead: soon").with(.agencies, "parent: H21", "parent: H22").with(.criteria, "on_time", "ontime")
            .with(.criteria, "for: 2h", "for: ever").with(.criteria, "out_of: 300", "out_of: many")
        let places = try files.problems().map { $0.split(separator: " ")[0] }
        for place in ["parwatch.yaml:4:", "parwatch.yaml:10:", "agencies.yaml:4:", "criteria.yaml:11:", "criteria.yaml:13:", "criteria.yaml:25:"] { #expect(places.contains { $0 == place }) }
        let broken = Files().with(.agencies, "timezone:", "\ttimezone:").with(.criteria, "levels: [department]", "levels: [department")
        #expect(try broken.problems().filter { $0.contains("is not valid YAML") }.count == 2)
    }

    @Test func `a file that is missing, empty or not UTF-8 is named`() throws {
        let files = Files(), right = ["parwatch.yaml": Data(files.main.utf8), "agencies.yaml": Data(files.agencies.utf8), "criteria.yaml": Data(files.criteria.utf8)]
        func problems(_ name: String, _ data: Data?) throws -> [String] {
            var raw = right
            raw[name] = data
            do {
                _ = try files.load(raw: raw)
                return []
            } catch let problems as Problems {
                return problems.list.map(\.description)
            }
        }
        for name in right.keys.sorted() {
            #expect(try problems(name, nil).contains("\(name): cannot be read: check that the file exists and may be read"))
            #expect(try problems(name, Data()).contains("\(name):1: is empty: write its keys, or name another file"))
            #expect(try problems(name, Data("# nothing\n".utf8)).contains("\(name):1: is empty: write its keys, or name another file"))
            #expect(try problems(name, Data([0x61, 0x3A, 0xFF])).contains("\(name): is not UTF-8: save it as UTF-8"))
            #expect(try problems(name, Data("- a\n".utf8)).contains { $0.hasPrefix("\(name):1: expected a mapping") })
        }
    }

    @Test func `over 48 different sectors are too many, each only once`() throws {
        func files(_ count: Int) -> Files {
            Files().with(.criteria, "among: [overdue, \"sector: đất đai \"]", "among: [[" + (0..<count).map { "\"sector:s\($0 % 2 == 0 ? "S" : "s")\($0)\"" }.joined(separator: ", ") + ", \"sector:SS0\"]]")
        }
        #expect(try files(48).problems() == [])
        #expect(try files(49).problems() == ["criteria.yaml:19: over 48 different sectors are asked for"])
    }
}
