import CRdKafka
import Glibc

/// One message, in librdkafka's own memory: it and all its pointers are valid until its consumer lets go of it, after the `body` of `Consumer.poll` or with the next
/// `fetch`, `poll` or `release`.
package struct Record: ~Copyable {
    private let message: UnsafeMutablePointer<rd_kafka_message_t>
    /// Position of the topic in `Consumer.topics`.
    package let topicIndex: Int

    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topicIndex: Int) {
        self.message = message
        self.topicIndex = topicIndex
    }

    /// A new string at each call; `topicIndex` costs nothing.
    package var topic: String { String(cString: rd_kafka_topic_name(message.pointee.rkt)) }
    package var partition: Int32 { message.pointee.partition }
    package var offset: Int64 { message.pointee.offset }

    /// Milliseconds since 1970 UTC, by the producer's or the broker's clock, as the topic is configured; nil if there is none.
    package var timestampMilliseconds: Int64? {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &type)
        return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || timestamp < 0 ? nil : timestamp
    }

    package var key: UnsafeRawBufferPointer? { buffer(message.pointee.key, message.pointee.key_len) }

    /// nil is a tombstone, which is not the same as an empty value.
    package var value: UnsafeRawBufferPointer? { buffer(message.pointee.payload, message.pointee.len) }

    /// librdkafka parses them, once; where there are none 2.0.2 takes and gives back a little memory to see it.
    package var hasHeaders: Bool { headers != nil }

    /// Headers in their order; names may repeat. A name is UTF-8 by convention only; a nil value differs from an empty one.
    package func forEachHeader(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
        guard let headers else { return }
        var name: UnsafePointer<CChar>?, value: UnsafeRawPointer?
        var index = 0, size = 0
        while rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            if let name { body(UnsafeRawBufferPointer(start: name, count: strlen(name)), buffer(value, size)) }
            index += 1
        }
    }

    /// nil also if the headers cannot be parsed.
    var headers: OpaquePointer? {
        var headers: OpaquePointer?
        let status = rd_kafka_message_headers(message, &headers)
        return status == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : nil
    }

    private func buffer(_ start: UnsafeRawPointer?, _ count: Int) -> UnsafeRawBufferPointer? {
        start.map { UnsafeRawBufferPointer(start: $0, count: count) }
    }
}
