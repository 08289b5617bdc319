import Alerting
import Cases
import Catalog
import Engine
import Testing

/// What somebody writes to the alert topic by hand.
@Suite struct ForgedAlerts {
    private static let leader = Stamp(term: 3, writer: "leader"), forger = Stamp(term: 3, writer: "forger")

    /// A scene in which D1 is firing under a leadership.
    private func led() throws -> Scene {
        var scene = try OneRule.firing()
        scene.engine.startJudging(as: Self.leader)
        #expect(scene.step(OneRule.now) == [])
        return scene
    }

    @Test(arguments: [(1 << 40) - 2, (1 << 40) - 1, 1 << 40, (1 << 53) - 2, (1 << 53) - 1] as [Int64])
    func `a forged revision, however great, is put right by one record, and what follows it by one each`(revision: Int64) throws {
        var scene = try led(), forged = scene.engine.alerting.firing[0]
        forged.incident = forged.incident.revised(at: SmallCatalog.instant("2021-06-01T00:00:02+07:00")) {
            $0.severity = .critical
            $0.revision = revision
        }
        scene.put(OneRule.key, forged.json(in: scene.catalog.zone), by: Self.forger)
        for (second, change) in [(1, "firing warning below_threshold"), (3, "resolved warning recovered"), (5, "firing warning below_threshold")] {
            if second > 1 { scene.receive("1") { second == 3 ? $0.onTime : $0.late } }
            #expect(scene.step("2021-06-01T00:00:0\(second)+07:00") == ["\(OneRule.key) \(change)"])
            scene.land(by: Self.leader)
            #expect(scene.step("2021-06-01T00:00:0\(second + 1)+07:00") == [], "the same is not written again")
        }
    }

    @Test func `garbage under our own stamp is overwritten once, and does not count as our write after that was acknowledged elsewhere`() throws {
        var scene = try led()
        scene.put(OneRule.key, Array("garbage".utf8), by: Self.leader)
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(OneRule.key) firing warning below_threshold"])
        scene.engine.alertAcknowledged(key: OneRule.key, id: scene.underWay[0].id, offset: Int64(scene.topic.count + 1))
        scene.put(OneRule.key, Array("garbage".utf8), by: Self.leader)
        #expect(scene.step("2021-06-01T00:00:02+07:00") == [], "it is still on its way")
        scene.land(by: Self.leader)
        #expect(scene.step("2021-06-01T00:00:03+07:00") == [])
    }

    @Test func `whatever can be read of an alert that is not judged, its end can be read back; what is longer is left alone`() throws {
        for (bytes, ends) in [(4_096, true), (4_097, false), (200_000, false)] {
            // Each byte takes six where it is escaped.
            let text = String(repeating: "\u{1}", count: bytes)
            var scene = try led(), stray = scene.engine.alerting.firing[0]
            stray.key = "F-1999/x/Y/" + String(repeating: "1", count: 4_085)
            (stray.agency.id, stray.agency.name, stray.agency.level, stray.agency.parent) = (text, text, text, text)
            (stray.criterion.framework, stray.criterion.code, stray.criterion.name, stray.criterion.lead, stray.period) = (text, text, text, text, text)
            scene.put(stray.key, stray.json(in: scene.catalog.zone), by: Self.forger)
            #expect(scene.step("2021-06-01T00:00:01+07:00").count == (ends ? 1 : 0))
            scene.land(by: Self.leader)
            #expect(scene.step("2021-06-01T00:00:02+07:00") == [])
            #expect(scene.engine.alerting.unjudged.isEmpty)
            // Nor does one that leads next write anything.
            var next = try Scene(scene.catalog, now: OneRule.now, topic: scene.topic, judging: false)
            next.receive("1") { $0.late }
            next.engine.startJudging(as: Self.forger)
            #expect(next.step(OneRule.now) == [])
            #expect(scene.topic.allSatisfy { ends ? $0.value.count < 1_000_000 : true })
        }
    }
}
