import Engine
import Intake
import Scoreboard

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

    mutating func receive(_ messages: [String], from offset: Int64) { receive(messages.map { Array($0.utf8) }, from: offset) }

    mutating func replay(_ messages: [String], topic: Int32 = 0, from offset: Int64 = 0) {
        withRecords(messages.map { Array($0.utf8) }, topic: topic, partition: 0, from: offset) { replay(messages.count, $0) }
    }
}
