import ArgumentParser
import Catalog
import CatalogFiles
import Glibc
import Kafka
import Logging
import Service
import Web

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The daemon: statuses in from Kafka, alerts, scores and rejections out.")

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @Flag(help: "What may be missing in the inputs is well: alerts may be resolved again.") var acceptGap = false
    @Flag(help: "Lead, even if the last leader judged by another catalog.") var acceptCatalog = false

    func run() throws {
        let configuration = try options.load()
        let log = Logger.toStandardError
        let systemd = Systemd()
        let stop = StopSignal()
        stop.listen(reloads: true)
        // Whoever reads the log may go; the daemon stays.
        signal(SIGPIPE, SIG_IGN)
        var embedded: EmbeddedBroker?
        if configuration.kafka.bootstrap == .embedded, broker.brokers == nil {
            let made = try EmbeddedBroker(topics: configuration.topics)
            log.warning("the broker is EMBEDDED in this process: nothing outlives it", metadata: ["brokers": "\(made.bootstrap)"])
            embedded = made
        }
        let clock = ServiceClock(configuration.clock)
        if let idleness = configuration.idleness(at: clock.now) { log.warning("\(idleness)") }
        let settings = try broker.settings(configuration, embedded: embedded)
        log.info("starting", metadata: ["source": "\(configuration.catalog.source)", "brokers": "\(settings.bootstrap)", "catalog": "\(configuration.catalog.hash)"])
        let reloading = try reloading(systemd), gallery = Gallery()
        let readers = try Readers(configuration, gallery, log)
        do throws(Fault) {
            try Daemon(
                configuration, settings: settings, clock: clock, stop: stop, consent: .init(gap: acceptGap, catalog: acceptCatalog), log: log, systemd: systemd,
                reloading: reloading, gallery: gallery
            ).run()
        } catch {
            throw Failure.fault(error)
        }
        readers.end()
        withExtendedLifetime(embedded) {}
    }

    /// On SIGHUP: the same file, read anew.
    private func reloading(_ systemd: Systemd) throws -> Reloading {
        let path = options.config, overrides = try options.overrides()
        return Reloading {
            () throws(Problems) in
            systemd.reloading("reading \(path) anew")
            return try Configuration.load(path: path, overrides: overrides)
        } done: { failure in
            systemd.ready(failure.map { "not reloaded: \($0)" } ?? "reloaded")
        }
    }
}
