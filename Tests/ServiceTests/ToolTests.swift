import Cases
import Catalog
import Foundation
import Kafka
import Testing

@Suite(.serialized) struct ToolsThatAreNotOurs {
    /// kcat writes the messages and reads everything that the daemon writes; Python's jsonschema and the SQL oracle judge it.
    @Test func `kcat feeds the daemon and reads alerts, scores and rejections that are right and fit their schemas`() throws {
        let seed = Oracle.seed("kcat")
        let random = RandomCase(seed: seed, .steady)
        let cluster = try TestCluster()
        defer { cluster.remove() }
        try Oracle.withFolder("kcat") { folder in
            var files = random
            files.files["parwatch.yaml"]? += cluster.configuration + "clock: {start: \"\(random.until.text(in: .utc))\", speed: 0.001}\n"
            try files.write(to: folder)
            let log = folder.appendingPathComponent("log")
            let daemon = try Parwatch.run(folder.appendingPathComponent("parwatch.yaml"), log: log)
            defer {
                kill(daemon.processIdentifier, SIGKILL)
                daemon.waitUntilExit()
            }
            let wrong = ["not json", "{}", #"{"specversion":"1.0","id":"1","source":"s","type":"vn.par.dossier.v1","subject":"W","time":"never","data":{}}"#]
            let fed = try Program.run("/usr/bin/env", ["kcat", "-P", "-b", cluster.bootstrap, "-t", cluster.inputs], input: (random.messages + wrong).map { $0 + "\n" }.joined())
            #expect(fed.status == 0, "\(fed.output)")
            let binary = try Program.run("/usr/bin/env", [
                "kcat", "-P", "-b", cluster.bootstrap, "-t", cluster.inputs, "-H", "ce_specversion=1.0", "-H", "ce_id=b", "-H", "ce_source=s", "-H", "ce_type=vn.par.dossier.v1",
                "-H", "ce_subject=binary", "-H", "ce_time=2021-03-01T00:00:00Z", "-H", "content-type=application/json",
            ], input: #"{"agency":"X9","procedure":"P","state":2,"received":"2021-03-01T00:00:00Z","filing":"post"}"# + "\n")
            #expect(binary.status == 0, "\(binary.output)")

            /// Dumps a topic, records and values apart; returns the values.
            func values(_ topic: String, _ name: String) throws -> [String] {
                let dump = try cluster.dump(topic)
                let values = dump.compactMap { line in line.range(of: "\"value\":").map { String(line[$0.upperBound...].dropLast()) } }
                try Data(dump.map { $0 + "\n" }.joined().utf8).write(to: folder.appendingPathComponent("\(name).ndjson"))
                try Data(values.map { $0 + "\n" }.joined().utf8).write(to: folder.appendingPathComponent("\(name)-values.ndjson"))
                return values
            }

            var verdict = (status: Int32(1), output: "")
            let alertsAreRight = try eventually {
                _ = try values(cluster.alerts, "alerts")
                verdict = try Oracle.run("alerts.py", folder.path, folder.appendingPathComponent("alerts.ndjson").path, "--now", random.until.advanced(by: .seconds(1)).text(in: .utc))
                return verdict.status == 0
            }
            #expect(alertsAreRight, "\(verdict.output.suffix(2_000)) (seed \(seed))")

            let scoresAreRight = try eventually {
                var last: [String: String] = [:]
                for row in try values(cluster.scores, "topic-scores") {
                    guard let event = try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any], let key = event["subject"] as? String,
                          let data = event["data"] as? [String: Any], let numerator = data["numerator"] as? Int else { return false }
                    let denominator = data["denominator"] as? Int
                    last[key] = denominator ?? numerator > 0 ? "{\"key\":\"\(key)\",\"numerator\":\(numerator),\"denominator\":\(denominator.map(String.init) ?? "null"),\"points\":\((data["points"] as? Double).map { "\($0)" } ?? "null")}\n" : nil
                }
                let root = folder.appendingPathComponent("root"), copy = root.appendingPathComponent("case")
                try random.write(to: copy)
                try Data(last.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value).joined().utf8).write(to: copy.appendingPathComponent("scores.ndjson"))
                verdict = try Oracle.run("scores.py", "--compare", root.path)
                return verdict.status == 0
            }
            #expect(scoresAreRight, "\(verdict.output.suffix(2_000)) (seed \(seed))")

            var rejections = ""
            let allAreRejected = try eventually {
                rejections = try values(cluster.rejected, "rejected").joined(separator: "\n")
                return ["not_json", "not_cloudevent", "bad_value", "unknown_agency"].allSatisfy { rejections.contains("\"reason\":\"\($0)\"") }
            }
            #expect(allAreRejected, "\(rejections)")
            #expect(!rejections.contains("never"), "a rejection must not carry a byte of the payload")

            #expect(try !values(cluster.health, "health").isEmpty && !values(cluster.leader, "leader").isEmpty)
            for (name, schema) in [("alerts", "alert.v1"), ("topic-scores", "score.v1"), ("rejected", "rejected.v1"), ("health", "health.v1"), ("leader", "claim.v1")] {
                let valid = try Oracle.run("validate.py", Oracle.repository.appendingPathComponent("docs/schemas/\(schema).json").path, folder.appendingPathComponent("\(name)-values.ndjson").path)
                #expect(valid.status == 0, "\(name): \(valid.output.suffix(1_500))")
            }
        }
    }
}
