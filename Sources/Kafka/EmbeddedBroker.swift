import CRdKafka

/// A Kafka broker inside this process, on 127.0.0.1: librdkafka's mock cluster. Any client can use it, other processes and kcat included.
///
/// It keeps 5 MiB or 100,000 batches of a partition, in memory, and drops what is older; it has no compaction, no retention, no admin
/// API, no encryption and no rights; transactions do nothing. Topics that nobody has made come into being, with 4 partitions, when somebody
/// asks about them.
///
/// `@unchecked Sendable`: its pointers never change, and librdkafka guards the mock cluster by a lock and a thread of its own.
package final class EmbeddedBroker: @unchecked Sendable {
    /// `127.0.0.1:` and the port.
    package let bootstrap: String

    let cluster: OpaquePointer
    /// How many brokers it consists of.
    let count: Int32
    private let host: OpaquePointer
    private let relay: PortRelay?

    /// - Parameters:
    ///   - port: where clients bootstrap; nil is any free one. librdkafka lets the system choose the mock's port, so a fixed one is relayed to it.
    ///   - topics: made at once, with their numbers of partitions.
    ///   - brokers: of how many it consists; a fixed port leads to the first.
    /// - Throws: when the port is in use, or a topic is not possible.
    package init(port: UInt16? = nil, topics: [(name: String, partitions: Int)] = [], brokers: Int = 1) throws(KafkaError) {
        count = Int32(clamping: max(1, brokers))
        let configuration = Configuration()
        configuration.silence()
        host = try configuration.start(RD_KAFKA_PRODUCER)
        guard let cluster = rd_kafka_mock_cluster_new(host, count) else {
            rd_kafka_destroy(host)
            throw KafkaError(.fail, attempt: "start the embedded broker", reason: "no port of 127.0.0.1 can be opened")
        }
        self.cluster = cluster
        let address = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        do throws(KafkaError) {
            for (name, partitions) in topics { try Self.create(name, partitions: partitions, in: cluster) }
            relay = if let port { try PortRelay(from: port, to: Self.port(of: address.split(separator: ",").first.map(String.init) ?? address)) } else { nil }
        } catch {
            rd_kafka_mock_cluster_destroy(cluster)
            rd_kafka_destroy(host)
            throw error
        }
        bootstrap = port.map { "127.0.0.1:\($0)" } ?? address
    }

    // From the outside inwards: the relay's connections lead to the cluster, and the cluster lives in the host.
    deinit {
        relay?.stop()
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(host)
    }

    private static func create(_ name: String, partitions: Int, in cluster: OpaquePointer) throws(KafkaError) {
        let attempt = "create the topic \"\(name)\" with \(partitions) partitions in the embedded broker"
        guard let count = Int32(exactly: partitions), count > 0 else {
            throw KafkaError(.invalidArgument, attempt: attempt, reason: "a topic has at least one partition")
        }
        let status = rd_kafka_mock_topic_create(cluster, name, count, 1)
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(status, attempt: attempt) }
    }

    private static func port(of address: String) throws(KafkaError) -> UInt16 {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw KafkaError(.fail, attempt: "start the embedded broker", reason: "it listens on \(address)")
        }
        return port
    }
}
