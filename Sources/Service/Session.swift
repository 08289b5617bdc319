import Alerting
import Catalog
import CatalogFiles
import Engine
import Glibc
import Intake
import JSON
import Kafka
import Logging
import Scoreboard
import Snapshots

/// One run against the cluster: records in, one step of the engine, effects out. One thread owns everything from the consumer to the producer.
struct Session: ~Copyable {
    private var daemon: Daemon
    private let consumer: Consumer
    private let member: GroupMember
    private let watch: PartitionWatch
    private let scoreTopic: ScoreTopic
    private var engine: Engine
    private var outbox: Outbox
    private var assignment: Assignment
    private var leadership: Leadership
    private var base: Base
    private let claims = JSONReader(capacity: Session.largestClaim)
    /// Which of the records just read are of the inputs.
    private var inputs: [Int] = []
    /// By partition: the last record that was read, as far as it is known.
    private var lastRead: [Int: Landmark] = [:]
    /// Records that are read once more, to see whether their topic is still the same.
    private var landmarks: [Int: Landmark]
    private let alertTopicIndex: Int
    private let leaderTopicIndex: Int
    private let alertNumber: Int
    private let leaderNumber: Int
    private let instance: String
    private var keeper: SnapshotKeeper?
    private var painter = Painter()
    /// Records read since the start, by topic, and input records rejected, by reason.
    private var consumed: [Int]
    private var rejections: [RejectionReason: Int] = [:]
    private let startedAt = ServiceClock.bootSeconds
    private var patience = Patience<String>()
    private var observing = Rhythm(seconds: 0.2)
    private var committing = Rhythm(seconds: 5)
    private var reporting = Rhythm(seconds: 2)
    private var breathing = Rhythm(seconds: 10)
    private var publishing: Rhythm
    private var rate = (since: 0.0, received: 0, perSecond: 0.0)
    private var isCaughtUp = false
    /// Whether the service manager knows it.
    private var isReady = false
    /// Why no alert changes, though this daemon leads or could.
    private var standstill: Standstill?
    private var stall = Stall()
    /// Why the last reload changed nothing; nil if it did, or there was none.
    private var failedReload: String?

    /// A few seconds' reading: as long as joining a group takes.
    private static let nearlyCaughtUp: Int64 = 500_000
    private static let largestClaim = 1 << 16

    init(
        _ daemon: Daemon, _ consumer: Consumer, _ producer: Producer, _ prepared: Preparation.Prepared, _ home: Home, _ found: Home.Found, _ made: consuming Engine
    ) throws(KafkaError) {
        let configuration = daemon.configuration, outputs = configuration.outputs
        let member = try GroupMember(settings: daemon.settings, group: "\(configuration.catalog.source).leader", topic: outputs.leader, isEmbedded: prepared.isEmbedded)
        let watch = try PartitionWatch(settings: daemon.settings, topics: configuration.inputs + [outputs.alerts, outputs.leader, outputs.scores]) { ServiceClock.bootSeconds }
        let writer = Self.writer
        let scoreTopic = try ScoreTopic(settings: daemon.settings, topic: outputs.scores, source: configuration.catalog.source, writer: writer)
        var engine = consume made
        let gaps = prepared.gaps + (found.basis?.incomplete.map { [$0] } ?? [])
        let base = Base(gaps: daemon.consent.gap ? [] : gaps)
        engine.isComplete = base.isComplete
        self.engine = engine
        self.base = base
        self.daemon = daemon
        self.consumer = consumer
        self.member = member
        self.watch = watch
        self.scoreTopic = scoreTopic
        instance = home.instance.description
        if let directory = home.directory, let state = configuration.state {
            keeper = SnapshotKeeper(directory, every: state.snapshotEvery, newestIsGood: found.newestIsGood, now: ServiceClock.monotonicSeconds, log: daemon.log)
        } else {
            keeper = nil
        }
        assignment = prepared.assignment
        landmarks = prepared.landmarks
        leadership = Leadership(
            catalog: configuration.catalog.hash, instance: instance, isTold: daemon.consent.catalog, sessionTimeout: Double(member.sessionTimeout) / 1_000)
        consumed = Array(repeating: 0, count: configuration.inputs.count + 2)
        alertTopicIndex = configuration.inputs.count
        leaderTopicIndex = configuration.inputs.count + 1
        alertNumber = prepared.alertNumber
        leaderNumber = prepared.leaderNumber
        publishing = Rhythm(seconds: Double(configuration.publishEvery.microseconds) / 1e6)
        outbox = Outbox(producer: producer, outputs: outputs, inputs: configuration.inputs, zone: configuration.catalog.zone, writer: writer)
        for gap in gaps {
            if daemon.consent.gap { daemon.log.warning("accepted: \(gap)") } else { daemon.log.error("INCOMPLETE: \(gap); alerts may fire but none is resolved: if that is well, start with --accept-gap") }
        }
    }

