import Cases
import Foundation
import Kafka
import Testing

/// The commands that read topics, beside a broker and without one.
@Suite struct ReaderCommands {
    /// Whether a process has said what happens on SIGINT.
    private func catchesInterrupt(_ process: Process) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }), let mask = line.split(separator: "\t").last.flatMap({ UInt64($0, radix: 16) }) else { return false }
        return mask & (1 << UInt64(SIGINT - 1)) != 0
    }

    /// Left alone, each would give up after five seconds with 69.
    @Test(arguments: ["alerts", "scores", "redrive"], [SIGINT, SIGHUP])
    func `an interrupt while connecting ends it well, and so does a terminal that goes`(command: String, signal: Int32) throws {
        try Oracle.withFolder("interrupt") { folder in
            var random = RandomCase(seed: 1)
            random.files["parwatch.yaml"]? += "\nkafka: {bootstrap: \"127.0.0.1:1\"}\n"
            try random.write(to: folder)
            let process = Process()
            // Under nohup a hang-up would be ignored, and rightly.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["--default-signal", Parwatch.binary.path, command, "--config", folder.appendingPathComponent("parwatch.yaml").path]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            try #require(eventually(within: 20) { catchesInterrupt(process) })
            kill(process.processIdentifier, signal)
            try #require(eventually(within: 20) { !process.isRunning })
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }

    @Test func `scores tells the points of the province, criterion by criterion, and of every agency, those with the most at risk first`() throws {
        let topics = try RejectedTopics()
        try Oracle.withFolder("points") { folder in
            try Data("source: s\nagencies: a.yaml\ncriteria: [c.yaml]\nkafka: {bootstrap: \"\(topics.broker.bootstrap)\"}\n".utf8).write(to: folder.appendingPathComponent("parwatch.yaml"))
            try Data("timezone: UTC\nagencies:\n  - {id: P, level: province, name: {vi: Tỉnh, en: P}}\n  - {id: D1, level: department, parent: P, name: {vi: Sở 1, en: D1}}\n  - {id: D2, level: department, parent: P, name: {vi: Sở 2, en: D2}}\n".utf8)
                .write(to: folder.appendingPathComponent("a.yaml"))
            let measure = "levels: [department], judge_at: [self, root], measure: {figure: {as: ratio}}"
            try Data("""
                framework: F
                title: {vi: t, en: t}
                period: {year: 2021}
                criteria:
                  - {code: a, name: {vi: Một, en: a}, \(measure), points: {max: 2, full_at: 50%}}
                  - {code: b, name: {vi: Hai, en: b}, \(measure), points: {max: 1, full_at: 1}}
                  - {code: c, name: {vi: Ba, en: c}, \(measure)}

                """.utf8).write(to: folder.appendingPathComponent("c.yaml"))
            func scores(_ options: String...) throws -> [String] {
                let result = try Program.run(Parwatch.binary.path, ["scores", "--points", "--config", folder.appendingPathComponent("parwatch.yaml").path] + options)
                #expect(result.status == 0, "\(result.output)")
                return result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            }
            #expect(try scores() == ["F 2021 POINTS MAX AT RISK", "Tỉnh 0 3 3", "a Một - 2 2", "b Hai - 1 1", "Sở 1 0 3 3", "Sở 2 0 3 3"])
            for (key, points, applicable) in [("F/a/P/2021", "0.6626", true), ("F/a/D1/2021", "2", true), ("F/b/D2/2021", "null", false), ("F/a/P/2021", "1.5", true), ("F/a/D1/2020", "7", true)] {
                let score = #"{"specversion":"1.0","id":"1","source":"s","type":"vn.par.score.v1","subject":"\#(key)","time":"2021-03-02T08:00:06Z","data":{"agency":"x","framework":"F","criterion":"c","period":"2021","numerator":3,"denominator":4,"value":0.75,"target":null,"met":null,"applicable":\#(applicable),"points":\#(points),"as_of":"2021-03-02T08:00:06Z"}}"#
                _ = try topics.put(score, topic: "par.scores", key: key, partition: 0)
            }
            #expect(try scores() == ["F 2021 POINTS MAX AT RISK", "Tỉnh 1.5 3 1.5", "a Một 1.5 2 0.5", "b Hai - 1 1", "Sở 2 0 2 2", "Sở 1 2 3 1"])
            #expect(try scores("--agency", "D2") == ["F 2021 POINTS MAX AT RISK", "Sở 2 0 2 2", "a Một - 2 2", "b Hai n/a 1 0"])
            #expect(try scores("--criterion", "F/a", "--json").last == #"{"framework":"F","agency":"D2","period":"2021","points":0,"max":2,"at_risk":2,"criteria":[{"criterion":"a","points":null,"max":2,"at_risk":2,"applicable":true}]}"#)
            #expect(try scores("--criterion", "c").first?.hasPrefix("no criterion has points") == true)
        }
    }

    @Test func `a mean is shown as it is and a share in per cent, beside the whole key, by scores, alerts and explain`() throws {
        let topics = try RejectedTopics()
        try Oracle.withFolder("units") { folder in
            try Data("source: s\nagencies: a.yaml\ncriteria: [c.yaml]\nkafka: {bootstrap: \"\(topics.broker.bootstrap)\"}\n".utf8).write(to: folder.appendingPathComponent("parwatch.yaml"))
            try Data("timezone: UTC\nagencies:\n  - {id: D1, level: department, name: {vi: Sở, en: Department}}\n".utf8).write(to: folder.appendingPathComponent("a.yaml"))
            let code = "c-with-a-name-as-long-as-some-have"
            try Data("""
                framework: F
                title: {vi: t, en: t}
                period: {year: 2021}
                criteria:
                  - {code: \(code), name: {vi: n, en: n}, levels: [department], measure: {mean: {of: rating, among: [scored]}}, alert: {warning: {below: 14}}}
                  - {code: part, name: {vi: n, en: n}, levels: [department], measure: {ratio: {of: dossier, among: [], counting: [finished]}}}

                """.utf8).write(to: folder.appendingPathComponent("c.yaml"))
            func put(_ code: String, alert numbers: String = #""value":13,"numerator":26,"denominator":2"#) throws {
                let key = "F/\(code)/D1/2021", written = key.replacing("\\u001b", with: "\u{1B}").replacing("\\n", with: "\n")
                let cell = #""agency":"D1","framework":"F","criterion":"\#(code)","period":"2021","numerator":26,"denominator":2,"value":13,"target":12,"met":true"#
                _ = try topics.put(
                    #"{"specversion":"1.0","id":"1","source":"s","type":"vn.par.score.v1","subject":"\#(key)","time":"2021-03-02T08:00:06Z","data":{\#(cell),"points":null,"as_of":"2021-03-02T08:00:06Z"}}"#,
                    topic: "par.scores", key: written, partition: 0)
                let life = #""state":"firing","severity":"warning","reason":"below_threshold","since":"2021-03-02T08:00:01Z","revision":1,"resolved":null,"clearing":null,"initial":false"#
                let place = #""agency":{"id":"D1","name":"Sở","level":"department","parent":null},"criterion":{"framework":"F","code":"\#(code)","name":"n","lead":null},"period":"2021""#
                let figures = #"\#(numbers),"threshold":14,"clear":14,"target":null,"cause":null,"catalog":"sha256:x","text":{"vi":"t","en":"t"}"#
                _ = try topics.put(
                    #"{"specversion":"1.0","id":"\#(key)#2021-03-02T08:00:01.000000Z.1","source":"s","type":"vn.par.alert.v1","subject":"\#(key)","time":"2021-03-02T08:00:01Z","data":{\#(life),\#(place),\#(figures)}}"#,
                    topic: "par.alerts", key: written, partition: 0)
            }
            try put(code)
            // What the catalog does not have is taken for a share.
            try put("old")
            func said(_ command: String, _ arguments: String...) throws -> [String] {
                let result = try Program.run(Parwatch.binary.path, [command, "--config", folder.appendingPathComponent("parwatch.yaml").path] + arguments)
                #expect(result.status == 0, "\(result.output)")
                return result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            }
            #expect(try said("scores") == ["AGENCY VALUE COUNT TARGET MET CRITERION", "Sở 13 26/2 12 yes F/\(code) 2021", "Sở 1300% 26/2 1200% yes F/old 2021"])
            #expect(try said("alerts") == [
                "STATE SINCE VALUE LIMIT AGENCY CRITERION", "WARNING 03-02 08:00 13 <14 Sở F/\(code) 2021", "WARNING 03-02 08:00 1300% <1400% Sở F/old 2021",
            ])
            // What somebody else wrote, and what a terminal would obey.
            try put("old\\u001b[2J\\n")
            #expect(try said("scores").contains("Sở 1300% 26/2 1200% yes F/old [2J 2021") && said("alerts").contains("WARNING 03-02 08:00 1300% <1400% Sở F/old [2J 2021"))
            // A number that no amount can be.
            try put("part", alert: #""value":1e300,"numerator":1e300,"denominator":null"#)
            #expect(try said("alerts", "--criterion", "part").last == "WARNING 03-02 08:00 922337… <1400% Sở F/part 2021")
            #expect(try said("explain", "F/\(code)/D1/2021").contains("score now 13 (26 of 2), target met, as of 2021-03-02T08:00:06Z"))
        }
    }

    /// One department, judged by a ratio of its dossiers.
    private func configure(_ folder: URL, _ topics: RejectedTopics, and criteria: String = "") throws {
        try Data("source: s\nagencies: a.yaml\ncriteria: [c.yaml]\nkafka: {bootstrap: \"\(topics.broker.bootstrap)\"}\n".utf8).write(to: folder.appendingPathComponent("parwatch.yaml"))
        try Data("timezone: UTC\nagencies:\n  - {id: D1, level: department, name: {vi: Sở, en: Department}}\n".utf8).write(to: folder.appendingPathComponent("a.yaml"))
        try Data("""
            framework: F
            title: {vi: t, en: t}
            period: {year: 2021}
            criteria:
              - {code: c, name: {vi: n, en: n}, levels: [department], measure: {ratio: {of: dossier, among: [decided], counting: [on_time]}}, alert: {warning: {below: 90%}}}
            \(criteria)
            """.utf8).write(to: folder.appendingPathComponent("c.yaml"))
    }

    @Test func `of the records of an alert the greatest by term, since and revision is shown, and garbage is left aside`() throws {
        let topics = try RejectedTopics()
        try Oracle.withFolder("truth") { folder in
            try configure(folder, topics)
            let key = "F/c/D1/2021"
            func put(_ severity: String, since: String = "2021-03-02T08:00:01Z", revision: Int, term: Int?) throws {
                let data = #""state":"firing","severity":"\#(severity)","reason":"below_threshold","since":"\#(since)","revision":\#(revision),"resolved":null,"clearing":null,"initial":false,"agency":{"id":"D1","name":"Sở","level":"department","parent":null},"criterion":{"framework":"F","code":"c","name":"n","lead":null},"period":"2021","value":0.75,"numerator":3,"denominator":4,"threshold":0.9,"clear":0.9,"target":null,"cause":null,"catalog":"sha256:x","text":{"vi":"t","en":"t"}"#
                _ = try topics.put(
                    #"{"specversion":"1.0","id":"\#(key)#x.\#(revision)","source":"s","type":"vn.par.alert.v1","subject":"\#(key)","time":"\#(since)","data":{\#(data)}}"#, topic: "par.alerts", key: key,
                    headers: term.map { [("term", Array("\($0)".utf8))] } ?? [], partition: 0)
            }
            func shown() throws -> [String] {
                let file = folder.appendingPathComponent("parwatch.yaml").path
                let alerts = try Program.run(Parwatch.binary.path, ["alerts", "--config", file]), explain = try Program.run(Parwatch.binary.path, ["explain", "--config", file, key])
                let told = explain.output.split(separator: "\n").first { $0.hasPrefix("alert now") } ?? ""
                return [alerts.output.split(separator: "\n").dropFirst().joined(separator: " ").split(separator: " ").first.map(String.init) ?? "", told.contains("critical") ? "CRITICAL" : told.contains("warning") ? "WARNING" : "none"]
            }
            try put("critical", revision: 2, term: 5)
            try put("warning", revision: 3, term: 4)
            try put("warning", since: "2021-03-02T09:00:00Z", revision: 1, term: nil)
            #expect(try shown() == ["CRITICAL", "CRITICAL"])
            _ = try topics.put("garbage", topic: "par.alerts", key: key, partition: 0)
            #expect(try shown() == ["CRITICAL", "CRITICAL"])
            try put("warning", revision: 3, term: 5)
            #expect(try shown() == ["WARNING", "WARNING"])
            _ = try topics.put(nil, topic: "par.alerts", key: key, partition: 0)
            #expect(try shown() == ["par.alerts", "none"])
            try put("critical", revision: 2, term: 5)
            #expect(try shown() == ["CRITICAL", "CRITICAL"])
        }
    }

    @Test func `explain tells the present score and alert`() throws {
        let topics = try RejectedTopics()
        try Oracle.withFolder("explain") { folder in
            try configure(folder, topics, and: "  - {code: a, name: {vi: n, en: n}, levels: [department], measure: {figure: {as: value}}}\n")
            func explain(_ key: String = "F/c/D1/2021") throws -> (status: Int32, output: String) {
                try Program.run(Parwatch.binary.path, ["explain", "--config", folder.appendingPathComponent("parwatch.yaml").path, key])
            }
            let before = try explain()
            #expect(before.status == 0 && before.output.contains("score now  none published") && before.output.contains("alert now  none: never beyond a threshold"), "\(before.output)")
            let score = #"{"specversion":"1.0","id":"1","source":"s","type":"vn.par.score.v1","subject":"F/c/D1/2021","time":"2021-03-02T08:00:06Z","data":{"agency":"D1","framework":"F","criterion":"c","period":"2021","numerator":3,"denominator":4,"value":0.75,"target":null,"met":null,"points":null,"as_of":"2021-03-02T08:00:06Z"}}"#
            _ = try topics.put(score, topic: "par.scores", key: "F/c/D1/2021", partition: 0)
            _ = try topics.put(score.replacing("0.75", with: "0.99"), topic: "par.scores", key: "F/c/D2/2021", partition: 0)
            let alert = #"{"specversion":"1.0","id":"F/c/D1/2021#2021-03-02T01:00:01.000000Z.1","source":"s","type":"vn.par.alert.v1","subject":"F/c/D1/2021","time":"2021-03-02T08:00:01Z","data":{"state":"firing","severity":"warning","reason":"below_threshold","since":"2021-03-02T08:00:01Z","revision":1,"resolved":null,"clearing":null,"initial":false,"agency":{"id":"D1","name":"Sở","level":"department","parent":null},"criterion":{"framework":"F","code":"c","name":"n","lead":null},"period":"2021","value":0.75,"numerator":3,"denominator":4,"threshold":0.9,"clear":0.9,"target":null,"cause":{"topic":"par.status","partition":1,"offset":5},"catalog":"sha256:x","text":{"vi":"Cảnh báo: Sở","en":"Warning: Department"}}}"#
            _ = try topics.put(alert, topic: "par.alerts", key: "F/c/D1/2021", partition: 0)
            let after = try explain()
            #expect(after.output.contains("score now  75% (3 of 4), as of 2021-03-02T08:00:06Z"), "\(after.output)")
            #expect(after.output.contains("alert now  firing, warning, below_threshold, since 2021-03-02T08:00:01+00:00") && after.output.contains("Cảnh báo: Sở"), "\(after.output)")
            #expect(after.output.contains("brought about by par.status, partition 1, offset 5"))
            // A declared amount is a decimal, or there is none and that was declared.
            _ = try topics.put(score.replacing("\"numerator\":3,\"denominator\":4,\"value\":0.75", with: "\"numerator\":86.28,\"denominator\":null,\"value\":86.28"), topic: "par.scores", key: "F/a/D1/2021", partition: 0)
            let amount = try explain("F/a/D1/2021")
            #expect(amount.output.contains("score now  86.28, as of 2021-03-02T08:00:06Z"), "\(amount.output)")
            let nothing = "\"numerator\":0,\"denominator\":0,\"applicable\":false,\"value\":null"
            _ = try topics.put(score.replacing("\"numerator\":3,\"denominator\":4,\"value\":0.75", with: nothing), topic: "par.scores", key: "F/c/D1/2021", partition: 0)
            let inapplicable = try explain()
            #expect(inapplicable.output.contains("score now  declared not applicable (0 of 0), as of "), "\(inapplicable.output)")
        }
    }
}
