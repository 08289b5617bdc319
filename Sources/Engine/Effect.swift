package import Alerting
package import Catalog
package import Intake
import JSON
package import Scoreboard

/// What the engine wants done in the world.
package enum Effect: Sendable {
    /// Write an alert record; it counts when it has been read back from the topic.
    case publish(AlertRecord)
    /// Report a record that cannot be counted.
    case reject(RejectedRecord)
}

/// A record that cannot be counted: where it lies and what is wrong, never a byte of its payload.
package struct RejectedRecord: Sendable {
    package var rejection: Rejection
    package var position: Cause
    /// Of the payload, in bytes.
    package var size: Int
    package var sha256: String
    package var time: Instant

    /// `topic-partition-offset.index`; the index tells the parts of a record that holds many.
    package func key(topic: String) -> String { "\(topic)-\(position.partition)-\(position.offset).0" }

    package func json(topic: String, zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("reason", rejection.reason.rawValue)
            $0.string("field", rejection.field)
            $0.string("source", rejection.source)
            $0.string("topic", topic)
            $0.integer("partition", Int64(position.partition))
            $0.integer("offset", position.offset)
            $0.integer("index", 0)
            $0.integer("size", Int64(size))
            $0.string("sha256", sha256)
            $0.string("time", Timestamp.text(time, in: zone))
        }
        return writer.bytes
    }
}

/// The present score of one cell, as it stands on the score topic.
package struct ScoreRecord: Sendable {
    package static let type = "vn.par.score.v1"

    package var key: String
    package var source: String
    package var agency: String
    package var framework: String
    package var criterion: String
    package var period: String
    package var score: Score
    package var target: Target?
    package var asOf: Instant

    package var isMet: Bool? {
        guard let target, let (numerator, denominator) = score.fraction else { return nil }
        return target.isMet(numerator: numerator, denominator: denominator)
    }

    package func json(in zone: Zone) -> [UInt8] {
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
                $0.integer("numerator", score.numerator)
                $0.integer("denominator", score.denominator)
                $0.literal("value", score.value.map(\.description) ?? "null")
                $0.literal("target", target.map(\.value.description) ?? "null")
                $0.bool("met", isMet)
                $0.literal("points", "null")
                $0.string("as_of", time)
            }
        }
        return writer.bytes
    }
}
