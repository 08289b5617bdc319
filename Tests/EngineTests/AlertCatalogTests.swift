import Alerting
import Cases
import Catalog
import Engine
import Testing

/// What becomes of alerts under another catalog.
@Suite struct AlertsOfAnotherCatalog {
    private func after(_ catalog: Catalog, topic: [(key: String, value: [UInt8])]) throws -> [String] {
        var scene = try Scene(catalog, now: "2021-06-02T00:00:00+07:00", topic: topic)
        let lines = scene.step("2021-06-02T00:00:00+07:00")
        let landed = scene.land()
        #expect(landed.allSatisfy { $0.catalog == catalog.hash && !$0.initial && $0.cause == nil })
        #expect(scene.step("2021-06-02T00:00:01+07:00") == [])
        return lines
    }

    @Test func `when the new catalog lacks the rule, the criterion or the level, its alerts end with rule_removed`() throws {
        let topic = try OneRule.firing().topic
        let gone = ["\(OneRule.key) resolved warning rule_removed"]
        #expect(try after(OneRule.catalog(nil, hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([], hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([SmallCatalog.criterion("c2", SmallCatalog.onTime, alert: .test())], hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, levels: ["district"], alert: .test())], hash: "sha256:b"), topic: topic) == gone)
        #expect(try after(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.quarter], alert: .test())], hash: "sha256:b"), topic: topic) == gone)
    }

    @Test func `an alert that ends with its rule tells its value as it did: a share in per cent, a mean as it is`() throws {
        func ends(_ topic: [(key: String, value: [UInt8])]) throws -> [Bilingual] {
            var scene = try Scene(SmallCatalog.make([], hash: "sha256:b"), now: OneRule.now, topic: topic)
            scene.step(OneRule.now)
            return scene.land().map(\.text)
        }
        func text(_ value: String) -> [Bilingual] {
            [Bilingual(vi: "Đã kết thúc: Cơ quan D1 – Tiêu chí c (F-2021 c, năm 2021): \(value), quy tắc không còn", en: "Ended: Cơ quan D1 – Tiêu chí c (F-2021 c, 2021): \(value), rule removed")]
        }
        #expect(try ends(OneRule.firing().topic) == text("0 % (0/1)"))
        var mean = try Scene(OneRule.catalog(.test(warning: ("12", "12")), .mean(among: FactMask(required: .scored))), now: OneRule.now)
        let rating = #"{"specversion":"1.0","id":"1","source":"s","type":"vn.par.rating.v1","subject":"1","time":"2021-05-31T08:00:00+07:00","data":{"agency":"D1","given":"2021-05-31T08:00:00+07:00","scores":[1,1,1,1,1,1,1,1,1]}}"#
        mean.engine.receive([Array(rating.utf8)], partition: 0, from: 1)
        #expect(mean.step(OneRule.now) == ["\(OneRule.key) firing warning below_threshold"])
        mean.land()
        #expect(try ends(mean.topic) == text("9"))
    }

    @Test func `when the new catalog lacks the agency, its alerts end with agency_changed`() throws {
        let agencies = SmallCatalog.agencies.filter { $0.id != "D1" }.map { agency in
            var copy = agency
            copy.parent = agency.parent.map { $0 > 1 ? $0 - 1 : $0 }
            return copy
        }
        let catalog = SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, alert: .test())], agencies: agencies, hash: "sha256:b")
        #expect(try after(catalog, topic: OneRule.firing().topic) == ["\(OneRule.key) resolved warning agency_changed"])
    }

    @Test func `a pending alert of a removed rule ends as inactive, and an ended one is left as it is`() throws {
        var pending = try Scene(OneRule.catalog(.test(pendingFor: 3_600)), now: OneRule.now)
        pending.receive("1") { $0.late }
        #expect(pending.step(OneRule.now) == ["\(OneRule.key) pending warning below_threshold"])
        pending.land()
        #expect(try after(SmallCatalog.make([], hash: "sha256:b"), topic: pending.topic) == ["\(OneRule.key) inactive warning rule_removed"])
        var ended = try OneRule.firing()
        ended.receive("1") { $0.onTime }
        ended.step("2021-06-01T00:00:01+07:00")
        ended.land()
        #expect(try after(SmallCatalog.make([], hash: "sha256:b"), topic: ended.topic) == [])
    }

    private func standing(_ alerting: borrowing Alerting) -> [Int] { [alerting.count(.firing, .warning), alerting.firing.count, alerting.count(.pending, .warning), alerting.count(.firing, .critical)] }

    @Test func `what is alive and no longer judged counts among what the topic holds as firing, until its end is written`() throws {
        var scene = try Scene(SmallCatalog.make([], hash: "sha256:b"), now: OneRule.now, topic: OneRule.firing().topic, judging: false)
        let before = standing(scene.engine.alerting)
        #expect(before == [1, 1, 0, 0])
        // As long as it is not certain what the inputs say, nothing ends.
        scene.engine.isComplete = false
        scene.engine.startJudging()
        #expect(scene.step("2021-06-02T00:00:00+07:00") == [])
        let held = standing(scene.engine.alerting)
        #expect(held == [1, 1, 0, 0])
        scene.engine.isComplete = true
        #expect(scene.step("2021-06-02T00:00:01+07:00") == ["\(OneRule.key) resolved warning rule_removed"])
        scene.land()
        let after = standing(scene.engine.alerting)
        #expect(after == [0, 0, 0, 0])
    }

    @Test func `a change of the rule is written, a change of the catalog alone is not`() throws {
        let topic = try OneRule.firing().topic
        func next(_ rule: AlertRule) throws -> [AlertRecord] {
            var scene = try Scene(OneRule.catalog(rule, hash: "sha256:b"), now: OneRule.now, topic: topic, judging: false)
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
}
