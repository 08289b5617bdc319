import Cases
import Foundation
import Kafka

/// The cluster that is broken, or only used: embedded brokers in this process, or another cluster, with topics of its own.
final class Ground {
    let bootstrap: String
    /// Nil: another cluster, which nobody breaks.
    let broker: EmbeddedBroker?
    /// Whether the topics were made in another cluster, and are to go again.
    private let areOurs: Bool
    let inputs, alerts, scores, rejected, health, leader: String
    private let topics: [(name: String, partitions: Int)]

    /// `existing`: what the names of topics begin with that are in the cluster already; nil: they are made, with random names.
    init(brokers: String?, existing: String?) throws {
        let tag = existing ?? "chaos\(UInt32.random(in: 0...UInt32.max))"
        (inputs, alerts, scores, rejected, health, leader) = ("\(tag).status", "\(tag).alerts", "\(tag).scores", "\(tag).rejected", "\(tag).health", "\(tag).leader")
        topics = [(inputs, 4), (alerts, 1), (scores, 1), (rejected, 1), (health, 1), (leader, 1)]
        areOurs = brokers != nil && existing == nil
        if let brokers {
            (bootstrap, broker) = (brokers, nil)
            if areOurs { try make() } else { try lookAt() }
        } else {
            let broker = try EmbeddedBroker(topics: topics, brokers: 3)
            (bootstrap, self.broker) = (broker.bootstrap, broker)
        }
    }

    private func make() throws {
        do throws(KafkaError) {
            // Compaction would take away the history that is judged.
            try Admin(settings: settings).createTopics(topics.map { Admin.NewTopic(name: $0.name, partitions: Int32($0.partitions)) }, timeout: 30_000)
        } catch {
            throw DrillError("\(error); where a cluster cannot make topics, make them yourself, empty, and begin again with --topics \(Self.example): \(Self.example).status with 4 partitions, "
                + "\(Self.example).alerts, .scores, .rejected, .health and .leader with one")
        }
    }

    private static let example = "chaos"

    /// Topics that others have made must be as ours would be: what lies there would be judged with the rest.
    private func lookAt() throws {
        let producer = try Producer(settings: settings)
        for (name, partitions) in topics {
            let found = try producer.partitionCount(of: name, timeout: 10_000) ?? 0
            guard found == partitions else { throw DrillError("the topic \(name) has \(found) partitions: make it anew with \(partitions)") }
            guard try read(name, format: "%o\\n").isEmpty else { throw DrillError("the topic \(name) is not empty: make it anew, or name others by --topics") }
        }
    }

    func remove() {
        guard areOurs else { return }
        do throws(KafkaError) {
            try Admin(settings: settings).deleteTopics(topics.map(\.name), timeout: 30_000)
        } catch {
            tell("note: \(error); \(topics.map(\.name).joined(separator: ", ")) stay")
        }
    }

    /// One request at a time: embedded brokers do not check the order of an idempotent producer's, and would take the second where the first failed.
    static let properties = [(name: "max.in.flight.requests.per.connection", value: "1")]

    var settings: KafkaSettings { KafkaSettings(bootstrap: bootstrap, clientID: "parwatch-chaos", properties: Self.properties) }

    var partitions: [TopicPartition] { topics.flatMap { name, count in (0..<Int32(count)).map { TopicPartition(topic: name, partition: $0) } } }

    /// Adds to a configuration how to reach it.
    var configuration: String {
        "\nkafka: {bootstrap: \"\(bootstrap)\", properties: {\(Self.properties.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}}\ninputs: [{topic: \(inputs), format: cloudevents}]\n"
            + "outputs: {alerts: \(alerts), scores: \(scores), rejected: \(rejected), health: \(health), leader: \(leader)}\n"
    }

    /// Everything that a topic holds now, in order, as the oracles take it; values must be JSON.
    func dump(_ topic: String, to file: URL) throws -> [[String: Any]] {
        let format = "{\"key\":\"%k\",\"offset\":%o,\"headers\":\"%h\",\"value\":%s}\\n"
        let output = try read(topic, format: format)
        try Data(output.utf8).write(to: file)
        return try output.split(separator: "\n").map {
            guard let record = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] else { throw DrillError("\(topic) holds what is no object: \($0)") }
            return record
        }
    }

    private func read(_ topic: String, format: String) throws -> String {
        let result = try Program.run("/usr/bin/env", ["timeout", "60", "kcat", "-C", "-e", "-q", "-b", bootstrap, "-t", topic, "-o", "beginning", "-f", format])
        guard result.status == 0 else { throw DrillError("kcat cannot read \(topic): \(result.output)") }
        return result.output
    }
}

struct DrillError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
