import CRdKafka
import Synchronization

/// Counts the answers of brokers, on librdkafka's threads: the only sign of a broker's return that librdkafka gives.
final class BrokerContact: Sendable {
    private let answers = Atomic<Int>(0)

    var count: Int { answers.load(ordering: .relaxed) }

    /// Keeps itself alive for librdkafka's threads until `detach`.
    func attach(to configuration: borrowing Configuration) {
        rd_kafka_conf_interceptor_add_on_new(configuration.pointer, "contact", { client, _, contact, _, _ in
            rd_kafka_interceptor_add_on_response_received(
                client, "contact",
                { _, _, _, _, _, _, _, _, _, status, contact in
                    if status == RD_KAFKA_RESP_ERR_NO_ERROR, let contact {
                        Unmanaged<BrokerContact>.fromOpaque(contact).takeUnretainedValue().answers.add(1, ordering: .relaxed)
                    }
                    return RD_KAFKA_RESP_ERR_NO_ERROR
                }, contact)
        }, Unmanaged.passRetained(self).toOpaque())
    }

    /// librdkafka's threads have ended.
    func detach() { Unmanaged.passUnretained(self).release() }
}
