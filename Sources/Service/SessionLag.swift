import Catalog
import CatalogFiles
import Engine
import Kafka
import Logging

/// How far behind the inputs are, and what must wait for that.
extension Session {
    /// Takes in what the cluster says of its partitions.
    mutating func look(_ now: Double) throws(KafkaError) {
        guard let sighting = watch.take() else { return }
        if try scoreTopic.see(sighting) {
            daemon.log.error("\(daemon.configuration.outputs.scores) was made anew: whoever leads writes every score again")
            engine.scoreTopicLost()
        }
        let (new, gone) = assignment.see(sighting)
        for partition in gone { daemon.log.warning("\(partition) is no more: its topic was made anew with fewer partitions; what was counted of it stays") }
        guard !new.isEmpty || !gone.isEmpty else { return }
        for partition in new.sorted(by: { ($0.topic, $0.partition) < ($1.topic, $1.partition) }) {
            guard let (low, high) = try? consumer.watermarks(of: partition, timeout: 2_000) else { continue }   // seen again in a second
            daemon.log.info("\(partition) is new: reading it from offset \(low)")
            if low > 0 { miss("\(partition) begins at offset \(low): what was before it was never counted") }
            assignment.add(.init(partition: partition, low: low, high: high, start: low), now)
        }
        try consumer.assign(assignment.all)
    }

    /// No alert changes while it is not certain what the inputs say, or who leads.
    mutating func hold(_ now: Double) {
        var reason: Standstill?
        if let (partition, seconds) = assignment.stalest(now), isCaughtUp, seconds > Double(daemon.configuration.maxLag.microseconds) / 1e6 {
            reason = .lag(partition)
        } else if isCaughtUp, let partition = assignment.firstUnread ?? lost.first {
            reason = .unread(partition)
        } else if leadership.isLeading, !leadership.mayPublish(situation(now)) {
            reason = .unproven
        }
        if reason != standstill {
            switch (standstill, reason) {
            case (_, .lag(let partition)?):
                daemon.log.warning("judging stands still: \(partition) may be over \(daemon.configuration.maxLag.microseconds / 1_000_000) s behind; alerts stay as they are")
            case (_, .unread(let partition)?): daemon.log.warning("judging stands still: \(partition) is read from another place, up to where it ends; alerts stay as they are")
            case (.lag?, _), (.unread?, _): daemon.log.info("judging goes on", metadata: ["as_of": "\(engine.clock.text(in: daemon.configuration.catalog.zone))"])
            default: break
            }
        }
        standstill = reason
        engine.isHeld = reason != nil
    }

    /// librdkafka may lose a partition without a word.
    mutating func unstick(_ now: Double) throws(KafkaError) {
        if isHeldUp { return stall.forget() }
        guard let (stuck, times) = stall.look(assignment, now) else { return }
        guard times < 4 else { throw .stuck(stuck) }
        daemon.log.error("\(stuck) has records that do not come, and no error says why: reading it anew")
        try consumer.assign(assignment.all)
    }

    /// Something may never have been counted.
    mutating func miss(_ gap: String) {
        daemon.log.error("INCOMPLETE: \(gap); alerts may fire but none is resolved: if that is well, start again with --accept-gap")
        base.gaps.append(gap)
        engine.isComplete = false
    }
}

/// Why no alert changes for the time being.
enum Standstill: Equatable, CustomStringConvertible {
    /// It may be further behind than is allowed.
    case lag(TopicPartition)
    /// It is read from another place than before, or is new, and its end has not been reached.
    case unread(TopicPartition)
    /// The group has not acknowledged for a while that this daemon holds the leadership.
    case unproven

    var description: String {
        switch self {
        case .lag(let partition): "\(partition) lags"
        case .unread(let partition): "\(partition) is read anew"
        case .unproven: "the group does not answer"
        }
    }
}

/// What the register was made of.
struct Base {
    /// What of the inputs may never have been counted, in words.
    var gaps: [String]
    var isComplete: Bool { gaps.isEmpty }
}
