@testable import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// What the engine writes to the alert topic, and what it leaves alone.
@Suite struct AlertTopic {
    // MARK: One write in flight

    @Test func `while a write is under way for a key, nothing more is written for it; then what has changed meanwhile`() throws {
        var scene = try Scene(OneRule.catalog(), now: OneRule.now)
        scene.receive("1") { $0.late }
        #expect(scene.step(OneRule.now) == ["\(OneRule.key) firing warning below_threshold"])
        scene.receive("1") { $0.onTime }
        #expect(scene.step("2021-06-01T00:00:01+07:00") == [])
        // Another key is free.
        scene.receive("2") { $0.late.at("D2") }
        #expect(scene.step("2021-06-01T00:00:02+07:00") == ["F-2021/c/D2/2021 firing warning below_threshold"])
        scene.engine.alertAcknowledged(key: OneRule.key, id: scene.underWay[0].id, offset: 0)
        #expect(scene.step("2021-06-01T00:00:03+07:00") == [])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:04+07:00") == ["\(OneRule.key) resolved warning recovered"])
        let landed = scene.land()
        #expect(landed.first?.incident.revision == 2 && landed.first?.time == SmallCatalog.instant("2021-06-01T00:00:04+07:00"))
        #expect(scene.step("2021-06-01T00:00:05+07:00") == [])
    }

    @Test func `a write that has failed is made again, as things stand then`() throws {
        var scene = try Scene(OneRule.catalog(.test(critical: ("50%", "60%"))), now: OneRule.now)
        scene.receive("1") { $0.late }
        scene.receive("2") { $0.onTime }
        #expect(scene.step(OneRule.now) == ["\(OneRule.key) firing warning below_threshold"])
        scene.receive("2") { $0.late }
        scene.fail()
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(OneRule.key) firing critical below_threshold"])
    }

    @Test func `a record that was read before our own write landed does not count as its landing`() throws {
        var scene = try Scene(OneRule.catalog(), now: OneRule.now)
        scene.receive("1") { $0.late }
        scene.step(OneRule.now)
        let own = scene.underWay[0]
        var other = own
        other.incident.since = SmallCatalog.instant("2021-05-01T00:00:00+07:00")
        scene.put(OneRule.key, other.json(in: scene.catalog.zone))
        scene.receive("1") { $0.onTime }
        #expect(scene.step("2021-06-01T00:00:01+07:00") == [])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:02+07:00") == ["\(OneRule.key) resolved warning recovered"])
        #expect(scene.land().first?.incident.since == own.incident.since)
    }

    @Test func `when the topic has gone past our write without it, the key is judged again`() throws {
        var scene = try Scene(OneRule.catalog(), now: OneRule.now)
        scene.receive("1") { $0.late }
        scene.step(OneRule.now)
        var other = scene.underWay[0]
        other.incident = other.incident.ended(.recovered, at: SmallCatalog.instant(OneRule.now))
        scene.engine.alertAcknowledged(key: OneRule.key, id: scene.underWay[0].id, offset: 0)
        scene.put(OneRule.key, other.json(in: scene.catalog.zone))
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(OneRule.key) firing warning below_threshold"])
    }

    @Test func `within one step records come in order of their keys' bytes`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("b", SmallCatalog.onTime, alert: .test()), SmallCatalog.criterion("B", SmallCatalog.onTime, periods: [.month, .year], alert: .test())]), now: "2021-05-01T00:00:00+07:00")
        for agency in ["Q2", "D2", "C11", "D1"] { scene.receive(agency) { $0.late.at(agency) } }
        let keys = scene.step("2021-05-01T00:00:00+07:00").map { String($0.prefix { $0 != " " }) }
        #expect(keys.count == 15 && keys == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    // MARK: What the topic holds

    @Test func `a tombstone or garbage under a firing key is repaired`() throws {
        for value in [nil, [], Array("{}".utf8), Array("garbage".utf8)] as [[UInt8]?] {
            var scene = try OneRule.firing()
            scene.put(OneRule.key, value)
            #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(OneRule.key) firing warning below_threshold"])
            scene.land()
            #expect(scene.step("2021-06-01T00:00:02+07:00") == [])
        }
    }

    @Test func `of keys that are not judged nothing is remembered, however many come`() throws {
        var scene = try OneRule.firing()
        let before = scene.engine.alerting.cellOfKey.count
        for number in 0..<1_000 { scene.put("garbage \(number)", number % 2 == 0 ? nil : Array("garbage".utf8)) }
        let after = scene.engine.alerting.cellOfKey.count
        #expect(before == 1 && after == 1)
    }

    @Test func `a record of ours that says something else is overwritten, with a later id`() throws {
        var scene = try OneRule.firing()
        var wrong = scene.engine.alerting.firing[0]
        wrong.incident = wrong.incident.ended(.recovered, at: SmallCatalog.instant("2021-06-01T00:00:01+07:00"))
        scene.put(OneRule.key, wrong.json(in: scene.catalog.zone))
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(OneRule.key) firing warning below_threshold"])
        let since = SmallCatalog.instant("2021-06-01T00:00:01+07:00")
        #expect(scene.land().map(\.incident.since) == [since])
    }

    @Test func `a firing alert that should not be is resolved after a restart, and one that should be stays`() throws {
        let topic = try OneRule.firing().topic
        var well = try Scene(OneRule.catalog(), now: OneRule.now, topic: topic, judging: false)
        well.receive("1") { $0.onTime }
        well.engine.startJudging(initial: well.engine.alerting.isEmpty)
        #expect(well.step(OneRule.now) == ["\(OneRule.key) resolved warning recovered"])
        var still = try Scene(OneRule.catalog(), now: OneRule.now, topic: topic, judging: false)
        still.receive("1") { $0.late }
        still.engine.startJudging(initial: still.engine.alerting.isEmpty)
        #expect(still.step(OneRule.now) == [])
    }

    @Test func `records of another source are left alone, under our keys and under others`() throws {
        var record = try { () throws -> AlertRecord in
            let scene = try OneRule.firing()
            return scene.engine.alerting.firing[0]
        }()
        record.source = "urn:parwatch:other"
        var stray = record
        stray.key = "F-1999/x/Y/1999"
        let zone = SmallCatalog.vietnam
        var scene = try Scene(OneRule.catalog(), now: OneRule.now, topic: [(record.key, record.json(in: zone)), (stray.key, stray.json(in: zone))])
        #expect(scene.engine.alerting.isEmpty == true)
        #expect(scene.step(OneRule.now) == [])
        // Nor do they count as ours.
        var own = try OneRule.firing()
        record.incident = record.incident.ended(.recovered, at: SmallCatalog.instant(OneRule.now))
        own.put(OneRule.key, record.json(in: zone))
        #expect(own.step("2021-06-01T00:00:01+07:00") == [])
        #expect(own.engine.alerting.firing.map(\.key) == [], "the key is theirs now")
    }
}
