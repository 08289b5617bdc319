import Cases
import Foundation
import Testing

/// `parwatch topics` without a broker.
@Suite struct TopicCommands {
    private func topics(_ arguments: String..., lines: String = "", in folder: URL) throws -> Command.Result {
        try Command.write("source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n\(lines)\n", "parwatch.yaml", folder)
        return try Command.run(["topics", "-c", "parwatch.yaml"] + arguments, in: folder)
    }

    private var created: Regex<(Substring, Substring, Substring, Substring)> { /--create --topic (\S+) --partitions (\d+) .*\n.*cleanup\.policy=(\S+)/ }

    @Test func `deploy README shows what it prints for the shipped configuration`() throws {
        let result = try Command.run("topics", "-c", "config/parwatch.yaml", "--brokers", "BROKER:9092", "--principal", "User:parwatch", in: Oracle.repository)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("deploy/README.md"), encoding: .utf8)
        let acls = try #require(result.output.range(of: "kafka-acls.sh")).lowerBound
        #expect(page.contains("```\n" + result.output[..<acls] + "```\n") && page.contains("```\n" + result.output[acls...] + "```\n"), "\(result.output)")
    }

    @Test func `every topic of the configuration is there, under its own name`() throws {
        try Command.withCase { folder in
            let result = try topics(
                "--partitions", "12", "--replication-factor", "1", lines: "kafka: {bootstrap: \"k:1, l:2\"}\ninputs: [{topic: a}, {topic: b}]\noutputs: {alerts: c, leader: d}", in: folder)
            let found = result.output.matches(of: created).map { "\($0.1) \($0.2) \($0.3)" }
            #expect(found == ["a 12 delete", "b 12 delete", "c 1 compact", "par.scores 1 compact", "par.rejected 1 compact,delete", "par.health 1 compact", "d 1 compact"], "\(result)")
            // One copy cannot be in step with another.
            #expect(!result.output.contains("min.insync.replicas") && result.output.contains("--bootstrap-server 'k:1, l:2' "), "\(result)")
            #expect(!result.output.contains("kafka-acls"))
        }
    }

    @Test func `rights are as few as the daemon needs`() throws {
        try Command.withCase { folder in
            let result = try topics("--principal", "User:CN=o'neil x", in: folder)
            let rights = result.lines.filter { $0.contains("kafka-acls.sh") }.map { $0.split(separator: "x' ", maxSplits: 1)[1] }
            #expect(rights == [
                "--operation Read --topic par.status", "--operation Read --operation Write --topic par.alerts", "--operation Read --operation Write --topic par.scores",
                "--operation Write --topic par.rejected", "--operation Write --topic par.health", "--operation Read --operation Write --topic par.leader",
                "--operation Read --group urn:parwatch:test", "--operation Read --group urn:parwatch:test.leader",
            ], "\(result)")
            #expect(result.output.contains("--allow-principal 'User:CN=o'\\''neil x' --operation"))
        }
    }

    @Test func `wrong options are refused, and a cluster that is not there ends the check with 69`() throws {
        try Command.withCase { folder in
            for wrong in [["--partitions", "0"], ["--replication-factor", "0"], ["--principal", "parwatch"], ["--brokers", "localhost"]] {
                #expect(try Command.run(["topics", "-c", "parwatch.yaml"] + wrong, in: folder).status == 2, "\(wrong)")
            }
            let away = try Command.run("topics", "-c", "parwatch.yaml", "--check", "--brokers", "127.0.0.1:1", in: folder)
            #expect(away.status == 69 && away.output.isEmpty && away.errorLines.count == 1 && away.errors.contains("127.0.0.1:1: cannot list the cluster's topics"), "\(away)")
            let unsaid = try Command.run("topics", "-c", "parwatch.yaml", "--check", in: folder)
            #expect(unsaid.status == 1 && unsaid.errors.contains("does not say where the broker is"), "\(unsaid)")
        }
    }

    @Test func `docs asyncapi names every schema and default topic, and nothing else`() throws {
        try Command.withCase { folder in
            let found = try topics(in: folder).output.matches(of: created).map { "\($0.1):\($0.2):\($0.3)" }
            #expect(found.count == 6)
            let script = Oracle.repository.appendingPathComponent("Tests/Tools/asyncapi-check.py").path
            let verdict = try Program.run("/usr/bin/env", [ProcessInfo.processInfo.environment["PARWATCH_PYTHON"] ?? "python3", script] + found)
            #expect(verdict.status == 0, "\(verdict.output)")
        }
    }
}
