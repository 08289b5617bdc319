import Catalog
package import CatalogFiles
package import Kafka

/// What a topic of the configuration must be like on the cluster.
package struct TopicNeed: Sendable, Equatable {
    package enum Role: Sendable, Equatable {
        /// `keep`: milliseconds for which a record may still count; nil: nothing is judged.
        case input(keep: Int64?)
        case alerts, leader, scores, health, rejected
    }

    package let name: String
    package let role: Role

    /// Milliseconds: rejections are of use while somebody may still mend their cause.
    private static let rejectionsKept: Int64 = 90 * 86_400_000

    /// Alerts and claims are read as one sequence.
    package var isSingle: Bool { role == .alerts || role == .leader }

    /// The topic's own settings where it is made anew.
    package var settings: [(name: String, value: String)] {
        switch role {
        case .input: [("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1"), ("message.timestamp.type", "CreateTime")]
        case .alerts, .leader, .scores, .health: [("cleanup.policy", "compact")]
        case .rejected: [("cleanup.policy", "compact,delete"), ("retention.ms", "\(Self.rejectionsKept)")]
        }
    }

    /// Operations that the daemon's principal must be allowed; each includes `Describe`.
    package var operations: [String] {
        switch role {
        case .input: ["Read"]
        case .alerts, .leader, .scores: ["Read", "Write"]
        case .health, .rejected: ["Write"]
        }
    }

    /// All that a configuration needs, inputs first.
    package static func all(_ configuration: Configuration) -> [TopicNeed] {
        let outputs = configuration.outputs, zone = configuration.catalog.zone
        let keep = configuration.catalog.frameworks.map { framework in
            (framework.departure(in: zone).microseconds - zone.start(of: Period.year.days(in: framework.year).lowerBound).microseconds) / 1_000
        }.max()
        return configuration.inputs.map { TopicNeed(name: $0, role: .input(keep: keep)) } + [
            TopicNeed(name: outputs.alerts, role: .alerts), TopicNeed(name: outputs.scores, role: .scores), TopicNeed(name: outputs.rejected, role: .rejected),
            TopicNeed(name: outputs.health, role: .health), TopicNeed(name: outputs.leader, role: .leader),
        ]
    }
}

extension TopicNeed {
    /// How a topic fares against what is needed.
    package struct Verdict: Sendable, Equatable {
        /// Each is wrong by itself, with what to do.
        package var faults: [String] = []
        /// Right, but worth knowing.
        package var notes: [String] = []
        package var isWell: Bool { faults.isEmpty }
    }

    /// `found` nil: the topic does not exist, or may not be seen.
    package func verdict(on found: SurveyedTopic?) -> Verdict {
        guard let found else { return Verdict(faults: ["does not exist, or may not be seen (ACL: Describe): make it as `parwatch topics` prints"]) }
        var verdict = Verdict()
        if isSingle, found.partitions != 1 { verdict.faults.append("has \(found.partitions) partitions and must have exactly one: delete it, then make it anew") }
        if found.replicas == 1 { verdict.notes.append("one replica: what it holds ends with that broker's disk") }
        switch found.settings {
        case .unseen(let why): verdict.notes.append("settings not seen (\(why))")
        case .known(let settings): judge(settings, found, &verdict)
        }
        return verdict
    }

    private func judge(_ settings: [String: String], _ found: SurveyedTopic, _ verdict: inout Verdict) {
        let policies = Set((settings["cleanup.policy"] ?? "delete").split(separator: ",").map { $0.filter { $0 != " " } })
        switch role {
        case .input(let keep):
            if policies.contains("compact") { verdict.notes.append("compacted: well only if the messages of a subject are written in order of their time, and never to be used with redrive") }
            if policies.contains("delete") { judge(retention: settings, keep, &verdict) }
            if settings["message.timestamp.type"] == "LogAppendTime" { verdict.notes.append("message.timestamp.type is LogAppendTime: what redrive copies gets a new timestamp") }
        case .alerts, .leader, .scores, .health:
            if policies != ["compact"] { verdict.faults.append("cleanup.policy is \(policies.sorted().joined(separator: ",")) and must be compact, or its records are lost: set it with kafka-configs.sh") }
        case .rejected:
            if !policies.contains("compact") { verdict.notes.append("not compacted: rejections that a start repeats stand there more than once") }
        }
        if let least = settings["min.insync.replicas"].flatMap({ Int($0) }) {
            if least > found.replicas {
                verdict.faults.append("min.insync.replicas is \(least), with \(found.replicas) replicas: nothing can be written; lower it, or add replicas")
            } else if least < 2, found.replicas > 2 {
                verdict.notes.append("min.insync.replicas is \(least): a write is acknowledged by one broker alone, and may be lost with it; 2 is safe")
            }
        }
    }

    private func judge(retention settings: [String: String], _ keep: Int64?, _ verdict: inout Verdict) {
        func limit(_ name: String) -> Int64 { settings[name].flatMap { Int64($0) } ?? -1 }
        if let keep, limit("retention.ms") >= 0, limit("retention.ms") < keep {
            verdict.faults.append("retention.ms is \(limit("retention.ms")), but a status may count for \(keep) (\(keep / 86_400_000) days): set it to that or -1, or a daemon without its state directory is incomplete")
        }
        if limit("retention.bytes") >= 0 {
            verdict.faults.append("retention.bytes is \(limit("retention.bytes")): when it is full, statuses that still count are deleted; set it to -1")
        }
    }
}
