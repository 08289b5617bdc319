import Kafka

/// Sees a partition that has records for us but does not move: the cluster answers, the consumer hands over nothing, and no error comes.
struct Stall {
    private var positions: [TopicPartition: (offset: Int64, since: Double)] = [:]
    private var lookedAt = -Double.infinity
    /// How often in succession a partition was found so.
    private var times: [TopicPartition: Int] = [:]

    /// How long a partition that has records may stand still, in seconds.
    static let patience = 30.0

    /// Nobody is reading: what stands still is not stuck.
    mutating func forget() {
        positions = [:]
        times = [:]
    }

    /// It has a reason: what it was found to be does not count.
    mutating func excuse(_ partition: TopicPartition) { times[partition] = nil }

    /// A partition that has stood still for too long, and how often in succession that was found; each once per `patience`.
    /// `lost`: partitions of which nobody knows where they are to be read on; they wait for that.
    mutating func look(_ assignment: Assignment, except lost: Set<TopicPartition> = [], _ now: Double) -> (TopicPartition, times: Int)? {
        guard now - lookedAt >= 1 else { return nil }
        // Who was stopped for a while has not been waiting.
        if now - lookedAt > Self.patience / 2 { positions = [:] }
        lookedAt = now
        for number in assignment.numbersRead {
            let partition = assignment.bounds[number].partition, offset = assignment.position(of: number)
            guard assignment.lag(of: number) > 0, !lost.contains(partition), let last = positions[partition], last.offset == offset else {
                if positions[partition]?.offset != offset || lost.contains(partition) { times[partition] = nil }
                positions[partition] = (offset, now)
                continue
            }
            if now - last.since >= Self.patience {
                positions[partition] = (offset, now)
                times[partition, default: 0] += 1
                return (partition, times[partition, default: 0])
            }
        }
        return nil
    }
}
