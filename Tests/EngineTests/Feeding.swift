import Cases
import Catalog
import Engine
import Intake
import Scoreboard

/// A record of any input.
struct InputRecord {
    var value: String
    var topic: Int32 = 0
    /// In milliseconds.
    var timestamp: Int64?

    init(_ message: String) { value = message }

    init(_ record: FormatRecord, _ inputs: [String]) {
        value = record.value
        topic = Int32(inputs.firstIndex(of: "in-\(record.format)") ?? -1)
        timestamp = record.timestamp
    }
}

/// Records that lie in memory while a body runs.
private func withRecords<Result>(_ values: [[UInt8]?], topic: Int32, partition: Int32, from offset: Int64, _ body: ((Int) -> Engine.Record) -> Result) -> Result {
    var ends: [Int] = []
    var bytes: [UInt8] = []
    for value in values {
        bytes += value ?? []
        ends.append(bytes.count)
    }
    return bytes.withUnsafeBytes { all in
        body { index in
            let value = values[index].map { UnsafeRawBufferPointer(rebasing: all[(ends[index] - $0.count)..<ends[index]]) }
            return Engine.Record(Intake.Message(value: value), at: Cause(topic: topic, partition: partition, offset: offset + Int64(index)))
        }
    }
}

extension Engine {
    /// In one go, at the offsets from `offset` on. Nil is a tombstone.
    mutating func receive(_ values: [[UInt8]?], partition: Int32 = 0, from offset: Int64) {
        withRecords(values, topic: 0, partition: partition, from: offset) { receive(values.count, $0) }
    }

    mutating func receive(_ records: [InputRecord], from offset: Int64) {
        withRecords(records.map { Array($0.value.utf8) }, topic: 0, partition: 0, from: offset) { made in
            receive(records.count) { index in
                var record = made(index)
                record.message.timestamp = records[index].timestamp.map(Instant.init(milliseconds:))
                record.position.topic = records[index].topic
                return record
            }
        }
    }

    mutating func receive(_ messages: [String], from offset: Int64) { receive(messages.map { Array($0.utf8) }, from: offset) }

    mutating func replay(_ messages: [String], topic: Int32 = 0, from offset: Int64 = 0) {
        withRecords(messages.map { Array($0.utf8) }, topic: topic, partition: 0, from: offset) { replay(messages.count, $0) }
    }
}
