import Alerting
import ArgumentParser
import Catalog
import CatalogFiles
import Intake
import JSON
import Kafka
import Scoreboard
import Service

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says in plain words how something is counted and judged.",
        discussion: "KEY is that of a score or an alert: FRAMEWORK/CRITERION/AGENCY/PERIOD, such as GL-2021/3.4.1/000.00.12.H21/2021. How it stands now is read from Kafka, if the configuration or --brokers names one.")

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @Flag(help: "Only what the catalog says; no broker is asked.") var offline = false
    @Argument(help: ArgumentHelp("framework/criterion/agency/period", valueName: "key")) var key: String

    func validate() throws {
        if key.split(separator: "/", omittingEmptySubsequences: false).count != 4 { throw ValidationError("'\(key)' is not FRAMEWORK/CRITERION/AGENCY/PERIOD, such as GL-2021/3.4.1/000.00.12.H21/2021") }
    }

    func run() throws {
        let configuration = try options.load()
        let layout = Layout(catalog: configuration.catalog)
        let cell = try Self.cell(of: key, in: layout)
        let key = layout.key(of: cell)
        Terminal.say(key)
        for (name, lines) in Explanation(layout.place(of: cell), configuration.catalog).sections { Self.say(name, lines) }
        if offline || broker.brokers == nil && !configuration.namesServers { return }
        Terminal.flush()
        let settings = try broker.settings(configuration)
        let stop = StopSignal()
        stop.listen()
        do throws(KafkaError) {
            try tell(key, layout.plan(of: cell).measure.isPercentage, configuration, settings, stop)
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
    }

    private static func say(_ name: String, _ lines: [String]) {
        for (index, line) in lines.enumerated() { Terminal.say("\(AlertLine.pad(index == 0 ? name : "", 10)) \(JournalHandler.line(line))") }
    }

    // MARK: The key

    /// Says which part of a key is wrong, and what was probably meant.
    private static func cell(of key: String, in layout: Layout) throws -> CellID {
        let catalog = layout.catalog
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let framework = catalog.frameworks.first(where: { $0.id == parts[0] }) else {
            throw Failure.input("no framework '\(parts[0])': \(Spelling.hint(for: parts[0], among: catalog.frameworks.map(\.id)))")
        }
        let criteria = framework.criteria.filter { $0.code == parts[1] }
        guard let criterion = criteria.first else {
            throw Failure.input("\(framework.id) has no criterion '\(parts[1])': \(Spelling.hint(for: parts[1], among: framework.criteria.map(\.code)))")
        }
        let id = Code.normalized(parts[2]) ?? parts[2]
        guard let agency = catalog.agencies.first(where: { $0.id == id }) else {
            throw Failure.input("no agency '\(id)': \(Spelling.hint(for: id, among: catalog.agencies.map(\.id)))")
        }
        let periods = criteria.flatMap { $0.periods.flatMap(\.periods).map { $0.name(in: framework.year) } }
        guard periods.contains(parts[3]) else {
            throw Failure.input("\(framework.id)/\(criterion.code) has no period '\(parts[3])': \(Spelling.hint(for: parts[3], among: periods))")
        }
        guard let cell = layout.cell(of: "\(framework.id)/\(criterion.code)/\(id)/\(parts[3])") else {
            throw Failure.input("\(framework.id)/\(criterion.code) is not judged at \(id) (\(agency.level)): it counts \(criterion.levels.joined(separator: ", ")), judged at \(Explanation.places(criterion))")
        }
        return cell
    }

    // MARK: Now

    private func tell(_ key: String, _ isPercentage: Bool, _ configuration: Configuration, _ settings: KafkaSettings, _ stop: StopSignal) throws(KafkaError) {
        guard let reader = JSONReader(capacity: 1 << 20) else { throw .noMemory(for: "read \(configuration.outputs.alerts)") }
        let zone = configuration.catalog.zone
        var score = ["none published"]
        try each(of: key, in: configuration.outputs.scores, settings, stop) { value, _ in score = Self.score(value, isPercentage, reader) ?? ["none published"] }
        let none = ["none: never beyond a threshold, or no daemon has judged it"]
        var alert = none, rank: AlertRank?
        try each(of: key, in: configuration.outputs.alerts, settings, stop) { value, term in
            guard let value else { return (alert, rank) = (none, nil) }
            guard let record = AlertRecord(key: key, json: value, reader: reader) else { return }
            let found = AlertRank(record, term: term)
            if let rank, found < rank { return }
            (alert, rank) = (Self.alert(record, zone), found)
        }
        guard !stop.isRequested else { return }
        Self.say("score now", score)
        Self.say("alert now", alert)
    }

    /// Calls `read` with every record of a key, and the term of an alert.
    private func each(of key: String, in topic: String, _ settings: KafkaSettings, _ stop: StopSignal, _ read: (_ value: UnsafeRawBufferPointer?, _ term: Int64) -> Void) throws(KafkaError) {
        let wanted = Array(key.utf8)
        guard var reader = try TopicReader(settings: settings, topic: topic, unless: stop) else { return }
        while !reader.isAtEnd, !stop.isRequested {
            try reader.poll(timeout: 200) { record in
                if let key = record.key, key.elementsEqual(wanted) { read(record.value, record.stamp.term) }
            }
            for notice in reader.drainNotices() where notice.severity >= .error { Terminal.complain("kafka: \(notice)") }
        }
    }

    private static func score(_ value: UnsafeRawBufferPointer?, _ isPercentage: Bool, _ reader: JSONReader) -> [String]? {
        guard let value, let event = try? reader.parse(value), let data = event["data"], let numerator = data["numerator"]?.number.flatMap(ExactDecimal.init(nearest:)) else { return nil }
        let denominator = data["denominator"]?.integer
        let none = data["applicable"]?.bool == false ? "declared not applicable" : "no value"
        let number = data["value"]?.number.flatMap(ExactDecimal.init(nearest:))?.text(isPercentage: isPercentage) ?? none
        let met = data["met"]?.bool.map { $0 ? ", target met" : ", target not met" } ?? ""
        return ["\(number)\(denominator.map { " (\(numerator) of \($0))" } ?? "")\(met), as of \(data["as_of"]?.text ?? "?")"]
    }

    private static func alert(_ record: AlertRecord, _ zone: Zone) -> [String] {
        let incident = record.incident
        let cause = record.cause.map { "brought about by \($0.topic), partition \($0.partition), offset \($0.offset)" }
        return ["\(incident.state.rawValue), \(incident.severity.rawValue), \(incident.reason.rawValue), since \(incident.since.text(in: zone))", record.text.vi, record.text.en] + [cause].compactMap(\.self)
    }
}

extension Configuration {
    fileprivate var namesServers: Bool { if case .servers = kafka.bootstrap { true } else { false } }
}
