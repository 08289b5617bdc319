import Cases
import Catalog
import Foundation
import Kafka
import Testing

/// Only a real cluster compacts: `scripts/verify-kafka HOST:PORT` runs this.
@Suite(.serialized, .enabled(if: TestCluster.real != nil, "needs a real cluster: scripts/verify-kafka"))
struct CompactedAlertTopic {
    @Test func `after compaction the alert topic still tells all, and a daemon that starts on it writes nothing new`() throws {
        let seed = Oracle.seed("compaction")
        let random = RandomCase(seed: seed, .steady)
        let cluster = try TestCluster(alertConfig: [
            ("segment.ms", "1000"), ("min.cleanable.dirty.ratio", "0.01"), ("max.compaction.lag.ms", "2000"), ("delete.retention.ms", "1000"),
        ])
        defer { cluster.remove() }
        try Oracle.withFolder("compaction") { folder in
            var files = random
            files.files["parwatch.yaml"]? += cluster.configuration + "clock: {start: \"\(random.until.text(in: .utc))\", speed: 0.001}\n"
            try files.write(to: folder)
            let dump = folder.appendingPathComponent("alerts.ndjson"), now = random.until.advanced(by: .seconds(1)).text(in: .utc)

            let producer = try Producer(settings: cluster.settings)
            _ = try producer.partitionCount(of: cluster.inputs, timeout: 10_000)
            _ = try producer.partitionCount(of: cluster.alerts, timeout: 10_000)
            func isRight() throws -> Bool {
                let records = try cluster.dump(cluster.alerts).filter { !$0.contains("\"key\":\"other/") }
                try Data(records.map { $0 + "\n" }.joined().utf8).write(to: dump)
                return try Oracle.run("alerts.py", folder.path, dump.path, "--compacted", "--now", now).status == 0
            }
            func withDaemon(_ body: () throws -> Void) throws {
                let daemon = try Parwatch.run(folder.appendingPathComponent("parwatch.yaml"), log: folder.appendingPathComponent("log"))
                defer {
                    kill(daemon.processIdentifier, SIGKILL)
                    daemon.waitUntilExit()
                }
                try body()
            }
            try withDaemon {
                for (token, message) in random.messages.enumerated() {
                    try producer.produce(topic: cluster.inputs, partition: nil, key: nil, value: Array(message.utf8), token: UInt64(token))
                    // One by one, so that alerts change often.
                    _ = producer.poll(timeout: 5)
                }
                #expect(producer.flush(timeout: 30_000))
                let wasRight = try eventually { try isRight() }
                #expect(wasRight)
            }
            // Records under another key roll the segments, without which nothing is compacted.
            var rolled: UInt64 = 0
            let isCompacted = try eventually(within: 300) {
                try producer.produce(topic: cluster.alerts, partition: 0, key: Array("other/\(rolled % 3)".utf8), value: Array("{}".utf8), token: rolled)
                rolled += 1
                _ = producer.flush(timeout: 10_000)
                let keys = try cluster.dump(cluster.alerts).compactMap { $0.split(separator: "\"").dropFirst(2).first }.filter { !$0.hasPrefix("other/") }
                return !keys.isEmpty && Set(keys).count == keys.count
            }
            #expect(isCompacted, "the cluster has not compacted the topic in five minutes")
            #expect(try isRight())
            let before = try String(contentsOf: dump, encoding: .utf8)
            try withDaemon {
                let log = folder.appendingPathComponent("log")
                let caughtUpTwice = eventually { ((try? String(contentsOf: log, encoding: .utf8)) ?? "").components(separatedBy: "caught up").count == 3 }
                #expect(caughtUpTwice)
            }
            #expect(try isRight())
            #expect(try String(contentsOf: dump, encoding: .utf8) == before)
        }
    }
}
