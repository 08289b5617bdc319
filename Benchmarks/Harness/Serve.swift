import ArgumentParser
import CatalogFiles
import Kafka
import Logging
import Service

/// The daemon as a process of its own, by this machine's clock; says "ready" once it leads, and ends with its standard input.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The daemon, until its input ends.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @OptionGroup var connection: Connection
    @OptionGroup var topics: TopicNames

    func run() throws {
        var configuration = try options.load()
        topics.apply(to: &configuration)
        let stop = StopSignal()
        let timeline = Timeline { line in
            guard line.text == "leading" else { return }
            print("ready")
            Say.flush()
        }
        let daemon = Daemon(
            configuration, settings: connection.settings, clock: ServiceClock(.wall), stop: stop,
            log: Logger(label: "parwatch-bench") { _ in TimelineHandler(timeline: timeline) }
        ) { _, _ in
            if Input.hasEnded { stop.request() }
        }
        try daemon.run()
        Say.leave()
    }
}
