import CRdKafka
import Glibc

/// A librdkafka handle: what consumers, producers and the admin have in common.
///
/// librdkafka's errors, log lines, delivery reports and commit results all arrive as events on one queue that the owner polls. So nothing
/// here is called back from a foreign thread, except `BrokerContact`, which is made for it.
///
/// librdkafka itself allows calls from any thread, but not those we need at the same time (2.0.2 loses messages of a batch when another call
/// moves the consumer), so one thread owns a client, from its first use to its last; every use asserts it.
final class Client {
    private let pointer: OpaquePointer
    /// librdkafka's main queue.
    let events: OpaquePointer
    private let contact: BrokerContact
    private var contactsWhenDown: Int?
    private var notices = NoticeBuffer()
    private let secrets: Secrets
    private var owner: pthread_t?
    private var isClosed = false
    /// Set once librdkafka has given up on this client.
    private(set) var fatal: KafkaError?
    /// Why the last connection failed, if TLS or SASL was the cause, and how many answers there had been by then.
    private var refused: (error: KafkaError, contacts: Int)?

    init(
        _ type: rd_kafka_type_t, _ settings: KafkaSettings, defaults: [(name: String, value: String)] = [], events mask: Int32 = 0
    ) throws(KafkaError) {
        let configuration = try Configuration.build(
            settings, defaults: defaults, events: mask | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
        secrets = Secrets(settings)
        contact = BrokerContact()
        contact.attach(to: configuration)
        do throws(KafkaError) {
            pointer = try configuration.start(type, hiding: secrets)
        } catch {
            contact.detach()
            throw error
        }
        events = rd_kafka_queue_get_main(pointer)
        rd_kafka_set_log_queue(pointer, nil)
    }

    // The queue goes before the handle it belongs to: librdkafka waits for every reference to it.
    deinit { _ = destroy(within: Self.patience) }

    /// The handle, for the owning thread only.
    var handle: OpaquePointer {
        assertOwner()
        return pointer
    }

    /// Where a consumer's messages come; the caller gives it back before this client ends. Making a consumer is not yet using it.
    func consumerQueue() -> OpaquePointer { rd_kafka_queue_get_consumer(pointer) }

    private func assertOwner() {
        let caller = pthread_self()
        precondition(owner ?? caller == caller, "a Kafka client is used by two threads")
        precondition(!isClosed, "a Kafka client is used after it was closed")
        owner = caller
    }

    // MARK: Events

    enum Event {
        case deliveries([DeliveryReport])
        /// `token`: as it was given with the commit.
        case commit(KafkaError?, token: Int)
        /// Kept as a notice.
        case noted
    }

    /// The next event, or nil when none has come within `milliseconds`.
    func nextEvent(within milliseconds: Int32) -> Event? {
        assertOwner()
        defer { noteReturnOfBrokers() }
        guard let event = rd_kafka_queue_poll(events, milliseconds) else { return nil }
        defer { rd_kafka_event_destroy(event) }
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_DR:
            return .deliveries(DeliveryReport.all(in: event))
        case RD_KAFKA_EVENT_OFFSET_COMMIT:
            let code = rd_kafka_event_error(event)
            let token = Int(bitPattern: rd_kafka_event_opaque(event))
            return .commit(code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, attempt: "commit offsets"), token: token)
        case RD_KAFKA_EVENT_ERROR:
            note(errorEvent: event)
        case RD_KAFKA_EVENT_LOG:
            note(logEvent: event)
        default:
            break
        }
        return .noted
    }

    func add(_ notice: KafkaNotice) {
        var notice = notice
        notice.text = secrets.hidden(in: notice.text)
        notices.add(notice)
    }

    func drainNotices() -> [KafkaNotice] { notices.drain() }

    /// Asks librdkafka why it has given up, and keeps it.
    func noteFatal() {
        let (code, reason) = withReason { (rd_kafka_fatal_error(pointer, $0, $1), String(cString: $0)) }
        let error = KafkaError(KafkaError.Code(code), attempt: "go on with this Kafka client", reason: reason, isFatal: true)
        fatal = fatal ?? error
        add(KafkaNotice(kind: .error, severity: .fatal, code: error.code, text: error.reason))
    }

    private func note(errorEvent event: OpaquePointer) {
        let code = KafkaError.Code(rd_kafka_event_error(event))
        let text = String(cString: rd_kafka_event_error_string(event))
        noteRefusal(code, text)
        if rd_kafka_event_error_is_fatal(event) != 0 {
            noteFatal()
        } else if code == .allBrokersDown {
            contactsWhenDown = contact.count
            add(KafkaNotice(kind: .allBrokersDown, severity: .error, code: code, text: text))
        } else {
            add(KafkaNotice(kind: .error, severity: .warning, code: code, text: text))
        }
    }

    /// Why there is no connection, if TLS or SASL is the cause: librdkafka's calls themselves say only that time has run out. Known once events have been served.
    var refusal: KafkaError? { refused.flatMap { $0.contacts == contact.count ? $0.error : nil } }

    private func noteRefusal(_ code: KafkaError.Code, _ text: String) {
        switch code {
        case .encryption, .authentication: break
        // A broker that does not take our certificate ends the connection after the handshake (TLS 1.3), and so does one that expects TLS: by then it is a broken connection.
        case .transport where text.contains("SSL") || text.hasPrefix("ssl://") && !text.contains("Connect to "): break
        case .transport, .resolve: return refused = nil
        default: return
        }
        let reason = NoticeBuffer.withoutTiming(secrets.hidden(in: text))
        refused = (KafkaError(code == .transport ? .encryption : code, attempt: "talk to the broker", reason: reason), contact.count)
    }

    private func note(logEvent event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?, line: UnsafePointer<CChar>?
        var level: Int32 = 0
        guard rd_kafka_event_log(event, &facility, &line, &level) == 0, let facility, let line else { return }
        var text = Substring(String(cString: line))
        // Which of librdkafka's threads says it helps nobody.
        if text.hasPrefix("[thrd:"), let end = text.firstRange(of: "]: ") { text = text[end.upperBound...] }
        // No news: settings are shared, so a producer ignores the consumer's and the other way round; and only the embedded broker is so old
        // as not to know that it may not create topics.
        if String(cString: facility) == "CONFWARN", text.contains("will be ignored by this") { return }
        // Of connections the error event says the same.
        if String(cString: facility) == "FAIL" || text.contains("brokers are down") || text.contains("Connect to ") { return }
        if text.contains("allow.auto.create.topics=false not supported") { return }
        // syslog's levels: 3 error, 4 warning, 5 and above for information.
        add(KafkaNotice(kind: .log, severity: level <= 3 ? .error : level == 4 ? .warning : .info, text: String(text)))
    }

    private func noteReturnOfBrokers() {
        guard let count = contactsWhenDown, contact.count > count else { return }
        contactsWhenDown = nil
        add(KafkaNotice(kind: .brokersUp, severity: .info, text: "a broker answers again"))
    }

    // MARK: Topics

    /// librdkafka's object for a topic; the caller destroys it.
    func topicHandle(_ topic: String) throws(KafkaError) -> OpaquePointer {
        guard let object = rd_kafka_topic_new(handle, topic, nil) else {
            throw KafkaError(rd_kafka_last_error(), attempt: "use the topic \"\(topic)\"")
        }
        return object
    }

    /// How many partitions the topic has; nil if it does not exist.
    func partitionCount(of object: OpaquePointer, timeout milliseconds: Int32) throws(KafkaError) -> Int? {
        let attempt = "read the partitions of \(String(cString: rd_kafka_topic_name(object)))"
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let status = rd_kafka_metadata(handle, 0, object, &metadata, milliseconds)
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(status, attempt: attempt) }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt > 0, let topic = metadata.pointee.topics?.pointee else { return nil }
        switch topic.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return Int(topic.partition_cnt)
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return nil
        default: throw KafkaError(topic.err, attempt: attempt)
        }
    }

    /// Nil if no broker has said it within `milliseconds`.
    func clusterID(timeout milliseconds: Int32) -> ClusterID? {
        guard let id = rd_kafka_clusterid(handle, milliseconds) else { return nil }
        defer { rd_kafka_mem_free(handle, id) }
        return ClusterID(String(cString: id))
    }

    // MARK: End

    /// How long `deinit` waits, in milliseconds.
    static let patience: Int32 = 5_000

    /// Destroys the handle. librdkafka may hang here (mended only in later versions), so another thread does it. False: it was not done in
    /// time; that thread and the handle's are left behind, and the process should end.
    func destroy(within milliseconds: Int32) -> Bool {
        if isClosed { return true }
        isClosed = true
        rd_kafka_queue_destroy(events)
        // A pointer cannot cross to another thread, a number can: this is the last that anybody does with it.
        let bits = UInt(bitPattern: pointer)
        let contact = contact
        let thread = BackgroundThread {
            rd_kafka_destroy_flags(OpaquePointer(bitPattern: bits), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            contact.detach()
        }
        return thread?.join(within: milliseconds) ?? false
    }
}
