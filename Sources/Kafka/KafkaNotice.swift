/// Something worth a line in the log that is nobody's return value: librdkafka's errors and log lines.
package struct KafkaNotice: Sendable, Equatable, CustomStringConvertible {
    package enum Severity: Int, Sendable, Comparable {
        case info, warning, error, fatal
        package static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
    }

    package enum Kind: Sendable, Hashable {
        /// No broker can be reached; librdkafka keeps trying.
        case allBrokersDown
        /// A broker answered for the first time after `allBrokersDown`.
        case brokersUp
        /// The assigned `partition` has no such `offset`. It stands still until assigned anew.
        case offsetOutOfRange
        /// `partition` cannot be read at present, or at all (no right to read …). Of a topic that does not exist, librdkafka 2.0.2 only writes
        /// a `log` line, half a minute later and then every second: ask `partitionCount` before assigning.
        case partitionError
        /// An offset commit failed; only lag monitors miss it.
        case commitFailed
        /// Any other error of the client.
        case error
        /// A log line of librdkafka.
        case log
    }

    package var kind: Kind
    package var severity: Severity
    /// nil for log lines and `brokersUp`.
    package var code: KafkaError.Code?
    package var partition: TopicPartition?
    package var offset: Int64?
    package var text: String
    /// How often it came since the last `drainNotices`.
    package var count = 1

    package var description: String {
        let place = partition.map { "\($0)\(offset.map { "@\($0)" } ?? ""): " } ?? ""
        return place + text + (code.flatMap { text.contains($0.name) ? nil : " (\($0.name))" } ?? "") + (count > 1 ? " ×\(count)" : "")
    }
}

/// Notices until somebody drains them: equal ones are counted, and a flood cannot fill the memory.
struct NoticeBuffer {
    /// Distinct notices kept; more are only counted.
    static let capacity = 64

    private var notices: [KafkaNotice] = []
    private var dropped = 0

    mutating func add(_ notice: KafkaNotice) {
        var notice = notice
        notice.text = Self.withoutTiming(notice.text)
        if let i = notices.firstIndex(where: { $0.isSame(as: notice) }) {
            notices[i].count += notice.count
        } else if notices.count < Self.capacity {
            notices.append(notice)
        } else {
            dropped += 1
        }
    }

    mutating func drain() -> [KafkaNotice] {
        defer { notices = []; dropped = 0 }
        guard dropped > 0 else { return notices }
        return notices + [
            KafkaNotice(kind: .log, severity: .warning, text: "further Kafka notices were not kept", count: dropped)
        ]
    }

    /// librdkafka ends many texts with `(after 31ms in state CONNECT)`, which would make every one of them a new one.
    static func withoutTiming(_ text: String) -> String {
        let line = oneLine(text)
        return line.firstRange(of: " (after ").map { String(line[..<$0.lowerBound]) } ?? line
    }
}

extension KafkaNotice {
    fileprivate func isSame(as other: KafkaNotice) -> Bool {
        kind == other.kind && code == other.code && partition == other.partition && offset == other.offset
            && severity == other.severity && text == other.text
    }
}
