import CRdKafka

/// What went wrong, where, whether trying again helps, and what to do.
package struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
    package let code: Code
    /// The client cannot go on and must be made anew (for an idempotent producer: order or uniqueness can no longer be promised).
    package let isFatal: Bool
    /// The same call may succeed later, unchanged.
    package let isRetriable: Bool
    /// What was being done, as a phrase: `read the partitions of par.status`.
    package let attempt: String
    /// What librdkafka or the broker said.
    package let reason: String

    /// `_TRANSPORT`, `NOT_LEADER_FOR_PARTITION`, …; a leading underscore marks librdkafka's own errors, the others are the broker's.
    package var name: String { code.name }

    /// One line: the attempt, the reason, the name, and a remedy where one is known.
    package var description: String {
        let line = "cannot \(attempt): \(reason) (\(name))"
        return code.remedy.map { "\(line); \($0)" } ?? line
    }

    init(_ code: Code, attempt: String, reason: String? = nil, isFatal: Bool = false, isRetriable: Bool = false) {
        self.code = code
        self.attempt = attempt
        self.reason = oneLine(reason ?? String(cString: rd_kafka_err2str(code.raw)))
        self.isFatal = isFatal || code == .fatal
        self.isRetriable = !self.isFatal && (isRetriable || code.isRetriable)
    }

    init(_ raw: rd_kafka_resp_err_t, attempt: String, reason: String? = nil) {
        self.init(Code(raw), attempt: attempt, reason: reason)
    }

    /// Takes ownership of librdkafka's `error`.
    init(consuming error: OpaquePointer, attempt: String) {
        defer { rd_kafka_error_destroy(error) }
        self.init(
            Code(rd_kafka_error_code(error)), attempt: attempt, reason: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0, isRetriable: rd_kafka_error_is_retriable(error) != 0)
    }
}

extension KafkaError {
    /// librdkafka's error number: negative for its own errors, positive for the Kafka protocol's.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        init(_ raw: rd_kafka_resp_err_t) { rawValue = raw.rawValue }

        var raw: rd_kafka_resp_err_t { rd_kafka_resp_err_t(rawValue) }
        package var name: String { String(cString: rd_kafka_err2name(raw)) }

        package static let transport = Code(RD_KAFKA_RESP_ERR__TRANSPORT)
        package static let timedOut = Code(RD_KAFKA_RESP_ERR__TIMED_OUT)
        package static let allBrokersDown = Code(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        package static let resolve = Code(RD_KAFKA_RESP_ERR__RESOLVE)
        package static let authentication = Code(RD_KAFKA_RESP_ERR__AUTHENTICATION)
        package static let encryption = Code(RD_KAFKA_RESP_ERR__SSL)
        package static let noLeader = Code(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
        package static let queueFull = Code(RD_KAFKA_RESP_ERR__QUEUE_FULL)
        package static let fatal = Code(RD_KAFKA_RESP_ERR__FATAL)
        package static let fail = Code(RD_KAFKA_RESP_ERR__FAIL)
        package static let invalidArgument = Code(RD_KAFKA_RESP_ERR__INVALID_ARG)
        /// The offset asked for does not exist, and no reset was allowed.
        package static let offsetReset = Code(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
        static let partitionEnd = Code(RD_KAFKA_RESP_ERR__PARTITION_EOF)
        package static let unknownPartition = Code(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
        package static let unknownTopic = Code(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        package static let unknownTopicLocally = Code(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        package static let messageTooLarge = Code(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        package static let topicExists = Code(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        package static let topicForbidden = Code(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        package static let groupForbidden = Code(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)

        var isRetriable: Bool { Self.retriable.contains(self) }

        /// As Kafka's own client sees them, and librdkafka's states that pass by themselves.
        private static let retriable: Set<Code> = [
            .transport, .timedOut, .allBrokersDown, .resolve, .queueFull,
            Code(RD_KAFKA_RESP_ERR__WAIT_COORD), Code(RD_KAFKA_RESP_ERR__WAIT_CACHE), Code(RD_KAFKA_RESP_ERR__RETRY),
            Code(RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE), Code(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE),
            Code(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION), Code(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT),
            Code(RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE),
            Code(RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION), Code(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS),
            Code(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_NOT_COORDINATOR),
            Code(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), Code(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND),
            Code(RD_KAFKA_RESP_ERR_NOT_CONTROLLER), Code(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR),
            Code(RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH), Code(RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH),
            Code(RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE),
        ]

        var remedy: String? {
            switch self {
            case .transport, .timedOut, .allBrokersDown:
                "is the broker running, and are the bootstrap address, port, firewall and security.protocol right?"
            case .noLeader: "no broker leads this partition: start the one that holds it"
            case .resolve: "check the host name in the bootstrap address"
            case .encryption:
                "check security.protocol, ssl.ca.location (who signed the broker's certificate), the host name in the bootstrap address, and ssl.certificate.location and ssl.key.location if the broker asks for a certificate"
            case .authentication: "check security.protocol and the sasl.* and ssl.* properties"
            case .queueFull: "records come faster than the broker takes them: is it running, and has it room?"
            case .unknownTopic, .unknownTopicLocally: "create the topic, or correct its name"
            case .unknownPartition: "the topic has fewer partitions, or is too new for this client to know it"
            case .messageTooLarge: "raise max.message.bytes of the topic and message.max.bytes here, or send less"
            case .offsetReset: "retention has taken this offset, or the topic was made anew: assign an offset between its watermarks"
            case .topicForbidden: "the broker's ACLs must allow this client to use the topic"
            case .groupForbidden: "the broker's ACLs must allow this client to use the consumer group"
            case .topicExists: "use it as it is, or delete it first"
            default: nil
            }
        }
    }
}

/// Text from librdkafka or the system without line breaks and padding.
func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
}

extension KafkaError {
    package static func noMemory(for attempt: String) -> KafkaError { KafkaError(.fail, attempt: attempt, reason: "there is no memory", isFatal: true) }

    package static func noSuchTopic(_ topic: String) -> KafkaError {
        KafkaError(.unknownTopic, attempt: "use \(topic)", reason: "the cluster has no such topic")
    }

    /// Nothing came for so long that whoever waits gives up.
    package static func noAnswer(to attempt: String) -> KafkaError { KafkaError(.timedOut, attempt: attempt) }
}

extension KafkaError {
    /// A partition has records that are not handed over, though it was read anew.
    package static func stuck(_ partition: TopicPartition) -> KafkaError {
        KafkaError(.fail, attempt: "read \(partition)", reason: "it has records, none comes, and reading it anew did not help; start again", isFatal: true)
    }
}
