import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// What the engine writes to the alert topic, and what it leaves alone.
@Suite struct AlertTopic {
    private static let key = "F-2021/c/D1/2021"
    private static let now = "2021-06-01T00:00:00+07:00"

    private static func catalog(_ alert: AlertRule? = .test(), _ measure: Measure = SmallCatalog.onTime, hash: String = "sha256:a") -> Catalog {
        SmallCatalog.make([SmallCatalog.criterion("c", measure, alert: alert)], hash: hash)
    }

    /// A scene in which D1 is firing, and the topic says so.
    private func firing(_ catalog: Catalog = catalog()) throws -> Scene {
        var scene = try Scene(catalog, now: Self.now)
        scene.receive("1") { $0.late }
        #expect(scene.step(Self.now).contains("\(Self.key) firing warning below_threshold"))
        scene.land()
        return scene
    }

    // MARK: One write in flight

    @Test func `while a write is under way for a key, nothing more is written for it; then what has changed meanwhile`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.late }
        #expect(scene.step(Self.now) == ["\(Self.key) firing warning below_threshold"])
        scene.receive("1") { $0.onTime }
        #expect(scene.step("2021-06-01T00:00:01+07:00") == [])
        // Another key is free.
        scene.receive("2") { $0.late.at("D2") }
        #expect(scene.step("2021-06-01T00:00:02+07:00") == ["F-2021/c/D2/2021 firing warning below_threshold"])
        scene.engine.alertAcknowledged(key: Self.key, id: scene.underWay[0].id, offset: 0)
        #expect(scene.step("2021-06-01T00:00:03+07:00") == [])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:04+07:00") == ["\(Self.key) resolved warning recovered"])
        let landed = scene.land()
        #expect(landed.first?.incident.revision == 2 && landed.first?.time == SmallCatalog.instant("2021-06-01T00:00:04+07:00"))
        #expect(scene.step("2021-06-01T00:00:05+07:00") == [])
    }

    @Test func `a write that has failed is made again, as things stand then`() throws {
        var scene = try Scene(Self.catalog(.test(critical: ("50%", "60%"))), now: Self.now)
        scene.receive("1") { $0.late }
        scene.receive("2") { $0.onTime }
        #expect(scene.step(Self.now) == ["\(Self.key) firing warning below_threshold"])
        scene.receive("2") { $0.late }
        scene.fail()
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(Self.key) firing critical below_threshold"])
    }

    @Test func `a record that was read before our own write landed does not count as its landing`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.late }
        scene.step(Self.now)
        let own = scene.underWay[0]
        var other = own
        other.incident.since = SmallCatalog.instant("2021-05-01T00:00:00+07:00")
        scene.put(Self.key, other.json(in: scene.catalog.zone))
        scene.receive("1") { $0.onTime }
        #expect(scene.step("2021-06-01T00:00:01+07:00") == [])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:02+07:00") == ["\(Self.key) resolved warning recovered"])
        #expect(scene.land().first?.incident.since == own.incident.since)
    }

    @Test func `when the topic has gone past our write without it, the key is judged again`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.late }
        scene.step(Self.now)
        var other = scene.underWay[0]
        other.incident = other.incident.ended(.recovered, at: SmallCatalog.instant(Self.now))
        scene.engine.alertAcknowledged(key: Self.key, id: scene.underWay[0].id, offset: 0)
        scene.put(Self.key, other.json(in: scene.catalog.zone))
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(Self.key) firing warning below_threshold"])
    }

    @Test func `within one step records come in order of their keys' bytes`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("b", SmallCatalog.onTime, alert: .test()), SmallCatalog.criterion("B", SmallCatalog.onTime, periods: [.month, .year], alert: .test())]), now: "2021-05-01T00:00:00+07:00")
        for agency in ["Q2", "D2", "C11", "D1"] { scene.receive(agency) { $0.late.at(agency) } }
        let keys = scene.step("2021-05-01T00:00:00+07:00").map { String($0.prefix { $0 != " " }) }
        #expect(keys.count == 15 && keys == keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    // MARK: What the topic holds

    @Test func `after a start by a clock that is right, what began by one that was ahead fires and ends as soon as it should`() throws {
        let catalog = Self.catalog(.test(pendingFor: 10, keepFiringFor: 20))
        var ahead = try Scene(catalog, now: "2021-12-01T00:00:00+07:00")
        ahead.receive("1") { $0.late }
        #expect(ahead.step("2021-12-01T00:00:01+07:00") == ["\(Self.key) pending warning below_threshold"])
        ahead.land()
        var scene = try Scene(catalog, now: Self.now, topic: ahead.topic)
        scene.receive("1") { $0.late }
        #expect(scene.step(Self.now) == ["\(Self.key) pending warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:09+07:00") == [])
        #expect(scene.step("2021-06-01T00:00:10+07:00") == ["\(Self.key) firing warning below_threshold"])
        ahead.step("2021-12-01T00:00:11+07:00")
        ahead.land()
        ahead.receive("1") { $0.onTime }
        ahead.step("2021-12-01T00:00:12+07:00")
        #expect(ahead.land().map { $0.incident.clearing != nil } == [true])
        scene = try Scene(catalog, now: Self.now, topic: ahead.topic)
        scene.receive("1") { $0.onTime }
        #expect(scene.step(Self.now) == ["\(Self.key) firing warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-06-01T00:00:20+07:00") == ["\(Self.key) resolved warning recovered"])
        scene.land()
        // The next one waits as long as it should, too.
        scene.receive("1") { $0.late }
        #expect(scene.step("2021-06-01T00:01:00+07:00") == ["\(Self.key) pending warning below_threshold"])
        scene.land()
        #expect(scene.step("2021-06-01T00:01:10+07:00") == ["\(Self.key) firing warning below_threshold"])
    }

    @Test func `a tombstone or garbage under a firing key is repaired`() throws {
        for value in [nil, [], Array("{}".utf8), Array("garbage".utf8)] as [[UInt8]?] {
            var scene = try firing()
            scene.put(Self.key, value)
            #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(Self.key) firing warning below_threshold"])
            scene.land()
            #expect(scene.step("2021-06-01T00:00:02+07:00") == [])
        }
    }

    @Test func `a record of ours that says something else is overwritten, with a later id`() throws {
        var scene = try firing()
        var wrong = scene.engine.alerting.firing[0]
        wrong.incident = wrong.incident.ended(.recovered, at: SmallCatalog.instant("2021-06-01T00:00:01+07:00"))
        scene.put(Self.key, wrong.json(in: scene.catalog.zone))
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(Self.key) firing warning below_threshold"])
        let since = SmallCatalog.instant("2021-06-01T00:00:01+07:00")
        #expect(scene.land().map(\.incident.since) == [since])
    }

    @Test func `a firing alert that should not be is resolved after a restart, and one that should be stays`() throws {
        let topic = try firing().topic
        var well = try Scene(Self.catalog(), now: Self.now, topic: topic, judging: false)
        well.receive("1") { $0.onTime }
        well.engine.startJudging(initial: well.engine.alerting.isEmpty)
        #expect(well.step(Self.now) == ["\(Self.key) resolved warning recovered"])
        var still = try Scene(Self.catalog(), now: Self.now, topic: topic, judging: false)
        still.receive("1") { $0.late }
        still.engine.startJudging(initial: still.engine.alerting.isEmpty)
        #expect(still.step(Self.now) == [])
    }

    @Test func `records of another source are left alone, under our keys and under others`() throws {
        var record = try { () throws -> AlertRecord in
            let scene = try firing()
            return scene.engine.alerting.firing[0]
        }()
        record.source = "urn:parwatch:other"
        var stray = record
        stray.key = "F-1999/x/Y/1999"
        let zone = SmallCatalog.vietnam
        var scene = try Scene(Self.catalog(), now: Self.now, topic: [(record.key, record.json(in: zone)), (stray.key, stray.json(in: zone))])
        #expect(scene.engine.alerting.isEmpty == true)
        #expect(scene.step(Self.now) == [])
        // Nor do they count as ours.
        var own = try firing()
        record.incident = record.incident.ended(.recovered, at: SmallCatalog.instant(Self.now))
        own.put(Self.key, record.json(in: zone))
        #expect(own.step("2021-06-01T00:00:01+07:00") == [])
        #expect(own.engine.alerting.firing.map(\.key) == [], "the key is theirs now")
    }

    // MARK: What was made by hand

    private static let leader = Stamp(term: 3, writer: "leader"), forger = Stamp(term: 3, writer: "forger")

    /// A scene in which D1 is firing under a leadership.
    private func led() throws -> Scene {
        var scene = try firing()
        scene.engine.startJudging(as: Self.leader)
        #expect(scene.step(Self.now) == [])
        return scene
    }

    @Test(arguments: [(1 << 40) - 2, (1 << 40) - 1, 1 << 40, (1 << 53) - 2, (1 << 53) - 1] as [Int64])
    func `a forged revision, however great, is put right by one record, and what follows it by one each`(revision: Int64) throws {
        var scene = try led(), forged = scene.engine.alerting.firing[0]
        forged.incident = forged.incident.revised(at: SmallCatalog.instant("2021-06-01T00:00:02+07:00")) {
            $0.severity = .critical
            $0.revision = revision
        }
        scene.put(Self.key, forged.json(in: scene.catalog.zone), by: Self.forger)
        for (second, change) in [(1, "firing warning below_threshold"), (3, "resolved warning recovered"), (5, "firing warning below_threshold")] {
            if second > 1 { scene.receive("1") { second == 3 ? $0.onTime : $0.late } }
            #expect(scene.step("2021-06-01T00:00:0\(second)+07:00") == ["\(Self.key) \(change)"])
            scene.land(by: Self.leader)
            #expect(scene.step("2021-06-01T00:00:0\(second + 1)+07:00") == [], "the same is not written again")
        }
    }

    @Test func `garbage under our own stamp is overwritten once, and does not count as our write after that was acknowledged elsewhere`() throws {
        var scene = try led()
        scene.put(Self.key, Array("garbage".utf8), by: Self.leader)
        #expect(scene.step("2021-06-01T00:00:01+07:00") == ["\(Self.key) firing warning below_threshold"])
        scene.engine.alertAcknowledged(key: Self.key, id: scene.underWay[0].id, offset: Int64(scene.topic.count + 1))
        scene.put(Self.key, Array("garbage".utf8), by: Self.leader)
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
            var next = try Scene(scene.catalog, now: Self.now, topic: scene.topic, judging: false)
            next.receive("1") { $0.late }
            next.engine.startJudging(as: Self.forger)
            #expect(next.step(Self.now) == [])
            #expect(scene.topic.allSatisfy { ends ? $0.value.count < 1_000_000 : true })
        }
    }

    // MARK: Another catalog

    private func after(_ catalog: Catalog, topic: [(key: String, value: [UInt8])]) throws -> [String] {
        var scene = try Scene(catalog, now: "2021-06-02T00:00:00+07:00", topic: topic)
        let lines = scene.step("2021-06-02T00:00:00+07:00")
        let landed = scene.land()
        #expect(landed.allSatisfy { $0.catalog == catalog.hash && !$0.initial && $0.cause == nil })
        #expect(scene.step("2021-06-02T00:00:01+07:00") == [])
        return lines
    }

    @Test func `when the new catalog lacks the rule, the criterion or the level, its alerts end with rule_removed`() throws {
        let topic = try firing().topic
        let gone = ["\(Self.key) resolved warning rule_removed"]
        #expect(try after(Self.catalog(nil, hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([], hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([SmallCatalog.criterion("c2", SmallCatalog.onTime, alert: .test())], hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, levels: ["district"], alert: .test())], hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.quarter], alert: .test())], hash: "sha256:b"), topic: topic) == gone)
    }

    @Test func `when the new catalog lacks the agency, its alerts end with agency_changed`() throws {
        let agencies = SmallCatalog.agencies.filter { $0.id != "D1" }.map { agency in
            var copy = agency
            copy.parent = agency.parent.map { $0 > 1 ? $0 - 1 : $0 }
            return copy
        }
        let catalog = SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, alert: .test())], agencies: agencies, hash: "sha256:b")
        #expect(try after(catalog, topic: firing().topic) == ["\(Self.key) resolved warning agency_changed"])
    }

    @Test func `a pending alert of a removed rule ends as inactive, and an ended one is left as it is`() throws {
        var pending = try Scene(Self.catalog(.test(pendingFor: 3_600)), now: Self.now)
        pending.receive("1") { $0.late }
        #expect(pending.step(Self.now) == ["\(Self.key) pending warning below_threshold"])
        pending.land()
        #expect(try after(SmallCatalog.make([], hash: "sha256:b"), topic: pending.topic) == ["\(Self.key) inactive warning rule_removed"])
        var ended = try firing()
        ended.receive("1") { $0.onTime }
        ended.step("2021-06-01T00:00:01+07:00")
        ended.land()
        #expect(try after(SmallCatalog.make([], hash: "sha256:b"), topic: ended.topic) == [])
    }

    @Test func `a change of the rule is written, a change of the catalog alone is not`() throws {
        let topic = try firing().topic
        func next(_ rule: AlertRule) throws -> [AlertRecord] {
            var scene = try Scene(Self.catalog(rule, hash: "sha256:b"), now: Self.now, topic: topic, judging: false)
            scene.receive("1") { $0.late }
            scene.engine.startJudging()
            scene.step("2021-06-02T00:00:00+07:00")
            let landed = scene.land()
            #expect(scene.step("2021-06-02T00:00:01+07:00") == [])
            return landed
        }
        #expect(try next(.test()) == [])
        #expect(try next(.test(minSample: 1, pendingFor: 5, keepFiringFor: 5)) == [])
        let changed = try next(.test(warning: ("80%", "85%")))
        #expect(changed.map(\.incident.revision) == [2] && changed.map(\.threshold.description) == ["0.8"] && changed.map(\.clear.description) == ["0.85"] && changed.map(\.catalog) == ["sha256:b"])
        #expect(try next(.test(warning: ("90%", "99%"))).map(\.clear.description) == ["0.99"])
        #expect(try next(.test(critical: ("50%", "60%"))).map(\.incident.severity) == [.critical])
        #expect(try next(.test(.above, warning: ("0", "0"))).map(\.incident.reason) == [.recovered])
    }

    // MARK: cause and initial

    @Test func `the cause is the record that did it`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.onTime }
        scene.step(Self.now)
        scene.receive("2", partition: 3) { $0.late }
        scene.receive("3", partition: 1) { $0.field("state", "4") }
        scene.step(Self.now)
        let cause = try #require(scene.land().first?.cause)
        #expect((cause.topic, cause.partition, cause.offset) == ("par.status", 3, 2))
        // A record that changes nothing in the cell is not to blame for what the clock does later.
        scene.receive("2", partition: 3) { $0.late.field("apologised", "true") }
        #expect(scene.step(Self.now) == [])
    }

    @Test func `there is no cause where the clock did it`() throws {
        var due = try Scene(Self.catalog(), now: Self.now)
        due.receive("1") { $0.due("2021-06-01T00:00:00+07:00") }
        #expect(due.step("2021-06-01T23:59:59+07:00") == [])
        #expect(due.step("2021-06-02T09:00:00+07:00") == ["\(Self.key) firing warning below_threshold"])
        let overdue = due.land()
        #expect(overdue.map(\.cause) == [nil] && overdue.map(\.time) == [SmallCatalog.instant("2021-06-02T00:00:00+07:00")])

        var pending = try Scene(Self.catalog(.test(pendingFor: 3_600, keepFiringFor: 60)), now: Self.now)
        pending.receive("1") { $0.late }
        pending.step(Self.now)
        #expect(pending.land().first?.cause != nil)
        #expect(pending.step("2021-06-01T00:59:59+07:00") == [])
        #expect(pending.step("2021-06-01T02:00:00+07:00") == ["\(Self.key) firing warning below_threshold"])
        let fired = pending.land()
        #expect(fired.map(\.cause) == [nil] && fired.map(\.time) == [SmallCatalog.instant("2021-06-01T01:00:00+07:00")])
        pending.receive("1") { $0.onTime }
        pending.step("2021-06-01T02:00:00+07:00")
        let clearing = pending.land()
        #expect(clearing.first?.cause?.offset == 2 && clearing.first?.incident.clearing == SmallCatalog.instant("2021-06-01T02:00:00+07:00"))
        #expect(pending.step("2021-06-01T03:00:00+07:00") == ["\(Self.key) resolved warning recovered"])
        let resolved = pending.land()
        #expect(resolved.map(\.cause) == [nil] && resolved.map(\.time) == [SmallCatalog.instant("2021-06-01T02:01:00+07:00")])
    }

    @Test func `initial is what is found at the first start, on an empty topic, and nothing after it`() throws {
        var first = try Scene(Self.catalog(), now: Self.now, judging: false)
        first.receive("1") { $0.late }
        #expect(first.step(Self.now) == [])
        first.engine.startJudging(initial: first.engine.alerting.isEmpty)
        first.step(Self.now)
        #expect(first.land().map(\.initial) == [true])
        first.receive("2") { $0.late.at("D2") }
        first.step(Self.now)
        #expect(first.land().map(\.initial) == [false])

        var second = try Scene(Self.catalog(), now: Self.now, topic: first.topic, judging: false)
        for (subject, agency) in [("1", "D1"), ("2", "D2"), ("3", "Q1")] { second.receive(subject) { $0.late.at(agency) } }
        #expect(second.engine.alerting.isEmpty == false)
        second.engine.startJudging(initial: second.engine.alerting.isEmpty)
        #expect(second.step(Self.now) == ["F-2021/c/Q1/2021 firing warning below_threshold"])
        #expect(second.land().map(\.initial) == [false])
    }

    @Test func `nothing is written before judging starts`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now, judging: false)
        scene.receive("1") { $0.late }
        #expect(scene.step("2021-06-05T00:00:00+07:00") == [] && !scene.engine.isJudging)
    }

    // MARK: By the clock

    @Test func `a period closes its alerts at its own instant`() throws {
        var scene = try firing()
        #expect(scene.step("2022-03-01T23:59:59.999999+07:00") == [])
        #expect(scene.step("2022-05-01T00:00:00+07:00") == ["\(Self.key) resolved warning period_closed"])
        #expect(scene.land().map(\.time) == [SmallCatalog.instant("2022-03-02T00:00:00+07:00")])
        scene.receive("2") { $0.late }
        #expect(scene.step("2022-05-01T00:00:01+07:00") == [])
    }

    @Test func `a count that is too small is so from the first day of its period`() throws {
        let catalog = Self.catalog(.test(warning: ("1", "1")), .count(among: FactMask()))
        var scene = try Scene(catalog, now: "2020-12-31T23:59:59+07:00")
        #expect(scene.step("2020-12-31T23:59:59.999999+07:00") == [])
        #expect(scene.step("2021-01-02T00:00:00+07:00").count == 7)
        #expect(scene.land().allSatisfy { $0.time == SmallCatalog.instant("2021-01-01T00:00:00+07:00") && $0.cause == nil && $0.score.denominator == nil })
        scene.receive("1")
        #expect(scene.step("2021-01-02T00:00:00+07:00") == ["\(Self.key) resolved warning recovered"])
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
        var scene = try firing()
        scene.step("2021-05-01T00:00:00+07:00")
        #expect(scene.engine.clock == SmallCatalog.instant(Self.now))
    }

    // MARK: replay

    @Test func `in a replay the clock is the greatest time so far, and what the clock does between two messages comes first, at its own time`() throws {
        var engine = try Scene(Self.catalog(.test(pendingFor: 3_600)), now: "2021-03-01T00:00:00+07:00")
        let message = DossierMessage().at("D1")
        #expect(engine.replay(message.attribute("time", text: "2021-03-01T10:00:00+07:00").due("2021-03-02T00:00:00+07:00")) == [])
        #expect(engine.engine.clock == SmallCatalog.instant("2021-03-01T10:00:00+07:00"))
        #expect(engine.replay(message.attribute("subject", text: "D2").attribute("time", text: "2021-02-01T00:00:00+07:00")) == [])
        #expect(engine.engine.clock == SmallCatalog.instant("2021-03-01T10:00:00+07:00"))
        #expect(engine.replay(message.attribute("subject", text: "D3").attribute("time", text: "2021-03-03T00:30:00+07:00")) == ["\(Self.key) pending warning below_threshold"])
        #expect(engine.land().map(\.time) == [SmallCatalog.instant("2021-03-03T00:00:00+07:00")])
        #expect(engine.replay(message.attribute("subject", text: "D4").attribute("time", text: "9999-12-31T23:59:59Z")).first == "\(Self.key) firing warning below_threshold")
        #expect(engine.underWay.first?.time == SmallCatalog.instant("2021-03-03T01:00:00+07:00"))
    }
}

