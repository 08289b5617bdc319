import Cases
import Foundation
import Kafka

/// The cluster that is broken, or only used: embedded brokers in this process, or another cluster, with topics of its own.
final class Ground {
    let bootstrap: String
    /// Nil: another cluster, which nobody breaks; or none at all, while it is built anew.
    private(set) var broker: EmbeddedBroker?
    let isEmbedded: Bool
    /// Whether the topics were made in another cluster, and are to go again.
    private let areOurs: Bool
    let inputs, alerts, scores, rejected, health, leader: String
    private(set) var topics: [(name: String, partitions: Int)]
    /// Where embedded brokers are found, whichever they are.
    private let ports: [UInt16]
    private var relays: [PortRelay] = []
    /// The broker that coordinates the groups.
    private(set) var coordinator: Int32 = 1
    /// What comes in place of the cluster that is gone.
    private var next: EmbeddedBroker?

    private static let brokers = 3

    /// `existing`: what the names of topics begin with that are in the cluster already; nil: they are made, with random names.
    init(brokers: String?, existing: String?) throws {
        let tag = existing ?? "chaos\(UInt32.random(in: 0...UInt32.max))"
        (inputs, alerts, scores, rejected, health, leader) = ("\(tag).status", "\(tag).alerts", "\(tag).scores", "\(tag).rejected", "\(tag).health", "\(tag).leader")
        topics = [(inputs, 4), (alerts, 1), (scores, 1), (rejected, 1), (health, 1), (leader, 1)]
        areOurs = brokers != nil && existing == nil
        isEmbedded = brokers == nil
        if let brokers {
            (bootstrap, ports) = (brokers, [])
            if areOurs { try make() } else { try lookAt() }
        } else {
            let broker = try EmbeddedBroker(topics: topics, brokers: Self.brokers)
            let doors = try Self.addresses(broker).map(Self.door)
            (ports, relays) = (doors.map(\.port), doors.map(\.relay))
            bootstrap = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
            self.broker = broker
            moveCoordinator(to: coordinator)
        }
    }

    /// A port that nobody had, and which leads to another now. It lies below those that the system gives to connections, so that it is still free when it is wanted again.
    private static func door(to address: UInt16) -> (port: UInt16, relay: PortRelay) {
        while true {
            let port = UInt16.random(in: 20_000...29_999)
            if let relay = try? PortRelay(from: port, to: address) { return (port, relay) }
        }
    }

    /// Ports that nobody has, one for each name.
    static func ports(_ names: [String]) -> [(name: String, port: UInt16)] {
        let doors = names.map { _ in door(to: 0) }
        for door in doors { door.relay.stop() }
        return zip(names, doors).map { ($0, $1.port) }
    }

