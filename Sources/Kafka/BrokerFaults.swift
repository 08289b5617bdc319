import CRdKafka

/// What can go wrong with a broker, made to happen in the embedded one. For drills and tests.
extension EmbeddedBroker {
    /// A kind of request, by its number in Kafka's protocol.
    package enum Request: Int16, Sendable, CaseIterable {
        case produce = 0, fetch = 1, listOffsets = 2, metadata = 3, offsetCommit = 8, offsetFetch = 9, findCoordinator = 10, joinGroup = 11, heartbeat = 12, leaveGroup = 13,
            syncGroup = 14, initProducerID = 22
    }

    /// Numbers of the brokers, from 1.
    package var brokers: ClosedRange<Int32> { 1...count }

    /// The next requests of this kind fail with these errors, one after the other, whoever sends them. What they asked for is not done.
    package func fail(_ request: Request, with errors: [KafkaError.Code]) {
        let codes = errors.map(\.raw)
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
    }

    /// Takes back what `fail` has not yet done.
    package func failNoMore(_ request: Request) { rd_kafka_mock_clear_request_errors(cluster, request.rawValue) }

    /// Cuts every connection to the broker and accepts none; nil: all brokers. Leaders and data stay.
    package func takeDown(_ broker: Int32? = nil) { rd_kafka_mock_broker_set_down(cluster, broker ?? -1) }
    package func bringUp(_ broker: Int32? = nil) { rd_kafka_mock_broker_set_up(cluster, broker ?? -1) }

    /// Every answer of the broker takes so much longer; nil: of all brokers.
    package func delay(_ broker: Int32? = nil, milliseconds: Int32) { rd_kafka_mock_broker_set_rtt(cluster, broker ?? -1, milliseconds) }

    /// The answers to the next `count` requests of this kind to the broker take so much longer, each; what the same connection asks afterwards waits behind them. nil: of
    /// each broker.
    package func delay(_ broker: Int32? = nil, next count: Int, _ request: Request, milliseconds: Int32) {
        for broker in broker.map({ $0...$0 }) ?? brokers { for _ in 0..<count { rd_kafka_mock_broker_delay_next(cluster, broker, request.rawValue, milliseconds) } }
    }

    /// Another broker leads the partition from now on; nil: none does.
    package func moveLeader(of target: TopicPartition, to broker: Int32?) { rd_kafka_mock_partition_set_leader(cluster, target.topic, target.partition, broker ?? -1) }

    /// Another broker coordinates the group from now on.
    package func moveCoordinator(of group: String, to broker: Int32) { rd_kafka_mock_coordinator_set(cluster, "group", group, broker) }
}
