import ArgumentParser
import Catalog
import CatalogFiles
import Kafka
import Service

struct Topics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what the cluster needs as kafka-topics and kafka-acls commands, or checks a cluster.",
        discussion: """
            Without --check no broker is asked: the commands are for whoever runs the cluster. With --check each topic gets a verdict, and the exit status is 1 if \
            one is wrong, 69 if the cluster is out of reach. Settings are checked where the cluster shows them (ACL: DescribeConfigs); the embedded broker has none.
            """)

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @Option(help: "Partitions of each input.") var partitions = 4
    @Option(help: "Copies of each partition.") var replicationFactor = 3
    @Option(help: ArgumentHelp("Print ACLs of least privilege for this principal, such as User:parwatch, as well.", valueName: "principal")) var principal: String?
    @Flag(help: "Look at the cluster instead, and say what is wrong.") var check = false

    func validate() throws {
        guard (1...100_000).contains(partitions) else { throw ValidationError("--partitions must be from 1 to 100000") }
        guard (1...100).contains(replicationFactor) else { throw ValidationError("--replication-factor must be from 1 to 100") }
        if let principal, principal.split(separator: ":", maxSplits: 1).count < 2 { throw ValidationError("--principal '\(principal)' is not TYPE:NAME, such as User:parwatch") }
    }

    func run() throws {
        let configuration = try options.load()
        let needs = TopicNeed.all(configuration)
        if check { return try judge(needs, configuration) }
        let commands = ClusterCommands(brokers: brokers(configuration), replicationFactor: replicationFactor, inputPartitions: partitions)
        for need in needs { Terminal.say(commands.creation(of: need)) }
        guard let principal else { return }
        for line in commands.rights(of: principal, needs, source: configuration.catalog.source) { Terminal.say(line) }
    }

    private func brokers(_ configuration: Configuration) -> String {
        if let brokers = broker.brokers { return brokers }
        if case .servers(let servers) = configuration.kafka.bootstrap { return servers }
        return "BROKER:9092"
    }

    private func judge(_ needs: [TopicNeed], _ configuration: Configuration) throws {
        let settings = try broker.settings(configuration)
        let found: [String: SurveyedTopic]
        do throws(KafkaError) {
            found = try Admin(settings: settings).survey(needs.map(\.name), timeout: 5_000)
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
        let width = needs.map(\.name.count).max() ?? 0
        var wrong = 0
        for need in needs {
            let verdict = need.verdict(on: found[need.name])
            if !verdict.isWell { wrong += 1 }
            let size = found[need.name].map { ["\($0.partitions) partition\($0.partitions == 1 ? "" : "s")"] } ?? []
            let name = need.name + String(repeating: " ", count: width - need.name.count)
            Terminal.say("\(verdict.isWell ? "well " : "WRONG")  \(name)  \((size + verdict.faults + verdict.notes).joined(separator: "; "))")
        }
        if wrong > 0 { throw Failure.input("\(wrong) of \(needs.count) topics are not as they must be") }
    }
}
