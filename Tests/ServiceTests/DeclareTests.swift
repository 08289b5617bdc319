import Cases
import Foundation
import Kafka
import Testing

/// `parwatch declare` as its users run it, beside a daemon.
@Suite struct Declaring {
    /// A daemon's configuration, a broker, and a file to declare.
    private final class Office {
        let cluster: TestCluster
        let folder: URL

        init(_ cluster: TestCluster, _ folder: URL, sources: String? = nil) throws {
            (self.cluster, self.folder) = (cluster, folder)
            let clock = "clock: {start: \"2021-06-01T00:00:00+07:00\", speed: 0.001}\n"
            try write("source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n\(sources == nil ? "" : "sources: sources.yaml\n")\(cluster.configuration)\(clock)", "parwatch.yaml")
            if let sources { try write(sources, "sources.yaml") }
            try write("timezone: Asia/Ho_Chi_Minh\nagencies:\n  - {id: P, level: province, name: {vi: P, en: P}}\n  - {id: D1, level: department, parent: P, name: {vi: D1, en: D1}}\n", "agencies.yaml")
            try write("""
                framework: F
                title: {vi: t, en: t}
                period: {year: 2021}
                criteria:
                  - {code: f, name: {vi: f, en: f}, levels: [department], judge_at: [self, root], measure: {figure: {as: ratio}}, alert: {warning: {below: 90%}}, points: {max: 2, full_at: 100%}}
                  - {code: o, name: {vi: o, en: o}, levels: [department], measure: {ratio: {of: obligation, among: [decided], counting: [on_time]}}}
                  - {code: e, name: {vi: e, en: e}, levels: [department], measure: {count: {of: event, among: []}}}

                """, "criteria.yaml")
        }

        func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }

        func declare(_ arguments: String...) throws -> (status: Int32, output: String) {
            try Program.run(Parwatch.binary.path, ["declare", "--config", folder.appendingPathComponent("parwatch.yaml").path, folder.appendingPathComponent("d.csv").path] + arguments)
        }

        /// The last score of each key: numerator, denominator and points.
        func scores() throws -> [String: String] {
            var last: [String: String] = [:]
            for line in try cluster.dump(cluster.scores) {
                guard let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], let key = record["key"] as? String,
                      let data = (record["value"] as? [String: Any])?["data"] as? [String: Any] else { continue }
                last[key] = "\(data["numerator"] ?? "?")/\(data["denominator"] ?? "?") \(data["points"] ?? "?")"
            }
            return last
        }

        func messages() throws -> [[String: Any]] {
            try cluster.dump(cluster.inputs).compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        }
    }

    private func with(sources: String? = nil, _ body: (Office) throws -> Void) throws {
        let cluster = try TestCluster()
        defer { cluster.remove() }
        try Oracle.withFolder("declare") { folder in try body(try Office(cluster, folder, sources: sources)) }
    }

    private static let file = "\u{FEFF}criterion,agency,period,numerator,denominator,as_of,due,done,occurred\r\nf,D1,2021,3,4,2021-05-31,,,\r\no,d1,,,,,2021-05-01,2021-04-30,\r\ne,D1,,,,,,,2021-05-01\r\n"

    @Test func `what is declared is counted, declared again it changes nothing, and what is corrected takes its place`() throws {
        try with { office in
            let daemon = try DaemonProcess(office.folder, [])
            defer { daemon.end() }
            try office.write(Self.file, "d.csv")
            let first = try office.declare("--yes")
            #expect(first.status == 0 && first.output.contains("3 declarations sent to \(office.cluster.inputs)"), "\(first.output)")
            let expected = ["F/f/D1/2021": "3/4 1.5", "F/f/P/2021": "3/4 1.5", "F/o/D1/2021": "1/1 <null>", "F/e/D1/2021": "1/<null> <null>"]
            #expect(try eventually { try office.scores() == expected }, "\((try? office.scores()) ?? [:])")
            #expect(try eventually { try office.cluster.dump(office.cluster.alerts).count == 2 })

            let second = try office.declare("--yes", "--time", "2021-06-01T00:00:02+07:00")
            #expect(second.status == 0 && second.output.contains("F/f"), "\(second.output)")
            let messages = try office.messages().compactMap { $0["value"] as? [String: Any] }
            #expect(messages.count == 6 && Set(messages.compactMap { $0["id"] as? String }).count == 3 && Set(messages.compactMap { $0["source"] as? String }) == ["urn:parwatch:declare"])
            // What comes after it shows that it was read.
            try office.write(Self.file.replacingOccurrences(of: "3,4,2021-05-31", with: "4,4,2021-05-31"), "d.csv")
            let dry = try office.declare("--dry-run")
            #expect(dry.status == 0 && dry.output.contains("3 declarations would be sent") && dry.output.split(separator: "\n").contains { $0.contains("0.75") && $0.hasSuffix("4 of 4") }, "\(dry.output)")
            let now = (messages: try office.messages().count, scores: try office.scores())
            #expect(now.messages == 6 && now.scores == expected)
            #expect(try office.declare("--yes", "--time", "2021-06-01T00:00:04+07:00").status == 0)
            #expect(try eventually { try office.scores()["F/f/P/2021"] == "4/4 2" }, "\((try? office.scores()) ?? [:])")
            // One firing and one ending for D1 and P: the second declaration, which was read before the third, added none.
            #expect(try eventually { try office.cluster.dump(office.cluster.alerts).count == 4 })
            #expect(try office.cluster.dump(office.cluster.rejected).isEmpty)
        }
    }

    @Test func `nothing is sent if a row is wrong, nobody was asked, or the source may not speak`() throws {
        try with(sources: "sources:\n  - {source: \"urn:office\", kinds: [figure, event, obligation]}\n") { office in
            try office.write(Self.file.replacingOccurrences(of: "e,D1", with: "e,D3"), "d.csv")
            let wrong = try office.declare("--yes", "--source", "urn:office")
            #expect(wrong.status == 1 && wrong.output.contains("d.csv:4: no agency 'D3': did you mean 'D1'?"), "\(wrong.output)")
            try office.write(Self.file, "d.csv")
            #expect(try office.declare().status == 2)
            let stranger = try office.declare("--yes")
            #expect(stranger.status == 1 && stranger.output.contains("d.csv:2: source 'urn:parwatch:declare' may not say this"), "\(stranger.output)")
            #expect(try office.messages().isEmpty)
            #expect(try office.declare("--yes", "--source", "urn:office").status == 0)
            #expect(try office.messages().count == 3)
        }
    }

    @Test func `a broker out of reach is 69, a topic that is no input 1`() throws {
        try with { office in
            try office.write(Self.file, "d.csv")
            let gone = try office.declare("--yes", "--brokers", "127.0.0.1:1")
            #expect(gone.status == 69, "\(gone.output)")
            let unknown = try office.declare("--yes", "--topic", office.cluster.inputs + "s")
            #expect(unknown.status == 1 && unknown.output.contains("is no input of CloudEvents: did you mean '\(office.cluster.inputs)'?"), "\(unknown.output)")
        }
    }
}
