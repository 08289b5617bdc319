public import Catalog
public import Scoreboard

/// The present state of one alert, as it stands on the alert topic.
public struct AlertRecord: Equatable, Sendable {
    public struct Agency: Equatable, Sendable {
        public var id: String
        public var name: String
        public var level: String
        public var parent: String?
    }

    public struct Criterion: Equatable, Sendable {
        public var framework: String
        public var code: String
        public var name: String
        public var lead: String?
    }

    /// The record that brought the change.
    public struct Cause: Equatable, Sendable {
        public var topic: String
        public var partition: Int64
        public var offset: Int64
    }

    public var key: String
    public var source: String
    /// When this state was found.
    public var time: Instant
    public var incident: Incident
    /// Found at the first catching-up, not news.
    public var initial: Bool
    public var agency: Agency
    public var criterion: Criterion
    public var period: String
    public var score: Score
    /// Those of the incident's severity.
    public var threshold: ExactDecimal
    public var clear: ExactDecimal
    public var target: ExactDecimal?
    /// Nil: the clock did it.
    public var cause: Cause?
    public var catalog: String
    public var text: Bilingual

    /// `<key>#<start of the incident in UTC>.<revision>`.
    public var id: String { "\(key)#\(Timestamp.utc(incident.since)).\(incident.revision)" }
}
