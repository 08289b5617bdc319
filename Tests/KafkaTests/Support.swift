import CRdKafka
import Glibc
import Testing

@testable import Kafka

/// One test at a time: each has threads of its own, and the machine may have two cores.
@Suite(.serialized, .timeLimit(.minutes(3))) struct KafkaTests {}

/// What a test keeps of a record.
struct Copy: Equatable {
    var topicIndex = 0
    var topic: String
    var partition: Int32 = 0
    var offset: Int64
    var timestamp: Int64?
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [Header] = []

    struct Header: Equatable {
        var name: String
        var value: [UInt8]?
    }

    init(_ record: borrowing Record) {
        topicIndex = record.topicIndex
        topic = record.topic
        partition = record.partition
        offset = record.offset
        timestamp = record.timestampMilliseconds
        key = record.key.map { Array($0) }
        value = record.value.map { Array($0) }
        var headers: [Header] = []
        record.forEachHeader { name, value in
            headers.append(Header(name: String(decoding: name, as: UTF8.self), value: value.map { Array($0) }))
        }
        self.headers = headers
    }
}

extension KafkaSettings {
    init(_ broker: EmbeddedBroker, _ properties: [(name: String, value: String)] = []) {
        self.init(
            bootstrap: broker.bootstrap, clientID: "kafka-tests",
            properties: [(name: "fetch.wait.max.ms", value: "10")] + properties)
    }

    /// Nothing listens on port 1.
    static let nowhere = KafkaSettings(bootstrap: "127.0.0.1:1", clientID: "kafka-tests")
}

extension Consumer {
    convenience init(_ broker: EmbeddedBroker) throws(KafkaError) {
        try self.init(settings: KafkaSettings(broker), group: "kafka-tests")
    }

    /// Polls until `count` records have come, or a deadline far beyond what is needed has passed.
    func read(_ count: Int, max: Int = 1000) throws -> [Copy] {
        var copies: [Copy] = []
        try eventually("\(count) records") {
            try poll(timeout: 100, max: max) { copies.append(Copy($0)) }
            return copies.count >= count
        }
        return copies
    }

    func notices(until isEnough: ([KafkaNotice]) -> Bool) throws -> [KafkaNotice] {
        var notices: [KafkaNotice] = []
        do {
            try eventually("other notices") {
                try poll(timeout: 50, max: 1) { _ in }
                notices += drainNotices()
                return isEnough(notices)
            }
        } catch let error as NotInTime {
            throw NotInTime(description: "\(error) than \(notices)")
        }
        return notices
    }
}

extension Producer {
    /// A producer that already knows `topic`.
    convenience init(_ broker: EmbeddedBroker, _ topic: String, _ properties: [(name: String, value: String)] = []) throws(KafkaError) {
        try self.init(settings: KafkaSettings(broker, properties))
        _ = try partitionCount(of: topic, timeout: 30_000)
    }

    /// Writes one value after the other to partition 0 and returns their offsets.
    @discardableResult
    func write(_ topic: String, _ values: [String]) throws -> [Int64?] {
        for (i, value) in values.enumerated() {
            try produce(topic: topic, partition: 0, key: nil, value: Array(value.utf8), token: UInt64(i))
        }
        #expect(flush(timeout: 60_000))
        return poll(timeout: 0).map { report in
            #expect(report.error == nil)
            return report.offset
        }
    }
}

struct NotInTime: Error, CustomStringConvertible {
    let description: String
}

/// Repeats `condition`, which is to wait a little itself, until it holds.
func eventually(_ what: String, within limit: Duration = .seconds(60), _ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < end else { throw NotInTime(description: "no \(what) within \(limit)") }
    }
}

func partition(_ topic: String, _ number: Int32 = 0) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

/// A port that nobody uses now; the system hands out others for a while.
func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0 }
    }
    try #require(status)
    return UInt16(bigEndian: address.sin_port)
}
