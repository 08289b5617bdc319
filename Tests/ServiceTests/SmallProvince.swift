import Cases
import Foundation
import Kafka
import Testing

/// Two departments, one criterion (on time, alerting below 90 %), a broker of its own, and as many daemons as a test starts.
final class SmallProvince {
    static let key = "F-2021/c/D1/2021", other = "F-2021/c/D2/2021"

    let cluster: TestCluster
    let folder: URL
    private var producer: Producer
    private(set) var daemons: [DaemonProcess] = []
    private var sent: UInt64 = 0
    /// Every status so far.
    private var statuses: [String] = []
    /// Those without a report, by token.
    private var underWay: [UInt64: (partition: Int32?, value: [UInt8])] = [:]
    private var lost: [(partition: Int32?, value: [UInt8])] = []

    /// Removes everything when `body` has ended.
    static func with(brokers: Int? = nil, _ body: (SmallProvince) throws -> Void) throws {
        let cluster = try TestCluster(brokers: brokers)
        defer { cluster.remove() }
        try Oracle.withFolder("province") { folder in
            let province = try SmallProvince(cluster, folder)
            defer { for daemon in province.daemons { daemon.end() } }
            try body(province)
        }
    }

    private init(_ cluster: TestCluster, _ folder: URL) throws {
        self.cluster = cluster
        self.folder = folder
        producer = try Self.producer(cluster)
    }

    private static func producer(_ cluster: TestCluster) throws -> Producer {
        // Some tests need much data in the broker.
        // See `TestCluster.inOrder`.
        let order = cluster.brokers == nil ? [] : [(name: "max.in.flight.requests.per.connection", value: "1")]
        let producer = try Producer(settings: KafkaSettings(bootstrap: cluster.bootstrap, clientID: "parwatch-test", properties: [("compression.type", "none")] + order))
        for topic in [cluster.inputs, cluster.alerts] { _ = try producer.partitionCount(of: topic, timeout: 10_000) }
        return producer
    }

    /// Every topic is made anew and holds nothing.
    func replaceBroker() throws {
        try cluster.replaceBroker()
        producer = try Self.producer(cluster)
    }

    /// Starts a daemon; those of one name are one daemon through its restarts.
    func start(_ name: String, limit: String = "90%", maxAhead: String = "10000d", extra: String = "clock: {start: \"2021-06-01T00:00:00+07:00\", speed: 0.001}\n", arguments: [String] = []) throws -> DaemonProcess {
        let home = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let files = [
            "parwatch.yaml": "source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nmax_ahead: \(maxAhead)\n\(cluster.configuration)\(extra)",
            "agencies.yaml": """
                timezone: Asia/Ho_Chi_Minh
                agencies:
                  - {id: P, level: province, name: {vi: P, en: P}}
                  - {id: D1, level: department, parent: P, name: {vi: D1, en: D1}}
                  - {id: D2, level: department, parent: P, name: {vi: D2, en: D2}}
                """,
            "criteria.yaml": """
                framework: F-2021
                title: {vi: t, en: t}
                period: {year: 2021, closes_after: 400d}
                criteria:
                  - code: c
                    name: {vi: c, en: c}
                    levels: [department]
                    measure: {ratio: {of: dossier, among: [decided], counting: [on_time]}}
                    alert: {warning: {below: \(limit), clear: \(limit)}, min_sample: 1}
                """,
        ]
        for (name, text) in files { try Data(text.utf8).write(to: home.appendingPathComponent(name)) }
        let daemon = try DaemonProcess(home, arguments)
        daemons.append(daemon)
        return daemon
    }

    // MARK: Messages

