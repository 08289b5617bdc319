import ArgumentParser

/// The parts of a run, as `--only` names them.
enum Part: String, CaseIterable, ExpressibleByArgument {
    case bare, daemon, core, replay, latency, memory, instructions, growth, rederive, snapshot
}

/// How much is measured.
struct Plan {
    var isQuick: Bool
    var parts: Set<Part>
    var config: String
    /// A real cluster; nil is the embedded broker.
    var brokers: String?
    var rounds: Int
    var messages: Int
    var partitions: Int
    var compression: String

    func wants(_ part: Part) -> Bool { parts.contains(part) }

    /// What a value is in a quick run, and what in a full one.
    func size<Value>(quick: Value, full: Value) -> Value { isQuick ? quick : full }

    /// `--config` and the file.
    var catalog: [String] { ["--config", config] }

    func cluster(_ topics: [Cluster.Topic]) throws -> Cluster { try Cluster(real: brokers, topics: topics) }
}
