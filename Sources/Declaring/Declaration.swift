package import Catalog
import Intake
import JSON

/// One row of a file, as the message that it becomes.
package struct Declaration: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case figure, obligation, event

        /// What a criterion is declared by; nil if systems send what it counts.
        package init?(_ measure: Measure) {
            if measure.form != nil {
                self = .figure
            } else {
                switch measure.kind {
                case .obligation: self = .obligation
                case .event: self = .event
                default: return nil
                }
            }
        }

        /// Columns that a row of this kind may have, beside `framework`, `criterion`, `agency` and `deleted`.
        package var columns: [String] {
            switch self {
            case .figure: ["period", "value", "numerator", "denominator", "as_of"]
            case .obligation: ["id", "item", "due", "done"]
            case .event: ["id", "item", "occurred"]
            }
        }
    }

    package var line: Int
    package var kind: Kind
    package var framework: String
    package var criterion: String
    package var agency: String
    /// Period, due date or day, as it was written.
    package var when: String
    /// What is declared, in a few characters.
    package var what: String
    /// The same for every declaration of the same thing, so that a later one takes its place.
    package var subject: String
    var data: [UInt8]

    /// As the alert and score topics name the cell of a figure.
    package var cell: String { "\(framework)/\(criterion)/\(agency)/\(when)" }

    /// CloudEvents 1.0. The id follows from what is said, so the same row is the same event whenever it is sent.
    package func json(source: String, time: String) -> [UInt8] {
        let id = Array("\(kind.rawValue)\n\(subject)\n".utf8) + data
        var writer = JSONWriter()
        writer.object {
            $0.string("specversion", "1.0")
            $0.string("id", String(id.withUnsafeBytes(Digest.sha256).prefix(32)))
            $0.string("source", source)
            $0.string("type", "vn.par.\(kind.rawValue).v1")
            $0.string("subject", subject)
            $0.string("time", time)
            $0.json("data", data)
        }
        return writer.bytes
    }
}
