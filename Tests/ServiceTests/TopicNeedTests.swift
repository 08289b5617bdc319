import Cases
import Catalog
import CatalogFiles
import Foundation
import Kafka
import Testing

@testable import Service

/// What `parwatch topics` says of a cluster.
@Suite(.serialized) struct TopicNeeds {
    private let day: Int64 = 86_400_000

    private func verdict(_ role: TopicNeed.Role, partitions: Int = 1, replicas: Int = 3, _ settings: [String: String]) -> TopicNeed.Verdict {
        TopicNeed(name: "t", role: role).verdict(on: SurveyedTopic(partitions: partitions, replicas: replicas, settings: .known(settings)))
    }

    @Test func `a topic as it is printed is well, in every role`() {
        for role in [TopicNeed.Role.input(keep: 700 * day), .alerts, .leader, .scores, .health, .rejected] {
            var settings = Dictionary(uniqueKeysWithValues: TopicNeed(name: "t", role: role).settings.map { ($0.name, $0.value) })
            settings["min.insync.replicas"] = "2"
            #expect(verdict(role, settings) == TopicNeed.Verdict(), "\(role)")
        }
    }

    @Test func `each fault is named by itself`() throws {
        let compact = ["cleanup.policy": "compact"]
        for role in [TopicNeed.Role.alerts, .leader] {
            #expect(verdict(role, partitions: 2, compact).faults == ["has 2 partitions and must have exactly one: delete it, then make it anew"])
        }
        #expect(verdict(.scores, partitions: 2, compact).isWell)
        for role in [TopicNeed.Role.alerts, .leader, .scores, .health] {
            for policy in ["delete", "compact,delete", "compact, delete"] { #expect(verdict(role, ["cleanup.policy": policy]).faults.count == 1, "\(role) \(policy)") }
            #expect(!verdict(role, [:]).isWell, "Kafka's default is delete")
        }
        #expect(verdict(.alerts, partitions: 3, replicas: 2, ["cleanup.policy": "delete", "min.insync.replicas": "3"]).faults.count == 3)
        #expect(try #require(verdict(.scores, replicas: 1, ["cleanup.policy": "compact", "min.insync.replicas": "2"]).faults.first).contains("nothing can be written"))
        #expect(verdict(.rejected, ["cleanup.policy": "delete"]).notes.count == 1)
        #expect(verdict(.alerts, compact.merging(["min.insync.replicas": "1"]) { $1 }).notes.count == 1)
        let missing = TopicNeed(name: "t", role: .scores).verdict(on: nil)
        #expect(missing.faults.count == 1 && missing.faults[0].contains("does not exist"))
    }

    @Test func `an input keeps what may still count`() {
        let role = TopicNeed.Role.input(keep: 790 * day)
        #expect(verdict(role, partitions: 8, ["retention.ms": "\(790 * day)"]).isWell)
        #expect(verdict(role, ["retention.ms": "-1"]).isWell)
        #expect(verdict(role, ["retention.ms": "\(790 * day - 1)"]).faults.first?.contains("(790 days)") == true)
        #expect(verdict(role, ["retention.bytes": "1000000"]).faults.count == 1)
        #expect(verdict(.input(keep: nil), ["retention.ms": "1"]).isWell, "nothing is judged")
        let compacted = verdict(role, ["cleanup.policy": "compact", "retention.ms": "1", "message.timestamp.type": "LogAppendTime"])
        #expect(compacted.isWell && compacted.notes.count == 2)
    }

    /// GL-2021 closes 180 days after its year, and is kept for 365 more.
    @Test func `how long follows from the frameworks`() throws {
        let configuration = try Configuration.load(path: Oracle.repository.appendingPathComponent("config/parwatch.yaml").path)
        let inputs = TopicNeed.all(configuration).map(\.role).filter { if case .input = $0 { true } else { false } }
        #expect(inputs == [.input(keep: (365 + 180 + 365) * day)])
    }

    @Test(.enabled(if: TestCluster.real == nil)) func `the check of an embedded broker says what is wrong and what it cannot see`() throws {
        try SmallProvince.with { province in
            let daemon = try province.start("a")
            try #require(daemon.says("caught up"), "\(daemon.text)")
            let file = province.folder.appendingPathComponent("a/parwatch.yaml")
            func check() throws -> (status: Int32, output: String) { try Program.run(Parwatch.binary.path, ["topics", "--check", "--config", file.path]) }
            let well = try check()
            #expect(well.status == 0 && well.output.components(separatedBy: "\nwell ").count == 6 && well.output.contains("settings not seen (the embedded broker has none)"), "\(well)")
            let text = try String(contentsOf: file, encoding: .utf8).replacing("leader: \(province.cluster.leader)", with: "leader: nowhere").replacing("alerts: \(province.cluster.alerts)", with: "alerts: \(province.cluster.inputs)2")
            let broker = province.cluster.bootstrap
            // The embedded broker makes what it is asked about, with four partitions.
            _ = try Program.run("/usr/bin/env", ["timeout", "30", "kcat", "-L", "-b", broker, "-t", "\(province.cluster.inputs)2"])
            try Data(text.utf8).write(to: file)
            for _ in 0..<2 {
                let wrong = try check()
                #expect(wrong.status == 1 && wrong.output.contains("parwatch: 2 of 6 topics are not as they must be"), "\(wrong)")
                #expect(wrong.output.contains("4 partitions; has 4 partitions and must have exactly one"), "\(wrong)")
                // Asking does not make it.
                #expect(wrong.output.split(separator: "\n").contains { $0.hasPrefix("WRONG  nowhere") && $0.contains("does not exist") }, "\(wrong)")
            }
        }
    }

    /// Needs a real cluster, with the right to make topics: the embedded broker has no settings.
    @Test(.enabled(if: TestCluster.real != nil)) func `topics made as printed pass the check of a real cluster, and one of another policy does not`() throws {
        let tag = "t\(UInt32.random(in: 0...UInt32.max))", settings = KafkaSettings(bootstrap: try #require(TestCluster.real), clientID: "parwatch-test")
        let needs = [TopicNeed(name: "\(tag).in", role: .input(keep: 1)), TopicNeed(name: "\(tag).alerts", role: .alerts), TopicNeed(name: "\(tag).rejected", role: .rejected)]
        let admin = try Admin(settings: settings)
        try admin.createTopics(needs.map { Admin.NewTopic(name: $0.name, partitions: 1, config: $0.settings) }, timeout: 30_000)
        defer { try? admin.deleteTopics(needs.map(\.name), timeout: 30_000) }
        var found: [String: SurveyedTopic] = [:]
        try #require(try eventually { found = try admin.survey(needs.map(\.name), timeout: 30_000); return found.count == 3 })
        for need in needs {
            #expect(need.verdict(on: found[need.name]).isWell)
            guard case .known = found[need.name]?.settings else { Issue.record("settings not seen: \(found)"); continue }
        }
        #expect(!TopicNeed(name: "\(tag).in", role: .scores).verdict(on: found["\(tag).in"]).isWell)
    }
}
