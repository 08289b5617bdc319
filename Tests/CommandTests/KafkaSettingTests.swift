import Cases
import Foundation
import Testing

/// What the configuration says of Kafka is checked before any broker is asked.
@Suite struct KafkaSettingsInFiles {
    private func check(_ lines: String, _ folder: URL) throws -> Command.Result {
        try Command.write("source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n\(lines)\n", "parwatch.yaml", folder)
        return try Command.run("check", "-c", "parwatch.yaml", in: folder)
    }

    @Test func `a bootstrap needs a port in each of its addresses`() throws {
        try Command.withCase { folder in
            for right in ["localhost:9092", "a:1,b:65535", "a:9092, b:9092", "embedded", "SSL://kafka.example:9093", "[::1]:9092"] {
                let result = try check("kafka: {bootstrap: \"\(right)\"}", folder)
                #expect(result.status == 0 && result.errors.isEmpty, "\(right): \(result)")
            }
            for wrong in ["localhost", "a:9092,b", "a:", ":9092", "a:0", "a:65536", "a:b", "::1:9092", "a:9092,", "http://a", "a b:9092"] {
                let result = try check("kafka: {bootstrap: \"\(wrong)\"}", folder)
                #expect(result.status == 1 && result.errors.hasPrefix("parwatch.yaml:4: ") && result.errors.contains("is not HOST:PORT, such as kafka1:9092"), "\(wrong): \(result)")
            }
            for command in ["alerts", "scores", "redrive"] {
                let result = try Command.run(command, "-c", "parwatch.yaml", "--brokers", "localhost", in: folder)
                #expect(result.status == 2 && result.errors.contains("'localhost' is not HOST:PORT"))
            }
        }
    }

    /// It would win over --brokers without a word.
    @Test func `a property that says where the brokers are is refused`() throws {
        try Command.withCase { folder in
            for name in ["bootstrap.servers", "metadata.broker.list"] {
                let result = try check("kafka: {bootstrap: \"a:1\", properties: {\(name): \"b:1\"}}", folder)
                #expect(result.status == 1 && result.output.isEmpty && result.errors == "parwatch.yaml:4: '\(name)' is what 'kafka.bootstrap' and --brokers say: leave it out here\n", "\(result)")
            }
        }
    }

    @Test func `a topic must have a name that Kafka allows`() throws {
        try Command.withCase { folder in
            let longest = String(repeating: "x", count: 249)
            let well = try check("inputs: [{topic: \(longest)}, {topic: a.b_c-9}]\noutputs: {alerts: \"...\"}", folder)
            #expect(well.status == 0, "\(well)")
            for wrong in [".", "..", "a b", "a/b", "á", longest + "x", "a:b"] {
                let input = try check("inputs: [{topic: \"\(wrong)\"}]", folder)
                #expect(input.status == 1 && input.errors.hasPrefix("parwatch.yaml:4: '\(wrong)' cannot be a topic"), "\(wrong): \(input)")
                for output in ["alerts", "scores", "rejected"] {
                    let result = try check("inputs: [{topic: i}]\noutputs:\n  \(output): \"\(wrong)\"", folder)
                    #expect(result.status == 1 && result.errors.hasPrefix("parwatch.yaml:6: '\(wrong)' cannot be a topic"), "\(wrong): \(result)")
                }
            }
        }
    }

    @Test func `a property that librdkafka does not take is named with its line`() throws {
        try Command.withCase { folder in
            let result = try check("""
                kafka:
                  bootstrap: "localhost:9092"
                  properties:
                    compression.type: lz4
                    sasl.mechanim: PLAIN
                    linger.ms: soon
                    security.protocol: sometimes
                    quite.another: 1
                """, folder)
            #expect(result.status == 1 && result.output.isEmpty)
            #expect(result.errorLines.count == 4, "\(result.errors)")
            #expect(result.errors.contains("parwatch.yaml:8: librdkafka has no property 'sasl.mechanim': did you mean 'sasl.mechanism'?"))
            #expect(result.errors.contains("parwatch.yaml:9: linger.ms: ") && result.errors.contains("parwatch.yaml:10: security.protocol: "))
            #expect(result.errors.contains("parwatch.yaml:11: librdkafka has no property 'quite.another': its CONFIGURATION.md lists them"))
            let alerts = try Command.run("alerts", "-c", "parwatch.yaml", in: folder)
            #expect(alerts.status == 1 && alerts.errors == result.errors)
        }
    }

    @Test func `properties that contradict ours are told before the start`() throws {
        try Command.withCase { folder in
            let result = try check("kafka: {bootstrap: \"localhost:9092\", properties: {acks: \"1\"}}", folder)
            #expect(result.status == 1 && result.errors.hasPrefix("parwatch.yaml:4: kafka.properties: ") && result.errors.contains("acks"), "\(result)")
            let secret = try check("kafka: {bootstrap: \"localhost:9092\", properties: {sasl.password: hidden, sasl.mechanism: NONE, security.protocol: SASL_SSL}}", folder)
            #expect(!(secret.errors + secret.output).contains("hidden"), "\(secret)")
        }
    }

    @Test func `an agency or a criterion that the catalog does not know is refused with a hint, and no broker is asked`() throws {
        try Command.withCase { folder in
            for command in ["scores", "alerts"] {
                let agency = try Command.run(command, "-c", "parwatch.yaml", "--brokers", "127.0.0.1:1", "--agency", "D2", in: folder)
                #expect(agency.status == 1 && agency.output.isEmpty && agency.errors.contains("--agency 'D2' is no agency of the catalog: did you mean 'D1'?"), "\(agency)")
                let criterion = try Command.run(command, "-c", "parwatch.yaml", "--brokers", "127.0.0.1:1", "--criterion", "3.4.1", in: folder)
                #expect(criterion.status == 1 && criterion.errors.contains("--criterion '3.4.1' is no criterion of the catalog: known are c, n"), "\(criterion)")
                let framework = try Command.run(command, "-c", "parwatch.yaml", "--brokers", "127.0.0.1:1", "--criterion", "G/c", in: folder)
                #expect(framework.status == 1 && framework.errors.contains("did you mean 'F/c'?"), "\(framework)")
                // As in the messages: trimmed and upper-cased.
                #expect(try Command.run(command, "-c", "parwatch.yaml", "--brokers", "127.0.0.1:1", "--agency", " d1 ", "--criterion", "F/n", in: folder).status == 69)
            }
        }
    }
}
