import CRdKafka

/// Reads partitions that it is told to read, from offsets that it is told; it never takes part in a group's rebalancing and never
/// chooses an offset by itself. Not `Sendable`: the thread that first uses it, wherever it was made, owns it (asserted).
package final class Consumer {
    /// Stands for the first offset that a partition still has.
    package static let beginning: Int64 = -2  // RD_KAFKA_OFFSET_BEGINNING
    /// A `fetch` hands over no more once its values have so many bytes: what is done with them must end while a lease lasts, however large they are.
    package static let mostBytes = 4 << 20

    /// KiB of records that may wait in librdkafka's queue.
    private static let queueSize = 16_384

    /// The distinct topics of the last `assign`, in the order of their first mention.
    package private(set) var topics: [String] = []

    // Messages live on `queue`, which belongs to `client`: deinit gives it back before `client` is released.
    let client: Client
    let queue: OpaquePointer
    private var isClosed = false
    /// What librdkafka last handed over, records and errors, in its order; of it the part `waiting` has not been looked at.
    private var batch = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>(start: nil, count: 0)
    private var waiting = 0..<0
    /// The records of the last `fetch`, without the errors among them; the first `heldCount`.
    private var held = UnsafeMutableBufferPointer<(message: UnsafeMutablePointer<rd_kafka_message_t>, topic: Int)>(start: nil, count: 0)
    private var heldCount = 0
    private var index = TopicIndex()
    private var ends: [TopicPartition: Int64] = [:]
    private var assigned: [TopicPartition] = []
    /// Bytes handed over after which librdkafka is nudged, and since it was.
    private let nudgeEvery: Int
    private var sinceNudge = 0
    private var nextNudged = 0
    private var isCommitting = false
    private var nextCommit: [(TopicPartition, offset: Int64)]?

    /// `group` only names the committed offsets. Throws if a property is unknown or has a wrong value; no broker is asked yet.
    package init(settings: KafkaSettings, group: String) throws(KafkaError) {
        client = try Client(
            RD_KAFKA_CONSUMER, settings,
            defaults: [
                ("group.id", group),
                ("enable.auto.commit", "false"),
                ("enable.auto.offset.store", "false"),
                // An offset that does not exist must be heard of, not silently replaced.
                ("auto.offset.reset", "error"),
                ("enable.partition.eof", "true"),
                ("allow.auto.create.topics", "false"),
                ("session.timeout.ms", "6000"),
                // The embedded broker sleeps this long on every empty fetch; on a real one it bounds nothing but idle traffic.
                ("fetch.wait.max.ms", "50"),
                // What waits to be read is to lie in the processor's cache still. Its bytes are counted, not its records.
                ("queued.min.messages", "1000000"),
                ("queued.max.messages.kbytes", "\(Self.queueSize)"),
                // A partition's share of a fetch must hold the largest message.
                ("fetch.message.max.bytes", KafkaSettings.largestMessage),
            ],
            events: RD_KAFKA_EVENT_OFFSET_COMMIT)
        let queueSize = settings.properties.last { $0.name == "queued.max.messages.kbytes" }.flatMap { Int($0.value) } ?? Self.queueSize
        nudgeEvery = queueSize * 1_024 / 4
        // The main queue stays apart from the consumer's (no rd_kafka_poll_set_consumer): errors and commit results there, messages here.
        queue = client.consumerQueue()
    }

    deinit {
        if !isClosed {
            release()
            forgetWaiting()
            releaseQueue()
        }
        batch.deallocate()
        held.deallocate()
    }

    /// Reads exactly these partitions from now on, each from its offset or `beginning`, and nothing else. The same call moves to another offset.
    package func assign(_ starts: [(TopicPartition, offset: Int64)]) throws(KafkaError) {
        for (target, offset) in starts where offset < 0 && offset != Self.beginning {
            throw KafkaError(.invalidArgument, attempt: "read \(target) from \(offset)", reason: "not an offset")
        }
        let status = withPartitionList(starts) { rd_kafka_assign(client.handle, $0) }
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(status, attempt: "assign partitions") }
        // They will come again, from where they are wanted.
        forgetWaiting()
        assigned = starts.map(\.0)
        topics = []
        for (target, _) in starts where !topics.contains(target.topic) { topics.append(target.topic) }
        index = TopicIndex()
        ends = [:]
    }

    /// Hands at most `max` records to `body`, no more once they have `mostBytes`, and returns their number. Waits up to `milliseconds` for the first, and for no other.
    /// Errors of partitions and brokers become notices; throws only when the client cannot go on.
    @discardableResult
    package func poll(
        timeout milliseconds: Int32, max: Int, _ body: (borrowing Record) -> Void
    ) throws(KafkaError) -> Int {
        let count = try fetch(timeout: milliseconds, max: max)
        for index in 0..<count { body(record(index)) }
        release()
        return count
    }

    /// The same, but holds the records, to be had from `record(_:)` as often as one likes, until the next `fetch`, `poll` or `release`.
    package func fetch(timeout milliseconds: Int32, max: Int) throws(KafkaError) -> Int {
        let handle = client.handle
        release()
        serveEvents()
        // One that comes among messages is thrown by the next call, so that the caller learns of every record handed over.
        if let fatal = client.fatal { throw fatal }
        guard max > 0 else { return 0 }
        if waiting.isEmpty {
            guard let first = rd_kafka_consumer_poll(handle, milliseconds) else { return 0 }
            reserveBatch(max)
            batch[0] = first
            // A batch call would wait its whole timeout to fill the array; with none it takes what is there.
            let others = max > 1 ? rd_kafka_consume_batch_queue(queue, 0, batch.baseAddress.map { $0 + 1 }, max - 1) : 0
            waiting = 0..<(1 + Swift.max(0, others))
        }
        var bytes = 0
        while let slot = waiting.first, heldCount < max, bytes < Self.mostBytes {
            waiting.removeFirst()
            guard let message = batch[slot] else { continue }
            if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR, let topic = index.position(of: message.pointee.rkt, among: topics) {
                held[heldCount] = (message, topic)
                heldCount += 1
                bytes += message.pointee.len
            } else {
                // In its place: the end of a partition is told when what lies before it has been handed over.
                note(message)
                rd_kafka_message_destroy(message)
            }
        }
        sinceNudge += bytes
        if sinceNudge >= nudgeEvery { nudge() }
        return heldCount
    }

    /// Has librdkafka look whether its queue has room again. Once that is full, 2.0.2 fetches nothing before a broker's thread has something else to do, or a second has passed. So the brokers are
    /// asked something, and nobody waits for the answer: of a few partitions at a time, each in its turn, which soon reaches every broker.
    private func nudge() {
        sinceNudge = 0
        let some = (0..<min(16, assigned.count)).map { assigned[(nextNudged + $0) % assigned.count] }
        nextNudged += some.count
        _ = client.ask(.high, of: some, timeout: 0)
    }

    /// A record of the last `fetch`, by its number.
    package func record(_ index: Int) -> Record {
        precondition(index < heldCount, "no such record")
        return Record(held[index].message, topicIndex: held[index].topic)
    }

    /// Lets go of the records of the last `fetch`.
    package func release() {
        for index in 0..<heldCount { rd_kafka_message_destroy(held[index].message) }
        heldCount = 0
    }

    private func forgetWaiting() {
        for slot in waiting { rd_kafka_message_destroy(batch[slot]) }
        waiting = 0..<0
    }

    /// What has happened since the last call, apart from records.
    package func drainNotices() -> [KafkaNotice] {
        serveEvents()
        return client.drainNotices()
    }

    /// Partitions whose end was reached since the last call or `assign`, with the offset that comes next. It tells more than the last
    /// record: the end of a log may be a transaction's marker, which is never delivered.
    package func drainEnds() -> [(TopicPartition, offset: Int64)] {
        defer { ends.removeAll(keepingCapacity: true) }
        return ends.map { ($0.key, $0.value) }
    }

    /// nil: the topic does not exist. Real brokers are asked not to create it; the embedded broker creates every topic it is asked about.
    package func partitionCount(of topic: String, timeout milliseconds: Int32) throws(KafkaError) -> Int? {
        let object = try client.topicHandle(topic)
        defer { rd_kafka_topic_destroy(object) }
        do throws(KafkaError) {
            return try client.partitionCount(of: object, timeout: milliseconds)
        } catch {
            throw refusal ?? error
        }
    }

    /// Why there is no connection, if TLS or SASL is the cause.
    package var refusal: KafkaError? {
        serveEvents()
        return client.refusal
    }

    /// Of the cluster; nil if no broker has answered within `milliseconds`.
    package func clusterID(timeout milliseconds: Int32) -> ClusterID? { client.clusterID(timeout: milliseconds) }

    /// Tells the broker, for lag monitors, the next offset to be read of each partition. Does not wait; one commit is under way at a time,
    /// and of those made meanwhile only the last is sent. Failures become notices.
    package func commit(_ offsets: [(TopicPartition, offset: Int64)]) {
        nextCommit = offsets
        serveEvents()
    }

    /// Lets commits under way finish, leaves the cluster and frees everything. False: not done in time; the process should end, for
    /// librdkafka's threads may still run. Nothing may be called afterwards.
    @discardableResult
    package func close(timeout milliseconds: Int32) -> Bool {
        if isClosed { return true }
        let deadline = Deadline(in: milliseconds)
        let handle = client.handle
        release()
        forgetWaiting()
        serveEvents()
        // What librdkafka forwards while it closes goes to a queue of its own, so that no message reaches the events.
        let rest = rd_kafka_queue_new(handle)
        if let error = rd_kafka_consumer_close_queue(handle, rest) {
            rd_kafka_error_destroy(error)  // it had given up before: there is nothing to leave in good order
        } else {
            while rd_kafka_consumer_closed(handle) == 0, deadline.remaining > 0 {
                if let event = rd_kafka_queue_poll(rest, min(10, deadline.remaining)) { rd_kafka_event_destroy(event) }
            }
        }
        rd_kafka_queue_destroy(rest)
        releaseQueue()
        return client.destroy(within: deadline.remaining)
    }

    private func releaseQueue() {
        isClosed = true
        rd_kafka_queue_destroy(queue)
    }

    // MARK: Messages

    private func note(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        let code = KafkaError.Code(message.pointee.err)
        if code == .fatal { return client.noteFatal() }
        let place = message.pointee.rkt.map {
            TopicPartition(topic: String(cString: rd_kafka_topic_name($0)), partition: message.pointee.partition)
        }
        if let place, code == .partitionEnd {
            ends[place] = message.pointee.offset
            return
        }
        let kind: KafkaNotice.Kind = code == .offsetReset ? .offsetOutOfRange : place == nil ? .error : .partitionError
        client.add(
            KafkaNotice(
                kind: kind, severity: code.isRetriable ? .warning : .error, code: code, partition: place,
                offset: message.pointee.offset >= 0 ? message.pointee.offset : nil,
                text: rd_kafka_message_errstr(message).map { String(cString: $0) } ?? code.name))
    }

    private func reserveBatch(_ count: Int) {
        guard batch.count < count else { return }
        batch.deallocate()
        batch = .allocate(capacity: count)
        batch.initialize(repeating: nil)
        held.deallocate()
        held = .allocate(capacity: count)
    }

    // MARK: Events

    private func serveEvents() {
        while let event = client.nextEvent(within: 0) {
            guard case .commit(let error, _) = event else { continue }
            isCommitting = false
            if let error { noteCommit(error) }
        }
        guard !isCommitting, let offsets = nextCommit else { return }
        nextCommit = nil
        let status = withPartitionList(offsets) { rd_kafka_commit_queue(client.handle, $0, client.events, nil, nil) }
        isCommitting = status == RD_KAFKA_RESP_ERR_NO_ERROR
        if !isCommitting { noteCommit(KafkaError(status, attempt: "commit offsets")) }
    }

    private func noteCommit(_ error: KafkaError) {
        client.add(KafkaNotice(kind: .commitFailed, severity: .warning, code: error.code, text: error.description))
    }
}

/// Finds a message's topic by the address of librdkafka's object, so that no name is compared per message. An object lives at least
/// as long as its partitions are assigned; the index is made anew with every assignment.
private struct TopicIndex {
    private var known: [(object: OpaquePointer, position: Int)] = []

    mutating func position(of object: OpaquePointer?, among topics: [String]) -> Int? {
        guard let object else { return nil }
        for entry in known where entry.object == object { return entry.position }
        let name = String(cString: rd_kafka_topic_name(object))
        guard let position = topics.firstIndex(of: name) else { return nil }
        known.append((object, position))
        return position
    }
}
