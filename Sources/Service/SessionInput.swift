package import Alerting
import Catalog
import CatalogFiles
import Engine
import Intake
import JSON
package import Kafka
import Logging
import Scoreboard

/// What is read, and what is done where it cannot be read on.
extension Session {
    mutating func read() throws(KafkaError) {
        let isBusy = keeper?.isCopying == true || painter.isPainting
        let count = try consumer.fetch(timeout: isBusy ? 0 : daemon.clock.isSimulated ? 5 : 50, max: 2_000)
        if count > 0 { engine.step(now: daemon.clock.now) }
        inputs.removeAll(keepingCapacity: true)
        for index in 0..<count {
            let record = consumer.record(index)
            consumed[record.topicIndex] += 1
            if let number = assignment.number(topic: record.topicIndex, partition: record.partition) { assignment.advance(number, to: record.offset + 1) }
            if record.topicIndex == alertTopicIndex {
                readAlert(record)
            } else if record.topicIndex == leaderTopicIndex {
                readClaim(record)
            } else {
                inputs.append(index)
            }
        }
        if !inputs.isEmpty { noteLast() }
        // Borrowed apart, because the closure must not hold all of self.
        let consumer = consumer, inputs = inputs
        let areTimed = engine.readsTimestamps
        engine.receive(inputs.count) { consumer.record(inputs[$0]).input(isTimed: areTimed) }
        consumer.release()
        for (partition, offset) in consumer.drainEnds() {
            if let number = assignment.number(of: partition) { assignment.advance(number, to: offset) }
        }
    }

    /// Notes the last record of each input partition among those just read, and compares the first with what was known of its place.
    mutating func noteLast() {
        var isNoted: Set<Int> = []
        for index in inputs.reversed() {
            let record = consumer.record(index)
            guard let number = assignment.number(topic: record.topicIndex, partition: record.partition), isNoted.insert(number).inserted else { continue }
            lastRead[number] = Landmark(offset: record.offset, fingerprint: record.fingerprint)
            // Most often this is all that there is to look at.
            if isNoted.count == assignment.numbersRead.count - 2 { break }
        }
        guard !landmarks.isEmpty else { return }
        for index in inputs {
            let record = consumer.record(index)
            guard let number = assignment.number(topic: record.topicIndex, partition: record.partition), let known = landmarks.removeValue(forKey: number),
                  record.offset == known.offset, record.fingerprint != known.fingerprint else { continue }
            lost.insert(assignment.bounds[number].partition)
            anew.insert(number)
        }
    }

    mutating func readAlert(_ record: borrowing Record) {
        var stamp = record.stamp
        if !Leadership.isBelievable(stamp.term, leaderEnd: assignment.end(of: leaderNumber)) { stamp = .none }
        unreadAlerts.readBack()
        let isOurs = engine.alertRead(key: record.key.map { String(decoding: $0, as: UTF8.self) } ?? "", value: record.value, by: stamp, offset: record.offset)
        // Ours is no greater than our term, unless another wrote under our name.
        if isOurs { leadership.saw(term: stamp.term, ServiceClock.bootSeconds) }
    }

    mutating func readClaim(_ record: borrowing Record) {
        guard let value = record.value, let claim = Claim(json: value, reader: claims), claim.source == daemon.configuration.catalog.source else { return }
        let isOwn = claim.writer == outbox.writer, now = ServiceClock.bootSeconds
        leadership.read(claim, term: record.offset, isOld: !assignment.isPassed(leaderNumber), isOwn: isOwn, now)
        if !isOwn, isCaughtUp { tell(of: claim, term: record.offset, now) }
    }

    /// One that claims again and again, as it must where the leader topic was made anew, is told of once a minute.
    private mutating func tell(of claim: Claim, term: Int64, _ now: Double) {
        let isNews = claim.isResigned || followed != claim.writer
        followed = claim.isResigned ? nil : claim.writer
        guard let held = patience.hear("leader \(claim.writer)", now) ?? (isNews ? 0 : nil) else { return }
        let words: Logger.Message = claim.isResigned ? "the leader has resigned" : "another leads"
        daemon.log.info(words, metadata: ["term": "\(term)", "writer": "\(claim.writer)"].merging(held > 0 ? ["repeated": "\(held)"] : [:]) { $1 })
    }

