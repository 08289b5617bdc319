import Alerting
import Catalog
import CatalogFiles
import Engine
import Glibc
import Intake
import Kafka
import Logging
import Scoreboard

/// One run against the cluster: records in, one step of the engine, effects out. One thread owns everything from the consumer to the producer.
struct Session: ~Copyable {
    private let daemon: Daemon
    private let consumer: Consumer
    private var engine: Engine
    private var outbox: Outbox
    private var assignment: Assignment
    /// Which of the records just read are of the inputs.
    private var inputs: [Int] = []
    private let alertTopicIndex: Int
    private let startedAt = ServiceClock.monotonicSeconds
    private var patience = Patience<String>()
    private var observing = Rhythm(seconds: 0.2)
    private var committing = Rhythm(seconds: 5)
    private var reporting = Rhythm(seconds: 2)
    private var publishing: Rhythm
    private var rate = (since: 0.0, received: 0, perSecond: 0.0)

    /// Nil when there is no memory.
    init?(_ daemon: Daemon, _ consumer: Consumer, _ producer: Producer, _ assignment: Assignment) {
        let configuration = daemon.configuration
        guard let engine = try? Engine(catalog: configuration.catalog, inputs: configuration.inputs) else { return nil }
        self.engine = engine
        self.daemon = daemon
        self.consumer = consumer
        self.assignment = assignment
        alertTopicIndex = configuration.inputs.count
        publishing = Rhythm(seconds: Double(configuration.publishEvery.microseconds) / 1e6)
        outbox = Outbox(
            producer: producer, outputs: configuration.outputs, inputs: configuration.inputs, zone: configuration.catalog.zone, writer: Self.writer)
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
        // What cannot be written holds up what is read, so that memory stays bounded.
        if outbox.outstanding < Self.mostOutstanding { try read() } else { usleep(50_000) }
        engine.step(now: daemon.clock.now)
        try outbox.send(engine.takeEffects(), daemon.stop)
        let now = ServiceClock.monotonicSeconds
        try hearReports(now)
        try hearNotices(now)
        if !engine.isJudging { catchUp(now) }
        if engine.isJudging, scoresToPublish.isEmpty, publishing.isDue(now) { scoresToPublish = engine.takeChangedCells()[...] }
        if !scoresToPublish.isEmpty { try publishScores(now) }
        if committing.isDue(now) { consumer.commit(assignment.inputPositions) }
        if observing.isDue(now) { observe(now) }
    }

    private mutating func read() throws(KafkaError) {
        let count = try consumer.fetch(timeout: daemon.clock.isSimulated ? 5 : 50, max: 2_000)
        if count > 0 { engine.step(now: daemon.clock.now) }
        inputs.removeAll(keepingCapacity: true)
        for index in 0..<count {
            let record = consumer.record(index)
            if let number = assignment.number(topic: record.topicIndex, partition: record.partition) { assignment.advance(number, to: record.offset + 1) }
            if record.topicIndex == alertTopicIndex {
                engine.alertRead(key: record.key.map { String(decoding: $0, as: UTF8.self) } ?? "", value: record.value, offset: record.offset)
            } else {
                inputs.append(index)
            }
        }
        // Borrowed apart, because the closure must not hold all of self.
        let consumer = consumer, inputs = inputs
        engine.receive(inputs.count) { consumer.record(inputs[$0]).input }
        consumer.release()
        for (partition, offset) in consumer.drainEnds() {
            if let number = assignment.number(of: partition) { assignment.advance(number, to: offset) }
        }
    }

    private mutating func hearReports(_ now: Double) throws(KafkaError) {
        var failures: [String] = []
        var fates: [Outbox.Fate] = []
        try outbox.serve(now, daemon.stop, log: { failures.append($0) }, told: { fates.append($0) })
        for fate in fates {
            switch fate {
            case .written(let record, let offset): engine.alertAcknowledged(key: record.key, id: record.id, offset: offset)
            case .lost(let record): engine.alertFailed(key: record.key, id: record.id)
            case .lostScore(let record): engine.scoreFailed(key: record.key)
            }
        }
        for failure in failures {
            if let held = patience.hear(failure, now) { daemon.log.error("\(failure); trying again", metadata: held > 0 ? ["repeated": "\(held)"] : [:]) }
        }
    }

    private mutating func hearNotices(_ now: Double) throws(KafkaError) {
        for notice in consumer.drainNotices() + outbox.producer.drainNotices() {
            if notice.kind == .offsetOutOfRange, let partition = notice.partition { lost[partition] = notice }
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
        if !lost.isEmpty, recovering.isDue(now) { try recover() }
    }

    /// Partitions whose next offset the broker does not have: retention has overtaken us, or the topic was made anew. They stand still until assigned anew.
    private var lost: [TopicPartition: KafkaNotice] = [:]
    private var recovering = Rhythm(seconds: 5)

    /// Goes on at the same place if it is there after all, else, in an input, from the beginning of what there is: law 1 makes that safe. What the alert topic
    /// held cannot be unlearnt: there the daemon ends, and its next start reads what there is.
    private mutating func recover() throws(KafkaError) {
        for (partition, notice) in lost {
            guard let (low, high) = try? consumer.watermarks(of: partition, timeout: 2_000) else { return }   // asked again in five seconds
            guard let number = assignment.number(of: partition) else { continue }
            let position = assignment.position(of: number)
            if (low...high).contains(position) { continue }
            guard partition.topic != daemon.configuration.outputs.alerts else { throw .placeLost(notice) }
            daemon.log.error("\(partition) has no offset \(position) any more, but \(low) to \(high): reading from \(low); what lay between is missing, or the topic was made anew")
            assignment.restart(number, at: low)
        }
        lost = [:]
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
        let isNew = engine.alerting.isEmpty
        engine.startJudging(initial: isNew)
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
        daemon.observe(engine, DaemonStatus(
            clock: engine.clock, isCaughtUp: engine.isJudging, received: received, rejected: engine.counts.rejected, subjects: engine.subjects,
            rate: rate.perSecond, outstanding: outbox.outstanding))
    }

    /// Everything that is on its way is delivered, for three seconds at most.
    private mutating func finish() {
        let delivered = outbox.producer.flush(timeout: 3_000)
        consumer.commit(assignment.inputPositions)
        daemon.log.info("stopped", metadata: ["delivered": "\(delivered)", "received": "\(engine.counts.received)"])
    }
}

extension Record {
    /// The record as the engine takes it.
    fileprivate var input: Engine.Record {
        var headers: [Intake.Message.Header] = []
        if hasHeaders { forEachHeader { headers.append(($0, $1)) } }
        return Engine.Record(Intake.Message(value: value, headers: headers), at: Cause(topic: Int32(topicIndex), partition: partition, offset: offset))
    }
}
