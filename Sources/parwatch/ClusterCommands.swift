import Service

/// Commands of Apache Kafka's tools that make a cluster what a configuration needs.
struct ClusterCommands {
    var brokers: String
    var replicationFactor: Int
    var inputPartitions: Int

    func creation(of need: TopicNeed) -> String {
        let partitions = if case .input = need.role { inputPartitions } else { 1 }
        // With fewer copies, two in step would mean that no broker may be away.
        let safety = replicationFactor > 2 ? [(name: "min.insync.replicas", value: "2")] : []
        let settings = (need.settings + safety).map { " --config \($0.name)=\($0.value)" }.joined()
        return "kafka-topics.sh --bootstrap-server \(quoted(brokers)) --create --topic \(need.name) --partitions \(partitions) --replication-factor \(replicationFactor) \\\n " + settings
    }

    /// What the daemon itself needs, and nothing else. `redrive` and those who read alerts have other needs, and better principals of their own.
    func rights(of principal: String, _ needs: [TopicNeed], source: String) -> [String] {
        let topics = needs.map { need in (need.operations, "--topic \(need.name)") }
        // Offsets are committed under the source's name; the other group elects.
        let groups = [source, "\(source).leader"].map { (["Read"], "--group \(quoted($0))") }
        return (topics + groups).map { operations, resource in
            let allowed = operations.map { " --operation \($0)" }.joined()
            return "kafka-acls.sh --bootstrap-server \(quoted(brokers)) --add --allow-principal \(quoted(principal))\(allowed) \(resource)"
        }
    }

    /// One word of a shell.
    private func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: [UInt8]("._-:/@=,".utf8).contains(byte)
            }
        }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