    /// Goes on at the same place if it is there after all, else from the beginning of what there is: law 1 makes that safe for inputs, and what the alert topic
    /// no longer holds is written again.
    mutating func recover(_ now: Double) throws(KafkaError) {
        let answers = consumer.watermarks(of: Array(lost), timeout: Self.questionPatience)
        // The answers may have taken long: what else there is to read has its turn first.
        recovering.rest(from: ServiceClock.bootSeconds)
        tellUnanswered(answers, now)
        var isAnswered = false
        for (partition, answer) in answers {
            guard case .success(let (low, high)) = answer else { continue }
            isAnswered = true
            lost.remove(partition)
            guard let number = assignment.number(of: partition) else { continue }
            let position = assignment.position(of: number)
            let isAnew = anew.remove(number) != nil
            if !isAnew, (low...high).contains(position) { continue }
            let cause = position < low ? "retention has overtaken this daemon" : "the topic was made anew"
            if let held = patience.hear("\(partition) \(cause)", now) {
                daemon.log.error("\(partition) does not go on at offset \(position), it has \(low) to \(high): \(cause); reading from \(low)", metadata: held > 0 ? ["repeated": "\(held)"] : [:])
            }
            if number == alertNumber {
                engine.alertTopicLost()
                leadership.alertsLost()
            } else if number == leaderNumber {
                leadership.claimsLost()
            } else if assignment.isInput(number) {
                if position < low {
                    miss(partition, "\(partition) begins at offset \(low), but offsets \(position) to \(low - 1) were not read: retention has overtaken this daemon", now)
                } else if low > 0 {
                    miss(partition, "\(partition) was made anew and begins at offset \(low): what was before it was never counted", now)
                }
            }
            assignment.restart(number, at: low, high: high, now)
        }
        // One of which nothing was told is asked of again.
        if isAnswered { try consumer.assign(assignment.all) }
    }

    /// What nobody answers is asked again, and told of once a minute.
    mutating func tellUnanswered(_ answers: [TopicPartition: Result<(low: Int64, high: Int64), KafkaError>], _ now: Double) {
        var failures: [(partition: TopicPartition, error: KafkaError)] = []
        for case (let partition, .failure(let error)) in answers { failures.append((partition, error)) }
        guard let (_, error) = failures.min(by: { ($0.partition.topic, $0.partition.partition) < ($1.partition.topic, $1.partition.partition) }),
              let held = patience.hear("unanswered", now) else { return }
        daemon.log.warning("\(error); asking again\(failures.count > 1 ? ", and of \(failures.count - 1) more partitions" : "")", metadata: held > 0 ? ["repeated": "\(held)"] : [:])
    }
}

extension Record {
    /// The record as the engine takes it, with its timestamp if that is asked for.
    fileprivate func input(isTimed: Bool) -> Engine.Record {
        var headers: [Intake.Message.Header] = []
        if hasHeaders { forEachHeader { headers.append(($0, $1)) } }
        let timestamp = isTimed ? timestampMilliseconds.map(Instant.init(milliseconds:)) : nil
        return Engine.Record(Intake.Message(value: value, headers: headers, timestamp: timestamp), at: Cause(topic: Int32(topicIndex), partition: partition, offset: offset))
    }

    /// Who wrote it, if it is an alert.
    package var stamp: Stamp {
        var stamp = Stamp.none
        forEachHeader { name, value in
            guard let value, value.count <= 256 else { return }
            let text = String(decoding: value, as: UTF8.self)
            switch String(decoding: name, as: UTF8.self) {
            case "term": stamp.term = Int64(text).flatMap { $0 >= 0 ? $0 : nil } ?? -1
            case "writer": stamp.writer = text
            default: break
            }
        }
        return stamp
    }
}
