import ArgumentParser
import CatalogFiles
import Glibc
import Intake
import Kafka
import Logging
import Service

/// How a command reaches the cluster.
struct BrokerOption: ParsableArguments {
    @Option(help: ArgumentHelp("The brokers, instead of those of the configuration.", valueName: "host:port"))
    var brokers: String?

    func validate() throws {
        if let wrong = brokers.flatMap(KafkaNames.wrongBroker) { throw ValidationError("--brokers: \(KafkaNames.complaint(wrong))") }
    }

    /// Settings for the cluster of the configuration; `embedded` names the broker inside this process, where one runs. Files that hold secrets are read here.
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
        let properties = configuration.kafka.properties
        let resolved = try configuration.resolvedProperties(credentials: Credentials.directory)
        return KafkaSettings(
            bootstrap: bootstrap, clientID: "parwatch", properties: resolved, secrets: Set(properties.filter(\.isSecret).map(\.name)))
    }
}

enum Credentials {
    /// Where systemd has put the credentials of this service: systemd.exec(5).
    static var directory: String? { getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) } }
}

extension Configuration {
    /// `kafka.properties` with what files hold; each is tried against librdkafka.
    func resolvedProperties(credentials: String?) throws(Problems) -> [(name: String, value: String)] {
        var problems: [Problem] = [], resolved: [(name: String, value: String)] = []
        for property in kafka.properties {
            let value = try property.resolved(credentials: credentials)
            resolved.append((property.name, value))
            if let problem = property.problem(with: value) { problems.append(problem) }
        }
        if !problems.isEmpty { throw Problems(list: problems) }
        return resolved
    }

    /// The same without those that only the service can see, and whether clients would start with all of them.
    func tryProperties(credentials: String?) throws(Problems) {
        var visible = self
        if credentials == nil { visible.kafka.properties.removeAll(where: \.needsCredentials) }
        let resolved = try visible.resolvedProperties(credentials: credentials)
        let all = KafkaSettings(bootstrap: "", clientID: "parwatch", properties: resolved, secrets: Set(kafka.properties.filter(\.isSecret).map(\.name)))
        guard visible.kafka.properties.count == kafka.properties.count, let first = kafka.properties.first, let fault = all.faultTogether() else { return }
        throw Problems(list: [first.problem("kafka.properties: \(fault)")])
    }

    /// The inputs that messages of ours can go to.
    var inputsOfCloudEvents: [String] { zip(inputs, formats).filter { $1 == .cloudEvents }.map(\.0) }

    /// The first of them.
    func inputOfCloudEvents() throws -> String {
        guard let topic = inputsOfCloudEvents.first else { throw Failure.input("no input takes CloudEvents: add one to 'inputs'") }
        return topic
    }

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
        error.isRetriable || [.transport, .timedOut, .allBrokersDown, .encryption, .authentication].contains(error.code) ? .broker("\(brokers): \(error)") : .input("\(error)")
    }

    static func fault(_ fault: Fault) -> Failure {
        switch fault {
        case .topics(let text), .state(let text): .input(text)
        case .kafka(let error): error.isFatal ? .ours("\(error)") : .input("\(error)")
        case .outOfMemory: .ours(fault.description)
        }
    }
}

extension KafkaProperty {
    /// What librdkafka has against it.
    fileprivate func problem(with value: String) -> Problem? {
        guard let fault = KafkaSettings.fault(ofProperty: name, value) else { return nil }
        let known = KafkaSettings.propertyNames
        // What it says of a value may quote it.
        if known.contains(name) { return problem("\(name): \(isSecret ? "librdkafka does not take this value" : fault)") }
        return problem("librdkafka has no property '\(name)': \(Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" } ?? "its CONFIGURATION.md lists them")")
    }
}
