import CRdKafka

/// What a cluster says of a topic.
package struct SurveyedTopic: Sendable, Equatable {
    package var partitions: Int
    /// Of the partition that has fewest.
    package var replicas: Int
    package var settings: Settings

    package enum Settings: Sendable, Equatable {
        /// By name, the cluster's defaults included.
        case known([String: String])
        /// Why they cannot be seen, in words.
        case unseen(String)
    }

    package init(partitions: Int, replicas: Int, settings: Settings) { (self.partitions, self.replicas, self.settings) = (partitions, replicas, settings) }
}

extension Admin {
    /// Those of the topics that exist and may be seen, by name. All are listed, rather than each asked about: asking can make brokers create a topic.
    package func survey(_ names: [String], timeout milliseconds: Int32) throws(KafkaError) -> [String: SurveyedTopic] {
        var topics = try listed(names, timeout: milliseconds)
        if topics.isEmpty { return topics }
        guard client.clusterID(timeout: milliseconds)?.isEmbedded != true else { return topics }
        do throws(KafkaError) {
            for (name, settings) in try settings(of: topics.keys.sorted(), timeout: milliseconds) { topics[name]?.settings = settings }
        } catch {
            // An old broker, or one that does not let everybody see: what is listed stands all the same.
            for name in topics.keys { topics[name]?.settings = .unseen("\(error)") }
        }
        return topics
    }

    private func listed(_ names: [String], timeout milliseconds: Int32) throws(KafkaError) -> [String: SurveyedTopic] {
        let metadata = try allMetadata(timeout: milliseconds)
        defer { rd_kafka_metadata_destroy(metadata) }
        var found: [String: SurveyedTopic] = [:]
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt)) {
            let name = String(cString: topic.topic)
            guard names.contains(name), topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART else { continue }
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(topic.err, attempt: "read the partitions of \(name)") }
            let partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
            found[name] = SurveyedTopic(
                partitions: partitions.count, replicas: partitions.map { Int($0.replica_cnt) }.min() ?? 0, settings: .unseen("the embedded broker has none"))
        }
        return found
    }

    /// The caller gives it back. Until there is a connection it is asked in short pieces, so that a refusal is heard at once.
    private func allMetadata(timeout milliseconds: Int32) throws(KafkaError) -> UnsafePointer<rd_kafka_metadata> {
        let deadline = Deadline(in: milliseconds)
        var patience: Int32 = 300
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let status = rd_kafka_metadata(client.handle, 1, nil, &metadata, patience)
            if status == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata { return metadata }
            while client.nextEvent(within: 0) != nil {}
            if let refusal = client.refusal { throw refusal }
            let left = deadline.remaining
            guard left > 0, status == RD_KAFKA_RESP_ERR__TRANSPORT || status == RD_KAFKA_RESP_ERR__TIMED_OUT else {
                throw KafkaError(status, attempt: "list the cluster's topics")
            }
            // An answer over a slow connection takes the time that it takes.
            if status == RD_KAFKA_RESP_ERR__TIMED_OUT { patience = left }
        }
    }

    private func settings(of names: [String], timeout milliseconds: Int32) throws(KafkaError) -> [String: SurveyedTopic.Settings] {
        var requests = names.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { for request in requests { rd_kafka_ConfigResource_destroy(request) } }
        return try ask("read the topics' settings", timeout: milliseconds) { handle, options, queue in
            rd_kafka_DescribeConfigs(handle, &requests, requests.count, options, queue)
        } answer: { event in
            var count = 0, found: [String: SurveyedTopic.Settings] = [:]
            let resources = rd_kafka_event_DescribeConfigs_result(event).flatMap { rd_kafka_DescribeConfigs_result_resources($0, &count) }
            for resource in UnsafeBufferPointer(start: resources, count: count) {
                guard let resource else { continue }
                let name = String(cString: rd_kafka_ConfigResource_name(resource)), status = rd_kafka_ConfigResource_error(resource)
                found[name] = status == RD_KAFKA_RESP_ERR_NO_ERROR ? .known(Self.entries(of: resource)) : .unseen(String(cString: rd_kafka_err2str(status)))
            }
            return found
        }
    }

    private static func entries(of resource: OpaquePointer) -> [String: String] {
        var count = 0, found: [String: String] = [:]
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        for entry in UnsafeBufferPointer(start: entries, count: count) {
            guard let entry, let value = rd_kafka_ConfigEntry_value(entry) else { continue }
            found[String(cString: rd_kafka_ConfigEntry_name(entry))] = String(cString: value)
        }
        return found
    }
}