    /// This process among all that ever wrote: host, process, start.
    private static var writer: String {
        let host = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, gethostname(base, 255) == 0 else { return "?" }
            return String(cString: base)
        }
        return "\(host)-\(getpid())-\(time(nil))"
    }

    mutating func run() throws(Preparation.Obstacle) {
        let log = daemon.log
        log.info("reading", metadata: ["partitions": "\(assignment.bounds.count)", "records": "\(assignment.backlog)"])
        do throws(KafkaError) {
            try consumer.assign(assignment.all)
            while !daemon.stop.isRequested { try turn() }
            finish()
        } catch {
            // A queue that stayed full until the end was asked for is no fault.
            guard error.isRetriable, daemon.stop.isRequested else { throw .never(.kafka(error)) }
            finish()
        }
    }

    /// One turn of the loop: what has come, one step, what is to go out.
    private mutating func turn() throws(KafkaError) {
        let now = ServiceClock.bootSeconds
        member.serve(now)
        try look(now)
        // Before anything is judged: this process may have been stopped for hours.
        hold(now)
        try unstick(now)
        // What cannot be written holds up what is read, so that memory stays bounded.
        if outbox.outstanding < Self.mostOutstanding { try read() } else { usleep(50_000) }
        assignment.settle()
        engine.step(now: daemon.clock.now)
        try sendEffects()
        try hearReports(now)
        try hearNotices(now)
        if !isCaughtUp { catchUp(now) }
        try lead(now)
        if leadership.isLeading { try readScores() }
        if leadership.isLeading, scoresToPublish.isEmpty, publishing.isDue(now) { scoresToPublish = engine.takeChangedCells()[...] }
        if !scoresToPublish.isEmpty { try publishScores(now) }
        try keep()
        if committing.isDue(now) { consumer.commit(assignment.inputPositions) }
        if breathing.isDue(now) { try outbox.send(health(now, leadership.isLeading ? .leader : .standby), daemon.stop) }
        daemon.systemd.progress(now: now)
        if observing.isDue(now) { observe(now) }
        if daemon.reloading != nil, daemon.stop.takeReload() { reload() }
        show(now)
    }

    private mutating func read() throws(KafkaError) {
        let isBusy = keeper?.isCopying == true || painter.isPainting
        let count = try consumer.fetch(timeout: isBusy ? 0 : daemon.clock.isSimulated ? 5 : 50, max: 2_000)
        if count > 0 { engine.step(now: daemon.clock.now) }
        inputs.removeAll(keepingCapacity: true)
        for index in 0..<count {
            let record = consumer.record(index)
            consumed[record.topicIndex] += 1
            if let number = assignment.number(topic: record.topicIndex, partition: record.partition) { assignment.advance(number, to: record.offset + 1) }
            if record.topicIndex == alertTopicIndex {
                readAlert(record)
            } else if record.topicIndex == leaderTopicIndex {
                readClaim(record)
            } else {
                inputs.append(index)
            }
        }
        if !inputs.isEmpty { noteLast() }
        // Borrowed apart, because the closure must not hold all of self.
        let consumer = consumer, inputs = inputs
        let areTimed = engine.readsTimestamps
        engine.receive(inputs.count) { consumer.record(inputs[$0]).input(isTimed: areTimed) }
        consumer.release()
        for (partition, offset) in consumer.drainEnds() {
            if let number = assignment.number(of: partition) { assignment.advance(number, to: offset) }
        }
    }

    /// Notes the last record of each input partition among those just read, and compares the first with what was known of its place.
    private mutating func noteLast() {
        var isNoted: Set<Int> = []
        for index in inputs.reversed() {
            let record = consumer.record(index)
            guard let number = assignment.number(topic: record.topicIndex, partition: record.partition), isNoted.insert(number).inserted else { continue }
            lastRead[number] = Landmark(offset: record.offset, fingerprint: record.fingerprint)
            // Most often this is all that there is to look at.
            if isNoted.count == assignment.bounds.count - 2 { break }
        }
        guard !landmarks.isEmpty else { return }
        for index in inputs {
            let record = consumer.record(index)
            guard let number = assignment.number(topic: record.topicIndex, partition: record.partition), let known = landmarks.removeValue(forKey: number),
                  record.offset == known.offset, record.fingerprint != known.fingerprint else { continue }
            lost.insert(assignment.bounds[number].partition)
            anew.insert(number)
        }
    }

    private mutating func readAlert(_ record: borrowing Record) {
        var stamp = record.stamp
        // No claim ever had such a term, nor can one soon: it was made by hand.
        if stamp.term > assignment.position(of: leaderNumber) + Leadership.reach { stamp = .none }
        let isOurs = engine.alertRead(key: record.key.map { String(decoding: $0, as: UTF8.self) } ?? "", value: record.value, by: stamp, offset: record.offset)
        if isOurs, stamp.writer != outbox.writer { leadership.saw(term: stamp.term, ServiceClock.bootSeconds) }
    }

    private mutating func readClaim(_ record: borrowing Record) {
        guard let value = record.value, let claims, let claim = Claim(json: value, reader: claims), claim.source == daemon.configuration.catalog.source else { return }
        let isOwn = claim.writer == outbox.writer
        leadership.read(claim, term: record.offset, isOld: !assignment.isPassed(leaderNumber), isOwn: isOwn, ServiceClock.bootSeconds)
        if !isOwn, isCaughtUp { daemon.log.info(claim.isResigned ? "the leader has resigned" : "another leads", metadata: ["term": "\(record.offset)", "writer": "\(claim.writer)"]) }
    }

    /// Alerts go out only while nobody else can lead; what was decided too late is decided again.
    private mutating func sendEffects() throws(KafkaError) {
        for effect in engine.takeEffects() {
            if case .reject(let record) = effect { rejections[record.rejection.reason, default: 0] += 1 }
            if case .publish(let record) = effect, !leadership.mayPublish(situation(ServiceClock.bootSeconds)) {
                engine.alertFailed(key: record.key, id: record.id)
            } else {
                try outbox.send(effect, daemon.stop)
            }
        }
        try sendLeftOut(now: ServiceClock.monotonicSeconds)
    }

    /// How many rejections were not told one by one.
    private mutating func sendLeftOut(now: Double) throws(KafkaError) {
        for record in engine.takeLeftOut(now: now) {
            for (reason, count) in record.reasons { rejections[reason, default: 0] += count }
            try outbox.send(record, daemon.stop)
        }
    }

    // MARK: Lag

    /// Takes in what the cluster says of its partitions.
    private mutating func look(_ now: Double) throws(KafkaError) {
        guard let sighting = watch.take() else { return }
        try scoreTopic.see(partitions: sighting.partitionCounts[daemon.configuration.outputs.scores])
        let new = assignment.see(sighting)
        guard !new.isEmpty else { return }
        for partition in new.sorted(by: { ($0.topic, $0.partition) < ($1.topic, $1.partition) }) {
            guard let (low, high) = try? consumer.watermarks(of: partition, timeout: 2_000) else { continue }   // seen again in a second
            daemon.log.info("\(partition) is new: reading it from offset \(low)")
            if low > 0 { miss("\(partition) begins at offset \(low): what was before it was never counted") }
            assignment.add(.init(partition: partition, low: low, high: high, start: low), now)
        }
        try consumer.assign(assignment.all)
    }

    /// No alert changes while it is not certain what the inputs say, or who leads.
    private mutating func hold(_ now: Double) {
        var reason: Standstill?
        if let (partition, seconds) = assignment.stalest(now), isCaughtUp, seconds > Double(daemon.configuration.maxLag.microseconds) / 1e6 {
            reason = .lag(partition)
        } else if leadership.isLeading, !leadership.mayPublish(situation(now)) {
            reason = .unproven
        }
        if reason != standstill {
            switch (standstill, reason) {
            case (_, .lag(let partition)?):
                daemon.log.warning("judging stands still: \(partition) may be over \(daemon.configuration.maxLag.microseconds / 1_000_000) s behind; alerts stay as they are")
            case (.lag?, _): daemon.log.info("judging goes on", metadata: ["as_of": "\(engine.clock.text(in: daemon.configuration.catalog.zone))"])
            default: break
            }
        }
        standstill = reason
        engine.isHeld = reason != nil
    }

    /// librdkafka may lose a partition without a word.
    private mutating func unstick(_ now: Double) throws(KafkaError) {
        guard let (stuck, times) = stall.look(assignment, now) else { return }
        guard times < 4 else { throw .stuck(stuck) }
        daemon.log.error("\(stuck) has records that do not come, and no error says why: reading it anew")
        try consumer.assign(assignment.all)
    }

    /// Something may never have been counted.
    private mutating func miss(_ gap: String) {
        daemon.log.error("INCOMPLETE: \(gap); alerts may fire but none is resolved: if that is well, start again with --accept-gap")
        base.gaps.append(gap)
        engine.isComplete = false
    }

    // MARK: Snapshots

    /// What the engine has taken in so far.
    private var basis: SnapshotBasis {
        SnapshotBasis(
            positions: assignment.inputPositions.map { partition, next in
                let last = assignment.number(of: partition).flatMap { lastRead[$0] }
                return .init(topic: partition.topic, partition: partition.partition, next: next, fingerprint: last.flatMap { $0.offset == next - 1 ? $0.fingerprint : nil })
            }, instant: engine.clock, program: Daemon.version,
            incomplete: base.isComplete ? nil : base.gaps.joined(separator: "; "), catalog: daemon.configuration.catalog)
    }

    private mutating func keep() throws(KafkaError) {
        guard keeper != nil else { return }
        // What is in the snapshot nobody would count again.
        if keeper?.begins(now: ServiceClock.monotonicSeconds) == true { try sendLeftOut(now: .infinity) }
        let basis = basis
        keeper?.turn(&engine, now: ServiceClock.monotonicSeconds, .init(handedOver: outbox.rejections.begun, settled: outbox.rejections.settled)) { basis }
    }

    // MARK: Leading

    private func situation(_ now: Double) -> Leadership.Situation {
        Leadership.Situation(
            now: now, isCaughtUp: isCaughtUp, isNearlyCaughtUp: isCaughtUp || assignment.left < Self.nearlyCaughtUp && assignment.isPassed(leaderNumber), isHolder: member.isHolder,
            generation: member.generation, provenAt: member.provenAt, alertPosition: assignment.position(of: alertNumber))
    }

    private mutating func lead(_ now: Double) throws(KafkaError) {
        let before = leadership.role
        while let action = leadership.next(situation(now)) {
            switch action {
            case .take(let part): try member.take(part: part)
            case .writeClaim: try outbox.send(claim(isResigned: false), daemon.stop)
            case .askEndOfAlerts:
                // Asked again at the next turn.
                guard let (_, high) = try? consumer.watermarks(of: assignment.bounds[alertNumber].partition, timeout: 2_000) else { return }
                leadership.alertsEnd(at: high)
            case .startJudging(let term):
                outbox.term = term
                engine.startJudging(as: Stamp(term: term, writer: outbox.writer), initial: engine.alerting.isEmpty)
                try scoreTopic.start()
                daemon.log.info("leading", metadata: ["term": "\(term)", "firing_before": "\(engine.alerting.firing.count)"])
                breathing = Rhythm(seconds: 10)
            case .stopJudging:
                // Cells are numbered the same for ever: whoever leads next publishes what changed since.
                for cell in scoresToPublish { engine.scoreFailed(cell) }
                scoresToPublish = []
                try scoreTopic.rest()
                engine.stopJudging()
                daemon.log.warning("no longer leading")
                breathing = Rhythm(seconds: 10)
            }
        }
        guard leadership.role != before, case .standby(.otherCatalog(let hash)) = leadership.role else { return }
        daemon.log.error("the last leader judged by another catalog: this daemon does not lead. If its catalog is the right one, start it with --accept-catalog",
                         metadata: ["ours": "\(daemon.configuration.catalog.hash)", "theirs": "\(hash)"])
    }

    private func claim(isResigned: Bool) -> Claim {
        Claim(source: daemon.configuration.catalog.source, writer: outbox.writer, instance: instance, catalog: daemon.configuration.catalog.hash, isResigned: isResigned, time: daemon.clock.now)
    }

    // MARK: Another configuration

    /// All or nothing: what can fail is done before anything that lives is touched.
    private mutating func reload() {
        guard let reloading = daemon.reloading else { return }
        do throws(NotReloaded) {
            let old = daemon.configuration.catalog.hash
            let next = try Self.next(reloading, after: daemon.configuration)
            // Cells are numbered anew.
            for cell in scoresToPublish { engine.scoreFailed(cell) }
            scoresToPublish = []
            do throws(CannotAdopt) {
                try engine.adopt(next.catalog)
            } catch {
                throw .catalog(error)
            }
            daemon.configuration = next
            publishing = Rhythm(seconds: Double(next.publishEvery.microseconds) / 1e6)
            if leadership.adopt(next.catalog.hash) { engine.stopJudging() }
            failedReload = nil
            daemon.log.info("reloaded", metadata: ["catalog": "\(next.catalog.hash)", "changed": "\(next.catalog.hash != old)"])
        } catch {
            failedReload = error.description
            daemon.log.error("not reloaded, the old configuration stays in force: \(error)")
        }
        reloading.done(failedReload)
    }

    private static func next(_ reloading: Reloading, after old: Configuration) throws(NotReloaded) -> Configuration {
        let next: Configuration
        do throws(Problems) {
            next = try reloading.load()
        } catch {
            throw .wrong(error)
        }
        let fixed = next.fixed(comparedTo: old)
        guard fixed.isEmpty else { throw .fixed(fixed) }
        return next
    }

    // MARK: Hearing

    private mutating func hearReports(_ now: Double) throws(KafkaError) {
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

    private mutating func hearNotices(_ now: Double) throws(KafkaError) {
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

    /// Partitions whose next offset the broker does not have: retention has overtaken us, or the topic was made anew. They stand still until assigned anew.
    private var lost: Set<TopicPartition> = []
    /// Partitions that hold other records than they did.
    private var anew: Set<Int> = []
    private var recovering = Rhythm(seconds: 5)

    /// Goes on at the same place if it is there after all, else from the beginning of what there is: law 1 makes that safe for inputs, and what the alert topic
    /// no longer holds is written again.
    private mutating func recover(_ now: Double) throws(KafkaError) {
        for partition in lost {
            guard let (low, high) = try? consumer.watermarks(of: partition, timeout: 2_000) else { return }   // asked again in five seconds
            guard let number = assignment.number(of: partition) else { continue }
            let position = assignment.position(of: number)
            let isAnew = anew.remove(number) != nil
            if !isAnew, (low...high).contains(position) { continue }
            let cause = position < low ? "retention has overtaken this daemon" : "the topic was made anew"
            daemon.log.error("\(partition) does not go on at offset \(position), it has \(low) to \(high): \(cause); reading from \(low)")
            if number == alertNumber {
                engine.alertTopicLost()
                leadership.alertsLost()
            } else if assignment.isInput(number) {
                if position < low {
                    miss("\(partition) begins at offset \(low), but offsets \(position) to \(low - 1) were not read: retention has overtaken this daemon")
                } else if low > 0 {
                    miss("\(partition) was made anew and begins at offset \(low): what was before it was never counted")
                }
            }
            assignment.restart(number, at: low, high: high, now)
        }
        lost = []
        try consumer.assign(assignment.all)
    }

    private func words(of notice: KafkaNotice) -> String {
        notice.kind == .allBrokersDown ? "no broker answers at \(daemon.settings.bootstrap): nothing is read or written until one does; trying again" : "\(notice)"
    }

    // MARK: Catching up

    private mutating func catchUp(_ now: Double) {
        guard assignment.isCaughtUp else {
            if reporting.isDue(now), now - startedAt >= 2 {
                let fraction = Double(assignment.done) / Double(max(1, assignment.backlog))
                let left = fraction > 0 ? Int(((now - startedAt) / fraction * (1 - fraction)).rounded(.up)) : 0
                daemon.log.info("catching up: \(assignment.done) of \(assignment.backlog) records, \(Int(Double(assignment.done) / (now - startedAt)))/s, \(left) s left")
            }
            return
        }
        isCaughtUp = true
        daemon.log.info("caught up", metadata: [
            "dossiers": "\(engine.subjects)", "records": "\(engine.counts.received)", "rejected": "\(engine.counts.rejected)",
            "firing_before": "\(engine.alerting.firing.count)", "seconds": "\(Int(now - startedAt))",
        ])
    }

    // MARK: Scores

    /// Cells of the present round: each is published once, however often it changes meanwhile.
    private var scoresToPublish: ArraySlice<CellID> = []
    private var scoresThisSecond = (second: -1, count: 0)
    private static let scoresPerSecond = 2_000
    private static let mostOutstanding = 50_000

    /// What others left on the score topic and stands otherwise on the scoreboard is written again.
    private mutating func readScores() throws(KafkaError) {
        for entry in try scoreTopic.read() {
            engine.scoreRead(key: entry.key, numerator: entry.numerator, denominator: entry.denominator, isApplicable: entry.isApplicable)
        }
    }

    private mutating func publishScores(_ now: Double) throws(KafkaError) {
        if Int(now) != scoresThisSecond.second { scoresThisSecond = (Int(now), 0) }
        // Scores wait for a slow broker; alerts and rejections go first.
        let room = Swift.min(Self.scoresPerSecond - scoresThisSecond.count, 10_000 - outbox.outstanding)
        guard room > 0 else { return }
        let now = scoresToPublish.prefix(room)
        scoresToPublish = scoresToPublish.dropFirst(room)
        scoresThisSecond.count += now.count
        for cell in now { try outbox.send(engine.score(of: cell), daemon.stop) }
    }

    // MARK: Watching and ending

    private mutating func observe(_ now: Double) {
        let received = engine.counts.received
        if now - rate.since >= 1 {
            rate = (now, received, rate.since == 0 ? 0 : Double(received - rate.received) / (now - rate.since))
        }
        let status = DaemonStatus(
            clock: engine.clock, isCaughtUp: isCaughtUp, isLeading: leadership.isLeading, standstill: standstill?.description, isComplete: base.isComplete,
            firing: firing, lag: assignment.inputLag, failedReload: failedReload, received: received, rejected: engine.counts.rejected, subjects: engine.subjects,
            rate: rate.perSecond, outstanding: outbox.outstanding)
        daemon.observe(engine, status)
        if isCaughtUp, !isReady {
            isReady = true
            daemon.systemd.ready(status.line)
        }
        daemon.systemd.status(status.line, now: now)
    }

    private func health(_ now: Double, _ role: Health.Role) -> Health {
        let reason: String? = switch leadership.role {
        case .standby(.catchingUp): "catching up"
        case .standby(.otherCatalog(let hash)): "the last leader judged by another catalog: \(hash)"
        case .standby(.notElected), .standby(.superseded): "another leads, or nobody yet"
        case .claiming, .asking, .learning: "taking over"
        case .leading: nil
        }
        return Health(
            source: daemon.configuration.catalog.source, instance: instance, writer: outbox.writer, role: role, reason: reason, term: leadership.term, isCaughtUp: isCaughtUp,
            standstill: standstill?.description, gaps: base.gaps, lag: assignment.inputLag, lagSeconds: assignment.stalest(now)?.seconds ?? 0, asOf: engine.clock,
            isClockSimulated: daemon.clock.isSimulated, firing: firing, catalog: daemon.configuration.catalog.hash, version: Daemon.version, time: daemon.clock.now)
    }

    private var firing: Int { Severity.allCases.reduce(0) { $0 + engine.alerting.count(.firing, $1) } }

    /// For readers on other threads, if any has asked.
    private mutating func show(_ now: Double) {
        daemon.gallery.beat(now)
        if painter.isViewDue(daemon.gallery, now) {
            let view = view(now)
            painter.show(view, daemon.gallery)
        }
        painter.paint(daemon.gallery, engine, now)
    }

    private func view(_ now: Double) -> View {
        let topics = daemon.configuration.inputs + [daemon.configuration.outputs.alerts, daemon.configuration.outputs.leader]
        return View(
            madeAt: now, health: health(now, leadership.isLeading ? .leader : .standby), layout: engine.scoreboard.layout,
            partitions: assignment.bounds.indices.filter(assignment.isInput).map {
                .init(topic: assignment.bounds[$0].partition.topic, number: assignment.bounds[$0].partition.partition, position: assignment.position(of: $0), lag: assignment.lag(of: $0), lagSeconds: assignment.lagSeconds(of: $0, now))
            },
            sources: engine.sources, backlog: assignment.backlog, read: assignment.backlog - assignment.left, counts: engine.counts, rejections: rejections, consumed: zip(topics, consumed).map { ($0, $1) },
            alerts: [AlertState.pending, .firing].flatMap { state in Severity.allCases.map { .init(state: state, severity: $0, count: engine.alerting.count(state, $0)) } },
            alertChanges: engine.alerting.changes, writes: outbox.writes, sinceLastWrite: outbox.lastWriteAt.map { now - $0 }, outstanding: outbox.outstanding, subjects: engine.subjects,
            rate: rate.perSecond, failedReload: failedReload, snapshot: keeper?.health(now: ServiceClock.monotonicSeconds))
    }

    /// Everything that is on its way is delivered, for three seconds at most; whoever stands by may lead at once.
    private mutating func finish() {
        let now = ServiceClock.bootSeconds
        // Alerts first; then whoever stands by may lead, while the rest is finished here.
        engine.stopJudging()
        try? sendLeftOut(now: .infinity)
        daemon.systemd.stopping("writing what is on its way")
        var delivered = outbox.producer.flush(timeout: 1_200)
        if leadership.isLeading, delivered { try? outbox.send(claim(isResigned: true), daemon.stop) }
        try? outbox.send(health(now, .stopped), daemon.stop)
        delivered = outbox.producer.flush(timeout: 300) && delivered
        member.close(timeout: 700)
        scoreTopic.close(timeout: 200)
        try? hearReports(ServiceClock.bootSeconds)
        let basis = basis
        let isKept = keeper?.finish(&engine, within: 1.4, .init(handedOver: outbox.rejections.begun, settled: outbox.rejections.settled)) { basis }
        consumer.commit(assignment.inputPositions)
        daemon.log.info("stopped", metadata: ["delivered": "\(delivered)", "received": "\(engine.counts.received)", "snapshot": "\(isKept.map { $0 ? "taken" : "of before" } ?? "none")"])
    }
}

/// Why no alert changes for the time being.
private enum Standstill: Equatable, CustomStringConvertible {
    /// It may be further behind than is allowed.
    case lag(TopicPartition)
    /// The group has not acknowledged for a while that this daemon holds the leadership.
    case unproven

    var description: String {
        switch self {
        case .lag(let partition): "\(partition) lags"
        case .unproven: "the group does not answer"
        }
    }
}

/// What the register was made of.
private struct Base {
    /// What of the inputs may never have been counted, in words.
    var gaps: [String]
    var isComplete: Bool { gaps.isEmpty }
}

extension Record {
    /// The record as the engine takes it, with its timestamp if that is asked for.
    fileprivate func input(isTimed: Bool) -> Engine.Record {
        var headers: [Intake.Message.Header] = []
        if hasHeaders { forEachHeader { headers.append(($0, $1)) } }
        let timestamp = isTimed ? timestampMilliseconds.map(Instant.init(milliseconds:)) : nil
        return Engine.Record(Intake.Message(value: value, headers: headers, timestamp: timestamp), at: Cause(topic: Int32(topicIndex), partition: partition, offset: offset))
    }

    /// Who wrote it, if it is an alert.
    fileprivate var stamp: Stamp {
        var stamp = Stamp.none
        forEachHeader { name, value in
            guard let value, value.count <= 256 else { return }
            let text = String(decoding: value, as: UTF8.self)
            switch String(decoding: name, as: UTF8.self) {
            case "term": stamp.term = Int64(text).flatMap { $0 >= 0 ? $0 : nil } ?? -1
            case "writer": stamp.writer = text
            default: break
            }
        }
        return stamp
    }
}
