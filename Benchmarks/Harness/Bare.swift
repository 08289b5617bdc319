import ArgumentParser
import CRdKafka
import Glibc

/// `bare`: a loop over librdkafka that reads every record and drops it: what no consumer on librdkafka can go below.
struct Bare: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "librdkafka alone: reads and drops.", shouldDisplay: false)

    @OptionGroup var connection: Connection
    @Option var topic: String
    @Option var partitions: Int32
    @Option var messages: Int
    /// Seconds after which it gives up.
    @Option var patience = 60.0

    func run() throws {
        let handle = try consumer()
        guard let queue = rd_kafka_queue_get_consumer(handle) else { throw Problem("librdkafka has no queue for its consumer") }
        let list = rd_kafka_topic_partition_list_new(partitions)
        for partition in 0..<partitions { rd_kafka_topic_partition_list_add(list, topic, partition).pointee.offset = 0 }
        let batch = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: Batches.size)
        batch.initialize(repeating: nil)

        let start = Meter.now
        guard rd_kafka_assign(handle, list) == RD_KAFKA_RESP_ERR_NO_ERROR else { throw Problem("\(topic) could not be assigned") }
        var count = 0, bytes = 0
        while count < messages {
            // One is waited for, the rest is what is there: a batch call would wait to fill its array.
            guard let first = rd_kafka_consumer_poll(handle, 100) else {
                guard monotonicSeconds() - start.at < patience else { throw Problem("bare: only \(count) of \(messages) records of \(topic) came within \(Int(patience)) s") }
                continue
            }
            drop(first, &count, &bytes)
            let more = rd_kafka_consume_batch_queue(queue, 0, batch.baseAddress, batch.count)
            for slot in batch.prefix(max(0, more)) { if let message = slot { drop(message, &count, &bytes) } }
        }
        try Say.answer(Outcome(messages: count, bytes: bytes, taken: Meter.now - start, peak: Residence.peak))
        // librdkafka may hang while it closes, and there is nothing to save.
        Say.leave()
    }

    private func drop(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ count: inout Int, _ bytes: inout Int) {
        if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            count += 1
            bytes += message.pointee.len
        }
        rd_kafka_message_destroy(message)
    }

    /// The settings of parwatch's own consumer.
    private func consumer() throws -> OpaquePointer {
        let size = 512
        let reason = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        reason.initialize(repeating: 0, count: size)
        defer { reason.deallocate() }
        let configuration = rd_kafka_conf_new()
        let properties = [
            ("bootstrap.servers", connection.brokers), ("client.id", "parwatch-bench-bare"), ("group.id", "parwatch-bench-bare"), ("message.max.bytes", "10551296"),
            ("fetch.message.max.bytes", "10551296"), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "error"),
            ("enable.partition.eof", "true"), ("allow.auto.create.topics", "false"), ("session.timeout.ms", "6000"), ("fetch.wait.max.ms", Connection.fetchWait), ("log_level", "3"),
        ]
        for (name, value) in properties {
            guard rd_kafka_conf_set(configuration, name, value, reason, size) == RD_KAFKA_CONF_OK else { throw Problem("bare: \(name): \(String(cString: reason))") }
        }
        guard let handle = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, reason, size) else { throw Problem("bare: \(String(cString: reason))") }
        return handle
    }
}
