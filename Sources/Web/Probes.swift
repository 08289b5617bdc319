import HTTPTypes
import JSON
import Service

/// What a supervisor or a load balancer asks.
enum Probes {
    /// Seconds without a turn of the engine's thread after which it counts as stuck. A full queue or a broker that does not answer takes a few.
    private static let longestTurn = 60.0

    static func live(_ gallery: Gallery) -> Answer {
        let stuck = stuck(gallery)
        var writer = JSONWriter()
        writer.object {
            $0.bool("live", stuck == nil)
            $0.string("reason", stuck)
        }
        return Answer(json: writer.bytes, status: stuck == nil ? .ok : .serviceUnavailable)
    }

    static func ready(_ gallery: Gallery, _ view: View?) -> Answer {
        let reasons = reasons(gallery, view)
        var writer = JSONWriter()
        writer.object {
            $0.bool("ready", reasons.isEmpty)
            $0.array("reasons") { for reason in reasons { $0.string(nil, reason) } }
            $0.string("role", view?.health.role.rawValue)
            // What it says is right as far as it goes: no reason to send readers elsewhere, but they must know.
            $0.bool("complete", view?.health.gaps.isEmpty)
        }
        return Answer(json: writer.bytes, status: reasons.isEmpty ? .ok : .serviceUnavailable)
    }

    /// Why what it says is not to be relied on.
    private static func reasons(_ gallery: Gallery, _ view: View?) -> [String] {
        guard let view else { return [gallery.waiting ?? "reading has not begun"] }
        var reasons: [String] = []
        if let stuck = stuck(gallery) { reasons.append(stuck) }
        if !view.health.isCaughtUp { reasons.append("catching up: \(view.read) of \(view.backlog) records read") }
        if let standstill = view.health.standstill { reasons.append("judging stands still: \(standstill)") }
        return reasons
    }

    private static func stuck(_ gallery: Gallery) -> String? {
        guard let since = gallery.sinceLastTurn, since > longestTurn else { return nil }
        return "the engine's thread has not turned for \(Int(since)) s"
    }
}
