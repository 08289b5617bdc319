import CRdKafka

/// Looks at a cluster's topics, makes and deletes them on a real one (the embedded broker cannot). The daemon never does: it is for `parwatch topics`, tests and
/// verification.
package final class Admin {
    package struct NewTopic: Sendable {
        package var name: String
        package var partitions: Int32
        /// -1: the cluster's default.
        package var replicationFactor: Int32
        /// The topic's own settings, such as `cleanup.policy` = `compact`.
        package var config: [(name: String, value: String)]

        package init(
            name: String, partitions: Int32, replicationFactor: Int32 = -1, config: [(name: String, value: String)] = []
        ) {
            self.name = name
            self.partitions = partitions
            self.replicationFactor = replicationFactor
            self.config = config
        }
    }

    let client: Client

    package init(settings: KafkaSettings) throws(KafkaError) {
        client = try Client(RD_KAFKA_PRODUCER, settings)
    }

    /// Returns when every topic is made; throws the first topic's error otherwise (`.topicExists` among them).
    package func createTopics(_ topics: [NewTopic], timeout milliseconds: Int32) throws(KafkaError) {
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics { requests.append(try Self.request(for: topic)) }
        try ask("create topics", timeout: milliseconds) { handle, options, queue in
            rd_kafka_CreateTopics(handle, &requests, requests.count, options, queue)
        } answer: { (event) throws(KafkaError) in
            var count = 0
            try Self.check("create", rd_kafka_event_CreateTopics_result(event).flatMap { rd_kafka_CreateTopics_result_topics($0, &count) }, count)
        }
    }

    /// Returns when every topic is marked for deletion; throws the first topic's error otherwise.
    package func deleteTopics(_ names: [String], timeout milliseconds: Int32) throws(KafkaError) {
        var requests = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for request in requests { rd_kafka_DeleteTopic_destroy(request) } }
        try ask("delete topics", timeout: milliseconds) { handle, options, queue in
            rd_kafka_DeleteTopics(handle, &requests, requests.count, options, queue)
        } answer: { (event) throws(KafkaError) in
            var count = 0
            try Self.check("delete", rd_kafka_event_DeleteTopics_result(event).flatMap { rd_kafka_DeleteTopics_result_topics($0, &count) }, count)
        }
    }

    private static func request(for topic: NewTopic) throws(KafkaError) -> OpaquePointer {
        let request = try withReason { (text, size) throws(KafkaError) in
            guard let request = rd_kafka_NewTopic_new(topic.name, topic.partitions, topic.replicationFactor, text, size) else {
                throw KafkaError(.invalidArgument, attempt: "create the topic \(topic.name)", reason: String(cString: text))
            }
            return request
        }
        for (name, value) in topic.config { _ = rd_kafka_NewTopic_set_config(request, name, value) }
        return request
    }

    /// Throws the first topic's error.
    private static func check(_ verb: String, _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int) throws(KafkaError) {
        for topic in UnsafeBufferPointer(start: results, count: count) where rd_kafka_topic_result_error(topic) != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(
                rd_kafka_topic_result_error(topic), attempt: "\(verb) the topic \(String(cString: rd_kafka_topic_result_name(topic)))",
                reason: rd_kafka_topic_result_error_string(topic).map { String(cString: $0) })
        }
    }

    /// Starts a request and waits for its answer, which is valid within `answer` alone.
    func ask<Answer>(
        _ attempt: String, timeout milliseconds: Int32,
        _ start: (_ handle: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
        answer: (_ event: OpaquePointer) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        let handle = client.handle
        let queue = rd_kafka_queue_new(handle)
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_ANY)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try withReason { (text, size) throws(KafkaError) in
            // How long to look for the controller. How long the broker may work belongs to some requests only: the others refuse it.
            let status = rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, text, size)
            guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(status, attempt: attempt, reason: String(cString: text)) }
            _ = rd_kafka_AdminOptions_set_operation_timeout(options, milliseconds, text, size)
        }
        start(handle, options, queue)
        guard let event = rd_kafka_queue_poll(queue, milliseconds) else { throw KafkaError(.timedOut, attempt: attempt) }
        defer { rd_kafka_event_destroy(event) }
        let status = rd_kafka_event_error(event)
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(status, attempt: attempt, reason: String(cString: rd_kafka_event_error_string(event)))
        }
        return try answer(event)
    }
}
