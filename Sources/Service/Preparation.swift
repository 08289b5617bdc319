import CatalogFiles
import Kafka
import Snapshots

/// Learns from the cluster what is to be read, and what of it may be missing.
struct Preparation {
    let configuration: Configuration
    let consumer: Consumer
    let producer: Producer
    /// Of the snapshot that was loaded; nil: none was.
    let basis: SnapshotBasis?
    let stop: StopSignal
    let systemd: Systemd

    /// Milliseconds for one question to the cluster.
    private static let patience: Int32 = 4_000

    enum Obstacle: Error {
        /// It may be there later.
        case yet(String)
        case never(Fault)
    }

    struct Prepared {
        var assignment: Assignment
        /// Of the partitions of the alert topic and the leader topic, in the assignment.
        var alertNumber: Int
        var leaderNumber: Int
        /// What of the inputs may never have been counted, in words.
        var gaps: [String]
        /// Inputs that are read from their beginning although they were read before, and why, in words.
        var readAnew: [String]
        var cluster: ClusterID
        /// Records that must still be what they were, by the number of their partition.
        var landmarks: [Int: Landmark]
    }

    func prepare(_ now: Double) throws(Obstacle) -> Prepared {
        let outputs = configuration.outputs
        guard let cluster = try ask({ () throws(KafkaError) in consumer.clusterID(timeout: Self.patience) }) else { throw .yet(consumer.refusal.map { "\($0)" } ?? "no broker answers") }
        switch try partitions(of: outputs.alerts) {
        case 1: break
        case let count:
            throw .never(.topics("topic \(outputs.alerts) has \(count) partitions, but alerts need exactly one: delete it, then make it anew; `parwatch topics` prints the command"))
        }
        var targets: [TopicPartition] = []
        for topic in configuration.inputs {
            for partition in 0..<Int32(clamping: try partitions(of: topic)) { targets.append(TopicPartition(topic: topic, partition: partition)) }
        }
        _ = try partitions(of: outputs.leader)
        let inputs = targets.count
        targets += [outputs.alerts, outputs.leader].map { TopicPartition(topic: $0, partition: 0) }
        var bounds = try self.bounds(targets), gaps: [String] = [], readAnew: [String] = [], landmarks: [Int: Landmark] = [:]
        var resumption = basis?.resumption ?? [:]
        if let former = basis?.cluster, former != cluster.description {
            // What it holds is as true here, and where that was read from says nothing.
            resumption = [:]
            readAnew.append("the snapshot was taken at cluster \(former), this one is \(cluster): what was counted stays, and the inputs are read from their beginning")
        }
        for number in 0..<inputs {
            gaps += place(&bounds[number], after: resumption[bounds[number].partition])
            let bound = bounds[number]
            if let next = resumption[bound.partition]?.next, next > bound.high {
                readAnew.append("\(bound.partition) does not go on at offset \(next), it has \(bound.low) to \(bound.high): the topic was made anew while this daemon was away; reading from \(bound.low), what was counted stays")
            }
            if let resumption = resumption[bound.partition], bound.start == resumption.next, let last = resumption.last, bound.low <= last.offset {
                // Read once more, to see whether it is still the same topic.
                bounds[number].start = last.offset
                landmarks[number] = last
            }
        }
        // The producer, too, must know the topics before its first record, or that one waits.
        for topic in [outputs.alerts, outputs.leader, outputs.scores, outputs.rejected, outputs.health] {
            guard try ask({ () throws(KafkaError) in try producer.partitionCount(of: topic, timeout: Self.patience) }) != nil else { throw missing(topic) }
        }
        return Prepared(assignment: Assignment(bounds, inputs: Set(configuration.inputs), now: now), alertNumber: bounds.count - 2, leaderNumber: bounds.count - 1, gaps: gaps, readAnew: readAnew, cluster: cluster, landmarks: landmarks)
    }

    private func bounds(_ targets: [TopicPartition]) throws(Obstacle) -> [Assignment.Bounds] {
        let lows = try ask { () throws(KafkaError) in try consumer.watermark(.low, of: targets, timeout: Self.patience) }
        let highs = try ask { () throws(KafkaError) in try consumer.watermark(.high, of: targets, timeout: Self.patience) }
        return targets.map { target in
            let low = lows[target] ?? 0
            return Assignment.Bounds(partition: target, low: low, high: max(low, highs[target] ?? low), start: low)
        }
    }

    /// Where an input partition is read from, and what may be missing for it.
    private func place(_ bound: inout Assignment.Bounds, after resumption: Resumption?) -> [String] {
        guard let next = resumption?.next else {
            // Never read before: all of it must be there.
            return bound.low > 0 ? ["\(bound.partition) begins at offset \(bound.low): what was before it was never counted"] : []
        }
        if next > bound.high {
            // Shorter than what was read: made anew. What it has is new.
            return bound.low > 0 ? ["\(bound.partition) was made anew and begins at offset \(bound.low): what was before it was never counted"] : []
        }
        bound.start = max(next, bound.low)
        return next < bound.low ? ["\(bound.partition) begins at offset \(bound.low), but offsets \(next) to \(bound.low - 1) were not read: retention has overtaken the snapshot"] : []
    }

    private func partitions(of topic: String) throws(Obstacle) -> Int {
        guard let count = try ask({ () throws(KafkaError) in try consumer.partitionCount(of: topic, timeout: Self.patience) }) else {
            throw missing(topic)
        }
        return count
    }

    /// With the cluster's own defaults an input would lose what still counts after a week.
    private func missing(_ topic: String) -> Obstacle { .yet("topic \(topic) does not exist: `parwatch topics` prints the command that makes it") }

    private func ask<Answer>(_ question: () throws(KafkaError) -> Answer) throws(Obstacle) -> Answer {
        // There are many questions, and a slow cluster takes its time for each.
        if stop.isRequested { throw .yet("asked to stop before the cluster had answered") }
        defer { systemd.progress(now: ServiceClock.bootSeconds) }
        do throws(KafkaError) {
            return try question()
        } catch {
            if error.isFatal { throw .never(.kafka(error)) }
            throw .yet("\(error)")
        }
    }
}
