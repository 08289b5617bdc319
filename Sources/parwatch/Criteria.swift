import ArgumentParser
import Catalog
import CatalogFiles
import JSON

struct Criteria: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists what is judged: how each criterion is counted, its target, and from which value it alerts.")

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print JSON, one criterion a line.") var json = false
    @Option(help: "Only this criterion: its code, or FRAMEWORK/CODE.") var criterion: String?

    func run() throws {
        let catalog = try options.load().catalog
        var isFirst = true
        for framework in catalog.frameworks {
            let shown = framework.criteria.filter { criterion == nil || criterion == $0.code || criterion == "\(framework.id)/\($0.code)" }
            guard !shown.isEmpty else { continue }
            if !json {
                Terminal.say("\(isFirst ? "" : "\n")\(framework.id)  \(framework.title.vi)\n\(String(repeating: " ", count: framework.id.count))  \(framework.title.en)")
            }
            isFirst = false
            for criterion in shown {
                if json { Terminal.emit(Self.record(criterion, framework, catalog)) } else { Self.show(criterion, framework, catalog) }
            }
        }
        if isFirst, let criterion {
            let known = catalog.frameworks.flatMap { $0.criteria.map(\.code) }
            throw Failure.input("no criterion '\(criterion)': \(known.isEmpty ? "no framework has any" : "parwatch criteria lists all \(known.count)")")
        }
    }

    private static func show(_ criterion: Criterion, _ framework: Framework, _ catalog: Catalog) {
        let words = CriterionWords(criterion: criterion, catalog: catalog)
        Terminal.say("\n\(criterion.code)  \(criterion.name.vi)")
        func line(_ name: String, _ text: String?) { if let text { Terminal.say("  \(AlertLine.pad(name, 8)) \(text)") } }
        line("", criterion.name.en)
        line("counted", words.counting.en)
        line("of", "\(criterion.levels.joined(separator: ", ")); judged at \(judged(criterion).joined(separator: ", ")); \(periods(criterion).joined(separator: ", "))")
        line("from", words.fedBy(among: framework.criteria).joined(separator: ", "))
        line("due", words.duty?.en)
        line("note", criterion.note)
        line("target", words.target)
        line("points", words.points?.en)
        line("alert", words.alert?.en ?? "none")
        line("lead", criterion.lead)
        line("source", criterion.source.map { [$0.document, $0.place].compactMap(\.self).joined(separator: ", ") })
    }

    private static func judged(_ criterion: Criterion) -> [String] { JudgedAt.allCases.filter(criterion.judgeAt.contains).map(\.rawValue) }

    private static func periods(_ criterion: Criterion) -> [String] {
        criterion.periods.map { period in
            switch period {
            case .year: "year"
            case .quarter: "quarter"
            case .month: "month"
            case .window(let days): "last-\(days)d"
            }
        }
    }

    private static func record(_ criterion: Criterion, _ framework: Framework, _ catalog: Catalog) -> [UInt8] {
        let words = CriterionWords(criterion: criterion, catalog: catalog)
        var writer = JSONWriter()
        writer.object { json in
            json.string("framework", framework.id)
            json.string("code", criterion.code)
            json.string("area", criterion.area)
            json.bilingual("name", criterion.name)
            json.string("note", criterion.note)
            json.strings("levels", criterion.levels)
            json.strings("judge_at", judged(criterion))
            json.strings("periods", periods(criterion))
            json.object("measure") {
                $0.string("name", criterion.measure.name)
                $0.strings("fed_by", words.fedBy(among: framework.criteria))
                $0.bilingual("text", words.counting)
            }
            if let duty = words.duty { json.bilingual("duty", duty) } else { json.literal("duty", "null") }
            if let target = criterion.target {
                json.object("target") {
                    $0.string("comparison", target.comparison.rawValue)
                    $0.literal("value", target.value.description)
                    $0.string("text", words.target)
                }
            } else {
                json.literal("target", "null")
            }
            Self.alert(criterion.alert, words.alert, &json)
            if let points = criterion.points, let text = words.points {
                json.object("points") {
                    $0.literal("max", points.maximum.description)
                    $0.bilingual("text", text)
                }
            } else {
                json.literal("points", "null")
            }
            json.string("lead", criterion.lead)
            if let source = criterion.source {
                json.object("source") {
                    $0.string("document", source.document)
                    $0.string("where", source.place)
                }
            } else {
                json.literal("source", "null")
            }
        }
        return writer.bytes
    }

    private static func alert(_ rule: AlertRule?, _ text: Bilingual?, _ json: inout JSONWriter) {
        guard let rule, let text else { return json.literal("alert", "null") }
        json.object("alert") {
            $0.string("direction", rule.direction.rawValue)
            $0.literal("warning", rule.warning?.limit.description ?? "null")
            $0.literal("critical", rule.critical?.limit.description ?? "null")
            $0.integer("min_sample", rule.minSample)
            $0.integer("for_seconds", rule.pendingFor.microseconds / 1_000_000)
            $0.bilingual("text", text)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func bilingual(_ name: StaticString, _ text: Bilingual) {
        object(name) {
            $0.string("vi", text.vi)
            $0.string("en", text.en)
        }
    }

    fileprivate mutating func strings(_ name: StaticString, _ list: [String]) {
        var items = JSONWriter()
        for item in list { items.string(nil, item) }
        literal(name, "[\(items.text)]")
    }
}
