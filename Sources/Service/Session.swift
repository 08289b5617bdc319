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
    var daemon: Daemon
    let consumer: Consumer
    let member: GroupMember
    let watch: PartitionWatch
    let scoreTopic: ScoreTopic
    var engine: Engine
    var outbox: Outbox
    var assignment: Assignment
    var leadership: Leadership
    /// What the register may lack.
    var gaps: Gaps
    let claims: JSONReader
    /// Which of the records just read are of the inputs.
    var inputs: [Int] = []
    /// By partition: the last record that was read, as far as it is known.
    var lastRead: [Int: Landmark] = [:]
    /// Records that are read once more, to see whether their topic is still the same.
    var landmarks: [Int: Landmark]
    let alertTopicIndex: Int
    let leaderTopicIndex: Int
    let alertNumber: Int
    let leaderNumber: Int
    let cluster: ClusterID
    let instance: String
    /// Who leads, as the log last said, if another does.
    var followed: String?
    var keeper: SnapshotKeeper?
    var painter = Painter()
    /// Records read since the start, by topic, and input records rejected, by reason.
    var consumed: [Int]
    var rejections: [RejectionReason: Int] = [:]
    let startedAt = ServiceClock.bootSeconds
    var patience = Patience<String>()
    var observing = Rhythm(seconds: 0.2)
    var committing = Rhythm(seconds: 5)
    var reporting = Rhythm(seconds: 2)
    var breathing = Rhythm(seconds: 10)
    var tidying = Rhythm(seconds: 60)
    var slack = HeapSlack()
    var publishing: Rhythm
    var rate = (since: 0.0, received: 0, perSecond: 0.0)
    var isCaughtUp = false
    /// Whether the service manager knows it.
    var isReady = false
    /// Why no alert changes, though this daemon leads or could.
    var standstill: Standstill?
    var standstillNews = StandstillNews()
    var stall = Stall()
    /// Why the last reload changed nothing; nil if it did, or there was none.
    var failedReload: String?
    /// Partitions whose next offset the broker does not have: retention has overtaken us, or the topic was made anew. They stand still until assigned anew.
    var lost: Set<TopicPartition> = []
    /// Partitions that hold other records than they did.
    var anew: Set<Int> = []
    var recovering = Rhythm(seconds: 2)
    /// Cells of the present round: each is published once, however often it changes meanwhile.
    var scoresToPublish: ArraySlice<CellID> = []
    /// Of score records.
    var scoreAllowance = Allowance(2_000)
    static let mostOutstanding = 50_000
    /// On their way at once: a quarter of a second of deciding and writing. A criterion that goes wrong everywhere must not cost the leadership.
    static let mostAlerts = 20_000
    var unreadAlerts = UnreadAlerts()

    /// A few seconds' reading: as long as joining a group takes.
    static let nearlyCaughtUp: Int64 = 500_000
    static let largestClaim = 1 << 16
    /// Milliseconds that the loop stands still for one question to the cluster: longer than a slow cluster takes, and short enough to end in time when asked to.
    static let questionPatience: Int32 = 3_000

    init(
        _ daemon: Daemon, _ consumer: Consumer, _ producer: Producer, _ prepared: Preparation.Prepared, _ home: Home, _ found: Home.Found, _ made: consuming Engine
    ) throws(KafkaError) {
        let configuration = daemon.configuration, outputs = configuration.outputs
        guard let claims = JSONReader(capacity: Self.largestClaim) else { throw .noMemory(for: "read \(outputs.leader)") }
        let member = try GroupMember(settings: daemon.settings, group: "\(configuration.catalog.source).leader", topic: outputs.leader, isEmbedded: prepared.cluster.isEmbedded)
        let watch = try PartitionWatch(settings: daemon.settings, topics: configuration.inputs + [outputs.alerts, outputs.leader, outputs.scores]) { ServiceClock.bootSeconds }
        let writer = Self.writer
        let scoreTopic = try ScoreTopic(settings: daemon.settings, topic: outputs.scores, source: configuration.catalog.source, writer: writer)
        var engine = consume made
        let foundGaps = prepared.gaps + (found.basis?.incomplete.map { [$0] } ?? [])
        var gaps = Gaps(text: found.basis?.incomplete ?? "")
        for gap in prepared.gaps { gaps.add(gap) }
        if daemon.consent.gap { gaps = Gaps() }
        engine.isComplete = gaps.isEmpty
        engine.mostUnderWay = Self.mostAlerts
        self.engine = engine
        self.gaps = gaps
        self.claims = claims
        self.daemon = daemon
        self.consumer = consumer
        self.member = member
        self.watch = watch
        self.scoreTopic = scoreTopic
        instance = home.instance.description
        if let directory = home.directory, let state = configuration.state {
            keeper = SnapshotKeeper(directory, every: state.snapshotEvery, newestBecomes: found.newestBecomes, now: ServiceClock.monotonicSeconds, log: daemon.log)
        } else {
            keeper = nil
        }
        cluster = prepared.cluster
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
        for text in prepared.readAnew { daemon.log.error("\(text)") }
        for gap in foundGaps {
            if daemon.consent.gap { daemon.log.warning("accepted: \(gap)") } else { daemon.log.error(Self.incomplete(gap)) }
        }
    }

    /// This process among all that ever wrote: host, process, start.
    static var writer: String {
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
            // Whoever ends it before its first turn gets a last word by the clock, too.
            engine.step(now: daemon.clock.now)
            while !daemon.stop.isRequested { try turn() }
            finish()
        } catch {
            // What would be tried again is no fault once the end was asked for.
            guard error.isRetriable, daemon.stop.isRequested else { throw .never(.kafka(error)) }
            finish()
        }
    }

    /// One turn of the loop: what has come, one step, what is to go out.
    mutating func turn() throws(KafkaError) {
        let now = ServiceClock.bootSeconds
        member.serve(now)
        try look(now)
        // Before anything is judged: this process may have been stopped for hours.
        hold(now)
        try unstick(now)
        // What cannot be written holds up what is read, so that memory stays bounded.
        if isHeldUp { holdUp(now) } else { try read() }
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
        // A backlog's memory is wanted no longer once it has been read.
        if isCaughtUp, tidying.isDue(now) { _ = slack.giveBack() }
        if daemon.reloading != nil, daemon.stop.takeReload() { reload() }
        show(now)
    }

    /// Whether so much waits to be written that nothing more may be read.
    var isHeldUp: Bool { outbox.outstanding >= Self.mostOutstanding }

    mutating func holdUp(_ now: Double) {
        if patience.hear("held up", now) != nil { daemon.log.warning("nothing is read: \(outbox.outstanding) records wait for the cluster to take them") }
        usleep(50_000)
    }

    // MARK: Catching up

    mutating func catchUp(_ now: Double) {
        guard assignment.isCaughtUp, lost.isEmpty else {
            if reporting.isDue(now), now - startedAt >= 2 { daemon.log.info("catching up: \(assignment.progress(after: now - startedAt))") }
            return
        }
        isCaughtUp = true
        daemon.log.info("caught up", metadata: [
            "subjects": "\(engine.subjects)", "records": "\(engine.counts.received)", "rejected": "\(engine.counts.rejected)",
            "firing_before": "\(firing)", "seconds": "\(Int(now - startedAt))",
        ])
    }

    // MARK: Snapshots

    /// What the engine has taken in so far.
    var basis: SnapshotBasis {
        SnapshotBasis(
            cluster: cluster.description, positions: assignment.inputPositions.map { partition, next in
                let last = assignment.number(of: partition).flatMap { lastRead[$0] }
                return .init(topic: partition.topic, partition: partition.partition, next: next, fingerprint: last.flatMap { $0.offset == next - 1 ? $0.fingerprint : nil })
            }, instant: engine.clock, program: Daemon.version,
            incomplete: gaps.text, catalog: daemon.configuration.catalog)
    }

    /// Whether the places in the inputs may be those of topics that are no more. A snapshot that held them would have what lies there never read.
    var isPlaceDoubtful: Bool { !lost.isEmpty || landmarks.keys.contains { !assignment.isPassed($0) } }

    mutating func keep() throws(KafkaError) {
        // One that is being taken was begun in time.
        guard keeper != nil, !(isPlaceDoubtful && keeper?.isIdle == true) else { return }
        let now = ServiceClock.monotonicSeconds
        // What is in the snapshot nobody would count again.
        if keeper?.begins(now: now) == true { try sendLeftOut(atOnce: true) }
        let basis = basis
        keeper?.turn(&engine, now: now, .init(handedOver: outbox.rejections.begun, settled: outbox.rejections.settled)) { basis }
    }

    // MARK: The end

    /// Everything that is on its way is delivered, for three seconds at most; whoever stands by may lead at once.
    mutating func finish() {
        let now = ServiceClock.bootSeconds
        // Alerts first; then whoever stands by may lead, while the rest is finished here.
        engine.stopJudging()
        try? sendLeftOut(atOnce: true)
        daemon.systemd.stopping("writing what is on its way")
        var delivered = outbox.producer.flush(timeout: 1_200)
        if leadership.isLeading, delivered { try? outbox.send(claim(isResigned: true), daemon.stop) }
        try? outbox.send(health(now, .stopped), daemon.stop)
        delivered = outbox.producer.flush(timeout: 300) && delivered
        member.close(timeout: 700)
        scoreTopic.close(timeout: 200)
        try? hearReports(ServiceClock.bootSeconds)
        let basis = basis
        let isKept = keeper != nil && isPlaceDoubtful ? false : keeper?.finish(&engine, within: 1.4, .init(handedOver: outbox.rejections.begun, settled: outbox.rejections.settled)) { basis }
        consumer.commit(assignment.inputPositions)
        daemon.log.info("stopped", metadata: ["delivered": "\(delivered && outbox.outstanding == 0)", "received": "\(engine.counts.received)", "snapshot": "\(isKept.map { $0 ? "taken" : "older" } ?? "none")"])
    }
}
