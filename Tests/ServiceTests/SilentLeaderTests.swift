import Cases
import Foundation
import Kafka
import Testing

/// A partition whose leader takes questions and answers none.
@Suite(.serialized, .enabled(if: TestCluster.real == nil, "breaks the embedded broker")) struct SilentLeaders {
    private static let silence: Int32 = 600_000

    private static func status(_ province: SmallProvince, _ subject: String, at agency: String, late: Bool) -> DossierMessage {
        province.dossier(subject, at: agency).field("state", "9").field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: late ? "2021-03-20T09:00:00+07:00" : "2021-03-09T09:00:00+07:00")
    }

    @Test func `a partition of which nobody says where it goes on is told of once a minute, and holds up judging and no other partition`() throws {
        try SmallProvince.with(brokers: 3) { province in
            let cluster = province.cluster, broker = try #require(cluster.brokers), silent = TopicPartition(topic: cluster.inputs, partition: 3)
            for topic in [cluster.alerts, cluster.scores, cluster.rejected, cluster.health, cluster.leader] { broker.moveLeader(of: TopicPartition(topic: topic, partition: 0), to: 1) }
            for (partition, leader) in [1, 2, 2, 3].enumerated() { broker.moveLeader(of: TopicPartition(topic: cluster.inputs, partition: Int32(partition)), to: Int32(leader)) }
            let daemon = try province.start("a")
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.queue(Self.status(province, "1", at: "D1", late: true), partition: silent.partition)
            try province.flush()
            try #require(try eventually { try province.last()?.state == "firing" })

            // Every partition seems to go on elsewhere.
            broker.delay(3, next: 1_000, .listOffsets, milliseconds: Self.silence)
            broker.fail(.fetch, with: Array(repeating: KafkaError.Code(rawValue: 1), count: 60))   // offset out of range
            try #require(daemon.says("\(silent)@"), "\(daemon.text)")
            broker.failNoMore(.fetch)
            let began = Date()
            #expect(daemon.says("cannot read the first offset of \(silent): "), "\(daemon.text)")
            // Of several that were lost together the first is named.
            #expect(daemon.says(" does not go on, and where it begins is not known"), "\(daemon.text)")
            // The others are read on.
            try province.write(cluster.inputs, partition: 0, key: "k", value: "garbage")
            try province.write(cluster.inputs, partition: 1, key: "k", value: "garbage")
            #expect(try eventually {
                let keys = try cluster.dump(cluster.rejected)
                return [0, 1].allSatisfy { partition in keys.contains { $0.contains("{\"key\":\"\(cluster.inputs)-\(partition)-") } }
            }, "\(daemon.text)")
            try province.queue(Self.status(province, "2", at: "D2", late: true), partition: 0)
            try province.flush()
            #expect(daemon.process.isRunning)
            #expect(try province.last(SmallProvince.other) == nil, "nothing is judged meanwhile")
            let times = daemon.text.components(separatedBy: "cannot read the first offset of ").count - 1
            #expect(times == 1 || Date().timeIntervalSince(began) > 60, "\(daemon.text)")

            // Another broker takes it over.
            broker.moveLeader(of: silent, to: 2)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" }, "\(daemon.text)")
            try province.queue(Self.status(province, "1", at: "D1", late: false), partition: silent.partition)
            try province.flush()
            #expect(try eventually { try province.last()?.state == "resolved" }, "\(daemon.text)")
        }
    }
}
