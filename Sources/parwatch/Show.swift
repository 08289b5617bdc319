import Alerting
import Catalog
import CatalogFiles
import Glibc
import JSON
import Kafka
import Service
import Synchronization

/// What a demo shows: a table that renews itself in a terminal, else a line for every change.
struct Show {
    let stage: Stage
    let title: String
    let speed: Double
    /// When to stop, by the monotonic clock; nil: at the end of the year.
    let ends: Double?
    private let percentages: Percentages
    private var present: [String: AlertRecord] = [:]
    private var fired = 0
    private var resolved = 0
    private var announced = 0.0
    private var drawn = false

    init(stage: Stage, title: String, speed: Double, ends: Double?) {
        self.stage = stage
        self.title = title
        self.speed = speed
        self.ends = ends
        percentages = Percentages(stage.configuration.catalog)
    }

    private var zone: Zone { stage.configuration.catalog.zone }

    /// With which anyone can follow the alert topic.
    private var kcat: String { "kcat -C -u -b \(stage.settings.bootstrap) -t \(stage.configuration.outputs.alerts) -f '%k %s\\n'" }

    mutating func run() throws {
        guard let reader = JSONReader(capacity: 1 << 20) else { throw Failure.ours("not enough memory") }
        do throws(KafkaError) {
            guard var topic = try TopicReader(settings: stage.settings, topic: stage.configuration.outputs.alerts, unless: stage.stop) else { return }
            if !Terminal.outputIsTerminal {
                Terminal.say("parwatch demo: \(title), a simulated year at \(Terminal.grouped(Int(speed))) times its speed")
                Terminal.say("follow the alerts: \(kcat)")
                Terminal.say(AlertLine.heading)
                Terminal.flush()
            }
            while !stage.stop.isRequested, !stage.isOver, ends.map({ ServiceClock.monotonicSeconds < $0 }) ?? true {
                var changes: [AlertRecord] = []
                try topic.poll(timeout: 200) { record in
                    let key = record.key.map { String(decoding: $0, as: UTF8.self) } ?? ""
                    if let value = record.value, let alert = AlertRecord(key: key, json: value, reader: reader) { changes.append(alert) }
                }
                for change in changes { take(change) }
                if Terminal.outputIsTerminal { draw() } else { tell(changes) }
            }
        } catch {
            throw Failure.kafka(error, at: stage.settings.bootstrap)
        }
        stage.stop.request()
        if let failure = stage.failure.withLock({ $0 }) { throw failure }
        let status = stage.status.withLock { $0 }
        Terminal.say("demo: \(Terminal.grouped(status?.received ?? 0)) messages, \(Terminal.grouped(status?.rejected ?? 0)) rejected, \(fired) alerts fired, \(resolved) resolved, \(firing.count) still firing")
    }

    private mutating func take(_ record: AlertRecord) {
        let before = present[record.key]?.incident.state
        present[record.key] = record
        if record.incident.state == .firing, before != .firing { fired += 1 }
        if record.incident.state == .resolved, before == .firing { resolved += 1 }
    }

    private var firing: [AlertRecord] { present.values.filter { $0.incident.state == .firing }.sorted(by: Alerts.comesFirst) }

    // MARK: Lines

    private mutating func tell(_ changes: [AlertRecord]) {
        for change in changes { Terminal.say(AlertLine.text(change, zone, percentages, at: change.time)) }
        let now = ServiceClock.monotonicSeconds
        if now - announced >= 5, let status = stage.status.withLock({ $0 }) {
            announced = now
            Terminal.say("-- \(AlertLine.minute(status.clock, zone)): \(counts(status))")
        }
        Terminal.flush()
    }

    private func counts(_ status: DaemonStatus) -> String {
        "\(Terminal.grouped(status.received)) messages, \(Terminal.grouped(Int(status.rate)))/s, \(Terminal.grouped(status.subjects)) subjects, \(status.rejected) rejected, \(firing.count) alerts"
    }

    // MARK: Table

    private mutating func draw() {
        var window = winsize()
        let height = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0 && window.ws_row > 0 ? Int(window.ws_row) : 24
        let clock = stage.clock.now
        var lines = [
            "parwatch demo: \(title)   \(AlertLine.minute(clock, zone)) (simulated, \(Terminal.grouped(Int(speed))) x)",
            stage.status.withLock { $0 }.map(counts) ?? "starting",
            "follow: \(kcat)", "",
            "ALERTS NOW: \(firing.count)   (\(fired) fired, \(resolved) resolved so far)", AlertLine.heading,
        ]
        let worst = worstAgencies.prefix(5)
        let room = max(3, height - lines.count - worst.count - 7)
        let alerts = firing
        lines += alerts.prefix(room).map { AlertLine.text($0, zone, percentages) }
        if alerts.count > room { lines.append("… and \(alerts.count - room) more") }
        lines += ["", "WORST AGENCIES"]
        lines += worst.map { "\(AlertLine.pad($0.name, 40)) \($0.critical) critical, \($0.warning) warning" }
        lines += ["", "Ctrl-C ends it."]
        let text = (drawn ? "" : "\u{1B}[2J") + "\u{1B}[H" + lines.prefix(height - 2).map { String($0.prefix(80)) + "\u{1B}[K\r\n" }.joined() + "\u{1B}[J"
        drawn = true
        Terminal.say(text)
        Terminal.flush()
    }

    /// By critical alerts, then by warnings.
    private var worstAgencies: [(name: String, critical: Int, warning: Int)] {
        Dictionary(grouping: firing, by: \.agency.name).map { name, alerts in
            let critical = alerts.filter { $0.incident.severity == .critical }.count
            return (name, critical, alerts.count - critical)
        }.sorted { ($0.critical, $0.warning, $1.name) > ($1.critical, $1.warning, $0.name) }
    }
}
