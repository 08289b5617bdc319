import ArgumentParser
import CatalogFiles
import Glibc
import Kafka
import Logging
import Service

/// How a command reaches the cluster.
struct BrokerOption: ParsableArguments {
    @Option(help: ArgumentHelp("The brokers, instead of those of the configuration.", valueName: "host:port"))
    var brokers: String?

    /// Settings for the cluster of the configuration; `embedded` names the broker inside this process, where one runs.
    func settings(_ configuration: Configuration, embedded: EmbeddedBroker? = nil) throws -> KafkaSettings {
        let bootstrap: String
        switch (brokers, configuration.kafka.bootstrap) {
        case (let brokers?, _): bootstrap = brokers
        case (nil, .servers(let servers)): bootstrap = servers
        case (nil, .unsaid):
            throw Failure.input("the configuration does not say where the broker is: add kafka: {bootstrap: \"host:port\"}, or use --brokers")
        case (nil, .embedded):
            guard let embedded else { throw Failure.input("the configuration's broker is embedded in 'parwatch run': name it with --brokers HOST:PORT") }
            bootstrap = embedded.bootstrap
        }
        return KafkaSettings(bootstrap: bootstrap, clientID: "parwatch", properties: configuration.kafka.properties)
    }
}

extension Configuration {
    /// The topics that this configuration needs, for a broker that is made for it.
    var topics: [(name: String, partitions: Int)] {
        inputs.map { ($0, 4) } + [(outputs.alerts, 1), (outputs.scores, 1), (outputs.rejected, 1), (outputs.health, 1), (outputs.leader, 1)]
    }
}

extension Logger {
    static var toStandardError: Logger { Logger(label: "parwatch") { _ in JournalHandler() } }
}

extension Failure {
    /// Out of reach, unless the cluster answered and something else is wrong.
    static func kafka(_ error: KafkaError, at brokers: String) -> Failure {
        error.isRetriable || error.code == .transport || error.code == .timedOut || error.code == .allBrokersDown ? .broker("\(brokers): \(error)") : .input("\(error)")
    }

    static func fault(_ fault: Fault) -> Failure {
        switch fault {
        case .topics(let text), .state(let text): .input(text)
        case .kafka(let error): error.isFatal ? .ours("\(error)") : .input("\(error)")
        case .outOfMemory: .ours(fault.description)
        }
    }
}
