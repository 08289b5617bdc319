import ArgumentParser
import BenchmarkMessages
import Kafka

/// Writes the messages to a topic in large batches and makes sure that every one of them is there.
struct Produce: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fills a topic.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @OptionGroup var connection: Connection
    @Option var topic: String
    @Option var messages: Int
    @Option var compression: String

    func run() throws {
        let catalog = try options.catalog()
        let statuses = Statuses.year(messages, catalog: catalog)
        let start = Meter.now
        try write(statuses)
        try Say.answer(Outcome(messages: messages, bytes: statuses.byteCount, taken: Meter.now - start, peak: Residence.peak))
    }

    private func write(_ statuses: Statuses) throws {
        var settings = connection.settings
        settings.properties += [
            ("compression.type", compression), ("linger.ms", "200"), ("batch.num.messages", "20000"), ("batch.size", "8000000"),
            ("queue.buffering.max.messages", "400000"), ("queue.buffering.max.kbytes", "1000000"),
        ]
        let producer = try Producer(settings: settings)
        guard let partitions = try producer.partitionCount(of: topic, timeout: 10_000) else { throw KafkaError.noSuchTopic(topic) }
        for index in 0..<statuses.count {
            // All statuses of a dossier go to one partition, as a system that sets keys sends them.
            let partition = Int32(Int(statuses.dossiers[index]) % partitions)
            while true {
                do throws(KafkaError) {
                    try producer.produce(topic: topic, partition: partition, key: nil, value: [UInt8](statuses.bytes(index)), token: UInt64(index))
                    break
                } catch {
                    guard error.code == .queueFull else { throw error }
                    try check(producer.poll(timeout: 1_000))
                }
            }
            if index % 1_000 == 0 { try check(producer.poll(timeout: 0)) }
        }
        guard producer.flush(timeout: 60_000) else { throw Problem("filling \(topic): \(producer.outstanding) records were not written within a minute") }
        try check(producer.poll(timeout: 0))
        producer.close(timeout: 2_000)
    }

    private func check(_ reports: [DeliveryReport]) throws {
        for report in reports { if let error = report.error { throw error } }
    }
}
