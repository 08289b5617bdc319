package import Kafka

/// Reads a topic from its beginning, record by record, as a subscriber does.
package struct TopicReader {
    private let consumer: Consumer
    private let topic: String
    /// Partitions whose end has not been seen yet.
    private var open: Set<TopicPartition>

    /// Asks the cluster about the topic; throws if no broker answers within five seconds, or if there is no such topic.
    package init(settings: KafkaSettings, topic: String) throws(KafkaError) {
        let consumer = try Self.consumer(settings)
        guard let count = try consumer.partitionCount(of: topic, timeout: 5_000) else { throw KafkaError.noSuchTopic(topic) }
        try self.init(consumer, topic, count)
    }

    /// The same; nil if it was asked to stop meanwhile.
    package init?(settings: KafkaSettings, topic: String, unless stop: StopSignal) throws(KafkaError) {
        let consumer = try Self.consumer(settings)
        guard let count = try Self.partitionCount(of: topic, consumer, stop) else { return nil }
        try self.init(consumer, topic, count)
    }

    private init(_ consumer: Consumer, _ topic: String, _ count: Int) throws(KafkaError) {
        self.consumer = consumer
        self.topic = topic
        let partitions = (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        open = Set(partitions)
        try consumer.assign(partitions.map { ($0, offset: Consumer.beginning) })
    }

    private static func consumer(_ settings: KafkaSettings) throws(KafkaError) -> Consumer { try Consumer(settings: settings, group: "parwatch-reader") }

    private static func partitionCount(of topic: String, _ consumer: Consumer, _ stop: StopSignal) throws(KafkaError) -> Int? {
        let end = ServiceClock.monotonicSeconds + 5
        var patience: Int32 = 300
        while !stop.isRequested {
            do throws(KafkaError) {
                guard let count = try consumer.partitionCount(of: topic, timeout: patience) else { throw KafkaError.noSuchTopic(topic) }
                return count
            } catch {
                let left = end - ServiceClock.monotonicSeconds
                // Until there is a connection it is asked in short pieces, so that a request to stop is heard; an answer over a slow one takes the time that it takes.
                guard left > 0, error.code == .transport || error.code == .timedOut else { throw error }
                if error.code == .timedOut { patience = Int32(left * 1_000) + 1 }
            }
        }
        return nil
    }

    /// Whether everything that was there has been read.
    package var isAtEnd: Bool { open.isEmpty }

    /// Hands over what has come, waiting up to `milliseconds` for the first.
    package mutating func poll(timeout milliseconds: Int32, _ body: (borrowing Record) -> Void) throws(KafkaError) {
        try consumer.poll(timeout: milliseconds, max: 1_000, body)
        for (partition, _) in consumer.drainEnds() { open.remove(partition) }
    }

    package func drainNotices() -> [KafkaNotice] { consumer.drainNotices() }
}
