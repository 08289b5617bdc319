import Alerting
import Engine
import Intake
import Kafka
import Logging
import Scoreboard

/// What goes out, and what becomes of it.
extension Session {
    /// Alerts go out only while nobody else can lead; what was decided too late is decided again.
    mutating func sendEffects() throws(KafkaError) {
        for effect in engine.takeEffects() {
            if case .reject(let record) = effect { rejections[record.rejection.reason, default: 0] += 1 }
            if case .publish(let record) = effect, !leadership.mayPublish(situation(ServiceClock.bootSeconds)) {
                engine.alertFailed(key: record.key, id: record.id)
            } else {
                try outbox.send(effect, daemon.stop)
            }
        }
        try sendLeftOut()
    }

    /// How many rejections were not told one by one.
    mutating func sendLeftOut(atOnce: Bool = false) throws(KafkaError) {
        for record in engine.takeLeftOut(now: ServiceClock.monotonicSeconds, atOnce: atOnce) {
            for (reason, count) in record.reasons { rejections[reason, default: 0] += count }
            try outbox.send(record, daemon.stop)
        }
    }

    /// What others left on the score topic and stands otherwise on the scoreboard is written again.
    mutating func readScores() throws(KafkaError) {
        for entry in try scoreTopic.read() {
            if let score = entry.score {
                engine.scoreRead(key: entry.key, numerator: score.numerator, denominator: score.denominator, isApplicable: score.isApplicable)
            } else {
                engine.scoreFailed(key: entry.key)
            }
        }
    }

    mutating func publishScores(_ now: Double) throws(KafkaError) {
        // Scores wait for a slow broker; alerts and rejections go first.
        let room = Swift.min(scoreAllowance.room(now), 10_000 - outbox.outstanding)
        guard room > 0 else { return }
        let cells = scoresToPublish.prefix(room)
        scoresToPublish = scoresToPublish.dropFirst(room)
        for cell in cells { try outbox.send(engine.score(of: cell), daemon.stop) }
        let sentAt = ServiceClock.bootSeconds
        scoreAllowance.took(cells.count, sentAt)
        // The last of a long round may have changed again: it waits as long as the others.
        if scoresToPublish.isEmpty { publishing.rest(from: sentAt) }
    }

    mutating func hearReports(_ now: Double) throws(KafkaError) {
        var failures: [String] = []
        var fates: [Outbox.Fate] = []
        try outbox.serve(now, daemon.stop, log: { failures.append($0) }, told: { fates.append($0) })
        for fate in fates {
            switch fate {
            case .written(let record, let offset): engine.alertAcknowledged(key: record.key, id: record.id, offset: offset)
            case .lost(let record): engine.alertFailed(key: record.key, id: record.id)
            case .lostScore(let record): engine.scoreFailed(key: record.key)
            case .lostClaim: leadership.claimFailed()
            }
        }
        for failure in failures {
            if let held = patience.hear(failure, now) { daemon.log.error("\(failure); trying again", metadata: held > 0 ? ["repeated": "\(held)"] : [:]) }
        }
    }

    mutating func hearNotices(_ now: Double) throws(KafkaError) {
        for notice in try consumer.drainNotices() + outbox.producer.drainNotices() + member.drainNotices() + scoreTopic.drainNotices() {
            if notice.kind == .offsetOutOfRange, let partition = notice.partition { lost.insert(partition) }
            // What one connection suffers matters only when no broker is left, and then that is said.
            if notice.kind == .error, notice.code == .transport { continue }
            guard let held = patience.hear(notice.kind == .allBrokersDown ? "down" : "\(notice.kind) \(notice.partition.map(String.init(describing:)) ?? "") \(notice.text)", now) else { continue }
            let level: Logger.Level = switch notice.severity {
            case .info: .info
            case .warning: .warning
            case .error: .error
            case .fatal: .critical
            }
            daemon.log.log(level: level, "kafka: \(words(of: notice))", metadata: held > 0 ? ["repeated": "\(held)"] : [:])
        }
        if !lost.isEmpty, recovering.isDue(now) { try recover(now) }
    }

    func words(of notice: KafkaNotice) -> String {
        notice.kind == .allBrokersDown ? "no broker answers at \(daemon.settings.bootstrap): nothing is read or written until one does; trying again" : "\(notice)"
    }
}
