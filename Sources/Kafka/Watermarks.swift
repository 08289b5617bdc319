import CRdKafka

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
    /// Asks the leaders of partitions, one request to each broker, and waits for all of them, `milliseconds` at most. Not by rd_kafka_query_watermark_offsets:
    /// in 2.0.2 that one waits for an answer until the connection is given up (`socket.timeout.ms`, a minute), whatever time it is given.
    func ask(_ mark: Watermark, of partitions: [TopicPartition], timeout milliseconds: Int32) -> [TopicPartition: Result<Int64, KafkaError>] {
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
                answers[partition] = .failure(KafkaError(code, attempt: "read the \(mark == .low ? "first" : "last") offset of \(partition)"))
            }
            return answers
        }
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

    /// Both of every partition of which the brokers tell them within `milliseconds`; the others are left out.
    package func watermarks(of partitions: [TopicPartition], timeout milliseconds: Int32) -> [TopicPartition: (low: Int64, high: Int64)] {
        let deadline = Deadline(in: milliseconds), lows = client.ask(.low, of: partitions, timeout: milliseconds), highs = client.ask(.high, of: partitions, timeout: deadline.remaining)
        var told: [TopicPartition: (low: Int64, high: Int64)] = [:]
        for partition in partitions {
            if case .success(let low)? = lows[partition], case .success(let high)? = highs[partition] { told[partition] = (low, max(low, high)) }
        }
        return told
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
