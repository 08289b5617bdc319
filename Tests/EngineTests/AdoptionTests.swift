import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// A running engine takes over another catalog.
@Suite struct Adoption {
    private static let now = "2021-06-01T00:00:00+07:00", next = "2021-06-01T00:00:01+07:00"
    private static let key = "F-2021/c/D1/2021"
    private static let filedOnline = Measure.ratio(among: FactMask(required: .accepted), counting: FactMask(required: .filedOnline))

    private static func catalog(_ alert: AlertRule? = .test(), hash: String = "sha256:a") -> Catalog { SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, alert: alert)], hash: hash) }

    private static func agencies(without id: String) -> [Agency] {
        let kept = SmallCatalog.agencies.filter { $0.id != id }
        return kept.map { agency in
            var copy = agency
            copy.parent = agency.parent.flatMap { parent in kept.firstIndex { $0.id == SmallCatalog.agencies[parent].id } }
            return copy
        }
    }

    /// A scene in which D1 is firing, and the topic says so.
    private func firing(_ catalog: Catalog = catalog()) throws -> Scene {
        var scene = try Scene(catalog, now: Self.now)
        scene.receive("1") { $0.late }
        #expect(scene.step(Self.now) == ["\(Self.key) firing warning below_threshold"])
        scene.land()
        return scene
    }

    // MARK: Criteria

    @Test func `a criterion that is added counts what came before, and alerts of it at the next step`() throws {
        var scene = try firing()
        try scene.engine.adopt(SmallCatalog.make([
            SmallCatalog.criterion("c", SmallCatalog.onTime, alert: .test()), SmallCatalog.criterion("new", Self.filedOnline, judgeAt: [.`self`, .root], alert: .test()),
        ], hash: "sha256:b"))
        #expect(scene.engine.takeEffects().isEmpty)
        #expect(scene.score("F-2021/new/D1/2021") == "0/1" && scene.score("F-2021/new/P/2021") == "0/1" && scene.score(Self.key) == "0/1")
        #expect(scene.step(Self.next) == ["F-2021/new/D1/2021 firing warning below_threshold", "F-2021/new/P/2021 firing warning below_threshold"])
        #expect(scene.land().allSatisfy { $0.catalog == "sha256:b" && $0.cause == nil && !$0.initial })
        scene.receive("2") { $0.onTime }
        #expect(scene.score("F-2021/new/D1/2021") == "0/2" && scene.score(Self.key) == "1/2")
    }

    @Test func `alerts of what is removed end with rule_removed, and if it comes back in the same instant they begin with later ids`() throws {
        for other in [Self.catalog(nil, hash: "sha256:b"), SmallCatalog.make([], hash: "sha256:b"), SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, levels: ["district"], alert: .test())], hash: "sha256:b")] {
            var scene = try firing()
            try scene.engine.adopt(other)
            #expect(scene.step(Self.now) == ["\(Self.key) resolved warning rule_removed"])
            scene.land()
            #expect(scene.step(Self.now) == [])
            try scene.engine.adopt(Self.catalog())
            #expect(scene.step(Self.now) == ["\(Self.key) firing warning below_threshold"])
            #expect(scene.land().map(\.incident.revision) == [3], "a subscriber takes the greatest (since, revision)")
        }
    }

    @Test func `a change of thresholds fires, resolves or revises what it concerns, and nothing else`() throws {
        func after(_ rule: AlertRule) throws -> [String] {
            var scene = try firing()
            try scene.engine.adopt(Self.catalog(rule, hash: "sha256:b"))
            let lines = scene.step(Self.next)
            scene.land()
            #expect(scene.step(Self.next) == [])
            return lines
        }
        #expect(try after(.test()) == [])
        #expect(try after(.test(minSample: 1, pendingFor: 60)) == [])
        #expect(try after(.test(warning: ("80%", "85%"))) == ["\(Self.key) firing warning below_threshold"])
        #expect(try after(.test(critical: ("50%", "60%"))) == ["\(Self.key) firing critical below_threshold"])
        #expect(try after(.test(.above, warning: ("0", "0"))) == ["\(Self.key) resolved warning recovered"])
    }

    @Test func `a sector that only the new catalog asks for is counted in dossiers that came before`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.field("sector", text: "Đất đai") }
        scene.receive("2") { $0.field("sector", text: "Hộ tịch") }
        func land(_ sectors: [String]) -> Catalog {
            let bit = sectors.firstIndex(of: "ĐẤT ĐAI") ?? 0
            return SmallCatalog.make([SmallCatalog.criterion("land", .count(among: FactMask(required: .sector(bit))))], sectors: sectors)
        }
        for sectors in [["ĐẤT ĐAI"], ["HỘ TỊCH", "XÂY DỰNG", "ĐẤT ĐAI"]] {
            try scene.engine.adopt(land(sectors))
            #expect(scene.score("F-2021/land/D1/2021") == "1")
        }
    }

    @Test func `another year's framework counts the dossiers of its year that came before`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.field("received", text: "2020-12-31T08:00:00+07:00") }
        scene.receive("2")
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("all", .count(among: FactMask()))], years: [2020, 2021]))
        #expect(scene.score("F-2020/all/D1/2020") == "1" && scene.score("F-2021/all/D1/2021") == "1" && scene.engine.subjects == 2)
    }

    @Test func `procedures are counted once in a measure that is added, and go on to be`() throws {
        var scene = try Scene(Self.catalog(), now: "2021-03-05T00:00:00+07:00")
        for (subject, agency, procedure) in [("1", "D1", "P1"), ("2", "D1", "P1"), ("3", "D1", "P2"), ("4", "D2", "P1")] { scene.receive(subject) { $0.onTime.at(agency).field("procedure", text: procedure) } }
        let measure = Measure.distinct(among: FactMask(required: .finished), outOf: .fixed(9))
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("d", measure, judgeAt: [.`self`, .root], periods: [.year, .window(days: 7)])]))
        for period in ["2021", "last-7d"] { #expect(scene.scores(["D1", "D2", "P"].map { "F-2021/d/\($0)/\(period)" }) == ["2/9", "1/9", "2/9"]) }
        scene.receive("1") { $0.field("procedure", text: "P1") }
        scene.receive("3") { $0.field("procedure", text: "P2") }
        for period in ["2021", "last-7d"] { #expect(scene.scores(["D1", "D2", "P"].map { "F-2021/d/\($0)/\(period)" }) == ["1/9", "1/9", "1/9"]) }
        scene.step("2021-03-09T00:00:00+07:00")
        #expect(scene.score("F-2021/d/P/last-7d") == "0/0" && scene.score("F-2021/d/P/2021") == "1/9")
    }

    // MARK: Agencies

    @Test func `an agency that is added counts with the dossiers that came while it was unknown`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("all", .count(among: FactMask()), judgeAt: [.`self`, .root])], agencies: Self.agencies(without: "D1")), now: Self.now)
        scene.receive("1")
        scene.receive("2")
        #expect(scene.reasons() == ["unknown_agency agency"] && scene.score("F-2021/all/P/2021") == "0")
        let known = SmallCatalog.make([SmallCatalog.criterion("all", .count(among: FactMask()), judgeAt: [.`self`, .root])])
        try scene.engine.adopt(known)
        #expect(scene.score("F-2021/all/D1/2021") == "2" && scene.score("F-2021/all/P/2021") == "2")
        scene.receive("3")
        #expect(scene.reasons() == [])
    }

    @Test func `alerts of an agency that is removed end with agency_changed, and its next status is reported`() throws {
        var scene = try firing(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, judgeAt: [.`self`], alert: .test())], hash: "sha256:a"))
        let without = SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, judgeAt: [.`self`, .root], alert: .test())], agencies: Self.agencies(without: "D1"), hash: "sha256:b")
        try scene.engine.adopt(without)
        #expect(scene.score("F-2021/c/P/2021") == "0/0" && scene.engine.subjects == 1)
        #expect(scene.step(Self.next) == ["\(Self.key) resolved warning agency_changed"])
        scene.land()
        for _ in 0..<2 { scene.receive("2") { $0.late } }
        #expect(scene.reasons() == ["unknown_agency agency"])
        // Once it has been known again, its loss is news.
        try scene.engine.adopt(without)
        scene.receive("3")
        #expect(scene.reasons() == [])
        try scene.engine.adopt(Self.catalog())
        try scene.engine.adopt(without)
        scene.receive("4")
        #expect(scene.reasons() == ["unknown_agency agency"])
    }

    // MARK: The clock

    @Test func `windows stand at the same local day and go on to move`() throws {
        var scene = try Scene(Self.catalog(nil), now: "2021-03-04T23:59:59+07:00")
        scene.receive("1") { $0.onTime }
        scene.receive("2") { $0.late }
        scene.receive("3") { $0.late.field("finished", text: "2021-03-05T00:00:00+07:00") }
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.window(days: 3), .window(days: 4)])]))
        let keys = ["F-2021/c/D1/last-3d", "F-2021/c/D1/last-4d"]
        #expect(scene.scores(keys) == ["0/1", "1/2"])
        scene.step("2021-03-05T00:00:00+07:00")
        #expect(scene.scores(keys) == ["0/2", "0/2"])
        scene.step("2021-03-08T00:00:00+07:00")
        #expect(scene.scores(keys) == ["0/0", "0/1"])
    }

    @Test func `what is overdue stays so, and what is not yet comes due once, in its time`() throws {
        let late = Measure.ratio(among: FactMask(required: .open), counting: FactMask(required: .overdue))
        var scene = try Scene(Self.catalog(nil), now: Self.now)
        scene.receive("1") { $0.due("2021-05-31T00:00:00+07:00") }
        scene.receive("2") { $0.due("2021-06-02T00:00:00+07:00") }
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("c", late)]))
        #expect(scene.score(Self.key) == "1/2")
        scene.step("2021-06-03T00:00:00+07:00")
        #expect(scene.score(Self.key) == "2/2")
    }

    @Test func `subjects whose year has departed under the new catalog leave, and later statuses of it are refused`() throws {
        var scene = try Scene(Self.catalog(nil), now: "2022-06-01T00:00:00+07:00")
        scene.receive("1") { $0.late }
        scene.receive("2") { $0.field("received", text: "2022-03-01T08:00:00+07:00") }
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime)], keepClosed: .days(30)))
        #expect(scene.engine.subjects == 1 && scene.score(Self.key) == "0/0")
        scene.receive("3")
        #expect(scene.reasons() == ["closed_period received"])
    }

    @Test func `what waits goes on to wait: a pending alert fires in its time`() throws {
        var scene = try Scene(Self.catalog(.test(pendingFor: 3_600)), now: Self.now)
        scene.receive("1") { $0.late }
        #expect(scene.step(Self.now) == ["\(Self.key) pending warning below_threshold"])
        scene.land()
        try scene.engine.adopt(Self.catalog(.test(pendingFor: 7_200), hash: "sha256:b"))
        #expect(scene.step("2021-06-01T01:59:59+07:00") == [])
        #expect(scene.step("2021-06-01T05:00:00+07:00") == ["\(Self.key) firing warning below_threshold"])
        #expect(scene.land().map(\.time) == [SmallCatalog.instant("2021-06-01T02:00:00+07:00")])
    }

    @Test func `a period that closes earlier under the new catalog closes its alerts at the next step, and none twice`() throws {
        var scene = try Scene(Self.catalog(), now: "2022-01-20T00:00:00+07:00")
        scene.receive("1") { $0.late }
        scene.step("2022-01-20T00:00:00+07:00")
        scene.land()
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, alert: .test())], closesAfter: .days(10)))
        #expect(scene.step("2022-01-20T00:00:01+07:00") == ["\(Self.key) resolved warning period_closed"])
        #expect(scene.land().map(\.time) == [SmallCatalog.instant("2022-01-20T00:00:01+07:00")])
        #expect(scene.step("2022-06-01T00:00:00+07:00") == [])
    }

    // MARK: What stays

    @Test func `adopting the same catalog changes nothing and writes nothing`() throws {
        var scene = try firing()
        _ = scene.engine.takeChangedCells()
        for _ in 0..<3 {
            try scene.engine.adopt(Self.catalog())
            #expect(scene.engine.takeChangedCells().isEmpty && scene.engine.takeEffects().isEmpty)
            #expect(scene.step(Self.next) == [] && scene.score(Self.key) == "0/1")
        }
        scene.receive("1") { $0.onTime }
        #expect(scene.engine.takeChangedCells().count == 1)
        #expect(scene.step(Self.next) == ["\(Self.key) resolved warning recovered"])
    }

    @Test func `scores that were owed stay owed, and those that read otherwise are handed out`() throws {
        func catalog(_ target: String, _ codes: [String]) -> Catalog {
            SmallCatalog.make(codes.map { SmallCatalog.criterion($0, .count(among: FactMask(required: .late)), target: Target(comparison: .atMost, value: SmallCatalog.decimal($0 == "a" ? "1" : target))) })
        }
        var scene = try Scene(catalog("1", ["a", "b"]), now: Self.now)
        scene.receive("1") { $0.late }
        _ = scene.engine.takeChangedCells()
        scene.receive("2") { $0.late.at("D2") }
        // D2's were not taken yet; of b every target is another.
        try scene.engine.adopt(catalog("2", ["b", "a"]))
        #expect(scene.changed() == ["F-2021/a/D2/2021"] + ["C11", "C12", "C21", "D1", "D2", "Q1", "Q2"].map { "F-2021/b/\($0)/2021" })
        // A cell that falls to nothing is news as well.
        try scene.engine.adopt(SmallCatalog.make([SmallCatalog.criterion("a", .count(among: FactMask(required: .onTime)), target: Target(comparison: .atMost, value: SmallCatalog.decimal("1")))]))
        #expect(scene.changed() == ["F-2021/a/D1/2021", "F-2021/a/D2/2021"])
        // So is another rule of points.
        var earning = SmallCatalog.criterion("a", .count(among: FactMask(required: .onTime)), target: Target(comparison: .atMost, value: SmallCatalog.decimal("1")))
        earning.points = Points(maximum: SmallCatalog.decimal("1"), rule: .linear(fullAt: SmallCatalog.decimal("0"), floor: SmallCatalog.decimal("5")))
        try scene.engine.adopt(SmallCatalog.make([earning]))
        #expect(scene.changed() == ["C11", "C12", "C21", "D1", "D2", "Q1", "Q2"].map { "F-2021/a/\($0)/2021" })
    }

    @Test func `a score that went with its criterion is handed out when that comes back, also if nothing is left to count`() throws {
        func catalog(_ codes: [String]) -> Catalog { SmallCatalog.make(codes.map { SmallCatalog.criterion($0, .count(among: FactMask(required: .late))) }) }
        var scene = try Scene(catalog(["a", "b"]), now: Self.now)
        scene.receive("1") { $0.late }
        #expect(scene.changed() == ["F-2021/a/D1/2021", "F-2021/b/D1/2021"])
        try scene.engine.adopt(catalog(["a"]))
        scene.receive("1") { $0.field("deleted", "true") }
        #expect(scene.changed() == ["F-2021/a/D1/2021"])
        try scene.engine.adopt(catalog(["c"]))
        try scene.engine.adopt(catalog(["c", "b"]))
        #expect(scene.changed() == ["F-2021/b/D1/2021"])
        try scene.engine.adopt(catalog(["b", "a"]))
        #expect(scene.changed() == ["F-2021/a/D1/2021"] && scene.score("F-2021/a/D1/2021") == "0")
    }

    @Test func `a write in flight stays in flight, and its key is judged by the new catalog when it has landed or failed`() throws {
        for lands in [true, false] {
            var scene = try Scene(Self.catalog(), now: Self.now)
            scene.receive("1") { $0.late }
            scene.step(Self.now)
            try scene.engine.adopt(SmallCatalog.make([], hash: "sha256:b"))
            #expect(scene.step(Self.next) == [])
            try scene.engine.adopt(Self.catalog(.test(.above), hash: "sha256:c"))
            #expect(scene.step(Self.next) == [])
            if lands { scene.land() } else { scene.fail() }
            #expect(scene.step(Self.next) == (lands ? ["\(Self.key) resolved warning recovered"] : []))
        }
    }

    @Test func `effects not yet taken are still handed out`() throws {
        var scene = try Scene(Self.catalog(), now: Self.now)
        scene.receive("1") { $0.late }
        scene.receive("2") { $0.field("state", "11") }
        scene.engine.step(now: SmallCatalog.instant(Self.now))
        try scene.engine.adopt(SmallCatalog.make([], hash: "sha256:b"))
        #expect(scene.step(Self.next) == ["\(Self.key) firing warning below_threshold"] && scene.reasons() == ["bad_value state"])
        scene.land()
        #expect(scene.step(Self.next) == ["\(Self.key) resolved warning rule_removed"])
    }

    @Test func `another source's records are left alone, also under keys that were not judged when they were read`() throws {
        var record = try { () throws -> AlertRecord in
            let scene = try firing()
            return scene.engine.alerting.firing[0]
        }()
        record.source = "urn:parwatch:other"
        for first in [Self.catalog(), SmallCatalog.make([])] {
            var scene = try Scene(first, now: Self.now, topic: [(record.key, record.json(in: first.zone))])
            scene.receive("1") { $0.late }
            for catalog in [SmallCatalog.make([]), Self.catalog(), SmallCatalog.make([]), Self.catalog()] {
                try scene.engine.adopt(catalog)
                #expect(scene.step(Self.now) == [])
            }
            scene.put(record.key, nil)
            #expect(scene.step(Self.now) == ["\(Self.key) firing warning below_threshold"])
        }
    }

    @Test func `before the first step and while nothing is judged, nothing is written`() throws {
        var engine = try Engine(catalog: Self.catalog(), inputs: ["in"])
        try engine.adopt(SmallCatalog.make([SmallCatalog.criterion("new", SmallCatalog.onTime, periods: [.window(days: 7)], alert: .test())]))
        engine.step(now: SmallCatalog.instant("2021-03-05T00:00:00+07:00"))
        engine.receive([DossierMessage().field("agency", text: "D1").late.json], from: 0)
        try engine.adopt(SmallCatalog.make([SmallCatalog.criterion("newer", SmallCatalog.onTime, periods: [.window(days: 7)], alert: .test())]))
        engine.step(now: SmallCatalog.instant("2021-03-05T00:00:01+07:00"))
        #expect(engine.takeEffects().isEmpty && !engine.isJudging)
        engine.startJudging(initial: true)
        engine.step(now: SmallCatalog.instant("2021-03-05T00:00:02+07:00"))
        var written: [String] = []
        for case .publish(let record) in engine.takeEffects() where record.initial { written.append(record.key) }
        #expect(written == ["F-2021/newer/D1/last-7d"])
    }

    // MARK: What is refused

    @Test func `another time zone, another late_by or another source is refused, says what to do, and changes nothing`() throws {
        let criteria = [SmallCatalog.criterion("new", SmallCatalog.onTime)]
        let moved = Zone(name: "Asia/Ho_Chi_Minh", initialOffset: 8 * 3_600)
        let wrong: [(Catalog, CannotAdopt, String)] = [
            (SmallCatalog.make(criteria, zone: .utc), .timeZone(from: "Asia/Ho_Chi_Minh", to: "UTC"), "'timezone' has changed from Asia/Ho_Chi_Minh to UTC"),
            (SmallCatalog.make(criteria, zone: moved), .timeZone(from: "Asia/Ho_Chi_Minh", to: "Asia/Ho_Chi_Minh"), "the rules of 'timezone' Asia/Ho_Chi_Minh have changed"),
            (SmallCatalog.make(criteria, lateBy: .instant), .lateBy(from: .date, to: .instant), "'late_by' has changed from date to instant"),
            (SmallCatalog.make(criteria, source: "urn:b"), .source(from: "urn:parwatch:test", to: "urn:b"), "'source' has changed from urn:parwatch:test to urn:b"),
        ]
        for (catalog, expected, text) in wrong {
            var scene = try firing()
            _ = scene.engine.takeChangedCells()
            do throws(CannotAdopt) {
                try scene.engine.adopt(catalog)
                Issue.record("was adopted")
            } catch {
                #expect(error == expected && error.description == text + ", which a running daemon cannot take over: restart it, or set it back")
            }
            #expect(scene.step(Self.next) == [] && scene.engine.takeChangedCells().isEmpty)
            #expect(scene.engine.catalog.hash == "sha256:a" && scene.score(Self.key) == "0/1" && scene.score("F-2021/new/D1/2021") == nil)
        }
    }
}
