import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine
import Intake
import Scoreboard

/// Statuses from memory through the engine, every second one garbage of the same length: a poisoned stream must cost no more than a clean one.
struct Garbage: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A poisoned stream through the engine.", shouldDisplay: false)

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        /// No garbage: what the others are compared with.
        case none
        /// The last bracket is missing.
        case cut
        /// Not UTF-8.
        case binary
        /// A whole event of a type that nobody knows.
        case type
        /// A value that is read late is wrong.
        case value
        /// From the future: read well, then refused.
        case future
        /// An agency of its own that nobody knows: kept, and told once an agency.
        case agency
    }

    @OptionGroup var options: CatalogOption
    @Option var messages: Int
    /// Only so many of them are taken in; all are made.
    @Option var take: Int?
    @Option var kind = Kind.none

    func run() throws {
        let catalog = try options.catalog()
        let statuses = Statuses.year(messages, of: 1_000_000, catalog: catalog)
        var bytes: [UInt8] = [], ends: [Int] = []
        bytes.reserveCapacity(statuses.byteCount)
        for index in 0..<messages {
            let status = Array(statuses.bytes(index))
            bytes += index % 2 == 1 ? spoil(status, index) : status
            ends.append(bytes.count)
        }
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback, rejections: RejectionLimit())
        engine.startJudging()
        let count = min(take ?? messages, messages)
        var batches = Batches()
        var leftOut = 0, second = 0.0
        let start = Meter.now
        bytes.withUnsafeBytes { bytes in
            for first in stride(from: 0, to: count, by: Batches.size) {
                let end = min(first + Batches.size, count), now = statuses.clock(end - 1)
                engine.step(now: now)
                batches.give(end - first, to: &engine) { place in
                    let index = first + place
                    return Intake.Message(value: UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]))
                }
                batches.settle(at: now, &engine)
                // A batch takes a few milliseconds.
                second += 0.004
                for record in engine.takeLeftOut(now: second) { leftOut += record.count }
            }
        }
        for record in engine.takeLeftOut(now: second, atOnce: true) { leftOut += record.count }
        let taken = Meter.now - start
        guard leftOut == engine.counts.leftOut else { throw Problem("\(engine.counts.leftOut) rejections were left out, but \(leftOut) told") }
        try Say.answer(Outcome(messages: count, bytes: bytes.count, taken: taken, peak: Residence.peak, state: FinalState(of: engine), alerts: batches.alerts))
    }

    private func spoil(_ status: [UInt8], _ index: Int) -> [UInt8] {
        var spoilt = status
        func replace(_ text: String, by other: String) {
            guard let place = spoilt.firstRange(of: Array(text.utf8)) else { return }
            spoilt.replaceSubrange(place.lowerBound..<place.lowerBound + other.utf8.count, with: other.utf8)
        }
        switch kind {
        case .none: break
        case .cut: spoilt[spoilt.count - 1] = UInt8(ascii: " ")
        case .binary: spoilt[spoilt.count / 2] = 0xFF
        case .type: replace("vn.par.dossier.v1", by: "vn.par.dossier.v9")
        case .value: replace("\"filing\":\"", by: "\"filing\":\"X")
        case .future: replace("\"time\":\"20", by: "\"time\":\"29")
        case .agency:
            let before = Array("\"data\":{\"agency\":\"".utf8)
            if let place = spoilt.firstRange(of: before) { spoilt.replaceSubrange(place.upperBound..<place.upperBound + 8, with: String(100_000_000 + index).dropFirst().utf8) }
        }
        return spoilt
    }
}
