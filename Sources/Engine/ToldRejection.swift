public import Catalog
import Intake
public import JSON

/// A record of the rejected topic, read back: which place of an input it speaks of.
public struct ToldRejection: Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    /// One offset, or all between the first and the last of those that were left out.
    public var offsets: ClosedRange<Int64>
    /// The reason; of left out ones `left_out` and all of theirs.
    public var reasons: [String]
    /// Size and SHA-256 of the original's value; nil where many were left out.
    public var original: Original?
    public var time: Instant

    public struct Original: Sendable, Equatable {
        public var size: Int
        public var sha256: String
    }

    /// Nil if it is not one of ours in form, or if it does not speak of the place that its key names.
    public init?(key: String, json bytes: UnsafeRawBufferPointer, reader: JSONReader) {
        guard let record = try? reader.parse(bytes), let reason = record["reason"]?.text, let topic = record["topic"]?.text,
              let partition = record["partition"]?.integer.flatMap({ Int32(exactly: $0) }), partition >= 0, let time = record["time"]?.string.flatMap(Timestamp.parse)
        else { return nil }
        self.topic = topic
        self.partition = partition
        self.time = time
        if reason == LeftOutRecord.reason {
            guard let first = record["first_offset"]?.integer, let last = record["last_offset"]?.integer, first >= 0, first <= last,
                  key == "\(topic)-\(partition)-\(first)..\(last)", let named = record["reasons"], named.isObject
            else { return nil }
            offsets = first...last
            reasons = [reason] + RejectionReason.allCases.map(\.rawValue).filter { named[$0] != nil }
            original = nil
        } else {
            guard let offset = record["offset"]?.integer, offset >= 0, let index = record["index"]?.integer, key == "\(topic)-\(partition)-\(offset).\(index)",
                  let size = record["size"]?.integer.flatMap({ Int(exactly: $0) }), let sha256 = record["sha256"]?.text
            else { return nil }
            offsets = offset...offset
            reasons = [reason]
            original = Original(size: size, sha256: sha256)
        }
    }
}
