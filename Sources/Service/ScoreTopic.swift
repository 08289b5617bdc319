import JSON
import Kafka

/// Reads the score topic while this daemon leads, for what others wrote there: a score that was written before a crash and is empty since, or that a former leader
/// wrote too late, stands there until somebody sees it. Not `Sendable`: the thread that first uses it owns it.
final class ScoreTopic {
    private let consumer: Consumer
    private let topic: String
    private let source: String
    private let writer: String
    private let json: JSONReader
    private var partitions = 0
    /// Where each ended when that was last seen.
    private var ends: [Int32: Int64] = [:]
    private var isReading = false

    private static let largestScore = 1 << 16

    struct Entry {
        var key: String
        /// Nil: a tombstone, or what is no score.
        var score: (numerator: Double, denominator: Int64?, isApplicable: Bool)?
    }

    /// `writer`: this process, whose own records are none of its business here. Nothing is read yet; no broker is asked.
    init(settings: KafkaSettings, topic: String, source: String, writer: String) throws(KafkaError) {
        guard let json = JSONReader(capacity: Self.largestScore) else { throw .noMemory(for: "read \(topic)") }
        self.json = json
        self.topic = topic
        self.source = source
        self.writer = writer
        var settings = settings
        // It may wait; the inputs' records must not wait for it.
        settings.properties.insert(("queued.min.messages", "10000"), at: 0)
        consumer = try Consumer(settings: settings, group: source)
    }

    /// The cluster has said what partitions it has and where they end. Returns whether it was made anew: a partition ends before where it ended.
    func see(_ sighting: PartitionWatch.Sighting) throws(KafkaError) -> Bool {
        var isAnew = false, isResized = false
        for (partition, end) in sighting.ends where partition.topic == topic {
            if let last = ends[partition.partition], end < last { isAnew = true }
            ends[partition.partition] = end
        }
        if let count = sighting.partitionCounts[topic], count > 0, count != partitions {
            partitions = count
            isResized = true
        }
        if isReading, isAnew || isResized { try start() }
        return isAnew
    }

    /// Reads everything from the beginning, then what comes.
    func start() throws(KafkaError) {
        isReading = true
        try consumer.assign((0..<Int32(partitions)).map { (TopicPartition(topic: topic, partition: $0), offset: Consumer.beginning) })
    }

    func rest() throws(KafkaError) {
        isReading = false
        try consumer.assign([])
    }

    /// What has come from others, but for the scores of another `source`, without waiting.
    func read() throws(KafkaError) -> [Entry] {
        guard isReading else { return [] }
        var entries: [Entry] = []
        try consumer.poll(timeout: 0, max: 1_000) { record in
            guard !isOwn(record), let key = record.key else { return }
            var entry = Entry(key: String(decoding: key, as: UTF8.self))
            if let value = record.value, let event = try? json.parse(value), let other = event["source"]?.text {
                if other != source { return }
                if let data = event["data"], let numerator = data["numerator"]?.number {
                    entry.score = (numerator, data["denominator"]?.integer, data["applicable"]?.bool ?? true)
                }
            }
            entries.append(entry)
        }
        return entries
    }

    private func isOwn(_ record: borrowing Record) -> Bool {
        var isOwn = false
        record.forEachHeader { name, value in
            if let value, String(decoding: name, as: UTF8.self) == "writer", String(decoding: value, as: UTF8.self) == writer { isOwn = true }
        }
        return isOwn
    }

    /// What has happened since the last call. A topic that was made anew is read from its beginning.
    func drainNotices() throws(KafkaError) -> [KafkaNotice] {
        let notices = consumer.drainNotices()
        if isReading, notices.contains(where: { $0.kind == .offsetOutOfRange }) { try start() }
        return notices.filter { $0.kind != .offsetOutOfRange }
    }

    func close(timeout milliseconds: Int32) { consumer.close(timeout: milliseconds) }
}
