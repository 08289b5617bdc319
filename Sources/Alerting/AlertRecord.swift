package import Catalog
package import Scoreboard

/// The present state of one alert, as it stands on the alert topic.
package struct AlertRecord: Equatable, Sendable {
    package struct Agency: Equatable, Sendable {
        package var id: String
        package var name: String
        package var level: String
        package var parent: String?
    }

    package struct Criterion: Equatable, Sendable {
        package var framework: String
        package var code: String
        package var name: String
        package var lead: String?
    }

    /// The record that brought the change.
    package struct Cause: Equatable, Sendable {
        package var topic: String
        package var partition: Int64
        package var offset: Int64
    }

    package var key: String
    package var source: String
    /// When this state was found.
    package var time: Instant
    package var incident: Incident
    /// Found at the first catching-up, not news.
    package var initial: Bool
    package var agency: Agency
    package var criterion: Criterion
    package var period: String
    package var score: Score
    /// Those of the incident's severity.
    package var threshold: ExactDecimal
    package var clear: ExactDecimal
    package var target: ExactDecimal?
    /// Nil: the clock did it.
    package var cause: Cause?
    package var catalog: String
    package var text: Bilingual

    /// `<key>#<start of the incident in UTC>.<revision>`.
    package var id: String { "\(key)#\(Timestamp.utc(incident.since)).\(incident.revision)" }
}
