import ArgumentParser
import Kafka

/// How the harness's clients reach the broker: all with the same settings.
struct Connection: ParsableArguments {
    @Option var brokers: String

    /// The embedded broker sleeps through an empty fetch: so it sleeps no longer than this. On a real cluster it bounds nothing but idle traffic.
    static let fetchWait = "10"

    var settings: KafkaSettings { KafkaSettings(bootstrap: brokers, clientID: "parwatch-bench", properties: [("fetch.wait.max.ms", Self.fetchWait)]) }
}