@Suite struct ChangedScores {
    @Test func `what has changed is handed out once, so many at a time`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()), judgeAt: [.`self`, .root], target: Target(comparison: .atMost, value: SmallCatalog.decimal("1")))]), now: "2021-06-01T00:00:00+07:00")
        for (subject, agency) in [("1", "D1"), ("2", "D1"), ("3", "D2")] { scene.receive(subject) { $0.at(agency) } }
        let cells = scene.engine.takeChangedCells()
        var taken: [ScoreRecord] = []
        for cell in cells { taken.append(scene.engine.score(of: cell)) }
        #expect(taken.map { "\($0.key) \($0.score.numerator) \($0.isMet ?? false)" }.sorted() == ["F-2021/c/D1/2021 2 false", "F-2021/c/D2/2021 1 true", "F-2021/c/P/2021 3 false"])
        #expect(scene.engine.takeChangedCells().isEmpty)
        #expect(scene.engine.scores().map(\.key) == ["F-2021/c/D1/2021", "F-2021/c/D2/2021", "F-2021/c/P/2021"])
    }

    @Test func `when the score topic was made anew, every score that was handed out is handed out again, one that has become empty as well`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))]), now: "2021-06-01T00:00:00+07:00")
        scene.receive("1")
        scene.receive("2") { $0.at("D2") }
        #expect(scene.changed() == ["F-2021/c/D1/2021", "F-2021/c/D2/2021"])
        scene.receive("2") { $0.field("deleted", "true") }
        #expect(scene.changed() == ["F-2021/c/D2/2021"] && scene.changed() == [])
        scene.engine.scoreTopicLost()
        #expect(scene.changed() == ["F-2021/c/D1/2021", "F-2021/c/D2/2021"] && scene.changed() == [])
    }
}
