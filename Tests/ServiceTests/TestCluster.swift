import Cases
import Foundation
import Kafka

/// Where tests find Kafka: an embedded broker as a process of its own, or the cluster named in PARWATCH_TEST_BROKERS, there with topics of random names that are removed afterwards.
final class TestCluster {
    let bootstrap: String
    let inputs: String
    let alerts: String
    let scores: String
    let rejected: String
    let health: String
    let leader: String
    /// The embedded broker; nil on a real cluster.
    private(set) var broker: Process?
    /// Embedded brokers in this process, which can be made to fail; nil unless they were asked for.
    let brokers: EmbeddedBroker?
    private let topics: [(name: String, partitions: Int)]
    /// How daemons reach it, as `kafka:` of a configuration; nil: at `bootstrap`.
    var access: String?

    static let real = ProcessInfo.processInfo.environment["PARWATCH_TEST_BROKERS"]

    /// `alertConfig` counts on a real cluster only: the embedded broker does not compact. `brokers`: so many in this process, which can be made to fail.
    init(alertConfig: [(name: String, value: String)] = [], brokers count: Int? = nil) throws {
        let tag = "t\(UInt32.random(in: 0...UInt32.max))"
        (inputs, alerts, scores, rejected) = ("\(tag).status", "\(tag).alerts", "\(tag).scores", "\(tag).rejected")
        (health, leader) = ("\(tag).health", "\(tag).leader")
        topics = [(inputs, 4), (alerts, 1), (scores, 1), (rejected, 1), (health, 1), (leader, 1)]
        if let count {
            let made = try EmbeddedBroker(topics: topics, brokers: count)
            (brokers, broker, bootstrap) = (made, nil, made.bootstrap)
            return
        }
        brokers = nil
        if let real = Self.real {
            bootstrap = real
            broker = nil
            let isCompacted = Set([alerts, scores, health, leader])
            let alerts = alerts
            try Admin(settings: Self.settings(real)).createTopics(
                topics.map { name, partitions in
                    let compacted = isCompacted.contains(name) ? [(name: "cleanup.policy", value: "compact")] : []
                    return Admin.NewTopic(name: name, partitions: Int32(partitions), config: compacted + (name == alerts ? alertConfig : []))
                }, timeout: 30_000)
        } else {
            (broker, bootstrap) = try Self.start(port: "0", topics)
        }
    }

    private static func start(port: String, _ topics: [(name: String, partitions: Int)]) throws -> (Process, bootstrap: String) {
        let process = Process(), output = Pipe()
        process.executableURL = Parwatch.binary
        process.arguments = ["broker", "--port", port] + topics.flatMap { ["--topic", "\($0.name):\($0.partitions)"] }
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Missing(what: "the embedded broker's address") }
            line += String(decoding: more, as: UTF8.self)
        }
        return (process, line.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// An empty broker in place of the embedded one, at the same address: every topic is made anew.
    func replaceBroker() throws {
        guard let old = broker, let port = bootstrap.split(separator: ":").last.map(String.init) else { return }
        kill(old.processIdentifier, SIGKILL)
        old.waitUntilExit()
        broker = try Self.start(port: port, topics).0
    }

    /// Ends the broker, or removes the topics.
    func remove() {
        if let broker {
            kill(broker.processIdentifier, SIGKILL)
            broker.waitUntilExit()
        } else if brokers == nil {
            try? Admin(settings: settings).deleteTopics([inputs, alerts, scores, rejected, health, leader], timeout: 30_000)
        }
    }

    var settings: KafkaSettings { Self.settings(bootstrap) }

    private static func settings(_ bootstrap: String) -> KafkaSettings { KafkaSettings(bootstrap: bootstrap, clientID: "parwatch-test") }

    /// Adds to a configuration how to reach this cluster.
    var configuration: String {
        "\nkafka: \(access ?? "{bootstrap: \"\(bootstrap)\"\(inOrder)}")\ninputs: [{topic: \(inputs), format: cloudevents}]\noutputs: {alerts: \(alerts), scores: \(scores), rejected: \(rejected), health: \(health), leader: \(leader)}\npublish_every: 1s\n"
    }

    /// Brokers that can be made to fail do not check the order of an idempotent producer's requests: where one may fail, none may follow it meanwhile.
    private var inOrder: String { brokers == nil ? "" : ", properties: {max.in.flight.requests.per.connection: 1}" }

    /// Everything that a topic holds now, in order, as kcat reads it: `{"key", "value", "offset", "headers"}`, with values that are JSON.
    func dump(_ topic: String) throws -> [String] {
        let result = try Program.run("/usr/bin/env", ["timeout", "60", "kcat", "-m", "30", "-C", "-e", "-q", "-b", bootstrap, "-t", topic, "-o", "beginning", "-f", "{\"key\":\"%k\",\"offset\":%o,\"headers\":\"%h\",\"value\":%s}\\n"])
        guard result.status == 0 else { throw Missing(what: "kcat: \(result.output)") }
        return result.output.split(separator: "\n").map(String.init)
    }
}

struct Missing: Error { var what: String }

/// The program under test.
enum Parwatch {
    /// Beside the test bundle.
    static let binary = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("parwatch")

    /// Starts the daemon; its log goes to `log`.
    static func run(_ configuration: URL, arguments: [String] = [], log: URL) throws -> Process {
        if !FileManager.default.fileExists(atPath: log.path) { _ = FileManager.default.createFile(atPath: log.path, contents: nil) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        let process = Process()
        process.executableURL = binary
        process.arguments = ["run", "--config", configuration.path] + arguments
        process.standardError = handle
        process.standardOutput = handle
        try process.run()
        return process
    }
}
