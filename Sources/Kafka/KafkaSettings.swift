import CRdKafka

/// How to reach a cluster: the same settings serve consumers and producers.
package struct KafkaSettings: Sendable {
    /// `host:port`, several separated by commas.
    package var bootstrap: String
    /// Shown in the broker's logs and quotas.
    package var clientID: String
    /// Any librdkafka properties. They win over ours, except `log.queue`, without which nothing would be heard of errors.
    /// One that concerns only consumers does nothing on a producer, and the other way round.
    package var properties: [(name: String, value: String)]
    /// Names of properties whose values never show in errors and notices.
    package var secrets: Set<String>

    package init(bootstrap: String, clientID: String, properties: [(name: String, value: String)] = [], secrets: Set<String> = []) {
        self.bootstrap = bootstrap
        self.clientID = clientID
        self.properties = properties
        self.secrets = secrets
    }

    /// The largest message sent or fetched, in bytes with its key: 10 MiB and room for headers.
    static let largestMessage = "10551296"
}

/// librdkafka's configuration object, until a client takes it over.
struct Configuration: ~Copyable {
    let pointer: OpaquePointer = rd_kafka_conf_new()

    init() {}

    deinit { rd_kafka_conf_destroy(pointer) }

    /// `settings` over `defaults`, with `events` (a mask of `RD_KAFKA_EVENT_…`) queued for the owner instead of calling back.
    static func build(
        _ settings: KafkaSettings, defaults: [(name: String, value: String)], events: Int32
    ) throws(KafkaError) -> Configuration {
        let configuration = Configuration()
        let basic = [
            (name: "bootstrap.servers", value: settings.bootstrap),
            (name: "client.id", value: settings.clientID),
            (name: "message.max.bytes", value: KafkaSettings.largestMessage),
            // A broker that comes back after hours is to be noticed within seconds (librdkafka's default is 10 s).
            (name: "reconnect.backoff.max.ms", value: "2000"),
        ]
        for (name, value) in basic + defaults + settings.properties + [(name: "log.queue", value: "true")] {
            try configuration.set(name, value, isSecret: settings.secrets.contains(name))
        }
        rd_kafka_conf_set_events(configuration.pointer, events)
        return configuration
    }

    func set(_ name: String, _ value: String, isSecret: Bool) throws(KafkaError) {
        try withReason { (text, size) throws(KafkaError) in
            let result = rd_kafka_conf_set(pointer, name, value, text, size)
            guard result == RD_KAFKA_CONF_OK else {
                let reason = isSecret && result != RD_KAFKA_CONF_UNKNOWN ? "librdkafka refuses its value, which is kept secret here" : String(cString: text)
                throw KafkaError(
                    .invalidArgument, attempt: "set the Kafka property \(name)",
                    reason: reason + "; names and values are those of librdkafka's CONFIGURATION.md")
            }
        }
    }

    /// Drops what librdkafka would say, for clients that nobody listens to.
    func silence() { rd_kafka_conf_set_log_cb(pointer) { _, _, _, _ in } }

    /// A running client; from here on librdkafka owns the configuration.
    consuming func start(_ type: rd_kafka_type_t, hiding secrets: Secrets? = nil) throws(KafkaError) -> OpaquePointer {
        let pointer = pointer
        let (client, reason) = withReason { (rd_kafka_new(type, pointer, $0, $1), String(cString: $0)) }
        // Also when it fails: 2.0.2 has then freed the interceptors of the configuration, and destroying it would free them again.
        discard self
        guard let client else {
            throw KafkaError(.invalidArgument, attempt: "start a Kafka client", reason: secrets?.hidden(in: reason) ?? reason)
        }
        return client
    }
}

/// A buffer for librdkafka's `errstr` arguments.
func withReason<R, E: Error>(_ body: (UnsafeMutablePointer<CChar>, Int) throws(E) -> R) throws(E) -> R {
    let size = 512
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: size)
    text.initialize(repeating: 0, count: size)
    defer { text.deallocate() }
    return try body(text, size)
}
