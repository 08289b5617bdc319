import Cases
import Foundation
import Kafka
import Testing

/// What brokers do in bad nights. The first department has a dossier that is late from the beginning: its alert must fire once, and nothing may resolve it. The
/// second's alert fires and is resolved again and again while things are broken; in the end the oracle of law 2 says whether the topic is right.
@Suite(.serialized, .enabled(if: TestCluster.real == nil, "breaks the embedded broker")) struct Faults {
    private static func settings(maxLag: String = "2s") -> String { "clock: {start: \"2021-06-01T00:00:00+07:00\", speed: 0.001}\nmax_lag: \(maxLag)\n" }

    /// Statuses come for so long, many a second.
    private func flow(_ province: SmallProvince, for seconds: Double) throws {
        let end = Date().addingTimeInterval(seconds)
        var number = 0
        while Date() < end {
            number += 1
            try province.queue(Self.status(province, "flow\(number % 2)", late: number / 2 % 2 == 0))
            usleep(40_000)
        }
    }

    private static func status(_ province: SmallProvince, _ subject: String, late: Bool) -> DossierMessage {
        province.dossier(subject, at: "D2").field("state", "9").field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: late ? "2021-03-20T09:00:00+07:00" : "2021-03-09T09:00:00+07:00")
    }

    private func mend(_ broker: EmbeddedBroker, _ province: SmallProvince) {
        broker.bringUp()
        broker.delay(milliseconds: 0)
        for request in EmbeddedBroker.Request.allCases { broker.failNoMore(request) }
        for topic in [province.cluster.alerts, province.cluster.leader] { broker.moveLeader(of: TopicPartition(topic: topic, partition: 0), to: 1) }
        for partition in 0..<4 as Range<Int32> { broker.moveLeader(of: TopicPartition(topic: province.cluster.inputs, partition: partition), to: 2) }
    }

    /// `harm` breaks things and lets statuses flow meanwhile.
    private func trial(daemons count: Int = 1, maxLag: String = "2s", _ harm: (EmbeddedBroker, SmallProvince) throws -> Void) throws {
        try SmallProvince.with(brokers: 3) { province in
            let broker = try #require(province.cluster.brokers)
            let daemons = try (0..<count).map { try province.start($0 == 0 ? "a" : "b", extra: Self.settings(maxLag: maxLag)) }
            try province.send("stuck", at: "D1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" }, "\(daemons[0].text)")
            try harm(broker, province)
            mend(broker, province)
            try flow(province, for: 1)
            try province.queue(Self.status(province, "flow0", late: true))
            try province.flush()
            try check(province, daemons)
        }
    }

    private func check(_ province: SmallProvince, _ daemons: [DaemonProcess]) throws {
        var verdict = (isRight: false, words: "")
        let isRight = try eventually {
            verdict = try province.verdict()
            return try verdict.isRight && province.last(SmallProvince.other)?.state == "firing"
        }
        let logs = daemons.map { String($0.text.suffix(3_000)) }.joined(separator: "\n")
        #expect(isRight, "\(verdict.words)\n\(logs)")
        let stuck = try province.alerts().filter { $0.key == SmallProvince.key }
        #expect(stuck.allSatisfy { $0.state == "firing" } && Set(stuck.map(\.since)).count == 1, "\(stuck.map(\.raw))")
        for daemon in daemons { #expect(daemon.process.isRunning, "it gave up: \(logs)") }
    }

    @Test func `a broker that goes away and comes back costs no alert and changes none`() throws {
        try trial { broker, province in
            for _ in 0..<2 {
                try flow(province, for: 1)
                broker.takeDown()
                try flow(province, for: 4)
                broker.bringUp()
                try flow(province, for: 1)
            }
        }
    }

    @Test func `partitions whose leader moves, or is missing for a while, cost no alert`() throws {
        try trial { broker, province in
            let alerts = TopicPartition(topic: province.cluster.alerts, partition: 0)
            for round in 0..<8 as Range<Int32> {
                broker.moveLeader(of: alerts, to: round % 4 == 3 ? nil : round % 3 + 1)
                broker.moveLeader(of: TopicPartition(topic: province.cluster.inputs, partition: round % 4), to: round % 3 == 2 ? nil : (round + 1) % 3 + 1)
                broker.moveLeader(of: TopicPartition(topic: province.cluster.leader, partition: 0), to: round % 3 + 1)
                try flow(province, for: 0.7)
            }
        }
    }

    @Test func `writes that are refused for a while in the middle of a batch are written in the end, each once`() throws {
        try trial { broker, province in
            for code in [6, 7, 19, 56, 20] as [Int32] {   // not leader, timed out, not enough replicas, storage error, not enough replicas after append
                try flow(province, for: 0.3)
                broker.fail(.produce, with: Array(repeating: KafkaError.Code(rawValue: code), count: 5))
                try flow(province, for: 0.7)
            }
        }
    }

    @Test func `writes that fail for good in the middle of a batch are decided again`() throws {
        try trial { broker, province in
            for code in [29, 87, 10] as [Int32] {   // forbidden, invalid record, too large
                try flow(province, for: 0.3)
                broker.fail(.produce, with: Array(repeating: KafkaError.Code(rawValue: code), count: 6))
                try flow(province, for: 0.7)
            }
        }
    }

    @Test func `reads that fail for a while, and ends of partitions that nobody tells, cost no alert`() throws {
        try trial { broker, province in
            for code in [6, 56, 3, 74, 5, 7] as [Int32] {   // not leader, storage error, unknown topic, fenced epoch, leader not available, timed out
                broker.fail(.fetch, with: Array(repeating: KafkaError.Code(rawValue: code), count: 8))
                broker.fail(.listOffsets, with: Array(repeating: KafkaError.Code(rawValue: code), count: 3))
                try flow(province, for: 0.8)
            }
        }
    }

    @Test func `a coordinator that loads, is not available, forgets its members or moves costs no alert, and leaderships only follow each other`() throws {
        try trial(daemons: 2) { broker, province in
            let code = { KafkaError.Code(rawValue: $0) }
            for round in 0..<3 as Range<Int32> {
                broker.fail(.findCoordinator, with: [code(15), code(14), code(15)])                        // not available, loading
                broker.fail(.heartbeat, with: [code(14), code(16), code(round == 1 ? 25 : 27)])            // loading, not coordinator, unknown member or rebalancing
                broker.fail(.offsetCommit, with: [code(14), code(16), code(7)])
                broker.fail(.joinGroup, with: [code(14), code(16)])
                broker.moveCoordinator(of: "urn:parwatch:test.leader", to: round % 3 + 1)
                try flow(province, for: 3)
            }
            let terms = try province.alerts().map(\.term)
            let sorted = terms.sorted()
            #expect(terms == sorted)
        }
    }

    @Test func `with round trips of two seconds alerts come late, and right`() throws {
        try trial(maxLag: "20s") { broker, province in
            let before = try province.alerts().count
            var meanwhile = 0
            for _ in 0..<5 where meanwhile < 2 {
                broker.delay(milliseconds: 2_000)
                try flow(province, for: 12)
                broker.delay(milliseconds: 0)
                meanwhile = try province.alerts().count - before
            }
            #expect(meanwhile >= 2, "it goes on leading and publishing")
        }
    }

    @Test func `another catalog, taken over while alerts wait to be written, gives no id two contents`() throws {
        try trial { broker, province in
            let alerts = TopicPartition(topic: province.cluster.alerts, partition: 0), path = province.folder.appendingPathComponent("a/criteria.yaml")
            let text = try String(contentsOf: path, encoding: .utf8), process = province.daemons[0]
            for round in 0..<6 {
                broker.moveLeader(of: alerts, to: nil)
                try flow(province, for: 0.5)
                try Data(text.replacing("name: {vi: c, en: c}", with: "name: {vi: c, en: c\(round)}").utf8).write(to: path)
                process.signal(SIGHUP)
                #expect(process.says("reloaded", times: round + 1))
                usleep(UInt32(round) * 150_000)
                broker.moveLeader(of: alerts, to: 1)
                try flow(province, for: 1.5)
            }
            var contents: [String: String] = [:]
            for alert in try province.alerts() {
                let id = try #require(alert.event?["id"] as? String)
                #expect(contents.updateValue(alert.raw, forKey: id).map { $0 == alert.raw } ?? true, "\(id)")
            }
            try Data(text.utf8).write(to: path)
            process.signal(SIGHUP)
            #expect(process.says("reloaded", times: 7))
        }
    }

    @Test func `all brokers gone for 30 seconds, at the start and in flight, cost time and nothing else`() throws {
        try SmallProvince.with(brokers: 3) { starting in
            try trial { broker, province in
                let other = try #require(starting.cluster.brokers)
                other.takeDown()
                broker.takeDown()
                let daemon = try starting.start("a", extra: Self.settings())
                for _ in 0..<15 {
                    try flow(province, for: 1)
                    try flow(starting, for: 1)
                }
                other.bringUp()
                broker.bringUp()
                try starting.send("stuck", at: "D1", late: true)
                try starting.queue(Self.status(starting, "flow0", late: true))
                try starting.flush()
                try check(starting, [daemon])
            }
        }
    }
}
