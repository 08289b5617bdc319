import Alerting
import Cases
import Catalog
import Engine
import Intake
import Scoreboard
import Testing

/// An engine with an alert topic beside it: what it wants written waits in `underWay` until it lands.
struct Scene: ~Copyable {
    let catalog: Catalog
    var engine: Engine
    private(set) var topic: [(key: String, value: [UInt8])] = []
    private(set) var underWay: [AlertRecord] = []
    private(set) var rejected: [RejectedRecord] = []
    private var count: Int64 = 0

    /// `topic`: what it holds already. Judging starts at `now`, unless `judging` says otherwise.
    init(_ catalog: Catalog, now: String, topic: [(key: String, value: [UInt8])] = [], judging: Bool = true) throws {
        self.catalog = catalog
        self.topic = topic
        engine = try Engine(catalog: catalog, inputs: ["par.status", "other"])
        engine.step(now: SmallCatalog.instant(now))
        for (offset, record) in topic.enumerated() { _ = record.value.withUnsafeBytes { engine.alertRead(key: record.key, value: $0, offset: Int64(offset)) } }
        if judging { engine.startJudging(initial: engine.alerting.isEmpty) }
    }

    /// Takes a message in; each is newer than the one before, unless it says otherwise.
    mutating func receive(_ subject: String, time: String? = nil, partition: Int32 = 0, _ change: (DossierMessage) -> DossierMessage = { $0 }) {
        count += 1
        let spelled = time ?? Timestamp.utc(Instant(microseconds: 1_609_459_200_000_000 + count))
        let bytes = Array(change(DossierMessage().field("agency", text: "D1").attribute("subject", text: subject).attribute("time", text: spelled)).json.utf8)
        engine.receive([bytes], partition: partition, from: count)
    }

    /// Moves the clock, judges, and returns what is to be written: `key state severity reason`.
    @discardableResult
    mutating func step(_ now: String) -> [String] { written { $0.step(now: SmallCatalog.instant(now)) } }

    mutating func replay(_ message: DossierMessage) -> [String] {
        count += 1
        let offset = count
        return written { $0.replay([message.json], topic: 1, from: offset) }
    }

    private mutating func written(_ body: (inout Engine) -> Void) -> [String] {
        body(&engine)
        var lines: [String] = []
        for effect in engine.takeEffects() {
            switch effect {
            case .publish(let record):
                underWay.append(record)
                lines.append("\(record.key) \(record.incident.state) \(record.incident.severity) \(record.incident.reason.rawValue)")
            case .reject(let record): rejected.append(record)
            }
        }
        return lines
    }

    /// What is under way reaches the topic and is read back. Returns it.
    @discardableResult
    mutating func land(by stamp: Stamp = .none) -> [AlertRecord] {
        let landed = underWay
        for record in landed { put(record.key, record.json(in: catalog.zone), by: stamp) }
        underWay = []
        return landed
    }

    /// A record reaches the topic from wherever; nil is a tombstone.
    mutating func put(_ key: String, _ value: [UInt8]?, by stamp: Stamp = .none) {
        topic.append((key, value ?? []))
        let offset = Int64(topic.count - 1)
        if let value { _ = value.withUnsafeBytes { engine.alertRead(key: key, value: $0, by: stamp, offset: offset) } } else { engine.alertRead(key: key, value: nil, by: stamp, offset: offset) }
    }

    /// A write has failed for good.
    mutating func fail() {
        for record in underWay { engine.alertFailed(key: record.key, id: record.id) }
        underWay = []
    }

    mutating func reasons() -> [String] {
        for case .reject(let record) in engine.takeEffects() { rejected.append(record) }
        defer { rejected = [] }
        return rejected.map { $0.rejection.reason.rawValue + ($0.rejection.field.map { " " + $0 } ?? "") }
    }

    func score(_ key: String) -> String? {
        guard let cell = engine.scoreboard.layout.cell(of: key) else { return nil }
        let score = engine.scoreboard.score(of: cell)
        return score.denominator.map { "\(score.numerator)/\($0)" } ?? "\(score.numerator)"
    }

    func scores(_ keys: [String]) -> [String?] {
        var scores: [String?] = []
        for key in keys { scores.append(score(key)) }
        return scores
    }

    /// Keys of the scores that changed since this was last asked.
    mutating func changed() -> [String] {
        var keys: [String] = []
        for cell in engine.takeChangedCells() { keys.append(engine.score(of: cell).key) }
        return keys.sorted()
    }
}

extension AlertRule {
    /// 90 % / 95 % of whatever the criterion counts, unless it says otherwise.
    static func test(
        _ direction: Direction = .below, warning: (String, String)? = ("90%", "95%"), critical: (String, String)? = nil, minSample: Int64 = 1, pendingFor: Int64 = 0, keepFiringFor: Int64 = 0
    ) -> AlertRule {
        AlertRule(
            direction: direction, warning: warning.map { SmallCatalog.threshold($0, clear: $1) }, critical: critical.map { SmallCatalog.threshold($0, clear: $1) }, minSample: minSample,
            pendingFor: .seconds(pendingFor), keepFiringFor: .seconds(keepFiringFor))
    }
}

extension DossierMessage {
    var late: DossierMessage { field("due", text: "2021-03-01T12:00:00+07:00").field("state", "9").field("finished", text: "2021-03-03T00:00:00+07:00") }
    var onTime: DossierMessage { field("due", text: "2021-03-01T12:00:00+07:00").field("state", "9").field("finished", text: "2021-03-01T12:00:00+07:00") }
    func due(_ time: String) -> DossierMessage { field("due", text: time) }
    func at(_ agency: String) -> DossierMessage { field("agency", text: agency) }
}
