import Cases
import Catalog
import Foundation
import Intake
import Kafka
import Service

/// An embedded broker with an input and a rejected topic, filled by hand.
final class RejectedTopics {
    let broker: EmbeddedBroker
    private let producer: Producer

    init() throws {
        broker = try EmbeddedBroker(topics: [("par.status", 2), ("par.rejected", 2), ("par.alerts", 1), ("par.scores", 1)])
        producer = try Producer(settings: KafkaSettings(bootstrap: broker.bootstrap, clientID: "test"))
        for topic in ["par.status", "par.rejected", "par.alerts"] { _ = try producer.partitionCount(of: topic, timeout: 10_000) }
    }

    private var settings: KafkaSettings { KafkaSettings(bootstrap: broker.bootstrap, clientID: "test") }

    // MARK: Filling

    /// Returns its offset, if it is to wait for it.
    func put(
        _ value: [UInt8]?, topic: String = "par.status", key: String? = nil, headers: [(name: String, value: [UInt8])] = [], timestamp: Int64? = nil, partition: Int32, wait: Bool = true
    ) throws -> Int64 {
        try producer.produce(topic: topic, partition: partition, key: key.map { Array($0.utf8) }, value: value, headers: headers, timestampMilliseconds: timestamp, token: 0)
        guard wait else { return -1 }
        var reports: [DeliveryReport] = []
        _ = eventually {
            reports += producer.poll(timeout: 100)
            return !reports.isEmpty
        }
        guard let offset = reports.first?.offset else { throw Missing(what: "a delivery report") }
        return offset
    }

    func put(_ text: String, topic: String = "par.status", key: String? = nil, headers: [(name: String, value: [UInt8])] = [], timestamp: Int64? = nil, partition: Int32, wait: Bool = true) throws -> Int64 {
        try put(Array(text.utf8), topic: topic, key: key, headers: headers, timestamp: timestamp, partition: partition, wait: wait)
    }

    func flush() throws {
        guard producer.flush(timeout: 30_000) else { throw Missing(what: "delivery reports") }
        _ = producer.poll(timeout: 0)
    }

    /// As docs/messages.md says.
    func reject(
        at offset: Int64, in partition: Int32, _ value: [UInt8]?, topic: String = "par.status", reason: String = "not_json", index: Int = 0, time: String = "2021-03-02T08:00:04+07:00", wait: Bool = true
    ) throws {
        let sha256 = (value ?? []).withUnsafeBytes(Digest.sha256)
        let json = "{\"reason\":\"\(reason)\",\"field\":null,\"source\":null,\"topic\":\"\(topic)\",\"partition\":\(partition),\"offset\":\(offset),\"index\":\(index),\"size\":\(value?.count ?? 0),\"sha256\":\"\(sha256)\",\"time\":\"\(time)\"}"
        _ = try put(json, topic: "par.rejected", key: "\(topic)-\(partition)-\(offset).\(index)", partition: Int32(offset % 2), wait: wait)
    }

    func reject(
        at offset: Int64, in partition: Int32, _ text: String, topic: String = "par.status", reason: String = "not_json", index: Int = 0, time: String = "2021-03-02T08:00:04+07:00", wait: Bool = true
    ) throws {
        try reject(at: offset, in: partition, Array(text.utf8), topic: topic, reason: reason, index: index, time: time, wait: wait)
    }

    func leaveOut(_ offsets: ClosedRange<Int64>, in partition: Int32, reasons: [String: Int] = ["bad_value": 1]) throws {
        let counts = reasons.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        let json = "{\"reason\":\"left_out\",\"count\":1,\"reasons\":{\(counts)},\"topic\":\"par.status\",\"partition\":\(partition),\"first_offset\":\(offsets.lowerBound),\"last_offset\":\(offsets.upperBound),\"time\":\"2021-03-02T08:00:04+07:00\"}"
        _ = try put(json, topic: "par.rejected", key: "par.status-\(partition)-\(offsets.lowerBound)..\(offsets.upperBound)", partition: 0)
    }

    // MARK: Redriving

    func plan(_ reasons: Set<String> = [], since: Instant? = nil, topic: String? = nil, largestRange: Int64 = 1_000_000) throws -> RedrivePlan {
        guard var plan = RedrivePlan(.init(inputs: ["par.status"], topic: topic, reasons: reasons, since: since, largestRange: largestRange)) else { throw Missing(what: "memory") }
        for record in try records("par.rejected") {
            if let value = record.value {
                value.withUnsafeBytes { plan.read(partition: record.partition, key: record.keyText, value: $0) }
            } else {
                plan.read(partition: record.partition, key: record.keyText, value: nil)
            }
        }
        return plan
    }

    /// `watch` hears how far it is after each batch.
    func redrive(_ stop: StopSignal = StopSignal(), properties: [(name: String, value: String)] = [], _ watch: (Int64) -> Void = { _ in }) throws -> Redelivery.Outcome {
        var settings = settings
        settings.properties = properties
        var redelivery = try Redelivery(try plan().stretches().byPartition, rejected: "par.rejected", settings: settings, stop)
        try redelivery.run { done, _ in watch(done) }
        return redelivery.outcome
    }

    /// The keys that are not set to a tombstone.
    func openRejections() throws -> Set<String> {
        var open: Set<String> = []
        for record in try records("par.rejected") {
            if record.value == nil { open.remove(record.keyText) } else { open.insert(record.keyText) }
        }
        return open
    }

    // MARK: Reading

    struct Read {
        var partition: Int32
        var offset: Int64
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [(name: [UInt8], value: [UInt8]?)]
        var timestamp: Int64?

        var keyText: String { String(decoding: key ?? [], as: UTF8.self) }

        func isCopy(of other: Read) -> Bool {
            partition == other.partition && offset > other.offset && key == other.key && value == other.value && timestamp == other.timestamp
                && headers.map(\.name) == other.headers.map(\.name) && headers.map(\.value) == other.headers.map(\.value)
        }
    }

    func records(_ topic: String) throws -> [Read] {
        var reader = try TopicReader(settings: settings, topic: topic), all: [Read] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: 1_000) { record in
                var headers: [(name: [UInt8], value: [UInt8]?)] = []
                if record.hasHeaders { record.forEachHeader { headers.append((Array($0), $1.map { Array($0) })) } }
                all.append(Read(
                    partition: record.partition, offset: record.offset, key: record.key.map { Array($0) }, value: record.value.map { Array($0) }, headers: headers,
                    timestamp: record.timestampMilliseconds))
            }
        }
        return all
    }

    private lazy var consumer = try? Consumer(settings: settings, group: "test")

    /// Of all partitions together, the offsets that the next records will get.
    func ends(_ topic: String) throws -> Int64 {
        guard let consumer else { throw Missing(what: "a consumer") }
        var sum: Int64 = 0
        for partition in 0..<Int32(2) { sum += try consumer.watermarks(of: TopicPartition(topic: topic, partition: partition), timeout: 10_000).high }
        return sum
    }

    // MARK: The program

    func configure(_ folder: URL) throws {
        var random = RandomCase(seed: 1)
        random.files["parwatch.yaml"]? += "\nkafka: {bootstrap: \"\(broker.bootstrap)\"}\n"
        try random.write(to: folder)
    }

    func start(_ arguments: [String], _ folder: URL) throws -> Process {
        let process = Process()
        process.executableURL = Parwatch.binary
        process.arguments = arguments + ["--config", folder.appendingPathComponent("parwatch.yaml").path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
