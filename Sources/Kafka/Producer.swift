import CRdKafka

/// Writes records, each exactly once and in order per partition as long as the process lives. Not `Sendable`: the thread that first
/// uses it, wherever it was made, owns it (asserted).
package final class Producer {
    /// Records accepted by `produce` whose delivery report has not come yet.
    package private(set) var outstanding = 0

    /// Set once librdkafka has given up: nothing more can be written, and a new producer is needed.
    package var fatal: KafkaError? { client.fatal }

    // The topic objects belong to `client`: deinit and close give them back before it.
    let client: Client
    private var topics: [String: OpaquePointer] = [:]
    private var reports: [DeliveryReport] = []

    /// Throws if a property is unknown or has a wrong value; no broker is asked yet.
    package init(settings: KafkaSettings) throws(KafkaError) {
        client = try Client(
            RD_KAFKA_PRODUCER, settings,
            defaults: [
                ("enable.idempotence", "true"),
                ("acks", "all"),
                // Never give up while the process lives: a write that has timed out may still have been written, and nobody could tell.
                ("message.timeout.ms", "0"),
                // A topic that is missing must be told of, not made with the wrong cleanup policy.
                ("allow.auto.create.topics", "false"),
                ("linger.ms", "5"),
                ("compression.type", "lz4"),
            ],
            events: RD_KAFKA_EVENT_DR)
    }

    deinit { releaseTopics() }

    /// nil: the topic does not exist. Ask this before the first record of a topic: it also tells the producer of the topic's partitions,
    /// without which the first record waits up to a second, and one with a partition may fail just after the topic was made.
    package func partitionCount(of topic: String, timeout milliseconds: Int32) throws(KafkaError) -> Int? {
        do throws(KafkaError) {
            return try client.partitionCount(of: object(of: topic), timeout: milliseconds)
        } catch {
            serveEvents(waiting: 0)
            throw client.refusal ?? error
        }
    }

    /// Queues a copy of the record. Its report comes out of a later `poll` with `token`, exactly once, if and only if this did not throw.
    /// - Parameters:
    ///   - partition: nil leaves the choice to a hash of the key.
    ///   - value: nil is a tombstone.
    ///   - timestampMilliseconds: since 1970 UTC; nil is now.
    /// - Throws: `.queueFull` (retriable: poll, then try again), `.messageTooLarge`, `.unknownPartition`, or a fatal error.
    package func produce(
        topic: String, partition: Int32?, key: [UInt8]?, value: [UInt8]?, headers: [(name: String, value: [UInt8])] = [],
        timestampMilliseconds: Int64? = nil, token: UInt64
    ) throws(KafkaError) {
        let object = try object(of: topic)
        let list = headers.isEmpty ? nil : Self.list(of: headers)
        let error = withBytes(key) { key in
            withBytes(value) { value in enqueue(object, partition, key, value, list, timestampMilliseconds, token) }
        }
        if let error { throw KafkaError(consuming: error, attempt: "write to \(topic)") }
    }

    /// Queues a copy of a record that was read, to its own topic and partition: key, value, headers and timestamp as they are, byte for byte. (A topic with
    /// `message.timestamp.type=LogAppendTime` gives it a timestamp of its own.) Reports and errors as `produce`.
    package func copy(_ record: borrowing Record, token: UInt64) throws(KafkaError) {
        func memory(_ bytes: UnsafeRawBufferPointer?) -> Memory { (bytes?.baseAddress.map(UnsafeMutableRawPointer.init(mutating:)), bytes?.count ?? 0) }
        let topic = record.topic, object = try object(of: topic)
        let headers = record.headers.flatMap { rd_kafka_headers_copy($0) }
        let error = enqueue(object, record.partition, memory(record.key), memory(record.value), headers, record.timestampMilliseconds, token)
        if let error { throw KafkaError(consuming: error, attempt: "write to \(topic)") }
    }

    /// Takes over `headers`. Returns librdkafka's error, which the caller takes over.
    private func enqueue(
        _ topic: OpaquePointer, _ partition: Int32?, _ key: Memory, _ value: Memory, _ headers: OpaquePointer?, _ timestampMilliseconds: Int64?, _ token: UInt64
    ) -> OpaquePointer? {
        let handle = client.handle
        var fields = [
            field(RD_KAFKA_VTYPE_RKT) { $0.rkt = topic },
            field(RD_KAFKA_VTYPE_PARTITION) { $0.i32 = partition ?? -1 },
            field(RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY },
            field(RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = UnsafeMutableRawPointer(bitPattern: UInt(token)) },
            field(RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: key.start, size: key.count) },
            field(RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: value.start, size: value.count) },
        ]
        if let timestampMilliseconds { fields.append(field(RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = timestampMilliseconds }) }
        if let headers { fields.append(field(RD_KAFKA_VTYPE_HEADERS) { $0.headers = headers }) }
        if let error = rd_kafka_produceva(handle, fields, fields.count) {
            // librdkafka takes the headers over only if it takes the record.
            if let headers { rd_kafka_headers_destroy(headers) }
            return error
        }
        outstanding += 1
        return nil
    }

    /// The reports that have come, waiting up to `milliseconds` for the first.
    package func poll(timeout milliseconds: Int32) -> [DeliveryReport] {
        let deadline = Deadline(in: milliseconds)
        serveEvents(waiting: 0)
        while reports.isEmpty, deadline.remaining > 0 { serveEvents(waiting: deadline.remaining) }
        defer { reports = [] }
        return reports
    }

    /// Waits until every record has its report; the reports are kept for the next `poll`. False if some were still missing at the end.
    package func flush(timeout milliseconds: Int32) -> Bool {
        let deadline = Deadline(in: milliseconds)
        serveEvents(waiting: 0)
        while outstanding > 0, deadline.remaining > 0 { serveEvents(waiting: deadline.remaining) }
        return outstanding == 0
    }

    /// What has happened since the last call, apart from reports.
    package func drainNotices() -> [KafkaNotice] {
        serveEvents(waiting: 0)
        return client.drainNotices()
    }

    /// Frees everything; records without a report are lost or not, nobody can say: `flush` first. False: not done in time; the process should end.
    @discardableResult
    package func close(timeout milliseconds: Int32) -> Bool {
        releaseTopics()
        return client.destroy(within: milliseconds)
    }

    /// Takes all events that are there, waiting up to `milliseconds` for the first.
    private func serveEvents(waiting milliseconds: Int32) {
        var patience = milliseconds
        while let event = client.nextEvent(within: patience) {
            patience = 0
            guard case .deliveries(let new) = event else { continue }
            outstanding -= new.count
            reports += new
        }
    }

    // MARK: Topics

    /// Kept for the producer's life: with it librdkafka keeps what it knows of the topic.
    private func object(of topic: String) throws(KafkaError) -> OpaquePointer {
        if let known = topics[topic] { return known }
        let new = try client.topicHandle(topic)
        topics[topic] = new
        return new
    }

    private func releaseTopics() {
        for object in topics.values { rd_kafka_topic_destroy(object) }
        topics = [:]
    }

    // MARK: Arguments

    private static func list(of headers: [(name: String, value: [UInt8])]) -> OpaquePointer? {
        let list = rd_kafka_headers_new(headers.count)
        for (name, value) in headers {
            _ = withBytes(value) { rd_kafka_header_add(list, name, -1, $0.start, $0.count) }
        }
        return list
    }

    private func field(_ type: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void) -> rd_kafka_vu_t {
        var field = rd_kafka_vu_t()
        field.vtype = type
        set(&field.u)
        return field
    }
}

private typealias Memory = (start: UnsafeMutableRawPointer?, count: Int)

/// The bytes as C wants them: NULL for nil, and a pointer that is not NULL for none.
private func withBytes<R>(_ bytes: [UInt8]?, _ body: (Memory) -> R) -> R {
    guard let bytes else { return body((nil, 0)) }
    var none: UInt8 = 0
    return withUnsafeMutablePointer(to: &none) { none in
        bytes.withUnsafeBytes { bytes in
            // librdkafka copies from here and does not write, though its types do not say so.
            body((UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(none), bytes.count))
        }
    }
}
