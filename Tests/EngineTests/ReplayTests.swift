import Alerting
import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Intake
import Scoreboard
import Testing

@Suite struct ReplayTests {
    /// Hundreds of random histories, messages in any order; the judge is Tests/Oracles/replay.py.
    @Test func `replay changes alerts exactly as a program that recomputes everything at every step`() throws {
        let seed = Oracle.seed("replay")
        try Oracle.withFolder("replay") { root in
            for number in 0..<150 {
                let folder = root.appendingPathComponent("case-\(number)")
                let random = RandomCase(seed: seed &+ UInt64(number))
                try random.write(to: folder)
                let catalog = try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
                try Data(run(random, catalog).utf8).write(to: folder.appendingPathComponent("replay.ndjson"))
            }
            let verdict = try Oracle.run("replay.py", "--compare", root.path)
            #expect(verdict.status == 0, "\(verdict.output.suffix(3_000))\n(seed \(seed))")
            #expect(verdict.output.contains("150 passed, 0 failed"))
        }
    }

    /// Every alert that changes, one a line.
    private func run(_ random: RandomCase, _ catalog: Catalog) throws -> String {
        var engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
        engine.startJudging()
        engine.replay(random.messages)
        engine.step(now: random.until)
        var lines = ""
        for case .publish(let record) in engine.takeEffects() { lines += String(decoding: record.json(in: catalog.zone), as: UTF8.self) + "\n" }
        return lines
    }
}
