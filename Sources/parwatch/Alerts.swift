import Alerting
import ArgumentParser
import Catalog
import CatalogFiles
import JSON
import Kafka
import Service

struct Alerts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Reads the alert topic: what is firing now.")

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @OptionGroup var filter: CellFilter
    @Flag(help: "Print the records as JSON, one a line.") var json = false
    @Flag(name: .shortAndLong, help: "Go on with every change.") var follow = false
    @Flag(help: "Pending and ended alerts, too.") var all = false

    func run() throws {
        let configuration = try options.load()
        let wanted = try filter.checked(configuration)
        let zone = configuration.catalog.zone, percentages = Percentages(configuration.catalog)
        guard let reader = JSONReader(capacity: 1 << 20) else { throw Failure.ours("not enough memory") }
        let stop = StopSignal()
        stop.listen()
        var present: [String: (record: AlertRecord, rank: AlertRank, json: [UInt8])] = [:]
        let settings = try broker.settings(configuration)
        do throws(KafkaError) {
            try subscribe(configuration.outputs.alerts, settings, follow: follow, stop) { key, value, term in
                guard let value else {
                    present[key] = nil
                    return nil
                }
                guard let record = AlertRecord(key: key, json: value, reader: reader) else { return nil }
                let rank = AlertRank(record, term: term)
                if let known = present[key]?.rank, rank < known { return nil }
                guard wanted.includes(agency: record.agency.id, framework: record.criterion.framework, code: record.criterion.code) else { return nil }
                present[key] = (record, rank, Array(value))
                return json ? String(decoding: value, as: UTF8.self) : AlertLine.text(record, zone, percentages)
            } atEnd: {
                let shown = present.values.filter { all || $0.record.incident.state == .firing }.sorted { Self.comesFirst($0.record, $1.record) }
                if json {
                    for alert in shown { Terminal.emit(alert.json) }
                } else {
                    Terminal.say(AlertLine.heading)
                    for alert in shown { Terminal.say(AlertLine.text(alert.record, zone, percentages)) }
                    if shown.isEmpty { Terminal.say(present.isEmpty && wanted.isEverything ? "\(configuration.outputs.alerts) holds no alert: either all has been well since the beginning, or no daemon writes to it" : "nothing is firing") }
                }
            }
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
    }

    /// Critical before warning, the oldest first.
    static func comesFirst(_ a: AlertRecord, _ b: AlertRecord) -> Bool {
        let (x, y) = (a.incident, b.incident)
        if (x.severity == .critical) != (y.severity == .critical) { return x.severity == .critical }
        return x.since == y.since ? a.key < b.key : x.since < y.since
    }
}

/// Reads a topic to its end, then goes on if asked to. `read` returns the line for a change, which is shown once the end was reached; `term` is that of an alert.
func subscribe(
    _ topic: String, _ settings: KafkaSettings, follow: Bool, _ stop: StopSignal,
    read: (_ key: String, _ value: UnsafeRawBufferPointer?, _ term: Int64) -> String?, atEnd: () -> Void
) throws(KafkaError) {
    guard var reader = try TopicReader(settings: settings, topic: topic, unless: stop) else { return }
    var progress = Progress("reading \(topic)", unit: "records")
    var count = 0
    var isPast = false
    while !stop.isRequested {
        try reader.poll(timeout: 200) { record in
            count += 1
            let line = read(record.key.map { String(decoding: $0, as: UTF8.self) } ?? "", record.value, record.stamp.term)
            if isPast, let line { Terminal.say(line) }
        }
        for notice in reader.drainNotices() where notice.severity >= .error { Terminal.complain("kafka: \(notice)") }
        if !isPast { progress.report(done: count, fraction: nil) }
        if !isPast, reader.isAtEnd {
            isPast = true
            progress.finish()
            atEnd()
            if !follow { return }
        }
        Terminal.flush()
    }
}
