public import Catalog
public import Intake
import JSON
import Scoreboard

/// Bounds how many rejections are told one by one: a flood of garbage must not cost more than the messages in whose place it came. What goes beyond is
/// counted by input partition, and told by one record for each. Reads no clock: time comes in as seconds of one that only runs forward.
public struct RejectionLimit: Sendable {
    /// In the long run.
    private let perSecond: Int
    /// At once, after a quiet time.
    private let burst: Int
    /// How many may still be told.
    private var room: Double
    private var filledAt: Double?
    private var takenAt = -Double.infinity
    private var leftOut: [LeftOut] = []
    /// Where in `leftOut` the last one was counted: the next is most often of the same partition.
    private var last = 0

    public init(perSecond: Int = 200, burst: Int = 2_000) {
        self.perSecond = perSecond
        self.burst = burst
        room = Double(burst)
    }

    /// Whether this one is to be told; else it has been counted.
    mutating func admits(_ reason: RejectionReason, at position: Cause) -> Bool {
        if room >= 1 {
            room -= 1
            return true
        }
        if !(leftOut.indices.contains(last) && leftOut[last].isOf(position)) {
            if let known = leftOut.firstIndex(where: { $0.isOf(position) }) {
                last = known
            } else {
                last = leftOut.count
                leftOut.append(LeftOut(topic: position.topic, partition: position.partition, offsets: position.offset...position.offset))
            }
        }
        leftOut[last].count(reason, at: position.offset)
        return false
    }

    /// Lets time pass until `now`. Returns what was left out and not told yet, once a second at most; `atOnce`, whenever it is asked.
    mutating func take(now: Double, atOnce: Bool) -> [LeftOut] {
        if let filledAt, now > filledAt { room = min(Double(burst), room + (now - filledAt) * Double(perSecond)) }
        filledAt = max(now, filledAt ?? now)
        guard !leftOut.isEmpty, atOnce || now - takenAt >= 1 else { return [] }
        takenAt = now
        defer { leftOut.removeAll(keepingCapacity: true) }
        return leftOut
    }

    /// Rejections of one input partition that were counted and not told.
    struct LeftOut: Sendable {
        let topic: Int32
        let partition: Int32
        /// From the first to the last of them. Others may lie between: accepted ones, and rejected ones that were told.
        private(set) var offsets: ClosedRange<Int64>
        private(set) var reasons: [(reason: RejectionReason, count: Int)] = []

        init(topic: Int32, partition: Int32, offsets: ClosedRange<Int64>) {
            self.topic = topic
            self.partition = partition
            self.offsets = offsets
        }

        func isOf(_ position: Cause) -> Bool { topic == position.topic && partition == position.partition }

        mutating func count(_ reason: RejectionReason, at offset: Int64) {
            // Reading may begin anew at an earlier place.
            offsets = min(offsets.lowerBound, offset)...max(offsets.upperBound, offset)
            if let known = reasons.firstIndex(where: { $0.reason == reason }) { reasons[known].count += 1 } else { reasons.append((reason, 1)) }
        }
    }
}

/// How many rejections of one input partition were left out, and between which offsets: the rejected topic's word on what it does not hold.
public struct LeftOutRecord: Sendable {
    /// Stands where the reason of a rejection stands.
    public static let reason = "left_out"

    /// Index of the input topic.
    public var topic: Int32
    public var partition: Int32
    public var offsets: ClosedRange<Int64>
    public var reasons: [(reason: RejectionReason, count: Int)]
    public var time: Instant

    public var count: Int { reasons.reduce(0) { $0 + $1.count } }

    init(_ leftOut: RejectionLimit.LeftOut, time: Instant) {
        topic = leftOut.topic
        partition = leftOut.partition
        offsets = leftOut.offsets
        reasons = leftOut.reasons.sorted { $0.reason.rawValue < $1.reason.rawValue }
        self.time = time
    }

    /// `topic-partition-first..last`.
    public func key(topic: String) -> String { "\(topic)-\(partition)-\(offsets.lowerBound)..\(offsets.upperBound)" }

    public func json(topic: String, zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("reason", Self.reason)
            $0.integer("count", Int64(count))
            // The reasons' names are our own and hold nothing to escape.
            $0.literal("reasons", "{" + reasons.map { "\"\($0.reason.rawValue)\":\($0.count)" }.joined(separator: ",") + "}")
            $0.string("topic", topic)
            $0.integer("partition", Int64(partition))
            $0.integer("first_offset", offsets.lowerBound)
            $0.integer("last_offset", offsets.upperBound)
            $0.string("time", Timestamp.text(time, in: zone))
        }
        return writer.bytes
    }
}
