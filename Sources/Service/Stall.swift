import Kafka

/// Sees a partition that has records for us but does not move: the cluster answers, the consumer hands over nothing, and no error comes.
struct Stall {
    private var positions: [TopicPartition: (offset: Int64, since: Double)] = [:]
    private var lookedAt = -Double.infinity

    /// How long a partition that has records may stand still, in seconds.
    static let patience = 30.0

    /// A partition that has stood still for too long; each once per `patience`.
    mutating func look(_ assignment: Assignment, _ now: Double) -> TopicPartition? {
        guard now - lookedAt >= 1 else { return nil }
        // Who was stopped for a while has not been waiting.
        if now - lookedAt > Self.patience / 2 { positions = [:] }
        lookedAt = now
        for number in assignment.bounds.indices {
            let partition = assignment.bounds[number].partition, offset = assignment.position(of: number)
            guard assignment.lag(of: number) > 0, let last = positions[partition], last.offset == offset else {
                positions[partition] = (offset, now)
                continue
            }
            if now - last.since >= Self.patience {
                positions[partition] = (offset, now)
                return partition
            }
        }
        return nil
    }
}
