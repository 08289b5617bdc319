import Alerting
import Catalog
import CatalogFiles
import Engine
import Kafka
import Logging
import Scoreboard

/// Everything that is on its way to the broker. Each record's fate is looked at; what could not be written is tried again.
struct Outbox: ~Copyable {
    let producer: Producer
    private let outputs: Configuration.Outputs
    private let inputs: [String]
    private let zone: Zone
    /// Names this process in the headers of what it writes.
    let writer: String
    /// The leadership under which alerts are written.
    var term: Int64 = -1
    private var sequence: UInt64 = 0
    private var underWay: [UInt64: Item] = [:]
    /// How many of them are alerts.
    private var alertsUnderWay = 0
    private var isHealthUnderWay = false
    private var failed: [(retryAt: Double, item: Item)] = []
    /// What the client would not even queue.
    private var refused: [(error: KafkaError, item: Item)] = []
    /// Reports taken while the queue was full.
    private var landed: [DeliveryReport] = []
    /// Rejections under way: what a snapshot waits for, as nobody would report them again.
    private(set) var rejections = Settlement()
    /// Since the start, in the order of `Item.output`.
    private(set) var writes: [View.Writes]
    private(set) var lastWriteAt: Double?

    private enum Item {
        case alert(AlertRecord)
        /// With its place among all rejections.
        case rejected(RejectedRecord, Int)
        case leftOut(LeftOutRecord, Int)
        case score(ScoreRecord)
        case claim(Claim)
        case health(Health)

        var isAlert: Bool { if case .alert = self { true } else { false } }

        var output: Int {
            switch self {
            case .alert: 0
            case .score: 1
            case .rejected, .leftOut: 2
            case .claim: 3
            case .health: 4
            }
        }
    }

    init(producer: Producer, outputs: Configuration.Outputs, inputs: [String], zone: Zone, writer: String) {
        self.producer = producer
        self.outputs = outputs
        self.inputs = inputs
        self.zone = zone
        self.writer = writer
        writes = [outputs.alerts, outputs.scores, outputs.rejected, outputs.leader, outputs.health].map { .init(topic: $0) }
    }

    /// Records that have no report yet, or wait to be tried again.
    var outstanding: Int { underWay.count + failed.count + refused.count }
    var hasAlertsUnderWay: Bool { alertsUnderWay > 0 }

    mutating func send(_ effect: Effect, _ stop: StopSignal) throws(KafkaError) {
        switch effect {
        case .publish(let record): try send(.alert(record), stop)
        case .reject(let record): try send(.rejected(record, rejections.begin()), stop)
        }
    }

    mutating func send(_ leftOut: LeftOutRecord, _ stop: StopSignal) throws(KafkaError) { try send(.leftOut(leftOut, rejections.begin()), stop) }
    mutating func send(_ score: ScoreRecord, _ stop: StopSignal) throws(KafkaError) { try send(.score(score), stop) }
    mutating func send(_ claim: Claim, _ stop: StopSignal) throws(KafkaError) { try send(.claim(claim), stop) }

    /// A sign of life that cannot be written now is not written later: the next one says more.
    mutating func send(_ health: Health, _ stop: StopSignal) throws(KafkaError) {
        guard !isHealthUnderWay else { return }
        try send(.health(health), stop)
        isHealthUnderWay = true
    }

    /// Back-pressure: while the queue is full, nothing more is read.
    private mutating func send(_ item: Item, _ stop: StopSignal) throws(KafkaError) {
        sequence += 1
        let token = sequence
        let (topic, partition, key, value) = record(item)
        while true {
            do throws(KafkaError) {
                try producer.produce(topic: topic, partition: partition, key: key, value: value, headers: headers(item, token), token: token)
                underWay[token] = item
                if item.isAlert { alertsUnderWay += 1 }
                return
            } catch {
                if error.isFatal { throw error }
                guard error.code == .queueFull, !stop.isRequested else {
                    // Such as a topic that was deleted: told as a report would be, and tried again. And what finds no room at the end counts as not delivered.
                    refused.append((error, item))
                    return
                }
                landed += producer.poll(timeout: 100)
            }
        }
    }

