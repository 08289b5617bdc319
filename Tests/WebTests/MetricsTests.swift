import Cases
import Foundation
import Testing

@testable import Web

@Suite(.serialized) struct Metrics {
    @Test func `the page is the text format as promtool reads it, and docs name the same metrics`() throws {
        try Served.with("state: {directory: state, snapshot_every: 1s}\nalertmanager: {url: \"http://127.0.0.1:1\"}") { served in
            try #require(served.leads())
            try served.send(2, late: true)
            try served.send(["garbage", #"{"specversion":"1.0","id":"1","source":"urn:axis","type":"vn.par.document.v1","subject":"D","time":"2021-03-01T09:00:00+07:00","data":{"agency":"D1","sent":"2021-03-01T09:00:00+07:00","electronic":true,"paper":false,"signed":true}}"#])
            #expect(try eventually { try served.metric("parwatch_rejected_records_total{reason=\"not_json\"}") == 1 && served.metric("parwatch_snapshot_size_bytes") != nil }, "\(served.text)")
            let reply = try served.get("/metrics")
            #expect(reply.status == 200 && reply.headers.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
            let checked = try Monitoring.run("promtool", ["check", "metrics"], input: reply.body)
            // It advises as well: what it says must be nothing.
            #expect(checked.status == 0 && checked.output.isEmpty, "\(checked.output)")
            let types = Dictionary(uniqueKeysWithValues: reply.body.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ") }.map { (String($0[2]), String($0[3])) })
            #expect(try types == Self.documented())
            #expect(try served.metric("parwatch_received_records_total") == 4)
            #expect(try served.metric("parwatch_accepted_records_total") == 3)
            #expect(try eventually { try served.metric("parwatch_alerts{state=\"firing\",severity=\"critical\"}") == 4 }, "\(served.text)")
            // Two dossiers and a document.
            #expect(try served.metric("parwatch_register_dossiers") == 3)
            #expect(try served.metric("parwatch_source_statuses_total{source=\"urn:test\",outcome=\"accepted\"}") == 2)
            #expect(try served.metric("parwatch_source_statuses_total{source=\"urn:test\",outcome=\"superseded\"}") == 0)
            #expect(try served.metric("parwatch_source_listed{source=\"urn:test\"}") == 0)
            #expect(try (served.metric("parwatch_source_newest_timestamp_seconds{source=\"urn:test\"}") ?? 0) > 0)
            #expect(try served.metric("parwatch_leader") == 1)
            #expect(try served.metric("parwatch_written_records_total{topic=\"par.rejected\"}") == 1)
        }
    }

    @Test func `a source that is silent since before a restart is as old after it, and what became of its words is counted anew`() throws {
        try Served.with("state: {directory: state, snapshot_every: 1s}") { served in
            let newest = "parwatch_source_newest_timestamp_seconds{source=\"urn:test\"}", accepted = "parwatch_source_statuses_total{source=\"urn:test\",outcome=\"accepted\"}"
            try served.send(2, late: true)
            #expect(try eventually { try served.metric(accepted) == 2 }, "\(served.text)")
            let before = try #require(try served.metric(newest))
            try served.restart()
            #expect(try eventually { try served.metric("parwatch_source_listed{source=\"urn:test\"}") != nil }, "\(served.text)")
            #expect(try served.metric(newest) == before && served.metric(accepted) == 0)
            let item = try #require(try served.get("/api/v1/sources").items.first)
            #expect(item["newest"] as? String == "2021-03-01T09:00:00+07:00" && item["accepted"] as? Int == 0)
        }
    }

    /// Name and type of each metric that docs/metrics.md explains.
    private static func documented() throws -> [String: String] {
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0].trimmingCharacters(in: ["`"]), $0[1]) })
    }

    @Test func `labels are escaped, whole numbers have no point, and a metric without samples is still named`() {
        var page = Exposition()
        page.add("a_total", .counter, "h") { $0.sample(3, ["x": "back\\slash \"quote\" line\nbreak"]) }
        page.add("b", .gauge, "h") { $0.sample(0.5) }
        page.add("c", .gauge, "h") { _ in }
        page.add("d", .gauge, "h") { $0.sample(1e18) }
        #expect(page.text == """
            # HELP a_total h
            # TYPE a_total counter
            a_total{x="back\\\\slash \\"quote\\" line\\nbreak"} 3
            # HELP b h
            # TYPE b gauge
            b 0.5
            # HELP c h
            # TYPE c gauge
            # HELP d h
            # TYPE d gauge
            d 1e+18

            """)
    }

    // MARK: deploy/

    private static let deploy = Oracle.repository.appendingPathComponent("deploy")

    @Test func `the rules are accepted by promtool, and fire and stay silent as their unit tests say`() throws {
        for arguments in [["check", "rules", "parwatch.rules.yml"], ["check", "config", "prometheus.yml"], ["test", "rules", "parwatch.rules.test.yml"]] {
            let promtool = try Monitoring.path("promtool")
            let result = try Program.run("/usr/bin/env", ["sh", "-c", "cd '\(Self.deploy.path)/prometheus' && '\(promtool)' \(arguments.joined(separator: " "))"])
            #expect(result.status == 0, "\(arguments): \(result.output)")
        }
        // None without a test.
        let rules = try String(contentsOf: Self.deploy.appendingPathComponent("prometheus/parwatch.rules.yml"), encoding: .utf8)
        let tests = try String(contentsOf: Self.deploy.appendingPathComponent("prometheus/parwatch.rules.test.yml"), encoding: .utf8)
        let names = rules.matches(of: /- alert: (\w+)/).map { String($0.output.1) }
        #expect(names.count > 10)
        let runbook = try String(contentsOf: Oracle.repository.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        for name in names {
            #expect(tests.contains("alertname: \(name)\n"), "\(name) has no test")
            #expect(runbook.contains("| `\(name)` |"), "docs/operations.md does not say what to do about \(name)")
        }
    }

    @Test func `rules and dashboard ask only for metrics and labels that there are`() throws {
        let documented = try Self.documented()
        var queries = try String(contentsOf: Self.deploy.appendingPathComponent("prometheus/parwatch.rules.yml"), encoding: .utf8).split(separator: "\n").filter { $0.contains("expr: ") }.map(String.init)
        let dashboard = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.deploy.appendingPathComponent("grafana/parwatch.json"))) as? [String: Any]
        let panels = try #require(dashboard?["panels"] as? [[String: Any]])
        for panel in panels {
            let title = panel["title"] as? String ?? ""
            // Vietnamese, then English.
            #expect(title.components(separatedBy: " / ").count == 2, "\(title)")
            let targets = panel["targets"] as? [[String: Any]] ?? []
            #expect(panel["type"] as? String == "row" || !targets.isEmpty, "\(title) asks for nothing")
            queries += targets.compactMap { $0["expr"] as? String }
        }
        #expect(queries.count > 20)
        for query in queries {
            let names = query.matches(of: /\b(parwatch_\w+|process_\w+|messaging_\w+)\b/).map { String($0.output.1) }
            #expect(!names.isEmpty || query.contains("up{"), "\(query)")
            for name in names where documented[name] == nil { Issue.record("\(query) asks for \(name), which docs/metrics.md does not know") }
            // Each daemon reads everything: of two, a sum tells twice as much as there was.
            if query.contains(/\bsum\b(?! by \(instance\b)/) { #expect(names.allSatisfy(Self.adds.contains), "\(query) adds up what each daemon counts for itself") }
        }
    }

    /// What one daemon does and no other does as well, by docs/metrics.md.
    private static let adds: Set = ["parwatch_leader", "parwatch_written_records_total", "parwatch_write_failures_total", "parwatch_alertmanager_pushes_total"]

    @Test func `Debian's Prometheus scrapes the daemon, and its rules fire when the daemon has gone`() throws {
        try Served.with { served in
            try #require(served.leads())
            let address = try served.address, port = try Monitoring.freePort()
            let folder = served.folder
            try FileManager.default.copyItem(at: Self.deploy.appendingPathComponent("prometheus/parwatch.rules.yml"), to: folder.appendingPathComponent("parwatch.rules.yml"))
            // Ours, faster and at this daemon's port.
            let configuration = try String(contentsOf: Self.deploy.appendingPathComponent("prometheus/prometheus.yml"), encoding: .utf8)
                .replacing("127.0.0.1:9598", with: address).replacing("15s", with: "1s")
            try Data(configuration.utf8).write(to: folder.appendingPathComponent("prometheus.yml"))
            let prometheus = Process()
            prometheus.executableURL = URL(fileURLWithPath: try Monitoring.path("prometheus"))
            prometheus.arguments = [
                "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/tsdb", "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
            ]
            prometheus.standardError = FileHandle.nullDevice
            try prometheus.run()
            defer {
                kill(prometheus.processIdentifier, SIGKILL)
                prometheus.waitUntilExit()
            }
            func value(_ query: String) throws -> String? {
                let reply = try Served.get("http://127.0.0.1:\(port)/api/v1/query", ["-G", "--data-urlencode", "query=\(query)"])
                let results = ((reply.json["data"] as? [String: Any])?["result"] as? [[String: Any]]) ?? []
                return (results.first?["value"] as? [Any])?.last as? String
            }
            #expect(try eventually { try value("up{job=\"parwatch\"}") == "1" })
            try served.send(3, late: true)
            #expect(try eventually { try value("parwatch_alerts{state=\"firing\",severity=\"critical\"}") == "4" }, "\(served.text)")
            #expect(try value("sum(parwatch_leader)") == "1")
            #expect(try value("count({__name__=~\"parwatch_.*\"})").flatMap(Double.init) ?? 0 > 40)
            served.end()
            #expect(try eventually { try value("up{job=\"parwatch\"}") == "0" })
            #expect(try eventually { try value("ALERTS{alertname=\"ParwatchDown\"}") == "1" })
        }
    }
}
