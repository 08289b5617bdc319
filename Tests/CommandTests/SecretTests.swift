import Cases
import Foundation
import Testing

/// What is secret shows in no output, right or wrong.
@Suite struct SecretsOfTheCommandLine {
    private func withSecret(_ properties: String, _ body: (URL) throws -> Void) throws {
        try Command.withCase { folder in
            try Command.write("hunter2hunter2\n", "secret", folder)
            try Command.write("source: s\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nkafka:\n  bootstrap: 127.0.0.1:1\n  properties: \(properties)\n", "parwatch.yaml", folder)
            try body(folder)
        }
    }

    @Test func `check names the properties and shows no value`() throws {
        try withSecret("{security.protocol: SASL_SSL, sasl.mechanism: PLAIN, sasl.username: u, sasl.password: {file: secret}, ssl.key.password: \"inline-hunter2\"}") { folder in
            let result = try Command.run("check", "-c", "parwatch.yaml", in: folder)
            #expect(result.status == 0 && result.lines.contains("properties  security.protocol, sasl.mechanism, sasl.username, sasl.password (secret), ssl.key.password (secret)"), "\(result)")
            #expect(!result.output.contains("hunter2") && !result.errors.contains("hunter2"))
        }
    }

    @Test func `check says which credentials it could not look at, and names a file that is missing`() throws {
        try withSecret(#"{sasl.password: {file: "${CREDENTIALS_DIRECTORY}/a"}, ssl.ca.location: "${CREDENTIALS_DIRECTORY}/b"}"#) { folder in
            let result = try Command.run("check", "-c", "parwatch.yaml", in: folder)
            #expect(result.status == 0)
            #expect(result.lines.contains("note        not looked at, because CREDENTIALS_DIRECTORY is set only where the service runs: sasl.password, ssl.ca.location"), "\(result)")
            let run = try Command.run("run", "-c", "parwatch.yaml", in: folder)
            #expect(run.status == 1 && run.errors.contains("parwatch.yaml:6: 'sasl.password' is a credential, but CREDENTIALS_DIRECTORY is not set"), "\(run)")
        }
        try withSecret("{sasl.password: {file: nowhere}}") { folder in
            let result = try Command.run("check", "-c", "parwatch.yaml", in: folder)
            #expect(result.status == 1 && result.errors == "parwatch.yaml:6: 'sasl.password': nowhere cannot be read, or is empty: check that the file exists and that this user may read it\n")
        }
    }

    /// Values that librdkafka refuses, a property that it does not know, a key that it cannot read.
    @Test(arguments: [
        "{security.protocol: {file: secret}}", "{linger.ms: {file: secret}}", "{sasl.pasword: {file: secret}}", "{ssl.key.pem: {file: secret}, security.protocol: SSL}",
    ])
    func `an error of the daemon shows no secret`(properties: String) throws {
        try withSecret(properties) { folder in
            for command in ["run", "alerts"] {
                let result = try Command.run(command, "-c", "parwatch.yaml", in: folder)
                #expect(result.status != 0 && !result.errors.isEmpty, "\(result)")
                #expect(!result.output.contains("hunter2") && !result.errors.contains("hunter2"), "\(result)")
            }
        }
    }
}
