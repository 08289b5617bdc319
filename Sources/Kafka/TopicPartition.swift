import CRdKafka

package struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic) [\(partition)]" }
}

/// librdkafka's list of partitions with offsets, for the length of `body`.
func withPartitionList<R>(
    _ entries: [(TopicPartition, offset: Int64)], _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> R
) -> R {
    guard let list = rd_kafka_topic_partition_list_new(Int32(entries.count)) else {
        preconditionFailure("librdkafka ends the process itself when memory is exhausted")
    }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for (target, offset) in entries {
        rd_kafka_topic_partition_list_add(list, target.topic, target.partition).pointee.offset = offset
    }
    return body(list)
}