    /// A dossier of `agency` that was finished late, or in time.
    func send(_ subject: String, at agency: String = "D1", late: Bool, _ change: (DossierMessage) -> DossierMessage = { $0 }) throws {
        try send(change(
            dossier(subject, at: agency).field("state", "9").field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: late ? "2021-03-20T09:00:00+07:00" : "2021-03-09T09:00:00+07:00")))
    }

    /// Every message is newer than those before it.
    func dossier(_ subject: String, at agency: String) -> DossierMessage {
        sent += 1
        return DossierMessage().attribute("subject", text: subject).attribute("id", text: "e\(sent)").field("agency", text: agency)
            .attribute("time", text: "2021-05-01T\(sent / 3_600 < 10 ? "0" : "")\(sent / 3_600):\(String(format: "%02d:%02d", Int(sent / 60 % 60), Int(sent % 60)))+07:00")
    }

    /// Many messages: `flush` sees to their arrival.
    func queue(_ message: DossierMessage, partition: Int32? = nil) throws {
        statuses.append(message.json)
        try queue(Array(message.json.utf8), partition)
        try lookAfterLost()
    }

    /// What brokers that fail refuse is written again.
    private func queue(_ value: [UInt8], _ partition: Int32?) throws {
        sent += 1
        do throws(KafkaError) {
            try producer.produce(topic: cluster.inputs, partition: partition, key: Array("k".utf8), value: value, token: sent)
            underWay[sent] = (partition, value)
        } catch {
            guard error.code == .topicForbidden else { throw error }
            lost.append((partition, value))
        }
    }

    private func lookAfterLost() throws {
        for report in producer.poll(timeout: 0) {
            if let item = underWay.removeValue(forKey: report.token), report.error != nil { lost.append(item) }
        }
        let again = lost
        lost = []
        for (partition, value) in again { try queue(value, partition) }
    }

    /// Statuses that count nowhere in this year, until the embedded broker has dropped the beginning of every partition.
    func overrun() throws {
        let padding = String(repeating: "x", count: 60_000)
        for number in 0..<500 {
            try queue(dossier("B\(number)", at: "D2").field("received", text: "2019-01-01T00:00:00Z").field("note", text: padding), partition: Int32(number % 4))
            if number % 50 == 49 { try flush() }
        }
    }

    func flush() throws {
        #expect(try eventually {
            try lookAfterLost()
            return producer.flush(timeout: 200) && underWay.isEmpty && lost.isEmpty
        })
    }

    func send(_ message: DossierMessage) throws {
        statuses.append(message.json)
        try write(cluster.inputs, partition: nil, key: "k", value: message.json)
    }

    /// Writes a record as another tool would.
    func write(_ topic: String, partition: Int32?, key: String, value: String?, headers: [(name: String, value: String)] = []) throws {
        sent += 1
        try producer.produce(topic: topic, partition: partition, key: Array(key.utf8), value: value.map { Array($0.utf8) }, headers: headers.map { ($0.name, Array($0.value.utf8)) }, token: sent)
        #expect(producer.flush(timeout: 20_000))
        try lookAfterLost()
    }

    // MARK: What is published

    struct Alert {
        var offset: Int
        var key: String
        var term: Int
        /// Nil: a tombstone, or no JSON.
        var event: [String: Any]?
        var raw: String
        var data: [String: Any] { event?["data"] as? [String: Any] ?? [:] }
        var state: String? { data["state"] as? String }
        var since: String? { data["since"] as? String }
        var revision: Int? { data["revision"] as? Int }
    }

    /// Everything on the alert topic, in order.
    func alerts() throws -> [Alert] {
        let result = try Program.run("/usr/bin/env", ["timeout", "60", "kcat", "-m", "30", "-C", "-e", "-q", "-b", cluster.bootstrap, "-t", cluster.alerts, "-o", "beginning", "-f", "%o\\t%k\\t%h\\t%s\\n"])
        guard result.status == 0 else { throw Missing(what: "kcat: \(result.output)") }
        return result.output.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            let headers = parts[2].split(separator: ",").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            let term = headers.first { $0.first == "term" }.flatMap { $0.last }.flatMap { Int($0) } ?? -1
            return Alert(offset: Int(parts[0]) ?? -1, key: parts[1], term: term, event: try? JSONSerialization.jsonObject(with: Data(parts[3].utf8)) as? [String: Any], raw: parts[3])
        }
    }

    /// What the oracle of law 2 says of the alert topic, given every status that was sent. `home`: of a daemon that judged them.
    func verdict(_ home: String = "a") throws -> (isRight: Bool, words: String) {
        let folder = folder.appendingPathComponent(home), dump = folder.appendingPathComponent("alerts.ndjson")
        try Data(statuses.map { $0 + "\n" }.joined().utf8).write(to: folder.appendingPathComponent("messages.ndjson"))
        try Data(try cluster.dump(cluster.alerts).map { $0 + "\n" }.joined().utf8).write(to: dump)
        let (status, words) = try Oracle.run("alerts.py", folder.path, dump.path, "--now", "2021-06-01T00:00:10+07:00", "--faults")
        return (status == 0, words)
    }

    func last(_ key: String = SmallProvince.key) throws -> Alert? { try alerts().last { $0.key == key } }

    /// The newest sign of life of each daemon, by instance.
    func health() throws -> [String: [String: Any]] {
        var last: [String: [String: Any]] = [:]
        for line in try cluster.dump(cluster.health) {
            guard let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], let key = record["key"] as? String, let event = record["value"] as? [String: Any] else { continue }
            last[key] = event["data"] as? [String: Any]
        }
        return last
    }
}

/// A daemon as a process, with its log.
final class DaemonProcess {
    let process: Process
    private let log: URL
    private let begin: Int

    init(_ home: URL, _ arguments: [String]) throws {
        log = home.appendingPathComponent("log")
        begin = (try? Data(contentsOf: log).count) ?? 0
        process = try Parwatch.run(home.appendingPathComponent("parwatch.yaml"), arguments: arguments, log: log)
    }

    /// What it has said since it was started.
    var text: String { (try? Data(contentsOf: log)).map { String(decoding: $0.dropFirst(begin), as: UTF8.self) } ?? "" }

    /// Waits until it has said this, as often as asked.
    func says(_ line: String, times: Int = 1, within seconds: Double = 60) -> Bool {
        eventually(within: seconds) { text.components(separatedBy: line).count > times }
    }

    enum Stance { case leads, follows, neither }

    /// What it last said of who leads.
    var stance: Stance? {
        let signs: [(String, Stance)] = [(" info leading ", .leads), ("no longer leading", .neither), ("another leads", .follows)]
        return text.split(separator: "\n").reversed().lazy.compactMap { line in signs.first { line.contains($0.0) }?.1 }.first
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// For good.
    func end() {
        signal(SIGCONT)
        signal(SIGKILL)
        process.waitUntilExit()
    }
}
