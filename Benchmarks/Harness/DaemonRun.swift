import ArgumentParser
import BenchmarkMessages
import Catalog
import CatalogFiles
import Engine
import Glibc
import Kafka
import Logging
import Service
import Synchronization

/// `daemon`: what `parwatch run` runs, from the first fetch until it has caught up and everything it found is written.
struct DaemonRun: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "daemon", abstract: "The daemon, from Kafka to alerts.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @OptionGroup var connection: Connection
    @OptionGroup var topics: TopicNames
    @Option var messages: Int
    @Option var patience = 120.0

    func run() throws {
        var configuration = try options.load()
        topics.apply(to: &configuration)
        // The year is over: no status is from the future, and what was due is overdue.
        configuration.clock = .simulated(start: Province.end, speed: 1)
        let stop = StopSignal()
        let timeline = Timeline()
        let ending = Ending()
        let giveUpAt = monotonicSeconds() + patience
        let daemon = Daemon(
            configuration, settings: connection.settings, clock: ServiceClock(configuration.clock), stop: stop,
            log: Logger(label: "parwatch-bench") { _ in TimelineHandler(timeline: timeline) }
        ) { engine, status in
            if monotonicSeconds() > giveUpAt { stop.request() }
            guard status.isLeading, status.outstanding == 0 else { return ending.quiet = 0 }
            ending.quiet += 1
            // Twice: what was found in between is on its way by the second time.
            guard ending.quiet == 2 else { return }
            ending.state = FinalState(of: engine)
            stop.request()
        }
        try daemon.run()
        guard let reading = timeline.first("reading"), let caughtUp = timeline.first("caught up"), let state = ending.state else {
            throw Problem("daemon: not caught up within \(Int(patience)) s")
        }
        guard state.accepted + state.rejected == messages else { throw Problem("daemon: \(state.accepted) accepted and \(state.rejected) rejected, of \(messages)") }
        try Say.answer(Outcome(messages: messages, taken: caughtUp.meter - reading.meter, peak: Residence.peak, state: state, endedAt: caughtUp.meter.at))
    }
}

/// What the daemon's observer has seen; only the daemon's thread touches it.
private final class Ending {
    var quiet = 0
    var state: FinalState?
}

/// The daemon's topics.
struct TopicNames: ParsableArguments {
    @Option var input: String
    @Option var alerts: String
    @Option var scores: String
    @Option var rejected: String

    private static let health = ".health", leader = ".leader"

    /// Those that go with the alert topic of this name.
    static func beside(_ alerts: String) -> [Cluster.Topic] {
        [health, leader].map { Cluster.Topic(name: alerts + $0, partitions: 1, isCompacted: true) }
    }

    func apply(to configuration: inout Configuration) {
        configuration.inputs = [input]
        configuration.outputs.alerts = alerts
        configuration.outputs.scores = scores
        configuration.outputs.rejected = rejected
        configuration.outputs.health = alerts + Self.health
        configuration.outputs.leader = alerts + Self.leader
    }
}

/// When the daemon said what, with the CPU time used by then.
final class Timeline: Sendable {
    struct Line {
        var text: String
        var meter: Meter
    }

    private let lines = Mutex<[Line]>([])
    /// Called with every line, on the daemon's thread.
    private let heard: @Sendable (Line) -> Void

    init(heard: @escaping @Sendable (Line) -> Void = { _ in }) { self.heard = heard }

    func add(_ text: String) {
        let line = Line(text: text, meter: .now)
        lines.withLock { $0.append(line) }
        heard(line)
    }

    func first(_ text: String) -> Line? { lines.withLock { $0.first { $0.text == text } } }
}

struct TimelineHandler: LogHandler {
    let timeline: Timeline
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        timeline.add("\(event.message)")
        // That the clock is simulated is meant.
        if event.level >= .warning, !"\(event.message)".contains("SIMULATED") { Say.step("daemon: \(event.message)") }
    }
}
