import ArgumentParser
import Glibc
import Kafka

/// The embedded broker as a process of its own, so that its CPU time is nobody else's; it ends with its standard input.
struct BrokerProcess: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "broker", abstract: "The embedded broker.", shouldDisplay: false)

    @Option(help: "NAME:PARTITIONS") var topic: [String]

    func run() throws {
        let topics = topic.map { $0.split(separator: ":") }.map { (name: String($0[0]), partitions: Int($0[1]) ?? 1) }
        let broker = try EmbeddedBroker(topics: topics)
        print(broker.bootstrap)
        Say.flush()
        Input.waitForEnd()
        withExtendedLifetime(broker) {}
        Say.leave()
    }
}
