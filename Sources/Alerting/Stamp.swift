import Catalog

/// Who wrote a record of the alert topic, as its headers `term` and `writer` say.
public struct Stamp: Equatable, Sendable {
    /// Number of the writer's leadership, from 0; -1 where no header says one.
    public var term: Int64
    /// A process, by a name that no other ever has.
    public var writer: String

    public static let none = Stamp(term: -1, writer: "")

    public init(term: Int64, writer: String) {
        self.term = term
        self.writer = writer
    }
}

/// Of the records of one key of the alert topic the greatest is the truth, whatever came last: an overtaken leader may still write.
public struct AlertRank: Comparable, Sendable {
    private let term: Int64
    private let since: Instant
    private let revision: Int64

    /// `term`: of the leadership under which it was written, -1 if it does not say.
    public init(_ record: AlertRecord, term: Int64) { (self.term, since, revision) = (term, record.incident.since, record.incident.revision) }

    public static func < (a: AlertRank, b: AlertRank) -> Bool { (a.term, a.since, a.revision) < (b.term, b.since, b.revision) }
}

/// What is known of one key of the alert topic.
struct Published {
    /// The truth: the one of the greatest rank.
    var record: AlertRecord
    var term: Int64
    /// Something else stands behind it on the topic, which a reader that begins there takes for the truth: it must be written again.
    var isOvertaken: Bool

    /// The truth after one more record. `record` nil: a tombstone, or something that is no alert in form. `isOwn`: it is what this leadership
    /// wrote, or none of ours leads.
    static func after(_ truth: Published?, _ record: AlertRecord?, _ stamp: Stamp, isOwn: Bool) -> Published? {
        var truth = truth
        guard let record else {
            truth?.isOvertaken = true
            return truth
        }
        guard var known = truth, AlertRank(record, term: stamp.term) < AlertRank(known.record, term: known.term) else {
            return Published(record: record, term: stamp.term, isOvertaken: !isOwn)
        }
        known.isOvertaken = true
        // No `id` may name two contents.
        if record.incident.since == known.record.incident.since { known.record.incident.revision = max(known.record.incident.revision, record.incident.revision) }
        return known
    }
}
