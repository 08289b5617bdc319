import Alerting
import Cases
import Catalog
import Engine
import Testing

/// What a record says of how its change came about.
@Suite struct AlertCauses {
    @Test func `the cause is the record that did it`() throws {
        var scene = try Scene(OneRule.catalog(), now: OneRule.now)
        scene.receive("1") { $0.onTime }
        scene.step(OneRule.now)
        scene.receive("2", partition: 3) { $0.late }
        scene.receive("3", partition: 1) { $0.field("state", "4") }
        scene.step(OneRule.now)
        let cause = try #require(scene.land().first?.cause)
        #expect((cause.topic, cause.partition, cause.offset) == ("par.status", 3, 2))
        // A record that changes nothing in the cell is not to blame for what the clock does later.
        scene.receive("2", partition: 3) { $0.late.field("apologised", "true") }
        #expect(scene.step(OneRule.now) == [])
    }

    @Test func `there is no cause where the clock did it`() throws {
        var due = try Scene(OneRule.catalog(), now: OneRule.now)
        due.receive("1") { $0.due("2021-06-01T00:00:00+07:00") }
        #expect(due.step("2021-06-01T23:59:59+07:00") == [])
        #expect(due.step("2021-06-02T09:00:00+07:00") == ["\(OneRule.key) firing warning below_threshold"])
        let overdue = due.land()
        #expect(overdue.map(\.cause) == [nil] && overdue.map(\.time) == [SmallCatalog.instant("2021-06-02T00:00:00+07:00")])

        var pending = try Scene(OneRule.catalog(.test(pendingFor: 3_600, keepFiringFor: 60)), now: OneRule.now)
        pending.receive("1") { $0.late }
        pending.step(OneRule.now)
        #expect(pending.land().first?.cause != nil)
        #expect(pending.step("2021-06-01T00:59:59+07:00") == [])
        #expect(pending.step("2021-06-01T02:00:00+07:00") == ["\(OneRule.key) firing warning below_threshold"])
        let fired = pending.land()
        #expect(fired.map(\.cause) == [nil] && fired.map(\.time) == [SmallCatalog.instant("2021-06-01T01:00:00+07:00")])
        pending.receive("1") { $0.onTime }
        pending.step("2021-06-01T02:00:00+07:00")
        let clearing = pending.land()
        #expect(clearing.first?.cause?.offset == 2 && clearing.first?.incident.clearing == SmallCatalog.instant("2021-06-01T02:00:00+07:00"))
        #expect(pending.step("2021-06-01T03:00:00+07:00") == ["\(OneRule.key) resolved warning recovered"])
        let resolved = pending.land()
        #expect(resolved.map(\.cause) == [nil] && resolved.map(\.time) == [SmallCatalog.instant("2021-06-01T02:01:00+07:00")])
    }

    @Test func `initial is what is found at the first start, on an empty topic, and nothing after it`() throws {
        var first = try Scene(OneRule.catalog(), now: OneRule.now, judging: false)
        first.receive("1") { $0.late }
        #expect(first.step(OneRule.now) == [])
        first.engine.startJudging(initial: first.engine.alerting.isEmpty)
        first.step(OneRule.now)
        #expect(first.land().map(\.initial) == [true])
        first.receive("2") { $0.late.at("D2") }
        first.step(OneRule.now)
        #expect(first.land().map(\.initial) == [false])

        var second = try Scene(OneRule.catalog(), now: OneRule.now, topic: first.topic, judging: false)
        for (subject, agency) in [("1", "D1"), ("2", "D2"), ("3", "Q1")] { second.receive(subject) { $0.late.at(agency) } }
        #expect(second.engine.alerting.isEmpty == false)
        second.engine.startJudging(initial: second.engine.alerting.isEmpty)
        #expect(second.step(OneRule.now) == ["F-2021/c/Q1/2021 firing warning below_threshold"])
        #expect(second.land().map(\.initial) == [false])
    }

    @Test func `nothing is written before judging starts`() throws {
        var scene = try Scene(OneRule.catalog(), now: OneRule.now, judging: false)
        scene.receive("1") { $0.late }
        #expect(scene.step("2021-06-05T00:00:00+07:00") == [] && !scene.engine.isJudging)
    }
}
