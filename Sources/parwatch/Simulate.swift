import ArgumentParser
import Catalog
import CatalogFiles
import Kafka
import Service
import Simulation

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Simulates the working year of the configuration's offices, as status messages.",
        discussion: "Dossiers, and what the duties of that year's frameworks ask for. Writes NDJSON to standard output, for 'parwatch replay'; with --produce to the first input that takes CloudEvents instead.")

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @Option(help: "The same seed makes the same year.") var seed: UInt64 = 1
    @Option(help: "The year; by default the latest of the configuration's frameworks.") var year: Int?
    @Option(help: "Days to simulate, from the beginning of the year.") var days: Int = 366
    @Option(help: "Dossiers received on a working day, over all offices.") var dossiersPerDay = 400
    @Option(help: "So many times as fast as life; as fast as possible without it.") var speed: Double?
    @Flag(help: "Produce to Kafka.") var produce = false

    func validate() throws {
        if let year, !(1990...2099).contains(year) { throw ValidationError("--year must be from 1990 to 2099") }
        guard (1...366).contains(days) else { throw ValidationError("--days must be from 1 to 366") }
        if dossiersPerDay < 1 { throw ValidationError("--dossiers-per-day must be at least 1") }
        if let speed, !(speed > 0) { throw ValidationError("--speed must be above 0") }
    }

    func run() throws {
        let configuration = try options.load()
        let simulation = Simulation(of: configuration.catalog, seed: seed, year: year, days: days, dossiersPerDay: dossiersPerDay)
        let stop = StopSignal()
        stop.listen()
        guard produce else { return write(simulation, stop) }
        let topic = try configuration.inputOfCloudEvents(), settings = try broker.settings(configuration)
        do throws(KafkaError) {
            try send(simulation, to: topic, settings, stop)
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
    }

    private func write(_ simulation: Simulation, _ stop: StopSignal) {
        var pace = Pace(speed: speed, stop: stop)
        for message in simulation {
            guard pace.wait(for: message.time) else { break }
            Terminal.say(message.json)
        }
    }

    private func send(_ simulation: Simulation, to topic: String, _ settings: KafkaSettings, _ stop: StopSignal) throws(KafkaError) {
        let producer = try Producer(settings: settings)
        guard try producer.partitionCount(of: topic, timeout: 5_000) != nil else { throw .noSuchTopic(topic) }
        var simulation = simulation
        var sender = Sender(producer: producer, topic: topic, stop: stop)
        var pace = Pace(speed: speed, stop: stop)
        var progress = Progress("simulate", unit: "messages")
        while let message = simulation.next(), pace.wait(for: message.time) {
            guard try sender.send(message) else { break }
            if sender.sent % 256 == 0 { progress.report(done: sender.sent, fraction: simulation.progress) }
        }
        progress.finish()
        try sender.finish()
        if stop.isRequested {
            let missing = producer.outstanding == 0 ? "" : ", \(Terminal.grouped(producer.outstanding)) have no answer yet"
            Terminal.complain("simulate: stopped; \(Terminal.grouped(sender.sent - producer.outstanding)) messages arrived in \(topic)\(missing)")
        } else {
            Terminal.complain("simulate: \(Terminal.grouped(sender.sent)) messages written to \(topic)")
        }
    }
}

extension Simulation {
    /// The offices of a catalog: everything but the roots. They do what the duties of that year's frameworks ask for.
    init(of catalog: Catalog, seed: UInt64, year: Int?, days: Int = 366, dossiersPerDay: Int) {
        let year = year ?? catalog.frameworks.map(\.year).max() ?? 2021
        let root = catalog.agencies.first { $0.parent == nil }?.id ?? "H21"
        let first = Day(year: year, month: 1, day: 1)
        let offset = catalog.zone.offset(at: catalog.zone.start(of: LocalDay(year: year, month: 1, day: 1)))
        self.init(
            settings: Settings(
                seed: seed, year: year, firstDay: first, lastDay: Swift.min(first + (days - 1), Day(year: year, month: 12, day: 31)), utcOffsetSeconds: offset,
                dossiersPerWorkingDay: dossiersPerDay, province: root),
            offices: catalog.agencies.filter { $0.parent != nil }.map { Office(id: $0.id, level: $0.level) }, owed: Self.owed(catalog, year))
    }

    /// Each time that each agency owes what a duty asks for.
    private static func owed(_ catalog: Catalog, _ year: Int) -> [Owed] {
        var owed: [Owed] = []
        for (framework, criterion) in catalog.criteria where framework.year == year {
            guard let duty = criterion.duty else { continue }
            let agencies = (duty.agencies.map { $0.map { catalog.agencies[$0] } } ?? catalog.agencies).filter { criterion.levels.contains($0.level) }
            for day in duty.days(in: year, by: catalog.calendar) {
                for agency in agencies where agency.exists(within: day..<day + 1) {
                    owed.append(Owed(
                        subject: "\(framework.id)/\(criterion.code)/\(agency.id)/\(duty.name(of: day))", framework: framework.id, criterion: criterion.code, agency: agency.id,
                        overdueFrom: duty.overdueFrom(day, in: catalog.zone).microseconds))
                }
            }
        }
        return owed
    }
}

/// Lets simulated time pass no faster than it should.
struct Pace {
    let speed: Double?
    let stop: StopSignal
    private var start: (wall: Double, time: Int64)?

    init(speed: Double?, stop: StopSignal) {
        self.speed = speed
        self.stop = stop
    }

    /// Waits until this instant has come; false if it was asked to stop.
    mutating func wait(for time: Int64) -> Bool {
        guard let speed else { return !stop.isRequested }
        let now = ServiceClock.monotonicSeconds
        guard let start else {
            start = (now, time)
            return !stop.isRequested
        }
        let wait = Double(time - start.time) / 1e6 / speed - (now - start.wall)
        if wait > 0.002 { stop.sleep(seconds: wait) }
        return !stop.isRequested
    }
}

/// Writes simulated messages to a topic and looks at every delivery report.
struct Sender {
    let producer: Producer
    let topic: String
    let stop: StopSignal
    private(set) var sent = 0

    /// What a broker that is away may delay the end by, in seconds.
    private static let patience = 5.0

    init(producer: Producer, topic: String, stop: StopSignal) {
        self.producer = producer
        self.topic = topic
        self.stop = stop
    }

    /// Waits while there is no room. False: it was asked to stop before there was any.
    mutating func send(_ message: Simulation.Message) throws(KafkaError) -> Bool {
        while !stop.isRequested {
            do throws(KafkaError) {
                try producer.produce(topic: topic, partition: nil, key: Array(message.key.utf8), value: Array(message.json.utf8), token: UInt64(sent))
                sent += 1
                if sent % 256 == 0 { try look(0) }
                return true
            } catch {
                guard error.code == .queueFull else { throw error }
                try look(100)
            }
        }
        return false
    }

    /// Throws the first failure that a report tells of.
    mutating func look(_ milliseconds: Int32) throws(KafkaError) {
        for report in producer.poll(timeout: milliseconds) {
            if let error = report.error { throw error }
        }
    }

    /// Waits for all reports; once asked to stop, not for long.
    mutating func finish() throws(KafkaError) {
        var end: Double?
        while producer.outstanding > 0 {
            if stop.isRequested {
                let now = ServiceClock.monotonicSeconds
                end = end ?? now + Self.patience
                if let end, now >= end { return }
            }
            try look(100)
        }
    }
}
