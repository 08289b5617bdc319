import Foundation
import Testing

@testable import Kafka

extension KafkaTests {
    @Suite struct GroupMembers {
        private func member(_ broker: EmbeddedBroker) throws -> GroupMember {
            let member = try GroupMember(settings: settings(broker), group: "leaders", topic: "par.leader", isEmbedded: true)
            try member.take(part: true)
            return member
        }

        private func settings(_ broker: EmbeddedBroker) -> KafkaSettings { KafkaSettings(bootstrap: broker.bootstrap, clientID: "test") }

        private static var now: Double { ProcessInfo.processInfo.systemUptime }

        /// Serves the members until it is so; false when it does not come to that.
        private func serving(_ members: [GroupMember], within seconds: Double = 30, until condition: () -> Bool) -> Bool {
            let end = Self.now + seconds
            while Self.now < end {
                for member in members { member.serve(Self.now) }
                if condition() { return true }
                usleep(10_000)
            }
            return false
        }

        @Test func `of two members exactly one holds the partition, and when it leaves the other does`() throws {
            let broker = try EmbeddedBroker(topics: [("par.leader", 1)])
            let first = try member(broker), second = try member(broker)
            #expect(serving([first, second]) { first.isHolder != second.isHolder && first.provenAt != nil && second.provenAt != nil })
            let (holder, other) = first.isHolder ? (first, second) : (second, first)
            #expect(holder.close(timeout: 5_000))
            #expect(serving([other]) { other.isHolder && other.provenAt != nil })
            #expect(!holder.isHolder)
            other.close(timeout: 5_000)
        }

        @Test func `a member that is no longer served loses the partition, and cannot prove that it holds it`() throws {
            let broker = try EmbeddedBroker(topics: [("par.leader", 1)])
            let first = try member(broker), second = try member(broker)
            #expect(serving([first, second]) { first.isHolder != second.isHolder && first.provenAt != nil && second.provenAt != nil })
            let (holder, other) = first.isHolder ? (first, second) : (second, first)
            #expect(serving([other]) { other.isHolder && other.provenAt != nil })
            // It wakes up, and asks.
            let woke = Self.now
            #expect(!serving([holder], within: 1) { holder.provenAt.map { $0 >= woke } ?? false })
            #expect(serving([holder, other]) { holder.isHolder != other.isHolder })
            holder.close(timeout: 5_000)
            other.close(timeout: 5_000)
        }

        @Test func `a member whose coordinator comes back under another address holds the partition again`() throws {
            let port = try freePort(), topics = [(name: "par.leader", partitions: 1)]
            var broker: EmbeddedBroker? = try EmbeddedBroker(port: port, topics: topics)
            let member = try GroupMember(
                settings: KafkaSettings(bootstrap: "127.0.0.1:\(port)", clientID: "test"), group: "leaders", topic: "par.leader", isEmbedded: true, patience: Self.patience)
            try member.take(part: true)
            for round in 0..<2 {
                #expect(serving([member]) { member.isHolder && member.provenAt != nil }, "round \(round): \(member.drainNotices())")
                broker = nil
                #expect(serving([member]) { !member.isHolder })
                // librdkafka's mock listens wherever the system lets it: never twice at the same port.
                broker = try EmbeddedBroker(port: port, topics: topics)
                let back = Self.now
                #expect(serving([member]) { member.isHolder && member.provenAt.map { $0 >= back } ?? false }, "round \(round): \(member.drainNotices())")
            }
            withExtendedLifetime(broker) {}
            member.close(timeout: 5_000)
        }

        private static let patience = 8.0
    }
}

extension KafkaTests {
    @Suite struct PartitionWatches {
        @Test func `the ends of partitions are seen as they grow, and a broker that is away is not mistaken for a quiet one`() throws {
            var broker: EmbeddedBroker? = try EmbeddedBroker(topics: [("a", 2), ("b", 1)])
            let settings = KafkaSettings(bootstrap: try #require(broker?.bootstrap), clientID: "test")
            let watch = try PartitionWatch(settings: settings, topics: ["a", "b"]) { ProcessInfo.processInfo.systemUptime }
            func sighting(_ condition: (PartitionWatch.Sighting) -> Bool) -> PartitionWatch.Sighting? {
                let end = Date().addingTimeInterval(30)
                while Date() < end {
                    if let seen = watch.take(), condition(seen) { return seen }
                    usleep(20_000)
                }
                return nil
            }
            let first = try #require(sighting { $0.ends.count == 3 })
            #expect(first.partitionCounts == ["a": 2, "b": 1] && first.ends.values.allSatisfy { $0 == 0 })
            let producer = try Producer(settings: settings)
            _ = try producer.partitionCount(of: "a", timeout: 5_000)
            for token in 0..<3 { try producer.produce(topic: "a", partition: 1, key: nil, value: [1], token: UInt64(token)) }
            #expect(producer.flush(timeout: 10_000))
            #expect(sighting { $0.ends[TopicPartition(topic: "a", partition: 1)] == 3 && $0.ends[TopicPartition(topic: "a", partition: 0)] == 0 } != nil)
            producer.close(timeout: 1_000)
            broker = nil
            #expect(sighting { $0.ends.isEmpty } != nil)
        }
    }
}
