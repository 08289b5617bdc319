import Cases
import CatalogFiles
import Foundation
import Testing

/// Secrets stay out of parwatch.yaml, and come from where systemd puts them.
@Suite struct KafkaProperties {
    private func properties(_ yaml: String) throws -> [KafkaProperty] {
        try Files().with(.main, "{linger.ms: 5}", yaml).load().kafka.properties
    }

    private func problem(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch { return "\(error)" }
    }

    @Test func `the directory of credentials may begin a value and the name of a file`() throws {
        try Oracle.withFolder("credentials") { folder in
            try Data("hunter two\n".utf8).write(to: folder.appendingPathComponent("secret_sasl"))
            let read = try properties(#"{ssl.ca.location: "${CREDENTIALS_DIRECTORY}/secret_ca.pem", sasl.password: {file: "${CREDENTIALS_DIRECTORY}/secret_sasl"}, sasl.username: "me${CREDENTIALS_DIRECTORY}/"}"#)
            #expect(try read.map { try $0.resolved(credentials: folder.path) } == [folder.path + "/secret_ca.pem", "hunter two", "me${CREDENTIALS_DIRECTORY}/"])
            #expect(read.map(\.needsCredentials) == [true, true, false])
            #expect(read.map(\.isSecret) == [false, true, false])
        }
    }

    @Test func `what librdkafka keeps secret is secret here too`() throws {
        for name in ["sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config", "ssl_key"] {
            #expect(try properties("{\(name): x}").allSatisfy(\.isSecret), "\(name)")
        }
        #expect(try properties("{security.protocol: SSL, sasl.username: x, ssl.key.location: /x}").allSatisfy { !$0.isSecret })
    }

    @Test func `of a file one line break at the end is dropped, and nothing else`() throws {
        try Oracle.withFolder("credentials") { folder in
            let file = folder.appendingPathComponent("f")
            let property = try properties("{x: {file: \(file.path)}}")[0]
            for (content, value) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), (" a \n\n", " a \n"), ("a\nb\n", "a\nb"), ("mật khẩu", "mật khẩu")] {
                try Data(content.utf8).write(to: file)
                #expect(try property.resolved(credentials: nil) == value)
            }
        }
    }

    @Test func `a file is found beside parwatch.yaml`() throws {
        let main = Files().with(.main, "{linger.ms: 5}", "{x: {file: secrets/none}}")
        let text = problem { _ = try main.load().kafka.properties[0].resolved(credentials: nil) }
        #expect(text.contains("/parwatch.yaml:5: 'x': ") && text.contains("/secrets/none cannot be read, or is empty"), "\(text)")
    }

    @Test func `a file that is no secret is refused, and nothing of it shows`() throws {
        try Oracle.withFolder("credentials") { folder in
            let file = folder.appendingPathComponent("f")
            let property = try properties("{x: {file: \(file.path)}}")[0]
            let wrong: [(Data, String)] = [
                (Data(), "is empty"), (Data("\n".utf8), "is empty"), (Data([0x68, 0x75, 0x6e, 0xff]), "is not a text in UTF-8"), (Data("hunter\0two".utf8), "is not a text in UTF-8"),
                (Data(repeating: 0x68, count: (1 << 20) + 1), "is larger than 1 MiB"),
            ]
            for (content, complaint) in wrong {
                try content.write(to: file)
                let text = problem { _ = try property.resolved(credentials: nil) }
                #expect(text.contains(complaint) && !text.contains("hun") && !text.contains("hhh"), "\(text)")
            }
        }
        let endless = try properties("{x: {file: /dev/zero}}")[0]
        #expect(problem { _ = try endless.resolved(credentials: nil) }.contains("is larger than 1 MiB"))
        let folder = try properties("{x: {file: /}}")[0]
        #expect(problem { _ = try folder.resolved(credentials: nil) }.contains("cannot be read"))
    }

    @Test func `without the directory a credential is an error that says what to do`() throws {
        for yaml in [#"{x: "${CREDENTIALS_DIRECTORY}/a"}"#, #"{x: {file: "${CREDENTIALS_DIRECTORY}/a"}}"#] {
            let property = try properties(yaml)[0]
            for directory in [nil, ""] {
                let text = problem { _ = try property.resolved(credentials: directory) }
                #expect(text.contains("parwatch.yaml:5: 'x' is a credential, but CREDENTIALS_DIRECTORY is not set: systemd sets it for the service"), "\(text)")
            }
        }
    }

    static let mistakes = [
        (#"{x: "${CREDENTIAL_DIRECTORY}/a"}"#, "'x' begins with a variable that is not known here: there is ${CREDENTIALS_DIRECTORY}/NAME alone"),
        (#"{x: {file: "${HOME}/a"}}"#, "'x' begins with a variable that is not known here"),
        (#"{x: "${CREDENTIALS_DIRECTORY}"}"#, "'x' begins with a variable that is not known here"),
        ("{x: {fil: a}}", "unknown key 'fil': did you mean 'file'?"), ("{x: {}}", "'file' is missing"), ("{x: [a]}", "expected a mapping with file"), ("{x: {file: [a]}}", "expected a text"),
    ]

    @Test(arguments: mistakes) func `a wrong property is named with its line`(yaml: String, complaint: String) throws {
        let problems = try Files().with(.main, "{linger.ms: 5}", yaml).problems()
        #expect(problems.contains { $0.hasPrefix("parwatch.yaml:5: \(complaint)") }, "\(problems)")
    }
}
