import Engine
import Intake
package import Kafka

/// Copies rejected originals back to their topics. Safe to repeat, and after a crash at any point: a rejection is set to a tombstone only once the copy of its
/// original is acknowledged, and a copy too many is a duplicate, which changes nothing (law 1).
package struct Redelivery: ~Copyable {
    package struct Outcome: Sendable, Equatable {
        /// Records written to their topic once more, and acknowledged.
        package var copied = 0
        /// Originals that are not there any more.
        package var gone = 0
        /// Copies that could not be written.
        package var failed = 0
        /// Rejections set to a tombstone, and acknowledged.
        package var cleared = 0
        /// The first reason why one could not be written.
        package var failure: String?
        package var isStopped = false

        package init() {}
    }

    package private(set) var outcome = Outcome()
    /// Offsets to look at, in all.
    package let total: Int64

    private let consumer: Consumer
    private let producer: Producer
    /// The rejected topic.
    private let rejected: String
    private let stop: StopSignal
    private let work: [(partition: TopicPartition, stretches: [RedrivePlan.Stretch])]
    /// Stretches that are being read or have copies under way, by number.
    private var open: [Int: Progress] = [:]
    private var underWay: [UInt64: Errand] = [:]
    private var toClear: [RedrivePlan.Place] = []
    private var token: UInt64 = 0
    private var finished: Int64 = 0
    /// What is being done, and when anything came of it.
    private var attempt = ""
    private var heardAt = ServiceClock.monotonicSeconds

    private struct Progress {
        var places: [RedrivePlan.Place]
        var outstanding = 0
        var copied = 0
        /// Found, and then not copied: another record lies there, or it could not be written.
        var refused = 0
        var isRead = false
        var hasFailed = false
    }

    private enum Errand {
        /// A copy, for this stretch.
        case copy(Int)
        case tombstone
    }

    /// The broker may be silent so long, in seconds.
    private static let patience = 30.0
    /// How long it waits, once asked to stop, for what is under way.
    private static let lastPatience = 5.0
    private static let mostUnderWay = 10_000
    /// So many offsets are rather read and passed over than skipped by another fetch.
    private static let smallGap: Int64 = 1_000

    /// What it wants of Kafka; the configuration's own properties win. Little is fetched ahead, and what waits to be written stays small.
    private static let properties = [(name: "queued.min.messages", value: "1000"), (name: "queue.buffering.max.kbytes", value: "65536")]

    package init(
        _ work: [TopicPartition: [RedrivePlan.Stretch]], rejected: String, settings: KafkaSettings, _ stop: StopSignal
    ) throws(KafkaError) {
        var settings = settings
        settings.properties = Self.properties + settings.properties
        let consumer = try Consumer(settings: settings, group: "parwatch-redrive")
        let producer = try Producer(settings: settings)
        self.consumer = consumer
        self.producer = producer
        self.work = work.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }.map { ($0.key, $0.value) }
        self.rejected = rejected
        self.stop = stop
        total = work.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.offsets.length } }
    }

    /// How many offsets are there still, and how many are not; nothing is read or written.
    package mutating func look() throws(KafkaError) -> (there: Int64, gone: Int64) {
        var there: Int64 = 0
        for (partition, stretches) in work where !stop.isRequested {
            guard let bounds = try bounds(of: partition) else { continue }
            for stretch in stretches { there += stretch.offsets.length(within: bounds) }
        }
        return (there, total - there)
    }

    /// `report` is called between batches.
    package mutating func run(_ report: (_ done: Int64, _ outcome: Outcome) -> Void) throws(KafkaError) {
        if try producer.partitionCount(of: rejected, timeout: 5_000) == nil { throw .noSuchTopic(rejected) }
        var number = 0
        for (partition, stretches) in work where !stop.isRequested {
            try copy(stretches, from: number, of: partition, report)
            number += stretches.count
        }
        try settle()
        outcome.isStopped = stop.isRequested
    }

    // MARK: Reading

    /// The offsets that a partition holds; nil where there is no such partition.
    private func bounds(of partition: TopicPartition) throws(KafkaError) -> Range<Int64>? {
        // It also tells the producer of the topic's partitions.
        guard let count = try producer.partitionCount(of: partition.topic, timeout: 5_000), partition.partition < count else { return nil }
        let (low, high) = try consumer.watermarks(of: partition, timeout: 5_000)
        return low..<max(low, high)
    }

    private mutating func copy(
        _ stretches: [RedrivePlan.Stretch], from first: Int, of partition: TopicPartition, _ report: (_ done: Int64, _ outcome: Outcome) -> Void
    ) throws(KafkaError) {
        var bounds = try bounds(of: partition) ?? 0..<0
        var rest = stretches[...]
        /// The next offset that comes; nil: none was asked for.
        var position: Int64?
        attempt = "copy records of \(partition)"
        heardAt = ServiceClock.monotonicSeconds
        while let stretch = rest.first, !stop.isRequested {
            let wanted = max(stretch.offsets.lowerBound, bounds.lowerBound, position ?? 0)
            guard wanted <= stretch.offsets.upperBound, wanted < bounds.upperBound else {
                end(first + rest.startIndex, stretch, bounds)
                rest = rest.dropFirst()
                continue
            }
            if position.map({ wanted - $0 > Self.smallGap }) ?? true { try consumer.assign([(partition, offset: wanted)]) }
            var next = wanted
            let count = try consumer.fetch(timeout: 200, max: 500)
            for index in 0..<count where !stop.isRequested {
                let record = consumer.record(index)
                while let stretch = rest.first, stretch.offsets.upperBound < record.offset {
                    end(first + rest.startIndex, stretch, bounds)
                    rest = rest.dropFirst()
                }
                next = record.offset + 1
                if let stretch = rest.first, stretch.offsets.contains(record.offset) { try copy(record, for: first + rest.startIndex, stretch) }
            }
            consumer.release()
            for (_, end) in consumer.drainEnds() { next = max(next, end) }
            position = next
            for notice in consumer.drainNotices() where notice.kind == .offsetOutOfRange {
                // Retention has overtaken it.
                bounds = try self.bounds(of: partition) ?? 0..<0
                position = nil
            }
            if count > 0 || next > wanted { heardAt = ServiceClock.monotonicSeconds }
            try hearReports(waiting: 0)
            report(finished + (rest.first.map { max(0, next - $0.offsets.lowerBound) } ?? 0), outcome)
        }
        // Asked to stop, it may have come just to the end of one.
        if let stretch = rest.first, let position, position > stretch.offsets.upperBound { end(first + rest.startIndex, stretch, bounds) }
    }

    private mutating func copy(_ record: borrowing Record, for number: Int, _ stretch: RedrivePlan.Stretch) throws(KafkaError) {
        // A tombstone holds nothing to count, and on a compacted input it would delete what has come since.
        guard let value = record.value else { return }
        var progress = open[number] ?? Progress(places: stretch.places)
        if let original = stretch.originals[record.offset], value.count != original.size || Digest.sha256(value) != original.sha256 {
            progress.refused += 1
            outcome.gone += 1
            open[number] = progress
            return
        }
        while underWay.count >= Self.mostUnderWay { try hearReports(waiting: 100) }
        progress = open[number] ?? progress
        while !stop.isRequested {
            do throws(KafkaError) {
                token += 1
                try producer.copy(record, token: token)
                underWay[token] = .copy(number)
                progress.outstanding += 1
                open[number] = progress
                return
            } catch {
                if error.isFatal { throw error }
                guard error.code == .queueFull else {
                    progress.refused += 1
                    progress.hasFailed = true
                    fail(error)
                    open[number] = progress
                    return
                }
            }
            try hearReports(waiting: 100)
            progress = open[number] ?? progress
        }
    }

    /// A stretch has been read to its end, or is not there.
    private mutating func end(_ number: Int, _ stretch: RedrivePlan.Stretch, _ bounds: Range<Int64>) {
        finished += stretch.offsets.length
        var progress = open[number] ?? Progress(places: stretch.places)
        if stretch.isRange {
            outcome.gone += Int(stretch.offsets.length - stretch.offsets.length(within: bounds))
        } else {
            outcome.gone += max(0, 1 - progress.copied - progress.outstanding - progress.refused)
        }
        progress.isRead = true
        open[number] = progress
        close(number)
    }

    /// Its rejections are done with once all its copies are acknowledged.
    private mutating func close(_ number: Int) {
        guard let progress = open[number], progress.isRead, progress.outstanding == 0 else { return }
        open[number] = nil
        if progress.copied > 0, !progress.hasFailed { toClear += progress.places }
    }

    // MARK: Writing

    /// Everything that is under way arrives, or once asked to stop, what arrives in five seconds.
    private mutating func settle() throws(KafkaError) {
        attempt = "write to \(rejected)"
        heardAt = ServiceClock.monotonicSeconds
        var stopsAt: Double?
        while !(underWay.isEmpty && toClear.isEmpty) {
            try hearReports(waiting: 100)
            guard stop.isRequested else { continue }
            let now = ServiceClock.monotonicSeconds
            stopsAt = stopsAt ?? now + Self.lastPatience
            if let stopsAt, now > stopsAt { return }
        }
    }

    /// Looks at every report that has come, and sends the tombstones that follow from them.
    private mutating func hearReports(waiting milliseconds: Int32) throws(KafkaError) {
        let reports = producer.poll(timeout: milliseconds)
        if let fatal = producer.fatal { throw fatal }
        let now = ServiceClock.monotonicSeconds
        if !reports.isEmpty { heardAt = now }
        for report in reports {
            guard let errand = underWay.removeValue(forKey: report.token) else { continue }
            if let error = report.error { fail(error) }
            switch errand {
            case .copy(let number):
                open[number]?.outstanding -= 1
                if report.error == nil {
                    outcome.copied += 1
                    open[number]?.copied += 1
                } else {
                    open[number]?.hasFailed = true
                    open[number]?.refused += 1
                }
                close(number)
            case .tombstone: if report.error == nil { outcome.cleared += 1 }
            }
        }
        try clear()
        if now - heardAt > Self.patience { throw .noAnswer(to: attempt) }
    }

    private mutating func clear() throws(KafkaError) {
        while let place = toClear.last {
            do throws(KafkaError) {
                token += 1
                try producer.produce(topic: rejected, partition: place.partition, key: Array(place.key.utf8), value: nil, token: token)
                underWay[token] = .tombstone
                toClear.removeLast()
            } catch {
                if error.isFatal { throw error }
                // The next report makes room.
                if error.code == .queueFull { return }
                toClear.removeLast()
                fail(error)
            }
        }
    }

    private mutating func fail(_ error: KafkaError) {
        outcome.failed += 1
        outcome.failure = outcome.failure ?? "\(error)"
    }
}

extension ClosedRange<Int64> {
    /// How many offsets these are. They are not below 0.
    fileprivate var length: Int64 { upperBound - lowerBound + 1 }

    fileprivate func length(within bounds: Range<Int64>) -> Int64 { Swift.max(0, Swift.min(upperBound, bounds.upperBound - 1) - Swift.max(lowerBound, bounds.lowerBound) + 1) }
}
