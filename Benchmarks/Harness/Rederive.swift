import ArgumentParser
import BenchmarkMessages
import Catalog
import Engine

/// Deriving every score again from the register, as a reload with changed criteria needs it: an engine is filled, one finished dossier after the other, and
/// takes over a changed catalog and the first one again, turn by turn. At the end the year leaves with all of them.
struct Rederive: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deriving every score again.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @Option var sizes: String
    @Option var rounds: Int

    struct Answer: Codable {
        /// By size: what each time took.
        var adopted: [[Meter]] = []
        /// What it took that the dossiers left.
        var left: Meter
    }

    func run() throws {
        let catalog = try options.catalog()
        let sizes = sizes.split(separator: ",").compactMap { Int($0) }
        var fill = Fill(Province(catalog: catalog, dossiers: sizes.last ?? 0))
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], alertTopic: .loopback)
        engine.startJudging()
        var adopted: [[Meter]] = []
        for size in sizes {
            fill.take(dossiers: engine.subjects..<size, finished: true, into: &engine)
            let before = FinalState(of: engine)
            guard before.subjects == size else { throw Problem("rederive: \(before.subjects) dossiers in the register instead of \(size)") }
            var taken: [Meter] = []
            for _ in 0..<rounds {
                try taken.append(Self.adopt(Self.changed(catalog), &engine))
                let between = FinalState(of: engine)
                guard between.digest != before.digest else { throw Problem("rederive: the changed catalog changes no score") }
                try taken.append(Self.adopt(catalog, &engine))
                guard FinalState(of: engine) == before else { throw Problem("rederive: the first catalog does not bring its scores back") }
            }
            adopted.append(taken)
        }
        guard let departure = catalog.departures.years.map(\.at).max() else { throw Problem("rederive: the catalog has no framework") }
        engine.step(now: departure.advanced(by: .seconds(-1)))
        guard engine.subjects == sizes.last else { throw Problem("rederive: dossiers have left before their time") }
        let start = Meter.now
        engine.step(now: departure)
        let left = Meter.now - start
        guard engine.subjects == 0 else { throw Problem("rederive: \(engine.subjects) dossiers have not left") }
        try Say.answer(Answer(adopted: adopted, left: left))
    }

    private static func adopt(_ catalog: Catalog, _ engine: inout Engine) throws -> Meter {
        let start = Meter.now
        try engine.adopt(catalog)
        return Meter.now - start
    }

    /// With another smallest sample everywhere, and one criterion of dossiers more in each framework.
    private static func changed(_ catalog: Catalog) -> Catalog {
        var catalog = catalog
        catalog.hash += "+"
        for framework in catalog.frameworks.indices {
            for criterion in catalog.frameworks[framework].criteria.indices { catalog.frameworks[framework].criteria[criterion].alert?.minSample += 1 }
            if var more = catalog.frameworks[framework].criteria.first(where: { $0.measure.kind == .dossier }) {
                more.code += "+"
                catalog.frameworks[framework].criteria.append(more)
            }
        }
        return catalog
    }

    static func measure(_ plan: Plan, into figures: Figures) throws {
        guard plan.wants(.rederive) else { return }
        let sizes = plan.size(quick: [20_000], full: [1_000_000, 10_000_000])
        figures.begin("Deriving everything again from the register")
        Say.step("rederive: \(sizes.map(String.init).joined(separator: ", ")) dossiers")
        let arguments = ["rederive", "--sizes", sizes.map(String.init).joined(separator: ","), "--rounds", "\(plan.size(quick: 1, full: 5))"]
        let answer = try Child.measure(Answer.self, arguments + plan.catalog)
        for (size, taken) in zip(sizes, answer.adopted) {
            figures.add("rederive.\(size).seconds", "\(Report.number(Double(size))) dossiers", "s", taken.map(\.at))
            figures.add("rederive.\(size).cpu_ns_per_dossier", "\(Report.number(Double(size))) dossiers, CPU a dossier", "ns", taken.map { $0.cpu / Double(size) * 1e9 })
        }
        if let most = sizes.last { figures.add("rederive.left.\(most).seconds", "\(Report.number(Double(most))) dossiers leave with their year", "s", [answer.left.at]) }
    }
}
