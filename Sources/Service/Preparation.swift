import CatalogFiles
import Kafka

/// Learns from the cluster what is to be read.
struct Preparation {
    let configuration: Configuration
    let consumer: Consumer
    let producer: Producer

    /// Milliseconds for one question to the cluster.
    private static let patience: Int32 = 4_000

    enum Obstacle: Error {
        /// It may be there later.
        case yet(String)
        case never(Fault)
    }

    func assignment() throws(Obstacle) -> Assignment {
        let outputs = configuration.outputs
        switch try partitions(of: outputs.alerts) {
        case 1: break
        case let count:
            throw .never(.topics("topic \(outputs.alerts) has \(count) partitions, but alerts need exactly one: delete it, and create it with --partitions 1 --config cleanup.policy=compact"))
        }
        var bounds: [Assignment.Bounds] = []
        for topic in configuration.inputs + [outputs.alerts] {
            for partition in 0..<Int32(try partitions(of: topic)) {
                let target = TopicPartition(topic: topic, partition: partition)
                let (low, high) = try ask { () throws(KafkaError) in try consumer.watermarks(of: target, timeout: Self.patience) }
                bounds.append(Assignment.Bounds(partition: target, low: low, high: high))
            }
        }
        // The producer, too, must know the topics before its first record, or that one waits.
        for topic in [outputs.alerts, outputs.scores, outputs.rejected] {
            guard try ask({ () throws(KafkaError) in try producer.partitionCount(of: topic, timeout: Self.patience) }) != nil else { throw missing(topic) }
        }
        return Assignment(bounds, inputs: Set(configuration.inputs))
    }

    private func partitions(of topic: String) throws(Obstacle) -> Int {
        guard let count = try ask({ () throws(KafkaError) in try consumer.partitionCount(of: topic, timeout: Self.patience) }) else {
            throw missing(topic)
        }
        return count
    }

    private func missing(_ topic: String) -> Obstacle {
        let outputs = configuration.outputs
        let how = topic == outputs.alerts ? " with --partitions 1 --config cleanup.policy=compact" : topic == outputs.scores ? " with --config cleanup.policy=compact" : ""
        return .yet("topic \(topic) does not exist: create it\(how)")
    }

    private func ask<Answer>(_ question: () throws(KafkaError) -> Answer) throws(Obstacle) -> Answer {
        do throws(KafkaError) {
            return try question()
        } catch {
            if error.isFatal { throw .never(.kafka(error)) }
            throw .yet("\(error)")
        }
    }
}

/// What is to be read, from where, and where "caught up" is.
struct Assignment {
    struct Bounds {
        var partition: TopicPartition
        /// The first offset there is.
        var low: Int64
        /// The offset that the next record will get.
        var high: Int64
    }

    let bounds: [Bounds]
    /// Records that lay there when it began.
    let backlog: Int64
    /// Inputs whose beginning retention has taken.
    let truncated: [Bounds]
    private let inputs: Set<String>
    /// Partitions whose end, as it was at the start, has not been passed.
    private var ends: [TopicPartition: Int64]
    /// The next offset to read of each partition.
    private var positions: [TopicPartition: Int64]

    init(_ bounds: [Bounds], inputs: Set<String>) {
        self.bounds = bounds
        self.inputs = inputs
        truncated = bounds.filter { $0.low > 0 && inputs.contains($0.partition.topic) }
        ends = Dictionary(uniqueKeysWithValues: bounds.filter { $0.low < $0.high }.map { ($0.partition, $0.high) })
        backlog = bounds.reduce(0) { $0 + $1.high - $1.low }
        positions = Dictionary(uniqueKeysWithValues: bounds.map { ($0.partition, $0.low) })
    }

    var isCaughtUp: Bool { ends.isEmpty }

    /// Everything before `offset` has been read.
    mutating func advance(_ partition: TopicPartition, to offset: Int64) {
        positions[partition] = max(positions[partition] ?? offset, offset)
        if let end = ends[partition], offset >= end { ends[partition] = nil }
    }

    func position(of partition: TopicPartition) -> Int64 { positions[partition] ?? 0 }

    /// Reads a partition from another place.
    mutating func restart(_ partition: TopicPartition, at offset: Int64) {
        positions[partition] = offset
        ends[partition] = nil
    }

    /// The positions in the inputs.
    var inputPositions: [(TopicPartition, offset: Int64)] { positions.filter { inputs.contains($0.key.topic) }.map { ($0.key, $0.value) } }

    /// Records read since the start, those skipped by compaction included.
    var done: Int64 { bounds.reduce(0) { $0 + (positions[$1.partition] ?? $1.low) - $1.low } }
}
