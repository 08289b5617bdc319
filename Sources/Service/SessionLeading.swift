import Alerting
import Catalog
import CatalogFiles
import Engine
import Kafka
import Logging

/// Who leads.
extension Session {
    func situation(_ now: Double) -> Leadership.Situation {
        Leadership.Situation(
            now: now, isCaughtUp: isCaughtUp, isNearlyCaughtUp: isCaughtUp || assignment.left < Self.nearlyCaughtUp && assignment.isPassed(leaderNumber), isHolder: member.isHolder,
            generation: member.generation, provenAt: member.provenAt, alertPosition: assignment.position(of: alertNumber),
            leaderEnd: assignment.end(of: leaderNumber), hasAlertsUnderWay: outbox.hasAlertsUnderWay)
    }

    mutating func lead(_ now: Double) throws(KafkaError) {
        let before = leadership.role
        while let action = leadership.next(situation(now)) {
            switch action {
            case .take(let part): try member.take(part: part)
            case .writeClaims(let count): for _ in 0..<count { try outbox.send(claim(isResigned: false), daemon.stop) }
            case .askEndOfAlerts:
                let alerts = assignment.bounds[alertNumber].partition
                do throws(KafkaError) {
                    guard let high = try consumer.watermark(.high, of: [alerts], timeout: Self.questionPatience)[alerts] else { return }
                    leadership.alertsEnd(at: high)
                } catch {
                    // Asked again at the next turn.
                    guard let held = patience.hear("end of alerts", now) else { return }
                    return daemon.log.warning("\(error); asking again: this daemon does not lead before it knows", metadata: held > 0 ? ["repeated": "\(held)"] : [:])
                }
            case .startJudging(let term):
                outbox.term = term
                outbox.forgetFailedAlerts()
                followed = nil
                engine.startJudging(as: Stamp(term: term, writer: outbox.writer), initial: engine.alerting.isEmpty)
                try scoreTopic.start()
                daemon.log.info("leading", metadata: ["term": "\(term)", "firing_before": "\(firing)"])
                breathing = Rhythm(seconds: 10)
            case .stopJudging:
                // Cells are numbered the same for ever: whoever leads next publishes what changed since.
                for cell in scoresToPublish { engine.scoreFailed(cell) }
                scoresToPublish = []
                try scoreTopic.rest()
                engine.stopJudging()
                daemon.log.warning("no longer leading", metadata: leadership.reason.map { ["why": "\($0.words)"] } ?? [:])
                breathing = Rhythm(seconds: 10)
            }
        }
        guard leadership.role != before, case .standby(.otherCatalog(let hash)) = leadership.role else { return }
        daemon.log.error("the last leader judged by another catalog: this daemon does not lead. If its catalog is the right one, start it with --accept-catalog",
                         metadata: ["ours": "\(daemon.configuration.catalog.hash)", "theirs": "\(hash)"])
    }

    func claim(isResigned: Bool) -> Claim {
        Claim(source: daemon.configuration.catalog.source, writer: outbox.writer, instance: instance, catalog: daemon.configuration.catalog.hash, isResigned: isResigned, time: daemon.clock.now)
    }
}

extension Leadership.Reason {
    /// For the log.
    fileprivate var words: String {
        switch self {
        case .catchingUp: "it has to catch up"
        case .otherCatalog: "the last leader judged by another catalog"
        case .notElected: "the group has chosen another, or chooses anew"
        case .overtaken: "a higher term was seen"
        case .topicAnew: "the alert topic or the leader topic was made anew"
        }
    }
}
