package import Catalog
import JSON

/// The sign of life that a daemon writes every ten seconds, so that silence does not look like health.
package struct Health: Sendable {
    static let type = "vn.par.health.v1"

    package enum Role: String, Sendable {
        case leader, standby
        /// It has ended as it was asked to.
        case stopped
    }

    package var source: String
    /// The daemon, through all its restarts.
    package var instance: String
    package var writer: String
    package var role: Role
    /// Why it does not lead; nil where it does.
    package var reason: String?
    package var term: Int64?
    package var isCaughtUp: Bool
    /// Why judging stands still, such as partitions that lag.
    package var standstill: String?
    /// What may be missing, so that nothing is resolved.
    package var gaps: Gaps
    /// Records of the inputs that are known to be there and were not read yet; nil where the cluster does not say.
    package var lag: Int64?
    /// How old what was read is at most, in seconds.
    package var lagSeconds: Double
    /// The judging clock.
    package var asOf: Instant
    package var isClockSimulated: Bool
    package var firing: Int
    package var catalog: String
    package var version: String
    package var time: Instant

    var key: String { "\(source)/\(instance)" }

    func json(in zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { event in
            event.string("specversion", "1.0")
            event.string("id", "\(key)#\(Timestamp.utc(time))")
            event.string("source", source)
            event.string("type", Self.type)
            event.string("subject", key)
            event.string("time", Timestamp.text(time, in: zone))
            event.object("data") {
                $0.string("role", role.rawValue)
                $0.string("reason", reason)
                $0.integer("term", term)
                $0.bool("caught_up", isCaughtUp)
                $0.string("standstill", standstill)
                $0.bool("complete", gaps.isEmpty)
                $0.string("gaps", gaps.text)
                $0.integer("lag", lag)
                $0.integer("lag_seconds", Int64(lagSeconds))
                $0.string("as_of", Timestamp.text(asOf, in: zone))
                $0.string("clock", isClockSimulated ? "simulated" : "wall")
                $0.integer("firing", Int64(firing))
                $0.string("instance", instance)
                $0.string("writer", self.writer)
                $0.string("catalog", catalog)
                $0.string("version", version)
            }
        }
        return writer.bytes
    }
}
