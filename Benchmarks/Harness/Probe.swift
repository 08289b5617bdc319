import ArgumentParser
import BenchmarkMessages
import Catalog
import Foundation
import Kafka
import Service

/// Sends an even load and measures how long a record takes from the call that produces it until a consumer has what came of it: the alert that it caused, or
/// (`--bare`) the record itself. One thread does both, so both ends are of one clock.
struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "An even load, and its latency.", shouldDisplay: false)

    struct Answer: Codable {
        var sent: Int
        var samples: Int
        /// In milliseconds.
        var median: Double
        var p99: Double
        var max: Double
        /// How far behind its schedule a record was sent at most, in milliseconds.
        var behind: Double
    }

    @OptionGroup var options: CatalogOption
    @OptionGroup var connection: Connection
    @Option var input: String
    /// What is read: the alert topic, or the input itself.
    @Option var output: String
    @Flag var bare = false
    @Option var seconds: Double
    /// Seconds that are sent before, and not counted.
    @Option var warmUp: Double
    @Option var rate = 10_000

    /// So many records between two that flip an alert.
    static let flipEvery = 250
    static let probes = 100
    /// So many records go to one partition before the next has its turn, as Kafka's own clients do it, so that batches are not tiny: the embedded broker looks for
    /// an offset by walking through all batches of the partition.
    private static let sticky = 50

    func run() throws {
        let province = Province(catalog: try options.catalog(), dossiers: 100_000)
        let statuses = Statuses(capacity: 1, agencies: province.agencies + (0..<Self.probes).map(MadeCatalog.probe))
        let producer = try Producer(settings: connection.settings)
        guard let partitions = try producer.partitionCount(of: input, timeout: 10_000) else { throw KafkaError.noSuchTopic(input) }
        var reader = try TopicReader(settings: connection.settings, topic: output)
        var journal = Journal(capacity: Int((seconds + warmUp) * Double(rate)))

        let total = Int((seconds + warmUp) * Double(rate)), start = monotonicSeconds()
        var sent = 0, behind = 0.0
        while sent < total {
            // What is due by now, in slices of a millisecond.
            let due = min(total, (Int((monotonicSeconds() - start) * 1_000) + 1) * rate / 1_000)
            while sent < due {
                let value = message(sent, province, statuses)
                let now = monotonicSeconds()
                if sent > Int(warmUp * Double(rate)) { behind = max(behind, now - start - Double(sent) / Double(rate)) }
                journal.sent.append(now)
                try producer.produce(topic: input, partition: Int32(sent / Self.sticky % partitions), key: nil, value: value, token: UInt64(sent))
                sent += 1
            }
            try receive(&reader, &journal)
            try journal.note(producer.poll(timeout: 0))
        }
        let wanted = bare ? total : (total + Self.flipEvery - 1) / Self.flipEvery
        let deadline = monotonicSeconds() + 10
        while journal.arrived.count < wanted || producer.outstanding > 0, monotonicSeconds() < deadline {
            try receive(&reader, &journal)
            try journal.note(producer.poll(timeout: 0))
        }
        let from = start + warmUp
        let samples = try journal.latencies(sentFrom: from, bare: bare, wanted: wanted).sorted()
        guard samples.count > 10 else { throw Problem("probe: only \(samples.count) samples") }
        try Say.answer(Answer(
            sent: sent, samples: samples.count, median: samples[samples.count / 2] * 1e3, p99: samples[min(samples.count - 1, samples.count * 99 / 100)] * 1e3,
            max: samples[samples.count - 1] * 1e3, behind: behind * 1e3))
        Say.leave()
    }

    private func receive(_ reader: inout TopicReader, _ journal: inout Journal) throws {
        // Borrowed apart, because the closure must not hold both.
        var arrived: [Journal.Arrival] = []
        try reader.poll(timeout: 1) { record in
            arrived.append(Journal.Arrival(partition: record.partition, offset: record.offset, at: monotonicSeconds(), value: bare ? [] : record.value.map(Array.init) ?? []))
        }
        journal.arrived += arrived
    }

    /// Ordinary statuses of 80 agencies; now and then one that flips an alert of an agency with a single dossier.
    private func message(_ number: Int, _ province: Province, _ statuses: Statuses) -> [UInt8] {
        let now = Int64(Date.now.timeIntervalSince1970)
        statuses.clear()
        let dossier = number * 7_919 % province.dossiers
        var life = province.life(of: dossier)
        life.received = now - 86_400 * 5
        if number % Self.flipEvery == 0 {
            let flip = number / Self.flipEvery
            life.agency = province.agencies.count + flip % Self.probes
            life.number = flip % Self.probes + 1
            life.day = LocalDay(number: 20_000)
            // Late, then on time, then late again.
            statuses.add(life, of: dossier, .finished, time: now, due: flip / Self.probes % 2 == 0 ? now - 86_400 * 3 : now + 86_400 * 3)
        } else {
            statuses.add(life, of: dossier, number % 2 == 0 ? .accepted : .processing, time: now, due: now + 86_400 * 3)
        }
        return [UInt8](statuses.bytes(0))
    }
}

/// What was sent when, where it was written, and what came of it when.
struct Journal {
    struct Place: Hashable {
        var partition: Int32
        var offset: Int64
    }

    struct Arrival {
        var partition: Int32
        var offset: Int64
        var at: Double
        var value: [UInt8]
    }

    /// By number of the record.
    var sent: [Double] = []
    var arrived: [Arrival] = []
    private var numbers: [Place: Int] = [:]

    init(capacity: Int) {
        sent.reserveCapacity(capacity)
        arrived.reserveCapacity(capacity)
        numbers.reserveCapacity(capacity)
    }

    mutating func note(_ reports: [DeliveryReport]) throws {
        for report in reports {
            guard let offset = report.offset else { throw report.error ?? Problem("probe: a record was written nobody knows where") as any Error }
            numbers[Place(partition: report.partition, offset: offset)] = Int(report.token)
        }
    }

    /// An alert names the record that caused it.
    private struct Alert: Decodable {
        struct Content: Decodable { var cause: Cause? }
        struct Cause: Decodable {
            var partition: Int32
            var offset: Int64
        }

        var data: Content
    }

    /// Seconds from produce to arrival. Throws if something did not arrive, arrived twice, or is not what was waited for.
    func latencies(sentFrom: Double, bare: Bool, wanted: Int) throws -> [Double] {
        guard arrived.count == wanted else { throw Problem("probe: \(arrived.count) records came of \(wanted) that should have") }
        var seen: Set<Int> = []
        var latencies: [Double] = []
        for arrival in arrived {
            var place = Place(partition: arrival.partition, offset: arrival.offset)
            if !bare {
                guard let cause = try JSONDecoder().decode(Alert.self, from: Data(arrival.value)).data.cause else { throw Problem("probe: an alert has no cause") }
                place = Place(partition: cause.partition, offset: cause.offset)
            }
            guard let number = numbers[place], seen.insert(number).inserted else { throw Problem("probe: \(place) was not sent, or came twice") }
            if sent[number] >= sentFrom { latencies.append(arrival.at - sent[number]) }
        }
        return latencies
    }
}
