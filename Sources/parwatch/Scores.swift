import ArgumentParser
import Catalog
import CatalogFiles
import JSON
import Kafka
import Service

struct Scores: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Reads the score topic: how every agency stands.")

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @OptionGroup var filter: CellFilter
    @Flag(help: "Print the records as JSON, one a line.") var json = false
    @Flag(name: .shortAndLong, help: "Go on with every change.") var follow = false
    @Flag(help: "Points instead: what each agency earned, of how many, and what is at risk.") var points = false

    /// What a score record says, as far as the table shows it.
    private struct Row {
        var line: String
        var json: [UInt8]
    }

    func validate() throws {
        if points, follow { throw ValidationError("--points is a sum over all scores: it does not go with --follow") }
    }

    func run() throws {
        let configuration = try options.load()
        let wanted = try filter.checked(configuration)
        if points { return try showPoints(configuration, wanted) }
        let names = Dictionary(configuration.catalog.agencies.map { ($0.id, $0.name.vi) }) { first, _ in first }, percentages = Percentages(configuration.catalog)
        guard let reader = JSONReader(capacity: 1 << 20) else { throw Failure.ours("not enough memory") }
        let stop = StopSignal()
        stop.listen()
        let settings = try broker.settings(configuration)
        var present: [String: Row] = [:]
        do throws(KafkaError) {
            try subscribe(configuration.outputs.scores, settings, follow: follow, stop) { key, value, _ in
                guard let value, let line = line(value, reader, names, percentages, wanted) else { return nil }
                present[key] = Row(line: line, json: Array(value))
                return json ? String(decoding: value, as: UTF8.self) : line
            } atEnd: {
                if !json { Terminal.say(Self.columns("AGENCY", "VALUE", "COUNT", "TARGET", "MET", "CRITERION")) }
                for (_, row) in present.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    if json { Terminal.emit(row.json) } else { Terminal.say(row.line) }
                }
            }
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
    }

    private func showPoints(_ configuration: Configuration, _ wanted: CellFilter.Wanted) throws {
        guard let reader = JSONReader(capacity: 1 << 20) else { throw Failure.ours("not enough memory") }
        let stop = StopSignal()
        stop.listen()
        let settings = try broker.settings(configuration)
        var table = PointTable(configuration.catalog, wanted)
        do throws(KafkaError) {
            try subscribe(configuration.outputs.scores, settings, follow: false, stop) { key, value, _ in
                if let value, let data = (try? reader.parse(value))?["data"] { table.read(key, data) }
                return nil
            } atEnd: {
                if json { for sheet in table.json { Terminal.emit(sheet) } } else { for line in table.lines { Terminal.say(line) } }
            }
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
    }

    private func line(_ value: UnsafeRawBufferPointer, _ reader: JSONReader, _ names: [String: String], _ percentages: Percentages, _ wanted: CellFilter.Wanted) -> String? {
        guard let event = try? reader.parse(value), let data = event["data"], let id = data["agency"]?.text, let code = data["criterion"]?.text,
              let framework = data["framework"]?.text, let period = data["period"]?.text, let numerator = data["numerator"]?.number.flatMap(ExactDecimal.init(nearest:))
        else { return nil }
        guard wanted.includes(agency: id, framework: framework, code: code) else { return nil }
        let denominator = data["denominator"]?.integer
        let isPercentage = percentages.include(framework, code, denominator: denominator)
        func amount(_ name: JSONValue?) -> String { name?.number.flatMap(ExactDecimal.init(nearest:))?.text(isPercentage: isPercentage) ?? "-" }
        let met = data["met"]?.bool.map { $0 ? "yes" : "no" } ?? "-"
        return JournalHandler.line(Self.columns(names[id] ?? id, amount(data["value"]), denominator.map { "\(numerator)/\($0)" } ?? "\(numerator)", amount(data["target"]), met, "\(framework)/\(code) \(period)"))
    }

    private static func columns(_ agency: String, _ value: String, _ count: String, _ target: String, _ met: String, _ criterion: String) -> String {
        "\(AlertLine.pad(agency, 26)) \(AlertLine.pad(value, 7)) \(AlertLine.pad(count, 11)) \(AlertLine.pad(target, 6)) \(AlertLine.pad(met, 3)) \(criterion)"
    }
}
