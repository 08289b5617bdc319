public import Alerting
public import Catalog
public import Intake
import JSON
public import Scoreboard

/// What the engine wants done in the world.
public enum Effect: Sendable {
    /// Write an alert record; it counts when it has been read back from the topic.
    case publish(AlertRecord)
    /// Report a record that cannot be counted.
    case reject(RejectedRecord)
}

/// A record that cannot be counted: where it lies and what is wrong, never a byte of its payload.
public struct RejectedRecord: Sendable {
    public var rejection: Rejection
    public var position: Cause
    /// Which part of a record that holds many, from 0.
    public var index: Int
    /// Of the payload, in bytes.
    public var size: Int
    public var sha256: String
    public var time: Instant

    /// `topic-partition-offset.index`; the index tells the parts of a record that holds many.
    public func key(topic: String) -> String { "\(topic)-\(position.partition)-\(position.offset).\(index)" }

    public func json(topic: String, zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("reason", rejection.reason.rawValue)
            $0.string("field", rejection.field)
            $0.string("source", rejection.source)
            $0.string("topic", topic)
            $0.integer("partition", Int64(position.partition))
            $0.integer("offset", position.offset)
            $0.integer("index", Int64(index))
            $0.integer("size", Int64(size))
            $0.string("sha256", sha256)
            $0.string("time", Timestamp.text(time, in: zone))
        }
        return writer.bytes
    }
}

extension Layout {
    /// What the score topic says of a cell with this score.
    public func record(of cell: CellID, _ score: Score, asOf: Instant) -> ScoreRecord {
        let place = place(of: cell)
        return ScoreRecord(
            key: key(of: cell), source: catalog.source, agency: catalog.agencies[place.agency].id, framework: place.framework.id, criterion: place.criterion.code,
            period: place.periodName, score: score, target: place.criterion.target, rule: place.criterion.points, asOf: asOf)
    }
}

/// The present score of one cell, as it stands on the score topic.
public struct ScoreRecord: Sendable {
    public static let type = "vn.par.score.v1"

    public var key: String
    public var source: String
    public var agency: String
    public var framework: String
    public var criterion: String
    public var period: String
    public var score: Score
    public var target: Target?
    /// How points are earned; nil where the catalog says nothing of points.
    public var rule: Points?
    public var asOf: Instant

    public var isMet: Bool? {
        guard let target, let (numerator, denominator) = score.fraction else { return nil }
        return target.isMet(numerator: numerator, denominator: denominator)
    }

    /// Nil without a value, or without a rule.
    public var points: ExactDecimal? { score.points(by: rule) }

    public func json(in zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        let time = Timestamp.text(asOf, in: zone)
        writer.object { event in
            event.string("specversion", "1.0")
            event.string("id", "\(key)#\(Timestamp.utc(asOf))")
            event.string("source", source)
            event.string("type", Self.type)
            event.string("subject", key)
            event.string("time", time)
            event.object("data") {
                $0.string("agency", agency)
                $0.string("framework", framework)
                $0.string("criterion", criterion)
                $0.string("period", period)
                $0.literal("numerator", score.written.description)
                $0.integer("denominator", score.denominator)
                $0.literal("value", score.value.map(\.description) ?? "null")
                $0.literal("target", target.map(\.value.description) ?? "null")
                $0.bool("met", isMet)
                $0.bool("applicable", score.isApplicable)
                $0.literal("points", points.map(\.description) ?? "null")
                $0.string("as_of", time)
            }
        }
        return writer.bytes
    }
}
