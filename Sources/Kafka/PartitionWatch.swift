import CRdKafka
import Glibc
import Synchronization

/// Asks the cluster again and again where partitions end, on a thread and over connections of its own: what a consumer has been handed
/// cannot tell whether there is more that it was not handed.
package final class PartitionWatch: Sendable {
    /// What the cluster said at one time.
    package struct Sighting: Sendable {
        /// Before it was asked, by the clock that the watch was given.
        package var askedAt: Double
        /// The offset that the next record of a partition will get, those of open transactions included. A partition is missing if its leader did not answer.
        package var ends: [TopicPartition: Int64]
        /// How many partitions the topics have; a topic is missing if it was not asked for this time, or does not exist.
        package var partitionCounts: [String: Int]

        package init(askedAt: Double, ends: [TopicPartition: Int64], partitionCounts: [String: Int]) {
            (self.askedAt, self.ends, self.partitionCounts) = (askedAt, ends, partitionCounts)
        }
    }

    /// What the thread and its owner share.
    private final class Board: Sendable {
        let latest = Mutex<Sighting?>(nil)
        let isEnded = Atomic<Bool>(false)
    }

    private let board = Board()

    private static let millisecondsBetween: Int32 = 1_000
    /// For one question.
    private static let patience: Int32 = 5_000
    private static let roundsBetweenCounts = 5

    /// `clock`: seconds, rising. Throws if a property is unknown or has a wrong value; no broker is asked yet.
    package init(settings: KafkaSettings, topics: [String], clock: @escaping @Sendable () -> Double) throws(KafkaError) {
        // The thread's alone from here on.
        nonisolated(unsafe) let client = try Self.client(settings)
        let thread = BackgroundThread { [board] in
            Self.watch(topics, client, clock, board)
            _ = client.destroy(within: 1_000)
        }
        guard thread != nil else { throw KafkaError(.fail, attempt: "watch partitions", reason: "the system has no thread left") }
    }

    deinit { board.isEnded.store(true, ordering: .relaxed) }

    /// The newest sighting, once.
    package func take() -> Sighting? {
        board.latest.withLock { sighting in
            defer { sighting = nil }
            return sighting
        }
    }

    private static func watch(_ topics: [String], _ client: Client, _ clock: () -> Double, _ board: Board) {
        var round = 0, counts: [String: Int] = [:], isApart = false
        while !board.isEnded.load(ordering: .relaxed) {
            let askedAt = clock()
            let isCounting = round % roundsBetweenCounts == 0 || counts.count < topics.count
            if isCounting { counts = Self.counts(of: topics, client) }
            let partitions = counts.flatMap { topic, count in (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) } }
            // Where one leader is silent, nobody is told of who is asked together with it.
            let answers = isApart ? client.askApart([.high], of: partitions, timeout: patience)[0] : client.ask(.high, of: partitions, timeout: patience)
            let ends = answers.compactMapValues { try? $0.get() }
            isApart = ends.count < partitions.count
            let sighting = Sighting(askedAt: askedAt, ends: ends, partitionCounts: isCounting ? counts : [:])
            board.latest.withLock { $0 = sighting }
            round += 1
            // What it has to say of brokers, the consumer says as well.
            while client.nextEvent(within: 0) != nil {}
            _ = client.drainNotices()
            let deadline = Deadline(in: millisecondsBetween)
            while deadline.remaining > 0, !board.isEnded.load(ordering: .relaxed) { usleep(50_000) }
        }
    }

    private static func client(_ settings: KafkaSettings) throws(KafkaError) -> Client {
        var settings = settings
        // What an open transaction keeps back is there, though no consumer is handed it yet: it has not been read.
        settings.properties.append(("isolation.level", "read_uncommitted"))
        return try Client(RD_KAFKA_CONSUMER, settings, defaults: [("allow.auto.create.topics", "false"), ("enable.auto.commit", "false")])
    }

    private static func counts(of topics: [String], _ client: Client) -> [String: Int] {
        var counts: [String: Int] = [:]
        for topic in topics {
            guard let object = try? client.topicHandle(topic) else { continue }
            defer { rd_kafka_topic_destroy(object) }
            if let count = try? client.partitionCount(of: object, timeout: patience) { counts[topic] = count }
        }
        return counts
    }
}
