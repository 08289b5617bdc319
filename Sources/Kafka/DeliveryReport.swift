import CRdKafka

/// What became of one record: written (`error` nil), or not.
package struct DeliveryReport: Sendable {
    /// As given to `produce`.
    package let token: UInt64
    package let topic: String
    package let partition: Int32
    /// Where it was written; nil if it was not, or if nobody knows.
    package let offset: Int64?
    package let error: KafkaError?

    static func all(in event: OpaquePointer) -> [DeliveryReport] {
        var reports: [DeliveryReport] = []
        reports.reserveCapacity(rd_kafka_event_message_count(event))
        while let message = rd_kafka_event_message_next(event) { reports.append(DeliveryReport(message.pointee)) }
        return reports
    }

    private init(_ message: rd_kafka_message_t) {
        token = UInt64(UInt(bitPattern: message._private))
        topic = String(cString: rd_kafka_topic_name(message.rkt))
        partition = message.partition
        offset = message.offset >= 0 ? message.offset : nil
        let isWritten = message.err == RD_KAFKA_RESP_ERR_NO_ERROR
        error = isWritten ? nil : KafkaError(message.err, attempt: "write to \(topic) [\(partition)]")
    }
}
