import ArgumentParser
import Kafka
import Service

struct Broker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The embedded broker as a process: a Kafka on 127.0.0.1 to try things on.",
        discussion: "It keeps everything in memory, at most 5 MiB of a partition, and ends with the process. Not for production.")

    @Option(help: "The port to bootstrap at; 0 is any free one.") var port: UInt16 = 9092
    @Option(help: ArgumentHelp("A topic to create, with its number of partitions.", valueName: "name:partitions"))
    var topic: [String] = ["par.status:4", "par.alerts:1", "par.scores:1", "par.rejected:1", "par.health:1", "par.leader:1"]

    func validate() throws { _ = try topics() }

    private func topics() throws -> [(name: String, partitions: Int)] {
        try topic.map { text in
            let parts = text.split(separator: ":")
            guard parts.count == 2, let partitions = Int(parts[1]), (1...1_000).contains(partitions) else {
                throw ValidationError("--topic '\(text)' is not NAME:PARTITIONS, such as par.status:4")
            }
            return (String(parts[0]), partitions)
        }
    }

    func run() throws {
        let stop = StopSignal()
        stop.listen()
        let broker: EmbeddedBroker
        let wanted = try topics()
        do throws(KafkaError) {
            broker = try EmbeddedBroker(port: port == 0 ? nil : port, topics: wanted)
        } catch {
            throw Failure.input("\(error)")
        }
        Terminal.say(broker.bootstrap)
        Terminal.flush()
        while !stop.isRequested { stop.sleep(seconds: 1) }
        withExtendedLifetime(broker) {}
    }
}
