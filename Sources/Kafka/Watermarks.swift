import CRdKafka
import Synchronization

/// An end of a partition.
package enum Watermark: Sendable {
    /// The first offset that there is.
    case low
    /// The one that the next record will get.
    case high

    /// How librdkafka names it where it expects a time.
    fileprivate var time: Int64 { Int64(self == .low ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END) }
}

extension Client {
    /// Asks the leaders of partitions, one request to each broker, and waits for all of them, `milliseconds` at most: if one is silent, nobody is told of. Not by
    /// rd_kafka_query_watermark_offsets: in 2.0.2 that one waits for an answer until the connection is given up (`socket.timeout.ms`, a minute), whatever time it is given.
    func ask(_ mark: Watermark, of partitions: [TopicPartition], timeout milliseconds: Int32) -> [TopicPartition: Result<Int64, KafkaError>] {
        Self.ask(handle, mark, partitions, milliseconds)
    }

    /// Asks each leader by itself, all at the same time, so that who is silent holds up nobody else; one answer for each mark. Takes `milliseconds` and a second at most.
    func askApart(_ marks: [Watermark], of partitions: [TopicPartition], timeout milliseconds: Int32) -> [[TopicPartition: Result<Int64, KafkaError>]] {
        let leaders = leaders(within: min(1_000, milliseconds)), answers = Answers(marks.count)
        // A pointer cannot cross to another thread, a number can: it outlives the threads, which are waited for.
        let bits = UInt(bitPattern: handle)
        var threads: [BackgroundThread] = []
        for (leader, group) in Dictionary(grouping: partitions, by: { leaders[$0] ?? Self.unknownLeader }) {
            for (index, mark) in marks.enumerated() {
                if leader == Self.noLeader {
                    answers.add(Dictionary(uniqueKeysWithValues: group.map { ($0, .failure(KafkaError(.noLeader, attempt: Self.attempt(mark, $0)))) }), index)
                } else if let thread = BackgroundThread({
                    if let handle = OpaquePointer(bitPattern: bits) { answers.add(Self.ask(handle, mark, group, milliseconds), index) }
                }) {
                    threads.append(thread)
                }
            }
        }
        for thread in threads { _ = thread.join(within: .max) }
        return answers.all.withLock { $0 }
    }

    private static let noLeader: Int32 = -1, unknownLeader: Int32 = -2

    private final class Answers: Sendable {
        let all: Mutex<[[TopicPartition: Result<Int64, KafkaError>]]>
        init(_ count: Int) { all = Mutex(Array(repeating: [:], count: count)) }
        func add(_ new: [TopicPartition: Result<Int64, KafkaError>], _ index: Int) { all.withLock { $0[index].merge(new) { $1 } } }
    }

    private static func attempt(_ mark: Watermark, _ partition: TopicPartition) -> String { "read the \(mark == .low ? "first" : "last") offset of \(partition)" }

    private static func ask(_ handle: OpaquePointer, _ mark: Watermark, _ partitions: [TopicPartition], _ milliseconds: Int32) -> [TopicPartition: Result<Int64, KafkaError>] {
        guard !partitions.isEmpty else { return [:] }
        return withPartitionList(partitions.map { ($0, offset: mark.time) }) { list in
            let status = rd_kafka_offsets_for_times(handle, list, milliseconds)
            var answers: [TopicPartition: Result<Int64, KafkaError>] = [:]
            for (index, partition) in partitions.enumerated() {
                let entry = list.pointee.elems[index]
                if status == RD_KAFKA_RESP_ERR_NO_ERROR, entry.err == RD_KAFKA_RESP_ERR_NO_ERROR, entry.offset >= 0 {
                    answers[partition] = .success(entry.offset)
                    continue
                }
                // When time has run out no error is set, and the list stays as it was.
                let code = [status, entry.err].first { $0 != RD_KAFKA_RESP_ERR_NO_ERROR } ?? RD_KAFKA_RESP_ERR__TIMED_OUT
                answers[partition] = .failure(KafkaError(code, attempt: attempt(mark, partition)))
            }
            return answers
        }
    }

    /// Who leads the partitions of the topics that this client uses; none if no broker says so within `milliseconds`.
    private func leaders(within milliseconds: Int32) -> [TopicPartition: Int32] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        guard rd_kafka_metadata(handle, 0, nil, &metadata, milliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return [:] }
        defer { rd_kafka_metadata_destroy(metadata) }
        var found: [TopicPartition: Int32] = [:]
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt)) {
            for partition in UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)) {
                found[TopicPartition(topic: String(cString: topic.topic), partition: partition.id)] = partition.leader
            }
        }
        return found
    }
}

extension Consumer {
    /// What the brokers say now, of every partition, within `milliseconds`; throws if one is not told.
    package func watermark(_ mark: Watermark, of partitions: [TopicPartition], timeout milliseconds: Int32) throws(KafkaError) -> [TopicPartition: Int64] {
        let answers = client.ask(mark, of: partitions, timeout: milliseconds)
        var offsets: [TopicPartition: Int64] = [:]
        for partition in partitions { offsets[partition] = try answers[partition]?.get() }
        return offsets
    }

    /// Both of every partition, or why nobody tells: one that no broker leads, or whose leader is silent, holds up no other. Takes `milliseconds` and a second at most.
    package func watermarks(of partitions: [TopicPartition], timeout milliseconds: Int32) -> [TopicPartition: Result<(low: Int64, high: Int64), KafkaError>] {
        let marks = client.askApart([.low, .high], of: partitions, timeout: milliseconds)
        var answers: [TopicPartition: Result<(low: Int64, high: Int64), KafkaError>] = [:]
        for partition in partitions {
            switch (marks[0][partition], marks[1][partition]) {
            case (.success(let low)?, .success(let high)?): answers[partition] = .success((low, max(low, high)))
            case (.failure(let error)?, _), (_, .failure(let error)?): answers[partition] = .failure(error)
            default: answers[partition] = .failure(KafkaError(.timedOut, attempt: "read the first and last offset of \(partition)"))
            }
        }
        return answers
    }

    /// Both of one partition, within `milliseconds`.
    package func watermarks(of partition: TopicPartition, timeout milliseconds: Int32) throws(KafkaError) -> (low: Int64, high: Int64) {
        let deadline = Deadline(in: milliseconds)
        let low = try client.ask(.low, of: [partition], timeout: milliseconds)[partition]?.get()
        let high = try client.ask(.high, of: [partition], timeout: deadline.remaining)[partition]?.get()
        guard let low, let high else { throw KafkaError(.fail, attempt: "read the first and last offset of \(partition)") }
        return (low, high)
    }
}
