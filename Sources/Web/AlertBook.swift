import Alerting
import Catalog
import JSON
import Scoreboard
import Service

/// What Alertmanager has been told, and what it must be told so that it holds what the alert topic does. Pure: time comes in, posts come out, and a post counts only when it has been taken.
struct AlertBook {
    /// Alertmanager knows an alert by these.
    struct Labels: Hashable {
        var agency: String
        var criterion: String
        var framework: String
        var period: String
        var province: String
        var severity: Severity
        var source: String
    }

    struct Post {
        var labels: Labels
        var record: AlertRecord
        /// Seconds since 1970, as the two below.
        var startsAt: Double
        /// In the future while it fires: then it ends by itself if nobody repeats it.
        var endsAt: Double
        var isAlive: Bool
    }

    private struct Entry {
        var id: String
        var record: AlertRecord
        var toldAt: Double
    }

    /// What it was told is firing.
    private var alive: [Labels: Entry] = [:]
    /// What another daemon may have told it is not known until the first round is through.
    private var isFirstRound = true

    /// Seconds after which a firing alert is told again.
    static let repetition = 60.0
    /// Seconds for which it stays without being repeated: a failover is shorter.
    static let validity = 900.0

    var aliveCount: Int { alive.count }

    /// When something is to be told even if no alert changes.
    var nextRepetition: Double? { alive.values.map { $0.toldAt + Self.repetition }.min() }

    /// All that is to be told now. `clock`: the judging clock.
    func posts(for records: [AlertRecord], _ catalog: Catalog, now: Double, clock: Instant) -> [Post] {
        var posts: [Post] = [], firing: Set<Labels> = []
        let provinces = Self.provinces(catalog)
        for record in records {
            let isFiring = record.incident.state == .firing
            for severity in Severity.allCases {
                let labels = Labels(record, severity, provinces)
                if isFiring, severity == record.incident.severity {
                    firing.insert(labels)
                    if let entry = alive[labels], entry.id == record.id, now - entry.toldAt < Self.repetition { continue }
                    posts.append(Post(labels, record, now: now, isAlive: true))
                } else if isFirstRound, alive[labels] == nil, record.incident.state.isActive || Self.endedLately(record, clock) {
                    // Who led before may have told it that this fires, be it for an incident before this one.
                    posts.append(Post(labels, record, now: now, isAlive: false))
                }
            }
        }
        // A copy of the board holds no key twice, so what is not there has ended or changed its severity.
        let records = Dictionary(records.map { ($0.key, $0) }) { first, _ in first }
        for (labels, entry) in alive where !firing.contains(labels) { posts.append(Post(labels, records[entry.record.key] ?? entry.record, now: now, isAlive: false)) }
        return posts
    }

    /// Alertmanager has taken it.
    mutating func took(_ post: Post, now: Double) { alive[post.labels] = post.isAlive ? Entry(id: post.record.id, record: post.record, toldAt: now) : nil }

    /// It has taken all there was.
    mutating func finishedRound() { isFirstRound = false }

    private static func endedLately(_ record: AlertRecord, _ clock: Instant) -> Bool {
        guard let resolved = record.incident.resolved else { return false }
        return Double(clock.microseconds - resolved.microseconds) / 1e6 < 2 * validity
    }

    /// The top of each agency's tree.
    private static func provinces(_ catalog: Catalog) -> [String: String] {
        Dictionary(catalog.agencies.indices.map { (catalog.agencies[$0].id, catalog.agencies[catalog.line(of: $0).last ?? $0].id) }) { first, _ in first }
    }
}

extension AlertBook.Labels {
    fileprivate init(_ record: AlertRecord, _ severity: Severity, _ provinces: [String: String]) {
        self.init(
            agency: record.agency.id, criterion: record.criterion.code, framework: record.criterion.framework, period: record.period,
            province: provinces[record.agency.id] ?? record.agency.parent ?? record.agency.id, severity: severity, source: record.source)
    }
}

extension AlertBook.Post {
    fileprivate init(_ labels: AlertBook.Labels, _ record: AlertRecord, now: Double, isAlive: Bool) {
        // A simulated clock may be ahead; an alert must not end before it began.
        let startsAt = min(Double(record.incident.since.microseconds) / 1e6, now)
        let ended = record.incident.resolved.map { Double($0.microseconds) / 1e6 } ?? now
        self.init(labels: labels, record: record, startsAt: startsAt, endsAt: isAlive ? now + AlertBook.validity : max(startsAt, min(ended, now)), isAlive: isAlive)
    }

    func json(into writer: inout JSONWriter) {
        writer.object {
            $0.object("labels") {
                $0.string("alertname", "PARIndexThreshold")
                $0.string("agency", labels.agency)
                $0.string("criterion", labels.criterion)
                $0.string("framework", labels.framework)
                $0.string("period", labels.period)
                $0.string("province", labels.province)
                $0.string("severity", labels.severity.rawValue)
                $0.string("source", labels.source)
            }
            $0.object("annotations") {
                $0.string("summary_vi", record.text.vi)
                $0.string("summary_en", record.text.en)
                $0.string("agency_name", record.agency.name)
                $0.string("criterion_name", record.criterion.name)
                // Alertmanager takes texts alone.
                if let lead = record.criterion.lead { $0.string("lead", lead) }
                if let value = record.score.value { $0.string("value", value.description) }
                $0.string("threshold", record.threshold.description)
                $0.string("id", record.id)
            }
            $0.string("startsAt", Self.utc(startsAt))
            $0.string("endsAt", Self.utc(endsAt))
        }
    }

    private static func utc(_ seconds: Double) -> String { Timestamp.utc(Instant(microseconds: Int64(seconds * 1e6))) }
}
