import CRdKafka

/// Makes and deletes topics on a real cluster (the embedded broker cannot). For tests and verification: the daemon never does.
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

    private let client: Client

    package init(settings: KafkaSettings) throws(KafkaError) {
        client = try Client(RD_KAFKA_PRODUCER, settings)
    }

    /// Returns when every topic is made; throws the first topic's error otherwise (`.topicExists` among them).
    package func createTopics(_ topics: [NewTopic], timeout milliseconds: Int32) throws(KafkaError) {
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics { requests.append(try Self.request(for: topic)) }
        try perform("create", timeout: milliseconds) { handle, options, queue in
            rd_kafka_CreateTopics(handle, &requests, requests.count, options, queue)
        } results: { event, count in
            rd_kafka_event_CreateTopics_result(event).flatMap { rd_kafka_CreateTopics_result_topics($0, &count) }
        }
    }

    /// Returns when every topic is marked for deletion; throws the first topic's error otherwise.
    package func deleteTopics(_ names: [String], timeout milliseconds: Int32) throws(KafkaError) {
        var requests = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { for request in requests { rd_kafka_DeleteTopic_destroy(request) } }
        try perform("delete", timeout: milliseconds) { handle, options, queue in
            rd_kafka_DeleteTopics(handle, &requests, requests.count, options, queue)
        } results: { event, count in
            rd_kafka_event_DeleteTopics_result(event).flatMap { rd_kafka_DeleteTopics_result_topics($0, &count) }
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

    private func perform(
        _ verb: String, timeout milliseconds: Int32,
        _ start: (_ handle: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
        results: (_ event: OpaquePointer, _ count: inout Int) -> UnsafeMutablePointer<OpaquePointer?>?
    ) throws(KafkaError) {
        let handle = client.handle
        let queue = rd_kafka_queue_new(handle)
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_ANY)
        defer { rd_kafka_AdminOptions_destroy(options) }
        try withReason { (text, size) throws(KafkaError) in
            // Both how long to look for the controller and how long the broker may work.
            let status = rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, text, size)
            guard status == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(status, attempt: "\(verb) topics", reason: String(cString: text))
            }
            _ = rd_kafka_AdminOptions_set_operation_timeout(options, milliseconds, text, size)
        }
        start(handle, options, queue)
        guard let event = rd_kafka_queue_poll(queue, milliseconds) else {
            throw KafkaError(.timedOut, attempt: "\(verb) topics")
        }
        defer { rd_kafka_event_destroy(event) }
        let status = rd_kafka_event_error(event)
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(status, attempt: "\(verb) topics", reason: String(cString: rd_kafka_event_error_string(event)))
        }
        var count = 0
        let topics = UnsafeBufferPointer(start: results(event, &count), count: count)
        for topic in topics where rd_kafka_topic_result_error(topic) != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(
                rd_kafka_topic_result_error(topic), attempt: "\(verb) the topic \(String(cString: rd_kafka_topic_result_name(topic)))",
                reason: rd_kafka_topic_result_error_string(topic).map { String(cString: $0) })
        }
    }
}
