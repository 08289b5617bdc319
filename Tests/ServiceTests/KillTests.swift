import Cases
import Catalog
import Foundation
import Kafka
import Testing

@Suite(.serialized) struct LawTwoUnderSIGKILL {
    /// The judge is Tests/Oracles/alerts.py over everything that kcat reads from the topic.
    @Test func `killed at random instants while it consumes, the daemon leaves the alert topic right, and no id with two contents`() throws {
        let seed = Oracle.seed("kill")
        var records = 0
        for round in 0..<3 { records += try killing(seed: seed &+ UInt64(round)) }
        #expect(records > 0, "alerts there must be, or nothing was tried")
    }

    /// Returns how many records the alert topic holds.
    private func killing(seed: UInt64) throws -> Int {
        var dice = Seeded(seed)
        let random = RandomCase(seed: seed, .steady)
        let cluster = try TestCluster()
        defer { cluster.remove() }
        return try Oracle.withFolder("kill") { folder in
            // The clock all but stands still at the case's end, and starts there again with every process.
            var files = random
            files.files["parwatch.yaml"]? += cluster.configuration + "clock: {start: \"\(random.until.text(in: .utc))\", speed: 0.001}\n"
            // Every other case goes on from snapshots.
            if seed % 2 == 1 { files.files["parwatch.yaml"]? += "state: {directory: state, snapshot_every: 1s}\n" }
            try files.write(to: folder)
            let configuration = folder.appendingPathComponent("parwatch.yaml"), log = folder.appendingPathComponent("log")
            let producer = try Producer(settings: cluster.settings)
            _ = try producer.partitionCount(of: cluster.inputs, timeout: 10_000)

            var sent = 0
            var daemon = try Parwatch.run(configuration, log: log)
            let kills = 8
            for kill in 0..<kills {
                let target = kill == kills - 1 ? random.messages.count : min(random.messages.count, sent + random.messages.count / kills)
                let end = Date().addingTimeInterval(Double(dice.int(30...900)) / 1_000)
                // Messages trickle in until the shot falls.
                repeat {
                    if sent < target {
                        try producer.produce(topic: cluster.inputs, partition: Int32(dice.int(0...3)), key: nil, value: Array(random.messages[sent].utf8), token: UInt64(sent))
                        sent += 1
                    }
                    _ = producer.poll(timeout: 1)
                } while sent < target || Date() < end
                Foundation.kill(daemon.processIdentifier, SIGKILL)
                daemon.waitUntilExit()
                daemon = try Parwatch.run(configuration, log: log)
            }
            #expect(producer.flush(timeout: 10_000))
            defer {
                Foundation.kill(daemon.processIdentifier, SIGKILL)
                daemon.waitUntilExit()
            }
            var verdict = (status: Int32(1), output: "nothing was read")
            var records = 0
            let now = random.until.advanced(by: .seconds(1)).text(in: .utc)
            let isRight = try eventually {
                let dump = try cluster.dump(cluster.alerts)
                records = dump.count
                try Data(dump.map { $0 + "\n" }.joined().utf8).write(to: folder.appendingPathComponent("alerts.ndjson"))
                verdict = try Oracle.run("alerts.py", folder.path, folder.appendingPathComponent("alerts.ndjson").path, "--now", now)
                return verdict.status == 0
            }
            #expect(isRight, "\(verdict.output.suffix(2_000))\n\((try? String(contentsOf: log, encoding: .utf8))?.suffix(2_000) ?? "")\n(seed \(seed))")
            return records
        }
    }
}
