import Alerting
import Catalog
import CatalogFiles
import Engine
import Kafka
import Scoreboard

/// What others are told of this daemon.
extension Session {
    mutating func observe(_ now: Double) {
        let received = engine.counts.received
        if now - rate.since >= 1 {
            rate = (now, received, rate.since == 0 ? 0 : Double(received - rate.received) / (now - rate.since))
        }
        let status = DaemonStatus(
            clock: engine.clock, isCaughtUp: isCaughtUp, isLeading: leadership.isLeading, standstill: standstill?.description, isComplete: gaps.isEmpty,
            firing: firing, lag: assignment.inputLag, failedReload: failedReload, received: received, rejected: engine.counts.rejected, subjects: engine.subjects,
            rate: rate.perSecond, outstanding: outbox.outstanding)
        daemon.observe(engine, status)
        if isCaughtUp, !isReady {
            isReady = true
            daemon.systemd.ready(status.line)
        }
        daemon.systemd.status(status.line, now: now)
    }

    func health(_ now: Double, _ role: Health.Role) -> Health {
        let reason: String? = switch leadership.role {
        case .standby(.catchingUp): "catching up"
        case .standby(.otherCatalog(let hash)): "the last leader judged by another catalog: \(hash)"
        case .standby(.notElected), .standby(.overtaken): "another leads, or nobody yet"
        case .standby(.topicAnew), .claiming, .asking, .learning: "taking over"
        case .leading: nil
        }
        return Health(
            source: daemon.configuration.catalog.source, instance: instance, writer: outbox.writer, role: role, reason: reason, term: leadership.term, isCaughtUp: isCaughtUp,
            standstill: standstill?.description, gaps: gaps, lag: assignment.inputLag, lagSeconds: assignment.stalest(now)?.seconds ?? 0, asOf: engine.clock,
            isClockSimulated: daemon.clock.isSimulated, firing: firing, catalog: daemon.configuration.catalog.hash, version: Daemon.version, time: daemon.clock.now)
    }

    var firing: Int { Severity.allCases.reduce(0) { $0 + engine.alerting.count(.firing, $1) } }

    /// For readers on other threads, if any has asked.
    mutating func show(_ now: Double) {
        daemon.gallery.beat(now)
        if painter.isViewDue(daemon.gallery, now) {
            let view = view(now)
            painter.show(view, daemon.gallery)
        }
        painter.paint(daemon.gallery, engine, now)
    }

    func view(_ now: Double) -> View {
        let topics = daemon.configuration.inputs + [daemon.configuration.outputs.alerts, daemon.configuration.outputs.leader]
        return View(
            madeAt: now, health: health(now, leadership.isLeading ? .leader : .standby), layout: engine.scoreboard.layout,
            partitions: assignment.numbersRead.filter(assignment.isInput).map {
                .init(topic: assignment.bounds[$0].partition.topic, number: assignment.bounds[$0].partition.partition, position: assignment.position(of: $0), lag: assignment.lag(of: $0), lagSeconds: assignment.lagSeconds(of: $0, now))
            },
            sources: engine.sources, backlog: assignment.backlog, read: assignment.backlog - assignment.left, counts: engine.counts, rejections: rejections, consumed: zip(topics, consumed).map { ($0, $1) },
            alerts: [AlertState.pending, .firing].flatMap { state in Severity.allCases.map { .init(state: state, severity: $0, count: engine.alerting.count(state, $0)) } },
            alertChanges: engine.alerting.changes, writes: outbox.writes, sinceLastWrite: outbox.lastWriteAt.map { now - $0 }, outstanding: outbox.outstanding, subjects: engine.subjects,
            rate: rate.perSecond, failedReload: failedReload, snapshot: keeper?.health(now: ServiceClock.monotonicSeconds))
    }
}
