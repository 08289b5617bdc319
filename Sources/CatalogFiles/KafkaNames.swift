/// Names that Kafka gives: refused where Kafka would refuse them, or read something else out of them.
extension YAMLValue {
    /// The name of a topic.
    var topicName: String? {
        guard let text else { return nil }
        if KafkaNames.isTopic(text) { return text }
        fail("'\(text)' cannot be a topic: a name has 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-', and is neither '.' nor '..'")
        return nil
    }

    /// `embedded`, or one or more `host:port`, separated by commas.
    var bootstrap: Configuration.KafkaAccess.Bootstrap? {
        guard let text else { return nil }
        if text == "embedded" { return .embedded }
        guard let wrong = KafkaNames.wrongBroker(in: text) else { return .servers(text) }
        fail(KafkaNames.complaint(wrong))
        return nil
    }
}

package enum KafkaNames {
    /// Kafka's rule (`org.apache.kafka.common.internals.Topic`).
    static func isTopic(_ name: String) -> Bool {
        (1...249).contains(name.utf8.count) && name != "." && name != ".." && name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }

    /// The first that is not `host:port`; librdkafka takes a missing port for 9092, and most often that is a mistake. `PROTOCOL://` may stand before it.
    package static func wrongBroker(in list: String) -> String? {
        list.split(separator: ",", omittingEmptySubsequences: false).map(String.init).first { !isBroker($0) }
    }

    package static func complaint(_ broker: String) -> String { "'\(broker)' is not HOST:PORT, such as kafka1:9092; several are separated by commas" }

    private static func isBroker(_ text: String) -> Bool {
        var address = Substring(text.trimming(while: \.isWhitespace))
        if let scheme = address.firstRange(of: "://") { address = address[scheme.upperBound...] }
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]), port > 0 else { return false }
        let host = address[..<colon]
        // Colons are for IPv6 addresses, in brackets.
        if host.contains(":") { return host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2 }
        return !host.isEmpty && !host.contains { $0.isWhitespace || $0 == "/" }
    }
}

extension String {
    fileprivate func trimming(while isPadding: (Character) -> Bool) -> String {
        String(drop(while: isPadding).reversed().drop(while: isPadding).reversed())
    }
}
