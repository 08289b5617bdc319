import CRdKafka
import Glibc
import Testing

@testable import Kafka

extension KafkaTests {
    @Suite struct ErrorTests {
        @Test func `a broker that is not there is an error in time and a notice`() throws {
            let consumer = try Consumer(settings: .nowhere, group: "g")
            let start = ContinuousClock.now
            let error = #expect(throws: KafkaError.self) { try consumer.partitionCount(of: "t", timeout: 500) }
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(error?.isRetriable == true && error?.isFatal == false)
            #expect(error?.description.contains("is the broker running") == true, "\(String(describing: error))")
            let notices = try consumer.notices { $0.contains { $0.kind == .allBrokersDown } }
            #expect(notices.contains { $0.text.contains("127.0.0.1:1") }, "\(notices)")
        }

        @Test func `an unknown property is a clear error`() {
            let settings = KafkaSettings(bootstrap: "127.0.0.1:1", clientID: "c", properties: [("no.such.thing", "1")])
            let error = #expect(throws: KafkaError.self) { try Consumer(settings: settings, group: "g") }
            #expect(error?.code == .invalidArgument && error?.isRetriable == false)
            #expect(error?.description.contains("no.such.thing") == true, "\(String(describing: error))")
        }

        @Test func `a wrong value is a clear error too`() {
            let settings = KafkaSettings(bootstrap: "127.0.0.1:1", clientID: "c", properties: [("acks", "many")])
            let error = #expect(throws: KafkaError.self) { try Producer(settings: settings) }
            #expect(error?.description.contains("acks") == true, "\(String(describing: error))")
        }

        @Test func `settings that contradict each other are a clear error`() {
            let settings = KafkaSettings(bootstrap: "127.0.0.1:1", clientID: "c", properties: [("acks", "1")])
            let error = #expect(throws: KafkaError.self) { try Producer(settings: settings) }
            #expect(error?.description.contains("acks") == true, "\(String(describing: error))")
        }

        /// librdkafka 2.0.2 has freed half of its configuration by the time it says no.
        @Test(arguments: [
            [("security.protocol", "ssl"), ("ssl.ca.location", "/nowhere")], [("security.protocol", "sasl_ssl"), ("sasl.mechanism", "SCRAM-SHA-256"), ("sasl.username", "u")],
        ])
        func securityThatCannotBeIsAClearErrorAndNoCrash(properties: [(String, String)]) {
            let settings = KafkaSettings(bootstrap: "127.0.0.1:1", clientID: "c", properties: properties.map { (name: $0.0, value: $0.1) })
            #expect(throws: KafkaError.self) { try Consumer(settings: settings, group: "g") }
            #expect(throws: KafkaError.self) { try Producer(settings: settings) }
        }

        @Test func `the user's properties win and those of the other side are no news`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t", [("session.timeout.ms", "7000"), ("queue.buffering.max.messages", "1")])
            try producer.produce(topic: "t", partition: 0, key: nil, value: [], token: 1)
            #expect(throws: KafkaError.self) { try producer.produce(topic: "t", partition: 0, key: nil, value: [], token: 2) }
            #expect(producer.drainNotices() == [])
        }

        @Test func `use by two threads ends the process`() async {
            await #expect(processExitsWith: .failure) {
                nonisolated(unsafe) let producer = try Producer(settings: .nowhere)
                _ = producer.poll(timeout: 0)
                #expect(BackgroundThread { _ = producer.poll(timeout: 0) }?.join(within: 60_000) == true)
                // Not reached: the other thread has ended the process.
                exit(EXIT_SUCCESS)
            }
        }

        @Test func `errors read as one line`() {
            let error = KafkaError(.fail, attempt: "do it", reason: "two\nlines\n")
            #expect(error.description == "cannot do it: two lines (_FAIL)")
        }

        @Test func `equal notices are counted and a flood is bounded`() {
            var buffer = NoticeBuffer()
            for i in 0..<3 {
                buffer.add(KafkaNotice(kind: .error, severity: .warning, text: "refused (after \(i)ms in state CONNECT)"))
            }
            for i in 0..<1000 { buffer.add(KafkaNotice(kind: .log, severity: .info, text: "\(i)")) }
            let notices = buffer.drain()
            #expect(notices.first?.text == "refused" && notices.first?.count == 3)
            #expect(notices.count == NoticeBuffer.capacity + 1)
            #expect(notices.map(\.count).reduce(0, +) == 1003)
            #expect(buffer.drain().isEmpty)
        }
    }
}
