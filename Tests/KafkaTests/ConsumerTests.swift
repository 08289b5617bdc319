import CRdKafka
import Testing

@testable import Kafka

extension KafkaTests {
    @Suite struct ConsumerTests {
        @Test func `records come back as they were written`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            let headers = [("ce_id", "1"), ("ce_id", "2"), ("empty", "")].map { (name: $0, value: Array($1.utf8)) }
            try producer.produce(
                topic: "t", partition: 0, key: [1, 0, 255], value: [0, 1, 2], headers: headers,
                timestampMilliseconds: 1_609_459_200_123, token: 1)
            try producer.produce(topic: "t", partition: 0, key: nil, value: [], token: 2)
            try producer.produce(topic: "t", partition: 0, key: [], value: nil, token: 3)
            #expect(producer.flush(timeout: 60_000))

            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), Consumer.beginning)])
            let read = try consumer.read(3)
            #expect(read.map(\.key) == [[1, 0, 255], nil, []])
            #expect(read.map(\.value) == [[0, 1, 2], [], nil], "an empty value is no tombstone")
            #expect(read.map(\.offset) == [0, 1, 2])
            #expect(read[0].timestamp == 1_609_459_200_123)
            #expect(read[0].headers.map(\.name) == ["ce_id", "ce_id", "empty"])
            #expect(read[0].headers.map(\.value) == [[0x31], [0x32], []])
            #expect(read[1].headers.isEmpty)
        }

        @Test func `only records with headers say so`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            try producer.produce(topic: "t", partition: 0, key: nil, value: [1], headers: [("a", [])], token: 1)
            try producer.produce(topic: "t", partition: 0, key: nil, value: [2], token: 2)
            #expect(producer.flush(timeout: 60_000))
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), Consumer.beginning)])
            var said: [Bool] = []
            try eventually("two records") {
                try consumer.poll(timeout: 100, max: 10) { said.append($0.hasHeaders) }
                return said.count == 2
            }
            #expect(said == [true, false])
        }

        @Test func `reading starts exactly at the assigned offset`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", (0..<100).map(String.init))
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 42)])
            #expect(try consumer.read(58).map(\.offset) == Array(42..<100))
            // Assigning anew moves, back as well as forward, and nothing of the old place comes after it.
            try consumer.assign([(partition("t"), 7)])
            #expect(try consumer.read(93).map(\.offset) == Array(7..<100))
        }

        @Test func `poll hands over no more than asked for`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", (0..<500).map(String.init))
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            var offsets: [Int64] = []
            try eventually("500 records") {
                let before = offsets.count
                let count = try consumer.poll(timeout: 100, max: 7) { offsets.append($0.offset) }
                #expect(count <= 7 && offsets.count == before + count)
                return offsets.count == 500
            }
            #expect(offsets == Array(0..<500))
        }

        /// What is done with large ones must end as soon as with many.
        @Test func `large records come a few at a time, each once, and the end of a partition after them`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 4)])
            let producer = try Producer(broker, "t")
            let value = [UInt8](repeating: 7, count: 1_000_000)
            for token in 0..<16 { try producer.produce(topic: "t", partition: Int32(token % 4), key: nil, value: value, token: UInt64(token)) }
            #expect(producer.flush(timeout: 60_000))
            let consumer = try Consumer(broker)
            let all = (0..<4).map { (partition("t", $0), offset: Consumer.beginning) }
            try consumer.assign(all)
            // The ends are in the queue as well, or about to come.
            try eventually("more than one turn in librdkafka's queue") { rd_kafka_queue_length(consumer.queue) >= 16 }
            var offsets: [Int32: [Int64]] = [:], ended: [Int32: Int64] = [:]
            func take() throws -> Int {
                let count = try consumer.fetch(timeout: 100, max: 2_000)
                for index in 0..<count { offsets[consumer.record(index).partition, default: []].append(consumer.record(index).offset) }
                for (partition, end) in consumer.drainEnds() {
                    ended[partition.partition] = end
                    #expect(offsets[partition.partition]?.count == 4, "the end was told before what lies before it")
                }
                return count
            }
            #expect(try take() == Consumer.mostBytes / value.count + 1)
            // What was to follow comes again, from where it is wanted.
            try consumer.assign(all)
            (offsets, ended) = ([:], [:])
            try eventually("all records and all ends") {
                let count = try take()
                #expect(count <= Consumer.mostBytes / value.count + 1)
                return ended.count == 4
            }
            #expect(offsets == Dictionary(uniqueKeysWithValues: (0..<4).map { ($0, [0, 1, 2, 3]) }))
            #expect(ended == [0: 4, 1: 4, 2: 4, 3: 4])
        }

        /// librdkafka 2.0.2 would look at its queue once a second: forty times.
        @Test func `a queue that is full does not hold up what is read`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            for token in 0..<40 {
                try producer.produce(topic: "t", partition: 0, key: nil, value: [UInt8](repeating: 7, count: 100_000), token: UInt64(token))
                #expect(producer.flush(timeout: 60_000))
            }
            let consumer = try Consumer(settings: KafkaSettings(broker, [("queued.max.messages.kbytes", "64")]), group: "kafka-tests")
            try consumer.assign([(partition("t"), 0)])
            var count = 0
            try eventually("40 records", within: .seconds(15)) {
                count += try consumer.poll(timeout: 100, max: 10) { _ in }
                return count == 40
            }
        }

        @Test func `records that are held can be had again until they are let go`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", (0..<10).map(String.init))
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            var values: [[UInt8]?] = []
            try eventually("10 records") {
                let count = try consumer.fetch(timeout: 100, max: 4)
                let once = (0..<count).map { Copy(consumer.record($0)) }, again = (0..<count).map { Copy(consumer.record($0)) }
                #expect(once == again && count <= 4)
                values += once.map(\.value)
                return values.count == 10
            }
            #expect(values == (0..<10).map { Array("\($0)".utf8) })
            consumer.release()
            #expect(try consumer.fetch(timeout: 50, max: 4) == 0)
        }

        @Test func `several topics in one assignment are told apart by index`() throws {
            let broker = try EmbeddedBroker(topics: [("alerts", 1), ("inputs", 2)])
            let producer = try Producer(broker, "alerts")
            _ = try producer.partitionCount(of: "inputs", timeout: 30_000)
            for (topic, number) in [("alerts", 0), ("inputs", 0), ("inputs", 1)] as [(String, Int32)] {
                try producer.produce(topic: topic, partition: number, key: nil, value: [UInt8(number)], token: 0)
            }
            #expect(producer.flush(timeout: 60_000))
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("inputs", 1), 0), (partition("alerts"), 0), (partition("inputs", 0), 0)])
            #expect(consumer.topics == ["inputs", "alerts"])
            let read = try consumer.read(3)
            #expect(Set(read.map { "\($0.topicIndex) \($0.topic) \($0.partition)" }) == ["0 inputs 0", "0 inputs 1", "1 alerts 0"])
        }

        @Test func `two consumers read the same records`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", ["a", "b"])
            let consumers = [try Consumer(broker), try Consumer(broker)]
            for consumer in consumers { try consumer.assign([(partition("t"), 0)]) }
            for consumer in consumers { #expect(try consumer.read(2).map(\.offset) == [0, 1]) }
        }

        @Test func `the end of a partition is told and forgotten with its assignment`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", ["a", "b"])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            var ends: [(TopicPartition, offset: Int64)] = []
            try eventually("end of the partition") {
                try consumer.poll(timeout: 100, max: 10) { _ in }
                ends = consumer.drainEnds()
                return !ends.isEmpty
            }
            #expect(ends.map(\.0) == [partition("t")] && ends.map(\.offset) == [2])
            #expect(consumer.drainNotices() == [])
            try consumer.assign([(partition("t"), 0)])
            #expect(consumer.drainEnds().isEmpty)
        }

        @Test func `watermarks follow what is written`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let consumer = try Consumer(broker)
            #expect(try consumer.watermarks(of: partition("t"), timeout: 30_000) == (0, 0))
            try Producer(broker, "t").write("t", ["a", "b", "c"])
            #expect(try consumer.watermarks(of: partition("t"), timeout: 30_000) == (0, 3))
        }

        @Test func `one question tells of every partition`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 2), ("u", 1)])
            try Producer(broker, "t").write("t", ["a", "b", "c"])
            let consumer = try Consumer(broker), all = [partition("t"), partition("t", 1), partition("u")]
            #expect(try consumer.watermark(.high, of: all, timeout: 30_000) == [partition("t"): 3, partition("t", 1): 0, partition("u"): 0])
            #expect(try consumer.watermark(.low, of: all, timeout: 30_000) == [partition("t"): 0, partition("t", 1): 0, partition("u"): 0])
            #expect(try consumer.watermark(.low, of: [], timeout: 30_000) == [:])
            let error = #expect(throws: KafkaError.self) { try consumer.watermark(.high, of: all + [partition("u", 7)], timeout: 2_000) }
            #expect(error?.attempt.hasPrefix("read the last offset of ") == true)
        }

        /// librdkafka gives such a broker up after a minute.
        @Test func `a question for offsets keeps its time with a broker that takes it and is silent`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 2)])
            let consumer = try Consumer(broker), all = [partition("t"), partition("t", 1)]
            _ = try consumer.watermark(.high, of: all, timeout: 30_000)
            broker.delay(milliseconds: 600_000)
            let began = ContinuousClock.now
            for mark in [Watermark.low, .high] {
                let error = #expect(throws: KafkaError.self) { try consumer.watermark(mark, of: all, timeout: 500) }
                #expect(error?.code == .timedOut && error?.isRetriable == true, "\(String(describing: error))")
            }
            #expect(throws: KafkaError.self) { try consumer.watermarks(of: all[0], timeout: 500) }
            #expect(ContinuousClock.now - began < .seconds(20))
        }

        @Test func `partitions without a leader or with a silent one hold up no other`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 4)], brokers: 3)
            let consumer = try Consumer(broker), all = (0..<4).map { partition("t", $0) }
            for (target, leader) in zip(all, [1, 2, 3] as [Int32]) { broker.moveLeader(of: target, to: leader) }
            broker.moveLeader(of: all[3], to: nil)
            try Producer(broker, "t").write("t", ["a"])
            broker.delay(2, next: 100, .listOffsets, milliseconds: 600_000)
            try consumer.assign(all.map { ($0, 0) })
            // The first question also learns who leads.
            var answers: [TopicPartition: Result<(low: Int64, high: Int64), KafkaError>] = [:]
            for _ in 0..<5 {
                let began = ContinuousClock.now
                answers = consumer.watermarks(of: all, timeout: 3_000)
                #expect(ContinuousClock.now - began < .seconds(15))
                if case .success? = answers[all[2]] { break }
            }
            let highs = answers.compactMapValues { try? $0.get().high }
            #expect(highs == [all[0]: 1, all[2]: 0], "\(answers)")
            #expect(throws: KafkaError.self) { try answers[all[1]]?.get() }
            let orphan = #expect(throws: KafkaError.self) { try answers[all[3]]?.get() }
            #expect(orphan?.code == .noLeader && "\(orphan.map(String.init(describing:)) ?? "")".contains("no broker leads"), "\(answers)")
        }

        @Test func `a topic says how many partitions it has`() throws {
            let broker = try EmbeddedBroker(topics: [("three", 3)])
            let consumer = try Consumer(broker)
            #expect(try consumer.partitionCount(of: "three", timeout: 30_000) == 3)
            #expect(consumer.drainNotices() == [], "what is in order is not worth a line in the log")
        }

        @Test func `a topic that does not exist has no partition count, and one without leader is retriable`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let consumer = try Consumer(broker)
            rd_kafka_mock_topic_set_error(broker.cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            #expect(try consumer.partitionCount(of: "t", timeout: 30_000) == nil)
            rd_kafka_mock_topic_set_error(broker.cluster, "t", RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
            let error = #expect(throws: KafkaError.self) { try consumer.partitionCount(of: "t", timeout: 30_000) }
            #expect(error?.isRetriable == true)
        }

        @Test func `reading a topic that does not exist is a notice`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            rd_kafka_mock_topic_set_error(broker.cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            let consumer = try Consumer(settings: KafkaSettings(broker, [("topic.metadata.propagation.max.ms", "100")]), group: "g")
            try consumer.assign([(partition("t"), 0)])
            _ = try consumer.notices { $0.contains { $0.severity >= .warning && $0.text.contains("t [0]: topic does not exist") } }
        }

        @Test func `reading goes on where it was when the broker comes back`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            try producer.write("t", ["a"])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            #expect(try consumer.read(1).map(\.offset) == [0])
            rd_kafka_mock_broker_set_down(broker.cluster, 1)
            _ = try consumer.notices { $0.contains { $0.kind == .allBrokersDown } }
            rd_kafka_mock_broker_set_up(broker.cluster, 1)
            try producer.write("t", ["b"])
            #expect(try consumer.read(1).map(\.offset) == [1])
            _ = try consumer.notices { $0.contains { $0.kind == .brokersUp } }
        }

        @Test func `an offset out of range is a notice and not a silent reset`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let producer = try Producer(broker, "t")
            try producer.write("t", ["a", "b", "c"])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 1000)])
            let notices = try consumer.notices { $0.contains { $0.kind == .offsetOutOfRange } }
            let notice = try #require(notices.first { $0.kind == .offsetOutOfRange })
            #expect(notice.partition == partition("t") && notice.offset == 1000 && notice.severity == .error)
            #expect(try consumer.poll(timeout: 300, max: 10) { _ in } == 0)
            // The remedy: a place that exists.
            try consumer.assign([(partition("t"), Consumer.beginning)])
            #expect(try consumer.read(3).map(\.offset) == [0, 1, 2])
        }

        @Test func `what is no offset is refused`() throws {
            let consumer = try Consumer(settings: .nowhere, group: "g")
            #expect(throws: KafkaError.self) { try consumer.assign([(partition("t"), -1001)]) }
        }

        @Test func `a commit is there for lag monitors`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", ["a", "b", "c"])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            for next in 1...3 as ClosedRange<Int64> { consumer.commit([(partition("t"), next)]) }
            let monitor = try Consumer(broker)
            try eventually("commit of the last offset") {
                #expect(consumer.drainNotices().filter { $0.kind == .commitFailed } == [])
                try consumer.poll(timeout: 20, max: 1) { _ in }
                return withPartitionList([(partition("t"), -1001)]) { list in
                    rd_kafka_committed(monitor.client.handle, list, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR && list.pointee.elems[0].offset == 3
                }
            }
        }

        @Test func `a fatal error ends reading`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            rd_kafka_test_fatal_error(consumer.client.handle, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, "as a test")
            let error = #expect(throws: KafkaError.self) { try consumer.read(1) }
            #expect(error?.isFatal == true && error?.name == "FENCED_INSTANCE_ID", "\(String(describing: error))")
        }

        @Test func `one thread may make what another uses`() throws {
            nonisolated(unsafe) let consumer = try Consumer(settings: .nowhere, group: "g")
            nonisolated(unsafe) let producer = try Producer(settings: .nowhere)
            let thread = try #require(BackgroundThread {
                _ = consumer.drainNotices()
                _ = producer.drainNotices()
            })
            #expect(thread.join(within: 60_000))
        }

        @Test func `closing is bounded and leaves the broker usable`() throws {
            let broker = try EmbeddedBroker(topics: [("t", 1)])
            try Producer(broker, "t").write("t", ["a"])
            let consumer = try Consumer(broker)
            try consumer.assign([(partition("t"), 0)])
            #expect(try consumer.read(1).count == 1)
            consumer.commit([(partition("t"), 1)])
            #expect(consumer.close(timeout: 30_000))
            #expect(consumer.close(timeout: 0), "closing twice does nothing")
            let next = try Consumer(broker)
            try next.assign([(partition("t"), 0)])
            #expect(try next.read(1).count == 1)
        }

        @Test func `closing does not wait for a broker that is gone`() throws {
            let consumer = try Consumer(settings: .nowhere, group: "g")
            try consumer.assign([(partition("t"), 0)])
            consumer.commit([(partition("t"), 1)])
            let start = ContinuousClock.now
            _ = consumer.close(timeout: 1000)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }
}