    private static func addresses(_ broker: EmbeddedBroker) throws -> [UInt16] {
        let found = broker.bootstrap.split(separator: ",").compactMap { $0.split(separator: ":").last.flatMap { UInt16($0) } }
        guard found.count == Self.brokers else { throw DrillError("embedded brokers at \(broker.bootstrap)") }
        return found
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

    var settings: KafkaSettings { Self.settings(bootstrap) }
    private static func settings(_ bootstrap: String) -> KafkaSettings { KafkaSettings(bootstrap: bootstrap, clientID: "parwatch-chaos", properties: properties) }

    var partitions: [TopicPartition] { Self.partitions(of: topics) }
    private static func partitions(of topics: [(name: String, partitions: Int)]) -> [TopicPartition] {
        topics.flatMap { name, count in (0..<Int32(count)).map { TopicPartition(topic: name, partition: $0) } }
    }

    /// How many partitions the input has.
    var inputCount: Int { topics.first { $0.name == inputs }?.partitions ?? 0 }

    /// Adds to a configuration how to reach it.
    var configuration: String {
        "\nkafka: {bootstrap: \"\(bootstrap)\", properties: {\(Self.properties.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}}\ninputs: [{topic: \(inputs), format: cloudevents}]\n"
            + "outputs: {alerts: \(alerts), scores: \(scores), rejected: \(rejected), health: \(health), leader: \(leader)}\n"
    }

    // MARK: Mending and building anew

    /// Nothing that was done to the brokers lasts.
    func mend() {
        guard let broker else { return }
        broker.bringUp()
        broker.delay(milliseconds: 0)
        hangUp()
        for request in EmbeddedBroker.Request.allCases { broker.failNoMore(request) }
        for (index, target) in partitions.enumerated() { broker.moveLeader(of: target, to: Int32(index % Self.brokers) + 1) }
    }

    /// The coordinator closes its connections. Where a client has gone while its request to join waits for an answer, the embedded broker does not notice, and ends the process
    /// when that client joins anew; so it has to, wherever a client may have gone.
    func hangUp() {
        broker?.takeDown(coordinator)
        broker?.bringUp(coordinator)
    }

    func moveCoordinator(to number: Int32) {
        if number != coordinator { hangUp() }
        coordinator = number
        for group in [Drill.source, "\(Drill.source).leader"] { broker?.moveCoordinator(of: group, to: number) }
    }

    /// The brokers are gone for good. Those that come in their place with `putUp` have the topics of `lost` without a record, the input with `count` partitions if it is
    /// one of them, and of the others every record at its offset.
    func tearDown(losing lost: Set<String>, inputs count: Int) throws {
        guard let old = broker else { return }
        mend()
        // Nobody writes to what is being copied.
        old.fail(.produce, with: Array(repeating: .notLeader, count: 100_000))
        let kept = partitions.filter { !lost.contains($0.topic) }
        if lost.contains(inputs) { topics = topics.map { ($0.name, $0.name == inputs ? count : $0.partitions) } }
        let new = try EmbeddedBroker(topics: topics, brokers: Self.brokers)
        if !kept.isEmpty { try Self.copy(kept, from: old, to: new) }
        for relay in relays { relay.stop() }
        (relays, broker, next) = ([], nil, new)
    }

    private static func copy(_ kept: [TopicPartition], from old: EmbeddedBroker, to new: EmbeddedBroker) throws {
        let consumer = try Consumer(settings: settings(old.bootstrap), group: "parwatch-chaos"), producer = try Producer(settings: settings(new.bootstrap))
        defer {
            consumer.close(timeout: 5_000)
            producer.close(timeout: 5_000)
        }
        for topic in Set(kept.map(\.topic)) { _ = try producer.partitionCount(of: topic, timeout: 10_000) }
        // Not by asking where they end: an answer to that may still be withheld.
        var open = Set(kept), failure: KafkaError?
        let deadline = Date().addingTimeInterval(60)
        try consumer.assign(kept.map { ($0, offset: 0) })
        while !open.isEmpty, failure == nil, Date() < deadline {
            try consumer.poll(timeout: 100, max: 1_000) { record in
                do throws(KafkaError) { try producer.copy(record, token: 1) } catch { failure = error }
            }
            for (partition, _) in consumer.drainEnds() { open.remove(partition) }
            if consumer.drainNotices().contains(where: { $0.kind == .offsetOutOfRange }) { throw DrillError("the broker has dropped the beginning of a topic: the drill is too long for it") }
        }
        guard open.isEmpty, failure == nil, producer.flush(timeout: 20_000) else {
            throw DrillError("topics cannot be copied: \(failure.map { "\($0)" } ?? "\(open) could not be read to their ends")")
        }
        if let wrong = producer.poll(timeout: 0).first(where: { $0.error != nil }) { throw DrillError("topics cannot be copied: \(wrong)") }
    }

    /// Whether the brokers are gone, and others are to come.
    var isDown: Bool { next != nil }

    func putUp() throws {
        guard let new = next else { return }
        let addresses = try Self.addresses(new), deadline = Date().addingTimeInterval(10)
        for (port, address) in zip(ports, addresses) {
            while true {
                do throws(KafkaError) {
                    relays.append(try PortRelay(from: port, to: address))
                    break
                } catch {
                    if Date() > deadline { throw error }
                    usleep(100_000)
                }
            }
        }
        (broker, next) = (new, nil)
        // Embedded brokers never listen twice at the same port, and librdkafka 2.0.2 may look for a coordinator where the one of its number was, until it is asked anew after half a minute.
        moveCoordinator(to: coordinator % Int32(Self.brokers) + 1)
    }

    // MARK: Reading

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
