import CRdKafka
import Testing

@testable import Kafka

extension KafkaTests {
    @Suite struct ProducerTests {
        @Test func `every record is reported exactly once and in order`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            let count: UInt64 = 10_000
            var reports: [DeliveryReport] = []
            for token in 0..<count {
                try producer.produce(topic: "t", partition: 0, key: nil, value: [1, 2, 3], token: token)
                if token % 1000 == 0 { reports += producer.poll(timeout: 0) }
            }
            try eventually("all reports") {
                reports += producer.poll(timeout: 100)
                return producer.outstanding == 0
            }
            #expect(reports.allSatisfy { $0.error == nil && $0.topic == "t" && $0.partition == 0 })
            #expect(reports.map(\.token) == Array(0..<count))
            #expect(reports.map(\.offset) == (0..<Int64(count)).map { $0 })
            #expect(producer.poll(timeout: 0).isEmpty)
        }

        @Test func `flush keeps the reports for the next poll`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            try producer.produce(topic: "t", partition: 0, key: nil, value: [1], token: .max)
            #expect(producer.outstanding == 1)
            #expect(producer.flush(timeout: 60_000))
            #expect(producer.outstanding == 0)
            #expect(producer.poll(timeout: 0).map(\.token) == [.max])
        }

        @Test func `a key always goes to the same partition`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 8)])
            let producer = try Producer(broker, "t")
            for token in 0..<100 as Range<UInt64> {
                try producer.produce(topic: "t", partition: nil, key: [UInt8(token % 5)], value: [], token: token)
            }
            #expect(producer.flush(timeout: 60_000))
            let places = Dictionary(grouping: producer.poll(timeout: 0), by: { $0.token % 5 }).mapValues { Set($0.map(\.partition)) }
            #expect(places.count == 5 && places.values.allSatisfy { $0.count == 1 })
        }

        @Test(arguments: ["lz4", "none"]) func `a record of 10 MB passes`(compression: String) throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t", [("compression.type", compression)])
            var generator = SystemRandomNumberGenerator()
            let value = (0..<10 * 1_048_576 / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
            try producer.produce(topic: "t", partition: 0, key: [1], value: value, token: 1)
            #expect(producer.flush(timeout: 60_000))
            #expect(producer.poll(timeout: 0).map(\.error) == [nil])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            #expect(try consumer.read(1).first?.value == value)
        }

        @Test func `a full queue is a retriable error`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(
                broker, "t", [("queue.buffering.max.messages", "10"), ("linger.ms", "1000")])
            let error = #expect(throws: KafkaError.self) {
                for token in 0..<11 as Range<UInt64> { try producer.produce(topic: "t", partition: 0, key: nil, value: [], token: token) }
            }
            #expect(error?.code == .queueFull && error?.isRetriable == true && error?.isFatal == false)
            #expect(producer.outstanding == 10)
            #expect(producer.flush(timeout: 60_000))
            try producer.produce(topic: "t", partition: 0, key: nil, value: [], token: 10)
            #expect(producer.flush(timeout: 60_000))
            #expect(producer.poll(timeout: 0).map(\.token) == Array(0...10))
        }

        @Test func `a record beyond the limit is refused at once`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            let error = #expect(throws: KafkaError.self) {
                try producer.produce(topic: "t", partition: 0, key: nil, value: [UInt8](repeating: 0, count: 11 * 1_048_576), token: 1)
            }
            #expect(error?.code == .messageTooLarge)
            #expect(producer.outstanding == 0)
        }

        @Test func `a partition that does not exist is an error and never silence`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            let error = #expect(throws: KafkaError.self) {
                try producer.produce(topic: "t", partition: 5, key: nil, value: [], headers: [("a", [1])], token: 1)
            }
            #expect(error?.code == .unknownPartition)
            #expect(producer.outstanding == 0)
        }

        @Test func `writes survive a broker that goes away and comes back`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            try producer.write("t", ["before"])
            rd_kafka_mock_broker_set_down(broker.cluster, 1)
            for token in 1...50 as ClosedRange<UInt64> {
                try producer.produce(topic: "t", partition: 0, key: nil, value: [UInt8(token)], token: token)
            }
            var notices: [KafkaNotice] = []
            try eventually("notice that the broker is gone") {
                #expect(producer.poll(timeout: 50).isEmpty)
                notices += producer.drainNotices()
                return notices.contains { $0.kind == .allBrokersDown }
            }
            #expect(producer.outstanding == 50)
            rd_kafka_mock_broker_set_up(broker.cluster, 1)
            var reports: [DeliveryReport] = []
            try eventually("reports and a notice that the broker is back") {
                reports += producer.poll(timeout: 50)
                notices += producer.drainNotices()
                return producer.outstanding == 0 && notices.contains { $0.kind == .brokersUp }
            }
            #expect(reports.map(\.token) == Array(1...50))
            #expect(reports.map(\.offset) == (1...50).map { Int64($0) })
        }

        @Test func `a fatal error is seen and ends writing`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            #expect(producer.fatal == nil)
            rd_kafka_test_fatal_error(producer.client.handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "as a test")
            var notices: [KafkaNotice] = []
            try eventually("fatal error") {
                _ = producer.poll(timeout: 50)
                notices += producer.drainNotices()
                return producer.fatal != nil
            }
            #expect(producer.fatal?.isFatal == true && producer.fatal?.name == "OUT_OF_ORDER_SEQUENCE_NUMBER")
            #expect(notices.contains { $0.severity == .fatal })
            let error = #expect(throws: KafkaError.self) {
                try producer.produce(topic: "t", partition: 0, key: nil, value: [], token: 1)
            }
            #expect(error?.isFatal == true && error?.isRetriable == false)
        }

        @Test func `closing is bounded even with records that nobody takes`() throws {
            let producer = try Producer(settings: .nowhere)
            try producer.produce(topic: "t", partition: nil, key: nil, value: [1], token: 1)
            #expect(!producer.flush(timeout: 100))
            let start = ContinuousClock.now
            _ = producer.close(timeout: 2000)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }
}
