import BenchmarkMessages
import Catalog
import Engine
import Intake
import Scoreboard

/// Messages into an engine as the daemon gives them: clock, up to 2,000 messages, one step.
struct Batches {
    static let size = 2_000

    /// Alert changes so far.
    private(set) var alerts = 0
    private var offset: Int64 = 0

    mutating func take(_ range: Range<Int>, of statuses: Statuses, into engine: inout Engine) {
        var first = range.lowerBound
        while first < range.upperBound {
            let end = min(first + Self.size, range.upperBound)
            let now = statuses.clock(end - 1)
            engine.step(now: now)
            give(end - first, to: &engine) { statuses.message(first + $0) }
            settle(at: now, &engine)
            first = end
        }
    }

    mutating func give(_ count: Int, to engine: inout Engine, _ message: (Int) -> Intake.Message) {
        let before = offset
        engine.receive(count) { Engine.Record(message($0), at: Cause(topic: 0, partition: 0, offset: before + Int64($0))) }
        offset += Int64(count)
    }

    mutating func settle(at now: Instant, _ engine: inout Engine) {
        engine.step(now: now)
        count(engine.takeEffects())
    }

    mutating func count(_ effects: [Effect]) {
        for effect in effects { if case .publish = effect { alerts += 1 } }
    }
}

extension FinalState {
    init(of engine: borrowing Engine) {
        self.init(
            subjects: engine.subjects, accepted: engine.counts.accepted, rejected: engine.counts.rejected,
            digest: Digest.of(engine.scores().map { ($0.key, $0.score.numerator, $0.score.denominator) }))
    }
}
