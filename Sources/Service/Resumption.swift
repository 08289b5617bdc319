import Kafka
import Snapshots

/// Where a partition is to be read on from, after a snapshot.
struct Resumption {
    /// The next offset to read.
    var next: Int64
    /// The last record that was read, if that is known.
    var last: Landmark?
}

/// A record by which a topic is known again: one that was made anew since has another in its place, or none.
struct Landmark: Equatable {
    var offset: Int64
    var fingerprint: UInt64
}

extension SnapshotBasis {
    /// From where the inputs are to be read on.
    var resumption: [TopicPartition: Resumption] {
        var places: [TopicPartition: Resumption] = [:]
        for position in positions {
            let last = position.fingerprint.map { Landmark(offset: position.next - 1, fingerprint: $0) }
            places[TopicPartition(topic: position.topic, partition: position.partition)] = Resumption(next: position.next, last: last)
        }
        return places
    }
}

extension Record {
    /// FNV-1a of its time, key and value.
    var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ bytes: UnsafeRawBufferPointer) { for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 } }
        withUnsafeBytes(of: timestampMilliseconds ?? -1, add)
        if let key { add(key) }
        if let value { add(value) }
        return hash
    }
}
