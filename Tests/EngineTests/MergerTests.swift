import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// The examples of docs/configuration.md: a province whose districts end with June 2021. D1 goes on; Q1 and Q2 end, and their communes stand under the
/// province; C12 becomes part of C11; C21 begins with July.
@Suite struct Mergers {
    private static let lastDay = LocalDay(year: 2021, month: 6, day: 30)

    private static func catalog(_ criteria: [Criterion], years: [Int] = [2021], _ change: (inout [Agency]) -> Void = { _ in }) -> Catalog {
        var agencies = SmallCatalog.agencies
        for (district, heir) in [(SmallCatalog.q1, SmallCatalog.province), (SmallCatalog.q2, SmallCatalog.province), (SmallCatalog.c12, SmallCatalog.c11)] {
            agencies[district].until = lastDay
            agencies[district].mergedInto = heir
        }
        agencies[SmallCatalog.c21].from = lastDay + 1
        change(&agencies)
        return SmallCatalog.make(criteria, agencies: agencies, years: years)
    }

    private static let all = Measure.count(among: FactMask())
    private static func received(_ day: String) -> (DossierMessage) -> DossierMessage { { $0.field("received", text: "\(day)T12:00:00+07:00") } }

    @Test func `a subject counts in the tree of its own day`() throws {
        var scene = try Scene(Self.catalog([SmallCatalog.criterion("c", Self.all, levels: ["commune", "district"], judgeAt: [.`self`, .parent, .root])]), now: "2021-12-01T00:00:00Z")
        for (number, agency) in ["Q1", "C11", "C12", "C21", "Q2"].enumerated() {
            scene.receive("before-\(number)") { Self.received("2021-06-30")($0.at(agency)) }
            scene.receive("after-\(number)") { Self.received("2021-07-01")($0.at(agency)) }
        }
        // Q1: itself and its two communes before. C11: itself twice and C12 after. C21 before its first day is itself, under the province. After, the
        // districts count at the province, which is no commune or district.
        #expect(scene.scores(["F-2021/c/Q1/2021", "F-2021/c/Q2/2021", "F-2021/c/C11/2021", "F-2021/c/C12/2021", "F-2021/c/C21/2021", "F-2021/c/P/2021"]) == ["3", "1", "3", "1", "2", "8"])
    }

    @Test func `closed years keep theirs, and a procedure stands in each year as of its last day`() throws {
        let procedures = SmallCatalog.criterion("p", .count(of: .procedure, among: FactMask()), levels: ["commune", "district", "department"], judgeAt: [.`self`, .root])
        let catalog = Self.catalog([SmallCatalog.criterion("c", Self.all, judgeAt: [.`self`, .parent]), procedures], years: [2020, 2021])
        var scene = try Scene(catalog, now: "2021-12-01T00:00:00Z")
        scene.receive("old") { Self.received("2020-05-01")($0.at("C12")) }
        scene.receive("new") { Self.received("2021-08-01")($0.at("C12")) }
        #expect(scene.scores(["F-2020/c/C12/2020", "F-2020/c/Q1/2020", "F-2020/c/C11/2020", "F-2021/c/C11/2021", "F-2021/c/C12/2021"]) == ["1", "1", "0", "1", "0"])
        scene.engine.receive(["{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"vn.par.procedure.v1\",\"subject\":\"T\",\"time\":\"2021-08-01T00:00:00Z\",\"data\":"
            + "{\"agency\":\"C12\",\"level\":3,\"national_portal\":true,\"one_stop\":true,\"internal_process\":true,\"linked\":\"none\"}}"], from: 99)
        #expect(scene.scores(["F-2020/p/C12/2020", "F-2020/p/C11/2020", "F-2021/p/C12/2021", "F-2021/p/C11/2021"]) == ["1", "0", "0", "1"])
    }

    @Test func `without an heir what comes after the last day counts nowhere, and is reported once`() throws {
        let catalog = Self.catalog([SmallCatalog.criterion("c", Self.all)]) { $0[SmallCatalog.c12].mergedInto = nil }
        var scene = try Scene(catalog, now: "2021-12-01T00:00:00Z")
        for day in ["2021-06-30", "2021-07-01", "2021-07-02"] { scene.receive(day) { Self.received(day)($0.at("C12")) } }
        #expect(scene.score("F-2021/c/C12/2021") == "1")
        #expect(scene.reasons() == ["unknown_agency agency"])
    }

    @Test func `the alert of an agency ends with its last day, and none begins after it`() throws {
        let rule = AlertRule.test(.above, warning: ("0", "0"))
        let catalog = Self.catalog([SmallCatalog.criterion("c", .count(among: FactMask(required: .overdue)), levels: ["commune"], alert: rule)])
        var scene = try Scene(catalog, now: "2021-05-01T00:00:00+07:00")
        scene.receive("1") { Self.received("2021-04-01")($0.at("C12").due("2021-04-20T00:00:00+07:00")) }
        #expect(scene.step("2021-06-30T00:00:00+07:00") == ["F-2021/c/C12/2021 firing warning above_threshold"])
        scene.land()
        #expect(scene.step("2021-06-30T23:59:59+07:00") == [])
        // The clock looks away over midnight: what ended then ended then.
        #expect(scene.step("2021-07-03T00:00:00+07:00") == ["F-2021/c/C12/2021 resolved warning agency_changed"])
        #expect(scene.land().map { Timestamp.text($0.incident.resolved ?? .distantPast, in: SmallCatalog.vietnam) } == ["2021-07-01T00:00:00+07:00"])
        scene.receive("2") { Self.received("2021-04-01")($0.at("C12").due("2021-04-20T00:00:00+07:00")) }
        #expect(scene.step("2021-07-04T00:00:00+07:00") == [] && scene.score("F-2021/c/C12/2021") == "2")
        // A start that finds an older record says the same.
        var later = try Scene(catalog, now: "2021-07-05T00:00:00+07:00", topic: Array(scene.topic.prefix(1)))
        #expect(later.step("2021-07-05T00:00:01+07:00") == ["F-2021/c/C12/2021 resolved warning agency_changed"])
    }

