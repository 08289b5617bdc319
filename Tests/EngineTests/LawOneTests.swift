import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Intake
import Scoreboard
import Testing

@Suite struct LawOne {
    /// Hundreds of random cases; SQL over the raw JSON is the judge (Tests/Oracles/scores.py).
    @Test func `scores equal one SQL query over the latest row of each subject, whatever the order, partitions, repeats, restarts and clock steps`() throws {
        let seed = Oracle.seed("law 1")
        try Oracle.withFolder("law1") { root in
            for number in 0..<400 {
                let folder = root.appendingPathComponent("case-\(number)")
                let random = RandomCase(seed: seed &+ UInt64(number), number % 4 == 0 ? RandomCase.Options() : number % 4 == 1 ? .everyKind : .everything)
                try random.write(to: folder)
                let configuration = try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path)
                let lines = try run(random, configuration, seed: seed &+ UInt64(number))
                try Data(lines.utf8).write(to: folder.appendingPathComponent("scores.ndjson"))
            }
            let verdict = try Oracle.run("scores.py", "--compare", root.path)
            #expect(verdict.status == 0, "\(verdict.output.suffix(3_000))\n(seed \(seed))")
            #expect(verdict.output.contains("400 passed, 0 failed"))
        }
    }

    /// Feeds the messages over random partitions in random batches, steps the clock between, and now and then starts over from the beginning of the inputs.
    private func run(_ random: RandomCase, _ configuration: Configuration, seed: UInt64) throws -> String {
        let catalog = configuration.catalog
        var dice = Seeded(seed ^ 0xABCD)
        var partitions = [[InputRecord]](repeating: [], count: dice.int(1...4))
        for message in random.messages { partitions[dice.int(0...partitions.count - 1)].append(InputRecord(message)) }
        for record in random.records { partitions[dice.int(0...partitions.count - 1)].append(InputRecord(record, configuration.inputs)) }
        for partition in partitions.indices { partitions[partition].shuffle(using: &dice) }
        var positions = partitions.map { _ in 0 }
        var clock = random.until.microseconds - dice.int64(0...90 * 86_400_000_000)
        var engine = try Engine(catalog: catalog, inputs: configuration.inputs, formats: configuration.formats)
        engine.step(now: Instant(microseconds: clock))
        if dice.once(in: 2) { engine.startJudging() }
        while let partition = positions.indices.filter({ positions[$0] < partitions[$0].count }).randomElement(using: &dice) {
            let batch = Array(partitions[partition][positions[partition]...].prefix(dice.one(of: [1, 3, 8, 16, 17, 50])))
            engine.receive(batch, from: Int64(positions[partition]))
            positions[partition] += batch.count
            if dice.once(in: 3) {
                clock = min(random.until.microseconds, clock + dice.int64(0...20 * 86_400_000_000))
                engine.step(now: Instant(microseconds: clock))
            }
            if dice.once(in: 40) {
                engine = try Engine(catalog: catalog, inputs: configuration.inputs, formats: configuration.formats)
                engine.step(now: Instant(microseconds: clock))
                positions = partitions.map { _ in 0 }
            }
        }
        engine.step(now: random.until)
        var outOfPlace: [RejectionReason] = []
        for case .reject(let record) in engine.takeEffects() where ![.unknownAgency, .closedPeriod].contains(record.rejection.reason) { outOfPlace.append(record.rejection.reason) }
        #expect(outOfPlace.isEmpty, "the generator makes acceptable messages only")
        return engine.scores().map { score in
            "{\"key\":\"\(score.key)\",\"numerator\":\(score.score.written),\"denominator\":\(score.score.denominator.map(String.init) ?? "null"),\"value\":\(score.score.value.map(\.description) ?? "null"),\"points\":\(score.points.map(\.description) ?? "null")}\n"
        }.joined()
    }
}
