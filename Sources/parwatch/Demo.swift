import Alerting
import ArgumentParser
import Catalog
import CatalogFiles
import Foundation
import JSON
import Kafka
import Logging
import Service
import Simulation
import Synchronization

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "All on this machine: embedded broker, simulated province, daemon.",
        discussion: "Simulates the working year of the configuration's province and shows its alerts as they come and go. Whatever the configuration says of Kafka, the clock, sources and what is kept does not matter: nothing outlives it.")

    @OptionGroup var options: ConfigurationOption
    @Option(help: "The same seed makes the same year.") var seed: UInt64 = 1
    @Option(help: "So many times as fast as life; the year takes about five minutes by default.") var speed = 100_000.0
    @Option(help: "Dossiers received on a working day, over all offices.") var dossiersPerDay = 400
    @Option(help: "The broker's port on 127.0.0.1; 0 is any free one.") var port: UInt16 = 9092
    @Option(name: .customLong("for"), help: ArgumentHelp("Stop after so long, such as 60s or 5m; by default at the end of the year.", valueName: "duration")) var length: String?

    func validate() throws {
        guard speed > 0, speed <= 1_000_000 else { throw ValidationError("--speed must be above 0 and at most 1000000") }
        if dossiersPerDay < 1 { throw ValidationError("--dossiers-per-day must be at least 1") }
        if length != nil, seconds == nil { throw ValidationError("--for must be a number and s, m or h, such as 60s") }
    }

    private var seconds: Double? {
        guard let length, let unit = length.last, let number = Double(length.dropLast()), number > 0 else { return nil }
        return switch unit {
        case "s": number
        case "m": number * 60
        case "h": number * 3_600
        default: nil
        }
    }

    func run() throws {
        var configuration = try options.load()
        // Nothing of the play may come into a register that counts, and its one source may speak.
        configuration.state = nil
        configuration.catalog.sources = nil
        configuration.catalog.keepWhatIsSimulated()
        var simulation = Simulation(of: configuration.catalog, seed: seed, year: nil, dossiersPerDay: dossiersPerDay)
        guard let first = simulation.next() else { throw Failure.input("the configuration has no offices to simulate") }
        let zone = configuration.catalog.zone
        configuration.clock = .simulated(start: zone.start(of: zone.day(of: Instant(microseconds: first.time))), speed: speed)
        let input = try configuration.inputOfCloudEvents(), broker: EmbeddedBroker
        do {
            broker = try EmbeddedBroker(port: port == 0 ? nil : port, topics: configuration.topics)
        } catch {
            throw Failure.input("\(error)")
        }
        let stage = Stage(configuration: configuration, settings: KafkaSettings(bootstrap: broker.bootstrap, clientID: "parwatch-demo", properties: [("fetch.wait.max.ms", "10")]), clock: ServiceClock(configuration.clock))
        stage.stop.listen()
        stage.playDaemon()
        stage.playProvince(first, simulation, to: input)
        var show = Show(stage: stage, title: title(configuration), speed: speed, ends: seconds.map { ServiceClock.monotonicSeconds + $0 })
        try show.run()
        withExtendedLifetime(broker) {}
    }

    private func title(_ configuration: Configuration) -> String {
        configuration.catalog.agencies.first { $0.parent == nil }?.name.vi ?? configuration.catalog.source
    }
}

extension Catalog {
    /// The simulated province sends statuses of dossiers and what duties ask for, and all its offices send: what other messages feed would stand there empty.
    fileprivate mutating func keepWhatIsSimulated() {
        for i in frameworks.indices {
            let criteria = frameworks[i].criteria
            let units = criteria.compactMap { if case .share(let code, _) = $0.measure { code } else { nil } }
            frameworks[i].criteria = criteria.filter { criterion in
                if criterion.duty != nil { return true }
                return criterion.measure.kind == .dossier && !units.contains(criterion.code) && CriterionWords(criterion: criterion, catalog: self).fedBy(among: []) == ["vn.par.dossier.v1"]
            }
        }
    }
}

/// What the threads of a demo share.
final class Stage: Sendable {
    let configuration: Configuration
    let settings: KafkaSettings
    let clock: ServiceClock
    let stop = StopSignal()
    /// How the daemon does.
    let status = Mutex<DaemonStatus?>(nil)
    /// Why something ended that should not have.
    let failure = Mutex<Failure?>(nil)
    private let yearIsOver = Atomic<Bool>(false)

    init(configuration: Configuration, settings: KafkaSettings, clock: ServiceClock) {
        self.configuration = configuration
        self.settings = settings
        self.clock = clock
    }

    var isOver: Bool { yearIsOver.load(ordering: .relaxed) || failure.withLock { $0 != nil } }

    func playDaemon() {
        Thread.detachNewThread { [self] in
            // Its log would tear the table; what goes wrong ends the demo with a message.
            let log = Logger(label: "parwatch") { _ in SwiftLogNoOpLogHandler() }
            let daemon = Daemon(configuration, settings: settings, clock: clock, stop: stop, log: log) { _, status in self.status.withLock { $0 = status } }
            do throws(Fault) {
                try daemon.run()
            } catch {
                failure.withLock { $0 = .fault(error) }
            }
        }
    }

    func playProvince(_ first: Simulation.Message, _ rest: Simulation, to topic: String) {
        Thread.detachNewThread { [self] in
            do throws(KafkaError) {
                let producer = try Producer(settings: settings)
                _ = try producer.partitionCount(of: topic, timeout: 5_000)
                var sender = Sender(producer: producer, topic: topic, stop: stop)
                var simulation = rest
                var next: Simulation.Message? = first
                while let message = next, !stop.isRequested {
                    if message.time > clock.now.microseconds {
                        try sender.look(0)
                        usleep(2_000)
                        continue
                    }
                    guard try sender.send(message) else { break }
                    next = simulation.next()
                }
                try sender.finish()
            } catch {
                failure.withLock { $0 = .ours("\(error)") }
            }
            yearIsOver.store(true, ordering: .relaxed)
        }
    }
}
