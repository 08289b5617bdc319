import Catalog
package import CatalogFiles
package import Engine
package import Kafka
package import Logging

/// Why a daemon ended before it was asked to.
package enum Fault: Error, CustomStringConvertible {
    /// The topics are not as they must be.
    case topics(String)
    case kafka(KafkaError)
    /// What is kept on the disk cannot be used.
    case state(String)
    case outOfMemory

    package var description: String {
        switch self {
        case .topics(let text): text
        case .kafka(let error): "\(error)"
        case .state(let text): text
        case .outOfMemory: "not enough memory to start"
        }
    }
}

/// The daemon: waits for the cluster, then runs a session. It keeps trying while the broker is out of reach.
package struct Daemon {
    var configuration: Configuration
    let settings: KafkaSettings
    let clock: ServiceClock
    let stop: StopSignal
    let consent: Consent
    let log: Logger
    let systemd: Systemd
    /// Nil: a request to reload is not heard.
    let reloading: Reloading?
    /// Where others look how it stands.
    let gallery: Gallery
    /// Called on the daemon's thread about five times a second.
    let observe: (borrowing Engine, DaemonStatus) -> Void

    package static let version = "0.1.0"

    /// What an operator said at the start.
    package struct Consent: Sendable {
        /// What may be missing in the inputs is well: alerts may end again.
        package var gap: Bool
        /// This catalog is the right one, even if the last leader had another.
        package var catalog: Bool

        package init(gap: Bool = false, catalog: Bool = false) {
            self.gap = gap
            self.catalog = catalog
        }
    }

    package init(
        _ configuration: Configuration, settings: KafkaSettings, clock: ServiceClock, stop: StopSignal, consent: Consent = Consent(), log: Logger,
        systemd: Systemd = Systemd { _ in nil }, reloading: Reloading? = nil, gallery: Gallery = Gallery(),
        observe: @escaping (borrowing Engine, DaemonStatus) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.settings = settings
        self.clock = clock
        self.stop = stop
        self.consent = consent
        self.log = log
        self.systemd = systemd
        self.reloading = reloading
        self.gallery = gallery
        self.observe = observe
    }

    /// Runs on the calling thread until it is asked to stop.
    package func run() throws(Fault) {
        if clock.isSimulated { log.warning("the clock is SIMULATED: alerts do not speak of the present", metadata: ["now": "\(clock.now.text(in: configuration.catalog.zone))"]) }
        let home = try Home(configuration, log)
        systemd.progress(now: ServiceClock.bootSeconds)
        let consumer: Consumer, producer: Producer
        do throws(KafkaError) {
            consumer = try Consumer(settings: settings, group: configuration.catalog.source)
            producer = try Producer(settings: settings)
        } catch {
            throw .kafka(error)
        }
        defer {
            // A hang in librdkafka must not hold the process: it ends soon after, whatever these say.
            producer.close(timeout: 500)
            consumer.close(timeout: 500)
        }
        var engine: Engine?
        let found = try home.restore(&engine, configuration, now: clock.now, log)
        var waiting = Waiting(log: log, stop: stop, brokers: settings.bootstrap, systemd: systemd)
        while !stop.isRequested {
            do throws(Preparation.Obstacle) {
                let preparation = Preparation(configuration: configuration, consumer: consumer, producer: producer, basis: found.basis, stop: stop, systemd: systemd)
                let prepared = try preparation.prepare(ServiceClock.bootSeconds)
                waiting.end()
                guard let engine = engine.take() else { throw Preparation.Obstacle.never(.outOfMemory) }
                var session = try session(consumer, producer, prepared, home, found, engine)
                try session.run()
                return
            } catch {
                switch error {
                case .never(let fault): throw fault
                case .yet(let text):
                    gallery.wait(for: text)
                    waiting.tell(text, consumer.drainNotices() + producer.drainNotices())
                }
            }
        }
        log.info("stopped before anything was read")
    }
}

extension Daemon {
    private func session(
        _ consumer: Consumer, _ producer: Producer, _ prepared: Preparation.Prepared, _ home: Home, _ found: Home.Found, _ engine: consuming Engine
    ) throws(Preparation.Obstacle) -> Session {
        do throws(KafkaError) {
            return try Session(self, consumer, producer, prepared, home, found, engine)
        } catch {
            throw .never(.kafka(error))
        }
    }
}

/// Says what a daemon waits for: at once, then once a minute.
private struct Waiting {
    let log: Logger
    let stop: StopSignal
    let brokers: String
    let systemd: Systemd
    private var since: Double?
    private var patience = Patience<String>()

    init(log: Logger, stop: StopSignal, brokers: String, systemd: Systemd) {
        self.brokers = brokers
        self.systemd = systemd
        self.log = log
        self.stop = stop
    }

    mutating func tell(_ text: String, _ notices: [KafkaNotice]) {
        if stop.isRequested { return }
        let now = ServiceClock.monotonicSeconds
        since = since ?? now
        if patience.hear(text, now) != nil { log.error("\(text); trying again", metadata: ["brokers": "\(brokers)"]) }
        systemd.progress(now: ServiceClock.bootSeconds)
        systemd.status("waiting: \(text)", now: ServiceClock.bootSeconds)
        stop.sleep(seconds: 1)
    }

    mutating func end() {
        if let since { log.info("the cluster answers", metadata: ["waited": "\(Int(ServiceClock.monotonicSeconds - since))s"]) }
    }
}
