import CRdKafka
import Glibc
import Testing

@testable import Kafka

extension KafkaTests {
    @Suite struct BrokerTests {
        @Test func `a fixed port serves clients`() throws {
            let port = try freePort()
            let broker = try EmbeddedBroker(port: port, topics: [("t", 2)])
            #expect(broker.bootstrap == "127.0.0.1:\(port)")
            try Producer(broker, "t").write("t", ["a", "b"])
            let consumer = try Consumer(broker)
            #expect(try consumer.partitionCount(of: "t", timeout: 30_000) == 2)
            try consumer.assign([(partition("t"), 0)])
            #expect(try consumer.read(2).map(\.value) == [Array("a".utf8), Array("b".utf8)])
        }

        @Test func `a port in use is a clear error`() throws {
            let port = try freePort()
            let first = try EmbeddedBroker(port: port)
            let error = #expect(throws: KafkaError.self) { try EmbeddedBroker(port: port) }
            #expect(error?.description.contains("127.0.0.1:\(port): the port is in use") == true, "\(String(describing: error))")
            withExtendedLifetime(first) {}
        }

        @Test func `a port is free again when its broker has ended`() throws {
            let port = try freePort()
            for _ in 0..<3 {
                let broker = try EmbeddedBroker(port: port)
                #expect(try Consumer(broker).partitionCount(of: "t", timeout: 30_000) == 4)
            }
        }

        @Test func `a topic without partitions is refused`() {
            let error = #expect(throws: KafkaError.self) { try EmbeddedBroker(topics: [("t", 0)]) }
            #expect(error?.description.contains("\"t\"") == true)
        }

        @Test func `the admin says within its time what it cannot do`() throws {
            let broker = try EmbeddedBroker()
            let admin = try Admin(settings: KafkaSettings(broker))
            let start = ContinuousClock.now
            let topic = Admin.NewTopic(name: "t", partitions: 1, replicationFactor: 1, config: [("cleanup.policy", "compact")])
            #expect(throws: KafkaError.self) { try admin.createTopics([topic], timeout: 1000) }
            #expect(throws: KafkaError.self) { try admin.deleteTopics(["t"], timeout: 1000) }
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }
}
