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

/// What is to be read, from where, and where "caught up" is. A partition's place among `bounds` is its number here.
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
    private let numbers: [TopicPartition: Int]
    /// By topic, in the order of their first mention, and partition.
    private let numbersOfTopic: [[Int]]
    /// The next offset to read.
    private var positions: [Int64]
    /// Where it ended at the start; nil once that has been passed.
    private var ends: [Int64?]
    private var open: Int

    init(_ bounds: [Bounds], inputs: Set<String>) {
        self.bounds = bounds
        self.inputs = inputs
        truncated = bounds.filter { $0.low > 0 && inputs.contains($0.partition.topic) }
        backlog = bounds.reduce(0) { $0 + $1.high - $1.low }
        numbers = Dictionary(uniqueKeysWithValues: bounds.enumerated().map { ($0.element.partition, $0.offset) })
        var topics: [String] = []
        for bound in bounds where !topics.contains(bound.partition.topic) { topics.append(bound.partition.topic) }
        let numbers = numbers
        numbersOfTopic = topics.map { topic in
            bounds.map(\.partition).filter { $0.topic == topic }.sorted { $0.partition < $1.partition }.compactMap { numbers[$0] }
        }
        positions = bounds.map(\.low)
        ends = bounds.map { $0.low < $0.high ? $0.high : nil }
        open = ends.count { $0 != nil }
    }

    var isCaughtUp: Bool { open == 0 }

    /// The number of a partition, of the topic with this place among all topics; nil if it is not read.
    func number(topic: Int, partition: Int32) -> Int? {
        guard numbersOfTopic.indices.contains(topic), numbersOfTopic[topic].indices.contains(Int(partition)) else { return nil }
        return numbersOfTopic[topic][Int(partition)]
    }

    func number(of partition: TopicPartition) -> Int? { numbers[partition] }

    /// Everything before `offset` has been read.
    mutating func advance(_ number: Int, to offset: Int64) {
        positions[number] = max(positions[number], offset)
        if let end = ends[number], offset >= end { pass(number) }
    }

    func position(of number: Int) -> Int64 { positions[number] }

    /// Reads a partition from another place.
    mutating func restart(_ number: Int, at offset: Int64) {
        positions[number] = offset
        if ends[number] != nil { pass(number) }
    }

    private mutating func pass(_ number: Int) {
        ends[number] = nil
        open -= 1
    }

    /// Every partition with the next offset to read.
    var all: [(TopicPartition, offset: Int64)] { bounds.indices.map { (bounds[$0].partition, positions[$0]) } }

    /// The positions in the inputs.
    var inputPositions: [(TopicPartition, offset: Int64)] { all.filter { inputs.contains($0.0.topic) } }

    /// Records read since the start, those skipped by compaction included.
    var done: Int64 { bounds.indices.reduce(0) { $0 + positions[$1] - bounds[$1].low } }
}