    private func record(_ item: Item) -> (topic: String, partition: Int32?, key: [UInt8], value: [UInt8]) {
        switch item {
        case .alert(let record): return (outputs.alerts, 0, Array(record.key.utf8), record.json(in: zone))
        case .score(let record): return (outputs.scores, nil, Array(record.key.utf8), record.json(in: zone))
        case .rejected(let record, _):
            let topic = inputs[Int(record.position.topic)]
            return (outputs.rejected, nil, Array(record.key(topic: topic).utf8), record.json(topic: topic, zone: zone))
        case .leftOut(let record, _):
            let topic = inputs[Int(record.topic)]
            return (outputs.rejected, nil, Array(record.key(topic: topic).utf8), record.json(topic: topic, zone: zone))
        case .claim(let claim): return (outputs.leader, 0, Array(claim.source.utf8), claim.json(in: zone))
        case .health(let health): return (outputs.health, nil, Array(health.key.utf8), health.json(in: zone))
        }
    }

    private func headers(_ item: Item, _ sequence: UInt64) -> [(name: String, value: [UInt8])] {
        let event = (name: "content-type", value: Array("application/cloudevents+json".utf8))
        switch item {
        case .rejected, .leftOut, .claim: return [(name: "content-type", value: Array("application/json".utf8))]
        case .health: return [event]
        case .score: return [event, (name: "writer", value: Array(writer.utf8))]
        case .alert:
            return [event, (name: "term", value: Array(String(term).utf8)), (name: "writer", value: Array(writer.utf8)), (name: "sequence", value: Array(String(sequence).utf8))]
        }
    }

    /// What became of a record that the engine must hear of.
    enum Fate {
        case written(AlertRecord, offset: Int64)
        /// Judged anew.
        case lost(AlertRecord)
        /// Taken from the scoreboard anew: meanwhile a newer one may have been written.
        case lostScore(ScoreRecord)
        case lostClaim
    }

    /// Alerts that could not be written are told of no more: they were decided under a leadership that has ended, and may be decided again, with the same ids.
    mutating func forgetFailedAlerts() {
        failed.removeAll { $0.item.isAlert }
        refused.removeAll { $0.item.isAlert }
    }

    /// Looks at every report that has come.
    mutating func serve(_ now: Double, _ stop: StopSignal, log: (String) -> Void, told: (Fate) -> Void) throws(KafkaError) {
        let reports = landed + producer.poll(timeout: 0)
        landed = []
        if let fatal = producer.fatal { throw fatal }
        for (error, item) in refused {
            writes[item.output].failed += 1
            log("\(error)")
            failed.append((now + 5, item))
        }
        refused = []
        for report in reports {
            guard let item = underWay.removeValue(forKey: report.token) else { continue }
            if item.isAlert { alertsUnderWay -= 1 }
            if let error = report.error {
                writes[item.output].failed += 1
                log("\(error)")
                failed.append((now + 5, item))
                continue
            }
            writes[item.output].written += 1
            lastWriteAt = now
            switch item {
            case .alert(let record): told(.written(record, offset: report.offset ?? 0))
            case .rejected(_, let number), .leftOut(_, let number): rejections.end(number)
            // A claim counts when it is read back.
            case .claim, .score: break
            case .health: isHealthUnderWay = false
            }
        }
        guard !failed.isEmpty else { return }
        let due = failed.filter { $0.retryAt <= now }
        failed.removeAll { $0.retryAt <= now }
        for (_, item) in due {
            switch item {
            case .alert(let record): told(.lost(record))
            case .score(let record): told(.lostScore(record))
            case .rejected, .leftOut: try send(item, stop)
            case .claim: told(.lostClaim)
            case .health: isHealthUnderWay = false
            }
        }
    }
}
