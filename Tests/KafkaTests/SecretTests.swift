import Foundation
import Kafka
import Testing

/// librdkafka quotes the settings of OAUTHBEARER when they are wrong.
@Suite struct SecretsOfAClient {
    @Test(arguments: [["sasl.oauthbearer.config"], []] as [Set<String>])
    func `what librdkafka says of a secret is told without it`(secrets: Set<String>) throws {
        let settings = KafkaSettings(
            bootstrap: "127.0.0.1:1", clientID: "test",
            properties: [
                ("security.protocol", "SASL_PLAINTEXT"), ("sasl.mechanism", "OAUTHBEARER"), ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
                ("sasl.oauthbearer.config", "principal=admin hunter2hunter2"),
            ], secrets: secrets)
        let producer = try Producer(settings: settings)
        defer { producer.close(timeout: 1_000) }
        var told = ""
        for _ in 0..<100 where !told.contains("oauthbearer") {
            _ = producer.poll(timeout: 100)
            told += producer.drainNotices().map(\.description).joined(separator: "\n")
        }
        try #require(told.contains("sasl.oauthbearer.config"), "it is told of at all: \(told)")
        // Without being told what is secret, it does show: else this test proves nothing.
        #expect(told.contains("hunter2hunter2") == secrets.isEmpty, "\(told)")
    }
}
