import Cases
import Foundation
import Testing

/// Debian's Alertmanager, which is there or not.
@Suite(.serialized) struct AlertmanagerPushing {
    private final class Alertmanager {
        let port: Int
        private let folder: URL
        private var process = Process()

        init(_ folder: URL) throws {
            port = try Monitoring.freePort()
            self.folder = folder
            try Data("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n".utf8).write(to: folder.appendingPathComponent("alertmanager.yml"))
        }

        func start() throws {
            process = Process()
            process.executableURL = URL(fileURLWithPath: try Monitoring.path("prometheus-alertmanager"))
            process.arguments = [
                "--config.file=\(folder.path)/alertmanager.yml", "--storage.path=\(folder.path)/alertmanager", "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=", "--log.level=error",
            ]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
        }

        func stop() {
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        /// Those that fire now.
        func alerts() throws -> [[String: Any]] {
            let reply = try Served.get("http://127.0.0.1:\(port)/api/v2/alerts")
            return (try? JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [[String: Any]]) ?? []
        }

        /// `agency period severity` of those.
        func firing() throws -> Set<String> {
            Set(try alerts().map { $0["labels"] as? [String: String] ?? [:] }.map { "\($0["agency"] ?? "?") \($0["period"] ?? "?") \($0["severity"] ?? "?")" })
        }
    }

    @Test func `Debian's Alertmanager holds what fires, also after it was away while alerts began, grew worse and ended`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parwatch-alertmanager-\(UInt32.random(in: 0...UInt32.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let alertmanager = try Alertmanager(folder)
        defer { alertmanager.stop() }
        // Not there at the start.
        try Served.with("alertmanager: {url: \"http://127.0.0.1:\(alertmanager.port)/\"}") { served in
            try #require(served.leads())
            // D1 warns at 4 of 5; the province with it.
            try served.send(4, late: false)
            try served.send(1, late: true)
            #expect(served.says("Alertmanager does not answer"), "\(served.text)")
            #expect(try served.get("/readyz").status == 200)
            try alertmanager.start()
            #expect(try eventually { try alertmanager.firing() == ["D1 2021 warning", "D1 2021-Q1 warning", "P 2021 warning", "P 2021-Q1 warning"] }, "\((try? alertmanager.firing()) ?? []) \(served.text)")
            #expect(served.says("Alertmanager answers again"))
            let alert = try #require(try alertmanager.alerts().first { ($0["labels"] as? [String: String])?["agency"] == "D1" })
            let labels = try #require(alert["labels"] as? [String: String]), annotations = try #require(alert["annotations"] as? [String: String])
            #expect(labels.filter { $0.key != "period" } == ["alertname": "PARIndexThreshold", "agency": "D1", "criterion": "1", "framework": "F-2021", "province": "P", "severity": "warning", "source": "urn:parwatch:test"])
            #expect(annotations["summary_vi"]?.contains("Sở Một") == true && annotations["summary_en"]?.contains("First department") == true && annotations["agency_name"] == "Sở Một")
            let onTopic = try #require(try served.get("/api/v1/alerts?agency=D1&period=2021").items.first?["data"] as? [String: Any])
            let since = try #require((onTopic["since"] as? String).flatMap(Self.instant)), startsAt = try #require((alert["startsAt"] as? String).flatMap(Self.instant))
            #expect(abs(since.timeIntervalSince(startsAt)) < 1)

            // Away: D1 recovers, D2 begins, and the province grows worse.
            alertmanager.stop()
            try served.send(60, late: false)
            try served.send(100, at: "D2", late: true)
            #expect(try eventually { try served.get("/api/v1/alerts?state=firing").items.count == 4 && served.get("/api/v1/alerts?state=resolved").items.count == 2 }, "\(served.text)")
            #expect(try eventually { try (served.metric("parwatch_alertmanager_pushes_total{result=\"failure\"}") ?? 0) > 1 })
            try alertmanager.start()
            #expect(try eventually { try alertmanager.firing() == ["D2 2021 critical", "D2 2021-Q1 critical", "P 2021 critical", "P 2021-Q1 critical"] }, "\((try? alertmanager.firing()) ?? []) \(served.text)")
            #expect(try eventually { try served.metric("parwatch_alertmanager_alerts") == 4 })

            // There: it ends.
            try served.send(2_000, at: "D2", late: false)
            #expect(try eventually { try alertmanager.firing().isEmpty }, "\((try? alertmanager.firing()) ?? []) \(served.text)")
        }
    }

    /// Something that answers every request as Alertmanager does where it understands nothing of it.
    private static let refuser = """
        import http.server, sys
        class Refuser(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers['content-length']))
                self.send_response(400)
                self.end_headers()
                self.wfile.write(b'"no such field"')
            def log_message(self, *_): pass
        http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Refuser).serve_forever()
        """

    @Test func `an Alertmanager that refuses everything is a failure in the metrics, one line a minute in the log, and not asked again at once`() throws {
        let port = try Monitoring.freePort(), process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.refuser, "\(port)"]
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try Served.with("alertmanager: {url: \"http://127.0.0.1:\(port)\"}") { served in
            try #require(served.leads())
            try served.send(late: true)
            #expect(try eventually { try served.metric("parwatch_alertmanager_alerts") == 4 }, "\(served.text)")
            // Another round, within the minute.
            try served.send(at: "D2", late: true)
            #expect(try eventually { try served.metric("parwatch_alertmanager_alerts") == 6 }, "\(served.text)")
            let failures = try #require(try served.metric("parwatch_alertmanager_pushes_total{result=\"failure\"}"))
            #expect(failures >= 2)
            #expect(try served.metric("parwatch_alertmanager_pushes_total{result=\"success\"}") == 0)
            #expect(try served.metric("parwatch_alertmanager_last_success_timestamp_seconds") == nil)
            #expect(served.text.components(separatedBy: "Alertmanager answers 400").count == 2, "\(served.text)")
            #expect(served.text.contains("no such field"))
            // As long as nothing changes.
            sleep(3)
            #expect(try served.metric("parwatch_alertmanager_pushes_total{result=\"failure\"}") == failures)
        }
    }

    private static func instant(_ text: String) -> Date? {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = text.contains(".") ? [.withInternetDateTime, .withFractionalSeconds] : [.withInternetDateTime]
        // The formatter takes milliseconds alone.
        return formatter.date(from: text.replacing(/\.(\d{3})\d*/) { ".\($0.output.1)" })
    }
}
