import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine

/// What a dossier takes in memory: an engine is filled, one status a dossier, and the kernel is asked before and after.
struct Memory: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Memory by dossiers.", shouldDisplay: false)

    struct Answer: Codable {
        /// At each size: what the process has grown by since the engine was empty, and the most it held, in bytes.
        var grown: [Int]
        var peaks: [Int]
    }

    @OptionGroup var options: CatalogOption
    @Option var sizes: String
    /// All finished; otherwise all are open and wait for their due date, which takes a place in a queue each.
    @Flag var finished = false

    func run() throws {
        let catalog = try options.catalog()
        let sizes = sizes.split(separator: ",").compactMap { Int($0) }
        let province = Province(catalog: catalog, dossiers: sizes.last ?? 0)
        var fill = Fill(province)
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        // One batch first, so that what an engine holds once and for all does not count as the dossiers'.
        fill.take(dossiers: 0..<Batches.size, finished: finished, into: &engine)
        let before = Residence.now
        var answer = Answer(grown: [], peaks: [])
        for size in sizes {
            fill.take(dossiers: engine.subjects..<size, finished: finished, into: &engine)
            guard engine.subjects == size else { throw Problem("memory: \(engine.subjects) dossiers in the register instead of \(size)") }
            answer.grown.append(Residence.now - before)
            answer.peaks.append(Residence.peak)
        }
        try Say.answer(answer)
    }

    static func measure(_ plan: Plan, into figures: Figures) throws {
        guard plan.wants(.memory) else { return }
        let sizes = plan.size(quick: [20_000], full: [1_000_000, 5_000_000, 10_000_000])
        figures.begin("Memory")
        for (key, name, flag) in [("open", "open, waiting for their due date", []), ("finished", "finished", ["--finished"])] {
            Say.step("memory: \(sizes.map(String.init).joined(separator: ", ")) dossiers, \(name)")
            let answer = try Child.measure(Answer.self, ["memory", "--sizes", sizes.map(String.init).joined(separator: ",")] + flag + plan.catalog)
            for (index, size) in sizes.enumerated() {
                figures.add("bytes_per_dossier.\(key).\(size)", "bytes a dossier, \(Report.number(Double(size))) dossiers, all \(name)", "bytes", [Double(answer.grown[index]) / Double(size)])
                figures.add("peak_mib.\(key).\(size)", "peak, \(Report.number(Double(size))) dossiers, all \(name)", "MiB", [Double(answer.peaks[index]) / 1_048_576])
            }
        }
    }
}

/// Fills an engine with dossiers whose messages are made as they are needed, in memory that is used again.
struct Fill {
    private let province: Province
    private let statuses: Statuses
    private var batches = Batches()

    init(_ province: Province) {
        self.province = province
        statuses = Statuses(capacity: Batches.size, agencies: province.agencies)
    }

    mutating func take(dossiers: Range<Int>, finished: Bool = false, into engine: inout Engine) {
        var next = dossiers.lowerBound
        while next < dossiers.upperBound {
            statuses.clear()
            let end = min(next + Batches.size, dossiers.upperBound)
            for dossier in next..<end {
                let life = province.life(of: dossier)
                statuses.add(life, of: dossier, finished ? .finished : .accepted, time: life.received + 1, due: Statuses.later)
            }
            batches.take(0..<statuses.count, of: statuses, into: &engine)
            next = end
        }
    }
}
