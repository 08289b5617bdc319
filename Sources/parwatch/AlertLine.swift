import Alerting
import Catalog
import Scoreboard
import Service

/// An alert on one line. What is as long as it likes stands last.
enum AlertLine {
    static let heading = columns("STATE", "SINCE", "VALUE", "LIMIT", "AGENCY", "CRITERION")

    /// `at`: the instant shown; by default when the incident began.
    static func text(_ record: AlertRecord, _ zone: Zone, _ percentages: Percentages, at instant: Instant? = nil) -> String {
        let isPercentage = percentages.include(record.criterion.framework, record.criterion.code, denominator: record.score.denominator)
        let side = record.incident.reason == .aboveThreshold || record.incident.reason != .belowThreshold && record.clear < record.threshold ? ">" : "<"
        return JournalHandler.line(columns(
            word(record.incident), String(minute(instant ?? record.incident.since, zone).dropFirst(5)), record.score.value?.text(isPercentage: isPercentage) ?? "-",
            side + record.threshold.text(isPercentage: isPercentage),
            record.agency.name, "\(record.criterion.framework)/\(record.criterion.code) \(record.period)"))
    }

    /// CRITICAL, WARNING, or what became of it.
    static func word(_ incident: Incident) -> String {
        switch incident.state {
        case .firing: incident.clearing == nil ? incident.severity.rawValue.uppercased() : "CLEARING"
        case .pending: "pending"
        case .inactive: "inactive"
        case .resolved: "resolved"
        }
    }

    static func minute(_ instant: Instant, _ zone: Zone) -> String {
        let text = instant.text(in: zone)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    private static func columns(_ state: String, _ since: String, _ value: String, _ limit: String, _ agency: String, _ criterion: String) -> String {
        "\(pad(state, 8)) \(pad(since, 11)) \(pad(value, 7)) \(pad(limit, 6)) \(pad(agency, 21)) \(criterion)"
    }

    /// Exactly `width` columns.
    static func pad(_ text: String, _ width: Int) -> String {
        text.count > width ? text.prefix(width - 1) + "…" : text + String(repeating: " ", count: width - text.count)
    }
}
