import ArgumentParser
import Catalog
import CatalogFiles
import Engine
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
            let isWhole = criterion.contains("/")
            let known = catalog.frameworks.flatMap { framework in framework.criteria.map { isWhole ? "\(framework.id)/\($0.code)" : $0.code } }
            throw Failure.input("no criterion '\(criterion)': \(Spelling.hint(for: criterion, among: known))")
        }
    }

    private static func show(_ criterion: Criterion, _ framework: Framework, _ catalog: Catalog) {
        let words = CriterionWords(criterion: criterion, catalog: catalog)
        Terminal.say("\n\(criterion.code)  \(criterion.name.vi)")
        func line(_ name: String, _ text: String?) { if let text { Terminal.say("  \(AlertLine.pad(name, 8)) \(text)") } }
        line("", criterion.name.en)
        line("counted", words.counting.en)
        line("of", "\(criterion.levels.joined(separator: ", ")); judged at \(judged(criterion).joined(separator: ", ")); \(criterion.periods.map(\.name).joined(separator: ", "))")
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

    private static func record(_ criterion: Criterion, _ framework: Framework, _ catalog: Catalog) -> [UInt8] {
        let words = CriterionWords(criterion: criterion, catalog: catalog)
        var writer = JSONWriter()
        writer.criterion(criterion, in: framework, CriterionTexts(
            measure: words.counting, fedBy: words.fedBy(among: framework.criteria), duty: words.duty, target: words.target, alert: words.alert, points: words.points))
        return writer.bytes
    }
}
