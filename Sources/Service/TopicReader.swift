package import Kafka

/// Reads a topic from its beginning, record by record, as a subscriber does.
package struct TopicReader {
    private let consumer: Consumer
    private let topic: String
    /// Partitions whose end has not been seen yet.
    private var open: Set<TopicPartition>

    /// Asks the cluster about the topic; throws if no broker answers within five seconds, or if there is no such topic.
    package init(settings: KafkaSettings, topic: String) throws(KafkaError) {
        self.topic = topic
        consumer = try Consumer(settings: settings, group: "parwatch-reader")
        guard let count = try consumer.partitionCount(of: topic, timeout: 5_000) else { throw KafkaError.noSuchTopic(topic) }
        let partitions = (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        open = Set(partitions)
        try consumer.assign(partitions.map { ($0, offset: Consumer.beginning) })
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
