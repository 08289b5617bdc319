import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine
import Service
import Snapshots

/// A register on the disk: how long it takes to be written, and to be there again with all scores, beside `cat`, which only reads the same file.
enum SnapshotRun {
    struct Answer: Codable {
        var seconds: Double
        var cpu: Double
        var bytes: Int
        var state: FinalState
    }

    static let now = Province.end

    static func measure(_ plan: Plan, into figures: Figures) throws {
        guard plan.wants(.snapshot) else { return }
        let dossiers = plan.size(quick: 20_000, full: 10_000_000), rounds = plan.size(quick: 1, full: 5)
        figures.begin("Snapshots: \(Report.number(Double(dossiers))) dossiers, of which one in ten is open")
        Say.step("snapshot: \(dossiers) dossiers")
        let scratch = try Scratch(), folder = ["--directory", scratch.path("state")]
        let written = try Child.measure(Answer.self, ["snapshot-write", "--dossiers", "\(dossiers)"] + folder + plan.catalog)
        let file = scratch.path("state") + "/register.snapshot"
        var loads: [Answer] = [], cats: [Double] = [], diskLoads: [Answer] = [], diskCats: [Double] = []
        for _ in 0..<rounds {
            cats.append(try cat(file))
            loads.append(try Child.measure(Answer.self, ["snapshot-load"] + folder + plan.catalog))
            guard try PageCache.forget(file) else { continue }
            diskCats.append(try cat(file))
            guard try PageCache.forget(file) else { continue }
            diskLoads.append(try Child.measure(Answer.self, ["snapshot-load"] + folder + plan.catalog))
        }
        for load in loads + diskLoads where load.state.digest != written.state.digest || load.state.subjects != dossiers { throw Problem("snapshot: what was loaded is not what was written") }
        figures.add("snapshot.bytes", "size, a dossier", "bytes", [Double(written.bytes) / Double(dossiers)])
        figures.add("snapshot.write.seconds", "writing, with fsync", "s", [written.seconds])
        figures.add("snapshot.cat.seconds", "cat > /dev/null", "s", cats)
        figures.add("snapshot.load.seconds", "loading, until every score is there", "s", loads.map(\.seconds))
        figures.add("snapshot.load.cpu_ns_per_dossier", "loading, CPU a dossier", "ns", loads.map { $0.cpu / Double(dossiers) * 1e9 })
        figures.add("snapshot.load.cats", "loading, in times of cat", "×", zip(loads, cats).map { $0.seconds / $1 })
        let disk: [(String, String, String, [Double])] = [
            ("snapshot.disk.cat.seconds", "from the disk: cat > /dev/null", "s", diskCats),
            ("snapshot.disk.load.seconds", "from the disk: loading, until every score is there", "s", diskLoads.map(\.seconds)),
            ("snapshot.disk.load.cats", "from the disk: loading, in times of cat", "×", zip(diskLoads, diskCats).map { $0.seconds / $1 }),
        ]
        for (key, name, unit, rounds) in disk {
            if diskLoads.count < loads.count { figures.add(key, name, unit, missing: "the kernel keeps the file in its memory") } else { figures.add(key, name, unit, rounds) }
        }
    }

    private static func cat(_ file: String) throws -> Double {
        let start = Meter.now
        _ = try Child(["-c", "cat '\(file)' > /dev/null"], of: "sh").finish(within: 60)
        return (Meter.now - start).at
    }
}

struct SnapshotWrite: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes a snapshot.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @Option var dossiers: Int
    @Option var directory: String

    func run() throws {
        let catalog = try options.catalog()
        var fill = Fill(Province(catalog: catalog, dossiers: dossiers))
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        fill.take(dossiers: 0..<dossiers * 9 / 10, finished: true, into: &engine)
        fill.take(dossiers: dossiers * 9 / 10..<dossiers, into: &engine)
        engine.step(now: SnapshotRun.now)
        let state = try StateDirectory(directory), start = Meter.now
        var copy = engine.startCopy()
        var writer = try SnapshotWriter.begin(in: state, SnapshotBasis(positions: [], instant: engine.clock, program: "parwatch-bench", catalog: catalog))
        while case .piece(let piece) = engine.step(&copy, atMost: 20_000) { try writer.append(piece.section, piece.bytes) }
        let bytes = try writer.finish(newestBecomes: .previous), taken = Meter.now - start
        try Say.answer(SnapshotRun.Answer(seconds: taken.at, cpu: taken.cpu, bytes: bytes, state: FinalState(of: engine)))
    }
}

struct SnapshotLoad: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Loads a snapshot.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @Option var directory: String

    func run() throws {
        let catalog = try options.catalog(), state = try StateDirectory(directory), start = Meter.now
        var found = RestoredState(from: state, catalog: catalog, inputs: ["par.status"], now: SnapshotRun.now)
        let taken = Meter.now - start, problems = found.unusable
        guard let engine = found.engine.take() else { throw Problem("snapshot: \(problems.map(\.description).joined(separator: "; "))") }
        try Say.answer(SnapshotRun.Answer(seconds: taken.at, cpu: taken.cpu, bytes: 0, state: FinalState(of: engine)))
    }
}
