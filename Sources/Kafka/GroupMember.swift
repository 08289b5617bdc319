import CRdKafka

/// Membership of a consumer group, of which at most one member at a time holds the first partition of a topic. That is all it is for: the
/// records of that topic are not read here. Not `Sendable`: the thread that first uses it owns it (asserted).
///
/// Every member commits an offset every half a second. The coordinator acknowledges that only to a member of its present generation, so an
/// acknowledgement proves that at the instant of the request the generation lasted: who held the partition in it held it still.
package final class GroupMember {
    /// The holder that stays silent for so long loses the partition, in milliseconds.
    package let sessionTimeout: Int32
    /// Whether this member holds the partition, as far as it knows.
    package private(set) var isHolder = false
    /// How many generations of the group it has seen: tells one from the next.
    package private(set) var generation = 0
    /// When the last request was sent that was acknowledged in this generation, by the caller's clock; nil while none was.
    package private(set) var provenAt: Double?

    private var client: Client
    private var queue: OpaquePointer
    private let settings: KafkaSettings
    private let group: String
    /// After so many seconds in which nothing came from the group it is asked by another client.
    private let patience: Double
    private var servedAt = -Double.infinity
    private var heardAt = 0.0 { didSet { waits = 1 } }
    /// How many times as long the next client waits; in a long outage there is no point in one every half a minute.
    private var waits = 1.0
    private let target: TopicPartition
    private var isSubscribed = false
    private var isClosed = false
    /// The commits that are under way, by number.
    private var asked: [Int: (at: Double, generation: Int)] = [:]
    private var number = 0
    /// Between the start of a generation and the next rebalance.
    private var isSettled = false
    private var askedAt = -Double.infinity

    /// What a broker accepts as the shortest session unless it is told otherwise (`group.min.session.timeout.ms`).
    private static let leastSession: Int32 = 6_000
    /// The embedded broker waits for a whole session, but for a second, whenever a member comes or goes. It keeps the first member waiting for 3 s, and
    /// throws it out if its session ends meanwhile.
    private static let embeddedSession: Int32 = 4_000
    private static let secondsBetweenProofs = 0.5
    /// Several times as long as a group takes to come together.
    private static let sessionsOfPatience = 5.0
    private static let mostWaits = 16.0
    private static let mostUnderWay = 20

    /// `isEmbedded`: the cluster is the embedded broker. Throws if a property is unknown or has a wrong value; no broker is asked yet.
    package convenience init(settings: KafkaSettings, group: String, topic: String, isEmbedded: Bool) throws(KafkaError) {
        try self.init(settings: settings, group: group, topic: topic, isEmbedded: isEmbedded, patience: nil)
    }

    init(settings: KafkaSettings, group: String, topic: String, isEmbedded: Bool, patience: Double?) throws(KafkaError) {
        let given = settings.properties.last { $0.name == "session.timeout.ms" }.flatMap { Int32($0.value) }
        sessionTimeout = given ?? (isEmbedded ? Self.embeddedSession : Self.leastSession)
        target = TopicPartition(topic: topic, partition: 0)
        var settings = settings
        // A thread that hangs must lose the partition as a process that ended does.
        settings.properties += [
            ("session.timeout.ms", "\(sessionTimeout)"), ("max.poll.interval.ms", "\(sessionTimeout)"), ("heartbeat.interval.ms", "\(min(500, sessionTimeout / 5))"),
            // What orders a producer's writes must not make heartbeats wait in line.
            ("max.in.flight.requests.per.connection", "1000"),
        ]
        self.settings = settings
        self.group = group
        self.patience = patience ?? max(30, Double(sessionTimeout) / 1_000 * Self.sessionsOfPatience)
        client = try Self.client(settings, group)
        queue = client.consumerQueue()
    }

    private static func client(_ settings: KafkaSettings, _ group: String) throws(KafkaError) -> Client {
        try Client(
            RD_KAFKA_CONSUMER, settings,
            defaults: [
                ("group.id", group), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "latest"),
                ("partition.assignment.strategy", "range"), ("allow.auto.create.topics", "false"), ("fetch.wait.max.ms", "500"),
            ],
            events: RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_REBALANCE)
    }

    deinit { if !isClosed { rd_kafka_queue_destroy(queue) } }

    /// Asks for membership, or gives it up. Does not wait.
    package func take(part: Bool) throws(KafkaError) {
        guard part != isSubscribed else { return }
        try subscribe(part)
        isSubscribed = part
        servedAt = -.infinity
    }

    private func subscribe(_ part: Bool) throws(KafkaError) {
        let status = part
            ? withPartitionList([(TopicPartition(topic: target.topic, partition: -1), offset: 0)]) { rd_kafka_subscribe(client.handle, $0) }
            : rd_kafka_unsubscribe(client.handle)
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(status, attempt: part ? "join the group of \(target.topic)" : "leave the group of \(target.topic)") }
    }

    /// librdkafka (2.0.2) may look for the group's coordinator for ever where it was, if that broker has another address now: a client that begins anew finds it.
    private func renew(_ now: Double) {
        let next = min(waits * 2, Self.mostWaits), silence = Int(patience * waits)
        heardAt = now
        waits = next
        do throws(KafkaError) {
            let new = try Self.client(settings, group)
            rd_kafka_queue_destroy(queue)
            _ = client.destroy(within: 0)
            (client, queue) = (new, new.consumerQueue())
            (isHolder, isSettled, provenAt, asked) = (false, false, nil, [:])
            try subscribe(true)
            client.add(KafkaNotice(kind: .error, severity: .warning, code: nil, text: "the group \(group), which says who leads, has not answered for \(silence) s: asking it as a new member"))
        } catch {
            client.add(KafkaNotice(kind: .error, severity: .error, code: error.code, text: "the group \(group), which says who leads, has not answered for \(silence) s, and cannot be asked anew: \(error)"))
        }
    }

    /// Hears what has happened, and asks for the next proof. To be called several times a second: silence gives the partition up. `now` in seconds.
    package func serve(_ now: Double) {
        // Who was stopped for a while has not been waiting.
        if now - servedAt > patience / 2 { heardAt = now }
        servedAt = now
        if hearGroup() { heardAt = now }
        while let event = client.nextEvent(within: 0) {
            guard case .commit(let error, let number) = event, let request = asked.removeValue(forKey: number) else { continue }
            if error == nil, isSettled, request.generation == generation {
                provenAt = max(provenAt ?? request.at, request.at)
                heardAt = now
            }
        }
        if isSubscribed, now - heardAt > patience * waits { return renew(now) }
        // Where answers take long, several are under way, so that one comes as often as ever.
        guard isSettled, asked.count < Self.mostUnderWay, now - askedAt >= Self.secondsBetweenProofs else { return }
        // The offset means nothing; that it is taken does.
        number += 1
        let status = withPartitionList([(target, offset: 0)]) { rd_kafka_commit_queue(client.handle, $0, client.events, nil, UnsafeMutableRawPointer(bitPattern: number)) }
        askedAt = now
        if status == RD_KAFKA_RESP_ERR_NO_ERROR { asked[number] = (now, generation) }
    }

    package func drainNotices() -> [KafkaNotice] { client.drainNotices() }

    /// Leaves the group, so that another may hold the partition at once. False: not done in time.
    @discardableResult
    package func close(timeout milliseconds: Int32) -> Bool {
        guard !isClosed else { return true }
        let deadline = Deadline(in: milliseconds)
        let rest = rd_kafka_queue_new(client.handle)
        if let error = rd_kafka_consumer_close_queue(client.handle, rest) {
            rd_kafka_error_destroy(error)
        } else {
            while rd_kafka_consumer_closed(client.handle) == 0, deadline.remaining > 0 {
                guard let event = rd_kafka_queue_poll(rest, min(10, deadline.remaining)) else { continue }
                // Unanswered, it would hold up the close.
                if rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE { answer(event) }
                rd_kafka_event_destroy(event)
            }
        }
        rd_kafka_queue_destroy(rest)
        isHolder = false
        isClosed = true
        rd_kafka_queue_destroy(queue)
        return client.destroy(within: deadline.remaining)
    }

    /// Returns whether the group has come together, or apart.
    private func hearGroup() -> Bool {
        var isHeard = false
        while let event = rd_kafka_queue_poll(queue, 0) {
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_REBALANCE:
                answer(event)
                isHeard = true
            // Such as: not polled for longer than the session.
            case RD_KAFKA_EVENT_ERROR:
                let code = KafkaError.Code(rd_kafka_event_error(event))
                if code != .offsetReset, code != .partitionEnd {
                    client.add(KafkaNotice(kind: .error, severity: .warning, code: code, text: String(cString: rd_kafka_event_error_string(event))))
                }
            default: break
            }
            rd_kafka_event_destroy(event)
        }
        return isHeard
    }

    private func answer(_ event: OpaquePointer) {
        provenAt = nil
        isSettled = false
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, let list = rd_kafka_event_topic_partition_list(event) else {
            isHolder = false
            rd_kafka_assign(client.handle, nil)
            return
        }
        isHolder = rd_kafka_topic_partition_list_find(list, target.topic, target.partition) != nil
        isSettled = true
        generation += 1
        asked = [:]
        askedAt = -.infinity
        // What the topic holds is read elsewhere.
        for index in 0..<Int(list.pointee.cnt) { list.pointee.elems[index].offset = Int64(RD_KAFKA_OFFSET_END) }
        rd_kafka_assign(client.handle, list)
    }
}