    @Test func `an agency is not asked for anything before its first day or in periods after its last`() throws {
        let rule = AlertRule.test(.below, warning: ("1", "1"))
        let catalog = Self.catalog([SmallCatalog.criterion("c", Self.all, levels: ["commune", "district"], periods: [.quarter], alert: rule)])
        var scene = try Scene(catalog, now: "2020-12-31T00:00:00+07:00")
        var written: [String] = []
        for day in ["2021-01-01", "2021-04-01", "2021-07-01", "2021-10-01"] {
            written += scene.step("\(day)T00:00:00+07:00").map { "\(day) \($0)" }
            scene.land()
        }
        func keys(_ day: String, _ state: String) -> [String] { written.filter { $0.hasPrefix(day) && $0.contains(state) }.map { String($0.dropFirst(20).prefix { $0 != " " }) } }
        #expect(keys("2021-01-01", "firing") == ["C11/2021-Q1", "C12/2021-Q1", "Q1/2021-Q1", "Q2/2021-Q1"])
        #expect(keys("2021-04-01", "firing") == ["C11/2021-Q2", "C12/2021-Q2", "Q1/2021-Q2", "Q2/2021-Q2"])
        #expect(keys("2021-07-01", "firing") == ["C11/2021-Q3", "C21/2021-Q3"])
        // Quarters close sixty days after their end, so those of the second were still open.
        #expect(keys("2021-07-01", "agency_changed") == ["C12/2021-Q2", "Q1/2021-Q2", "Q2/2021-Q2"])
        #expect(keys("2021-10-01", "firing") == ["C11/2021-Q4", "C21/2021-Q4"])
    }

    @Test func `a unit of a share is one in every period in which it exists for a day`() throws {
        let share = SmallCatalog.criterion("s", .share(of: "c", reaching: .all(Target(comparison: .atLeast, value: SmallCatalog.decimal("1")))), levels: ["commune"], judgeAt: [.root, .parent], periods: [.quarter])
        let catalog = Self.catalog([SmallCatalog.criterion("c", Self.all, levels: ["commune"], periods: [.quarter]), share])
        var scene = try Scene(catalog, now: "2021-12-01T00:00:00Z")
        scene.receive("1") { Self.received("2021-02-01")($0.at("C12")) }
        scene.receive("2") { Self.received("2021-08-01")($0.at("C12")) }
        #expect(scene.scores((1...4).map { "F-2021/s/P/2021-Q\($0)" }) == ["1/2", "0/2", "1/2", "0/2"])
        #expect(scene.scores((1...3).map { "F-2021/s/Q1/2021-Q\($0)" }) == ["1/2", "0/2", "0/0"])
    }

    @Test func `another catalog with a merger is as if it had always been`() throws {
        let criteria = [SmallCatalog.criterion("c", Self.all, levels: ["commune"], judgeAt: [.`self`, .parent])]
        var running = try Scene(SmallCatalog.make(criteria), now: "2021-12-01T00:00:00Z"), fresh = try Scene(Self.catalog(criteria), now: "2021-12-01T00:00:00Z")
        for (day, agency) in [("2021-06-30", "C12"), ("2021-07-01", "C12"), ("2021-07-01", "C21"), ("2021-02-01", "C11")] {
            running.receive(day + agency) { Self.received(day)($0.at(agency)) }
            fresh.receive(day + agency) { Self.received(day)($0.at(agency)) }
        }
        try running.engine.adopt(Self.catalog(criteria))
        let keys = ["P", "Q1", "Q2", "C11", "C12", "C21"].map { "F-2021/c/\($0)/2021" }
        #expect(running.scores(keys) == fresh.scores(keys))
        #expect(fresh.scores(keys) == ["4", "2", nil, "2", "1", "1"])
    }

    @Test func `a parent that merges into its own child leaves its place to the one above`() throws {
        let catalog = Self.catalog([SmallCatalog.criterion("c", Self.all, levels: ["commune"], judgeAt: [.`self`, .parent])]) { $0[SmallCatalog.q1].mergedInto = SmallCatalog.c11 }
        var scene = try Scene(catalog, now: "2021-12-01T00:00:00Z")
        scene.receive("1") { Self.received("2021-07-01")($0.at("C11")) }
        scene.receive("2") { Self.received("2021-07-01")($0.at("Q1")) }
        #expect(scene.scores(["F-2021/c/C11/2021", "F-2021/c/P/2021"]) == ["2", "2"])
    }
}
