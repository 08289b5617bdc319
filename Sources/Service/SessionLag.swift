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
        let (new, gone, again) = assignment.see(sighting)
        // Most often the consumer has been told as well, but librdkafka may lose that without a word.
        for partition in again {
            lost.insert(partition)
            if let number = assignment.number(of: partition) { anew.insert(number) }
        }
        for partition in gone { daemon.log.warning("\(partition) is no more: its topic was made anew with fewer partitions; what was counted of it stays") }
        for partition in gone {
            lost.remove(partition)
            guard let number = assignment.number(of: partition) else { continue }
            anew.remove(number)
            landmarks[number] = nil
            lastRead[number] = nil
        }
        if !gone.isEmpty { try consumer.assign(assignment.all) }
        guard !new.isEmpty else { return }
        // All or none: a partition's number is its place among those of its topic. Seen again in a second.
        let answers = consumer.watermarks(of: new, timeout: Self.questionPatience)
        tellUnanswered(answers, now)
        let watermarks = answers.compactMapValues { try? $0.get() }
        guard watermarks.count == new.count else { return }
        for partition in new.sorted(by: { ($0.topic, $0.partition) < ($1.topic, $1.partition) }) {
            guard let (low, high) = watermarks[partition] else { continue }
            daemon.log.info("\(partition) is new: reading it from offset \(low)")
            if low > 0 { miss(partition, "\(partition) begins at offset \(low): what was before it was never counted", now) }
            assignment.add(.init(partition: partition, low: low, high: high, start: low), now)
        }
        try consumer.assign(assignment.all)
    }

    /// No alert changes while it is not certain what the inputs say, or who leads.
    mutating func hold(_ now: Double) {
        var reason: Standstill?
        let areAlertsStuck = unreadAlerts.areStuck(areWaiting: engine.isBehind && !engine.isHeld, now)
        if let (partition, seconds) = assignment.stalest(now), isCaughtUp, seconds > Double(daemon.configuration.maxLag.microseconds) / 1e6 {
            reason = .lag(partition)
        } else if isCaughtUp, let partition = lost.first {
            reason = .lost(partition)
        } else if isCaughtUp, let partition = assignment.firstUnread {
            reason = .unread(partition)
        } else if leadership.isLeading, !leadership.mayPublish(situation(now)) {
            reason = .unproven
        } else if areAlertsStuck {
            reason = .unreadAlerts
        }
        switch standstillNews.hear(reason, now) {
        case .standsStill(.lag(let partition))?:
            daemon.log.warning("judging stands still: \(partition) may be over \(daemon.configuration.maxLag.microseconds / 1_000_000) s behind; alerts stay as they are")
        case .standsStill(let standstill)?: daemon.log.warning("judging stands still: \(standstill); alerts stay as they are")
        case .goesOn?: daemon.log.info("judging goes on", metadata: ["as_of": "\(engine.clock.text(in: daemon.configuration.catalog.zone))"])
        case nil: break
        }
        standstill = reason
        // What waits for alerts on their way waits by itself.
        engine.isHeld = reason != nil && reason != .unreadAlerts
    }

    /// librdkafka may lose a partition without a word.
    mutating func unstick(_ now: Double) throws(KafkaError) {
        if isHeldUp { return stall.forget() }
        guard let (stuck, times) = stall.look(assignment, except: lost, now) else { return }
        if isKeptBack(stuck) {
            stall.excuse(stuck)
            if let held = patience.hear("kept back \(stuck)", now) {
                daemon.log.warning(
                    "\(stuck) has records of a transaction that has not ended, or behind it: no consumer is handed them before. If it does not end, end it: kafka-transactions.sh",
                    metadata: held > 0 ? ["repeated": "\(held)"] : [:])
            }
            return
        }
        guard times < 4 else { throw .stuck(stuck) }
        daemon.log.error("\(stuck) has records that do not come, and no error says why: reading it anew")
        try consumer.assign(assignment.all)
    }

    /// Whether all that consumers are handed of a partition has been read, so that what else lies there belongs to an open transaction or came after it began.
    private func isKeptBack(_ partition: TopicPartition) -> Bool {
        guard let number = assignment.number(of: partition), let ends = try? consumer.watermark(.high, of: [partition], timeout: Self.questionPatience), let end = ends[partition] else { return false }
        return end <= assignment.position(of: number)
    }

    /// What the log says of a gap.
    static func incomplete(_ gap: String) -> Logger.Message {
        "INCOMPLETE: \(gap); alerts may fire but none is resolved. If nothing that still counts is missing, start it once with --accept-gap"
    }

    /// Something of a partition may never have been counted.
    mutating func miss(_ partition: TopicPartition, _ gap: String, _ now: Double) {
        if let held = patience.hear("gap \(partition)", now) {
            daemon.log.error(Self.incomplete(gap), metadata: held > 0 ? ["repeated": "\(held)"] : [:])
        }
        gaps.add(gap)
        engine.isComplete = false
    }
}
