import Alerting
import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Testing

/// However many alerts change at once, no more are on their way than may be.
@Suite struct JudgingInPieces {
    /// What an engine writes over a random case, step by step, each step's records in the order of their keys.
    private func writes(_ random: RandomCase, _ catalog: Catalog, seed: UInt64, atMost most: Int) throws -> [[AlertRecord]] {
        var dice = Seeded(seed), engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback), received = 0, steps: [[AlertRecord]] = []
        engine.mostUnderWay = most
        var clock = random.until.microseconds - dice.int64(0...60 * 86_400_000_000)
        func step(_ now: Int64) {
            var written: [AlertRecord] = []
            repeat {
                engine.step(now: Instant(microseconds: now))
                written += engine.takeEffects().compactMap { if case .publish(let record) = $0 { record } else { nil } }
            } while engine.isBehind
            // More than one instant may lie in a step; what a piece leaves comes after it, at the same one.
            steps.append(written.sorted { ($0.time.microseconds, $0.key) < ($1.time.microseconds, $1.key) })
        }
        engine.step(now: Instant(microseconds: clock))
        engine.startJudging(initial: true)
        step(clock)
        while received < random.messages.count {
            let batch = Array(random.messages[received...].prefix(dice.int(1...9)))
            engine.receive(batch, from: Int64(received))
            received += batch.count
            clock = min(random.until.microseconds, clock + dice.int64(0...10 * 86_400_000_000))
            step(clock)
        }
        step(random.until.microseconds)
        return steps
    }

    @Test func `judged in pieces, every alert is the same as judged at once`() throws {
        let seed = Oracle.seed("judging in pieces")
        try Oracle.withFolder("pieces") { root in
            var count = 0
            for number in 0..<60 {
                let folder = root.appendingPathComponent("case-\(number)"), seed = seed &+ UInt64(number)
                let random = RandomCase(seed: seed, number % 2 == 0 ? RandomCase.Options() : .everyKind)
                try random.write(to: folder)
                let catalog = try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
                let atOnce = try writes(random, catalog, seed: seed, atMost: .max)
                for most in [1, 2, 7] {
                    let inPieces = try writes(random, catalog, seed: seed, atMost: most)
                    #expect(inPieces == atOnce, "at most \(most) (seed \(seed))")
                }
                count += atOnce.joined().count
            }
            #expect(count > 500, "too few alerts to say anything: \(count)")
        }
    }

    @Test func `no more are on their way than may be, and the clock waits for the rest`() throws {
        let criteria = (1...5).map { SmallCatalog.criterion("c\($0)", SmallCatalog.onTime, alert: .test()) }
        var scene = try Scene(SmallCatalog.make(criteria), now: OneRule.now)
        scene.engine.mostUnderWay = 2
        scene.receive("1") { $0.late }
        let before = scene.engine.clock
        #expect(scene.step("2021-06-03T00:00:00+07:00").count == 2)
        #expect(scene.engine.isBehind && scene.step("2021-06-04T00:00:00+07:00") == [])
        let behind = scene.engine.clock
        var landed: [AlertRecord] = []
        while scene.engine.isBehind {
            landed += scene.land()
            #expect(scene.step("2021-06-04T00:00:00+07:00").count <= 2)
        }
        landed += scene.land()
        #expect(landed.count >= 5 && Set(landed.map(\.key)).count == landed.count)
        #expect(Set(landed.map(\.initial)) == [true], "all of it was found at the first judging")
        #expect(behind == before || behind == SmallCatalog.instant("2021-06-03T00:00:00+07:00"))
        #expect(scene.engine.clock == SmallCatalog.instant("2021-06-04T00:00:00+07:00"))
    }

    @Test func `alerts whose rules are gone end as many at a time, and all end`() throws {
        let criteria = (1...5).map { SmallCatalog.criterion("c\($0)", SmallCatalog.onTime, alert: .test()) }
        var before = try Scene(SmallCatalog.make(criteria), now: OneRule.now)
        before.receive("1") { $0.late }
        before.step(OneRule.now)
        let alive = before.land().count
        var scene = try Scene(SmallCatalog.make([], hash: "sha256:b"), now: OneRule.now, topic: before.topic)
        scene.engine.mostUnderWay = 2
        scene.engine.isComplete = false
        #expect(scene.step(OneRule.now) == [] && !scene.engine.isBehind, "nothing ends while something may be missing")
        scene.engine.isComplete = true
        let first = scene.step(OneRule.now)
        #expect(first.count == 2 && scene.step(OneRule.now) == [])
        // Those whose writes have failed are ended again.
        scene.fail()
        var ended = 0
        repeat {
            let lines = scene.step(OneRule.now)
            #expect(lines.count <= 2)
            ended += lines.count
            scene.land()
        } while scene.engine.isBehind
        #expect(ended == alive && alive >= 5)
        #expect(scene.step(OneRule.now) == [] && !scene.engine.isBehind)
    }

    /// It may be long until all that was found has been read back.
    @Test func `the next record of an alert that was found at first is news, though others wait still`() throws {
        let criteria = (1...5).map { SmallCatalog.criterion("c\($0)", SmallCatalog.onTime, alert: .test(critical: ("50%", "60%"))) }
        var scene = try Scene(SmallCatalog.make(criteria), now: OneRule.now)
        scene.engine.mostUnderWay = 2
        for subject in 1...8 { scene.receive("\(subject)") { subject < 8 ? $0.onTime : $0.late } }
        scene.step(OneRule.now)
        let found = Set(scene.land().filter(\.initial).map(\.key))
        #expect(found.count == 2)
        for subject in 1...7 { scene.receive("\(subject)") { $0.late } }
        scene.step(OneRule.now)
        let next = scene.land()
        #expect(scene.engine.isBehind && Set(next.map(\.key)) == found && next.allSatisfy { $0.incident.severity == .critical })
        #expect(next.allSatisfy { !$0.initial })
        var others: [AlertRecord] = []
        repeat {
            scene.step(OneRule.now)
            others += scene.land()
        } while scene.engine.isBehind
        #expect(others.count >= 3 && others.allSatisfy(\.initial))
    }

    @Test func `a write that another source's record has taken the place of is on its way no longer`() throws {
        var scene = try Scene(OneRule.catalog(), now: OneRule.now, judging: false)
        scene.engine.startJudging(as: Stamp(term: 1, writer: "ours"))
        scene.receive("1") { $0.late }
        scene.step(OneRule.now)
        let record = try #require(scene.underWay.first)
        var others = record
        others.source = "urn:other"
        let bytes = others.json(in: scene.catalog.zone)
        func read(_ engine: inout Engine, at offset: Int64) -> Int {
            _ = bytes.withUnsafeBytes { engine.alertRead(key: record.key, value: $0, by: Stamp(term: 7, writer: "another's"), offset: offset) }
            return engine.alerting.underWay
        }
        let before = read(&scene.engine, at: 0)
        scene.engine.alertAcknowledged(key: record.key, id: record.id, offset: 1)
        // Compaction has left nothing of ours: what comes first lies behind it.
        let behind = read(&scene.engine, at: 2)
        #expect(before == 1 && behind == 0)
        #expect(scene.step(OneRule.now) == [], "a key of another's is left alone")
    }
}
