import Kafka

/// The broker of one part of the run: the embedded one in a process of its own, or a real one with topics that are made before and deleted after.
final class Cluster {
    let brokers: String
    let isEmbedded: Bool
    private let prefix: String
    private let process: Child?
    private var topics: [String] = []

    struct Topic {
        var name: String
        var partitions: Int
        var isCompacted = false
    }

    init(real: String?, topics: [Topic]) throws {
        let prefix = "parwatch-bench-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))."
        self.prefix = prefix
        isEmbedded = real == nil
        let named = topics.map { Topic(name: prefix + $0.name, partitions: $0.partitions, isCompacted: $0.isCompacted) }
        if let real {
            brokers = real
            process = nil
            try Admin(settings: KafkaSettings(bootstrap: real, clientID: "parwatch-bench")).createTopics(
                named.map { Admin.NewTopic(name: $0.name, partitions: Int32($0.partitions), config: $0.isCompacted ? [(name: "cleanup.policy", value: "compact")] : []) },
                timeout: 10_000)
            self.topics = named.map(\.name)
        } else {
            let child = try Child(["broker"] + named.flatMap { ["--topic", "\($0.name):\($0.partitions)"] })
            brokers = try child.line(within: 10)
            process = child
        }
    }

    deinit {
        guard !topics.isEmpty else { return }
        do {
            try Admin(settings: KafkaSettings(bootstrap: brokers, clientID: "parwatch-bench")).deleteTopics(topics, timeout: 10_000)
        } catch {
            Say.step("the topics \(prefix)* are left behind: \(error)")
        }
    }

    func name(_ topic: String) -> String { prefix + topic }

    /// Arguments that lead a measuring process here.
    var connection: [String] { ["--brokers", brokers] }

    /// Throws unless exactly so many records lie in the topic, from offset 0 on.
    func verify(_ topic: String, partitions: Int, records: Int) throws {
        let consumer = try Consumer(settings: KafkaSettings(bootstrap: brokers, clientID: "parwatch-bench"), group: "parwatch-bench")
        defer { consumer.close(timeout: 2_000) }
        var sum: Int64 = 0
        for partition in 0..<Int32(partitions) {
            let (low, high) = try consumer.watermarks(of: TopicPartition(topic: name(topic), partition: partition), timeout: 5_000)
            guard low == 0 else { throw Problem("\(topic) [\(partition)] no longer begins at offset 0 but at \(low): the embedded broker keeps 5 MiB of a partition; use more partitions or --compression zstd") }
            sum += high
        }
        guard sum == records else { throw Problem("\(topic) holds \(sum) records of \(records)") }
    }
}
