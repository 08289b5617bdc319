import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// What the clock alone does to alerts.
@Suite struct AlertsByTheClock {
    @Test func `a period closes its alerts at its own instant`() throws {
        var scene = try OneRule.firing()
        #expect(scene.step("2022-03-01T23:59:59.999999+07:00") == [])
        #expect(scene.step("2022-05-01T00:00:00+07:00") == ["\(OneRule.key) resolved warning period_closed"])
        #expect(scene.land().map(\.time) == [SmallCatalog.instant("2022-03-02T00:00:00+07:00")])
        scene.receive("2") { $0.late }
        #expect(scene.step("2022-05-01T00:00:01+07:00") == [])
    }

    @Test func `a count that is too small is so from the first day of its period`() throws {
        let catalog = OneRule.catalog(.test(warning: ("1", "1")), .count(among: FactMask()))
        var scene = try Scene(catalog, now: "2020-12-31T23:59:59+07:00")
        #expect(scene.step("2020-12-31T23:59:59.999999+07:00") == [])
        #expect(scene.step("2021-01-02T00:00:00+07:00").count == 7)
        #expect(scene.land().allSatisfy { $0.time == SmallCatalog.instant("2021-01-01T00:00:00+07:00") && $0.cause == nil && $0.score.denominator == nil })
        scene.receive("1")
        #expect(scene.step("2021-01-02T00:00:00+07:00") == ["\(OneRule.key) resolved warning recovered"])
    }

    @Test func `a window moves at midnight, and its alert with it`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.window(days: 7)], alert: .test())]), now: "2021-03-03T12:00:00+07:00")
        scene.receive("1") { $0.late }
        scene.receive("2") { $0.onTime }
        #expect(scene.step("2021-03-03T12:00:00+07:00") == ["F-2021/c/D1/last-7d firing warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-03-09T23:59:59+07:00") == [])
        #expect(scene.step("2021-03-20T00:00:00+07:00") == ["F-2021/c/D1/last-7d resolved warning no_sample"])
        #expect(scene.land().map(\.time) == [SmallCatalog.instant("2021-03-10T00:00:00+07:00")])
    }

    @Test func `the clock never goes back`() throws {
        var scene = try OneRule.firing()
        scene.step("2021-05-01T00:00:00+07:00")
        #expect(scene.engine.clock == SmallCatalog.instant(OneRule.now))
    }

    @Test func `in a replay the clock is the greatest time so far, and what the clock does between two messages comes first, at its own time`() throws {
        var engine = try Scene(OneRule.catalog(.test(pendingFor: 3_600)), now: "2021-03-01T00:00:00+07:00")
        let message = DossierMessage().at("D1")
        #expect(engine.replay(message.attribute("time", text: "2021-03-01T10:00:00+07:00").due("2021-03-02T00:00:00+07:00")) == [])
        #expect(engine.engine.clock == SmallCatalog.instant("2021-03-01T10:00:00+07:00"))
        #expect(engine.replay(message.attribute("subject", text: "D2").attribute("time", text: "2021-02-01T00:00:00+07:00")) == [])
        #expect(engine.engine.clock == SmallCatalog.instant("2021-03-01T10:00:00+07:00"))
        #expect(engine.replay(message.attribute("subject", text: "D3").attribute("time", text: "2021-03-03T00:30:00+07:00")) == ["\(OneRule.key) pending warning below_threshold"])
        #expect(engine.land().map(\.time) == [SmallCatalog.instant("2021-03-03T00:00:00+07:00")])
        #expect(engine.replay(message.attribute("subject", text: "D4").attribute("time", text: "9999-12-31T23:59:59Z")).first == "\(OneRule.key) firing warning below_threshold")
        #expect(engine.underWay.first?.time == SmallCatalog.instant("2021-03-03T01:00:00+07:00"))
    }

    @Test func `after a start by a clock that is right, what began by one that was ahead fires and ends as soon as it should`() throws {
        let catalog = OneRule.catalog(.test(pendingFor: 10, keepFiringFor: 20))
        var ahead = try Scene(catalog, now: "2021-12-01T00:00:00+07:00")
        ahead.receive("1") { $0.late }
        #expect(ahead.step("2021-12-01T00:00:01+07:00") == ["\(OneRule.key) pending warning below_threshold"])
        ahead.land()
        var scene = try Scene(catalog, now: OneRule.now, topic: ahead.topic)
        scene.receive("1") { $0.late }
        #expect(scene.step(OneRule.now) == ["\(OneRule.key) pending warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:09+07:00") == [])
        #expect(scene.step("2021-06-01T00:00:10+07:00") == ["\(OneRule.key) firing warning below_threshold"])
        ahead.step("2021-12-01T00:00:11+07:00")
        ahead.land()
        ahead.receive("1") { $0.onTime }
        ahead.step("2021-12-01T00:00:12+07:00")
        #expect(ahead.land().map { $0.incident.clearing != nil } == [true])
        scene = try Scene(catalog, now: OneRule.now, topic: ahead.topic)
        scene.receive("1") { $0.onTime }
        #expect(scene.step(OneRule.now) == ["\(OneRule.key) firing warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:20+07:00") == ["\(OneRule.key) resolved warning recovered"])
        scene.land()
        // The next one waits as long as it should, too.
        scene.receive("1") { $0.late }
        #expect(scene.step("2021-06-01T00:01:00+07:00") == ["\(OneRule.key) pending warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-06-01T00:01:10+07:00") == ["\(OneRule.key) firing warning below_threshold"])
    }
}
