import Cases
import Catalog
@testable import Engine
import Register
import Testing

/// What is true of each kind.
@Suite struct Kinds {
    private static func desk(_ kind: Kind, _ facts: [String], periods: [PeriodKind] = [.year], lateBy: Catalog.LateBy = .date, now: String = "2021-06-01T00:00:00+07:00") throws -> Desk {
        let criteria = try facts.map { name in
            let fact = try #require(Facts.named(of: kind).first { $0.name == name }?.fact)
            return SmallCatalog.criterion(name, .count(of: kind, among: FactMask(required: fact)), periods: periods)
        }
        return try Desk(SmallCatalog.make(criteria, lateBy: lateBy), now: now)
    }

    @Test func `the same id in two kinds is two subjects`() throws {
        let criteria = [SmallCatalog.criterion("dossiers", .count(among: FactMask())), SmallCatalog.criterion("documents", .count(of: .document, among: FactMask()))]
        var desk = try Desk(SmallCatalog.make(criteria))
        desk.put("dossier", "X", dossier)
        desk.put("document", "X", "\"agency\":\"D1\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true")
        #expect([desk.score("D1", "dossiers"), desk.score("D1", "documents")] == ["1", "1"])
        desk.put("document", "X", "\"deleted\":true")
        #expect([desk.score("D1", "dossiers"), desk.score("D1", "documents")] == ["1", "0"])
    }

    @Test func `an obligation comes overdue by the clock, and is late or on time once it is done`() throws {
        let names = ["open", "done", "overdue", "late", "on_time", "decided"]
        var catalogs: [Criterion] = []
        for name in names {
            let fact = try #require(Facts.named(of: .obligation).first { $0.name == name }?.fact)
            catalogs.append(SmallCatalog.criterion(name, .count(of: .obligation, among: FactMask(required: fact)), periods: [.year, .quarter]))
        }
        var desk = try Desk(SmallCatalog.make(catalogs))
        func obligation(_ name: String, _ due: String, _ more: String = "") -> String { "\"framework\":\"F-2021\",\"criterion\":\"\(name)\",\"agency\":\"D1\",\"due\":\"\(due)\"\(more)" }
        for name in names { desk.put("obligation", name, obligation(name, "2021-06-10")) }
        func scores(_ desk: borrowing Desk) -> [String] {
            var scores: [String] = []
            for name in names { scores.append(desk.score("D1", name)) }
            return scores
        }
        desk.step("2021-06-10T23:59:59.999999+07:00")
        #expect(scores(desk) == ["1", "0", "0", "0", "0", "0"])
        desk.step("2021-06-11T00:00:00+07:00")
        #expect(scores(desk) == ["1", "0", "1", "1", "0", "1"])
        for name in names { desk.put("obligation", name, obligation(name, "2021-06-10", ",\"done\":\"2021-06-10T23:00:00+07:00\"")) }
        #expect(scores(desk) == ["0", "1", "0", "0", "1", "1"])
        // One of this year's duties that is due in the next one.
        desk.put("obligation", "done", obligation("done", "2022-01-31", ",\"done\":\"2021-12-01\""))
        #expect(desk.score("D1", "done") == "1" && desk.score("D1", "done", "2021-Q2") == "0" && desk.score("D1", "done", "2021-Q4") == "0")
    }

    @Test func `by instant, an obligation that is due at a time is late a microsecond later, one due on a day is not`() throws {
        var desk = try Desk(SmallCatalog.make([SmallCatalog.criterion("c", .count(of: .obligation, among: FactMask(required: .overdue)))], lateBy: .instant))
        let names = "\"framework\":\"F-2021\",\"criterion\":\"c\",\"agency\":\"D1\""
        desk.put("obligation", "1", names + ",\"due\":\"2021-06-10T15:00:00+07:00\"")
        desk.put("obligation", "2", names + ",\"due\":\"2021-06-10\"")
        desk.step("2021-06-10T15:00:00+07:00")
        #expect(desk.score("D1") == "0")
        desk.step("2021-06-10T15:00:00.000001+07:00")
        #expect(desk.score("D1") == "1")
        desk.step("2021-06-11T00:00:00+07:00")
        #expect(desk.score("D1") == "2")
    }

    @Test func `a procedure is announced five working days before, and published five working days after`() throws {
        var desk = try Self.desk(.announcement, ["announced_in_time", "published_in_time"])
        // 2021-03-05 is a Friday: the fifth working day after it is Friday the 12th.
        for (subject, effective, published) in [("1", "2021-03-12", "2021-03-12"), ("2", "2021-03-11", "2021-03-15")] {
            desk.put("procedure", subject, procedure("D1", level: 3, ",\"announced\":\"2021-03-05\",\"effective\":\"\(effective)\",\"published\":\"\(published)\""))
        }
        #expect([desk.score("D1", "announced_in_time"), desk.score("D1", "published_in_time")] == ["1", "1"])
    }

    @Test func `a document's facts are those of its state's code, as text or as a number`() throws {
        let names = ["acknowledged", "refused", "received", "processed", "recalled"]
        for (state, want) in [("null", "00000"), ("\"01\"", "10000"), ("2", "11000"), ("\"05\"", "10100"), ("6", "10110"), ("\"15\"", "10001")] {
            var desk = try Self.desk(.document, names)
            desk.put("document", "1", "\"agency\":\"D1\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true,\"state\":\(state)")
            var got = ""
            for name in names { got += desk.score("D1", name) }
            #expect(got == want, "state \(state)")
        }
    }

    @Test func `a heartbeat is accepted and counts nowhere`() throws {
        var desk = try Self.desk(.document, ["signed"])
        #expect(desk.put("heartbeat", "1", "\"agency\":\"D1\",\"system\":\"one-stop\"") == [] && desk.engine.subjects == 0)
    }

    @Test func `an event counts for the criterion that it names, in the year of its framework`() throws {
        var desk = try Desk(SmallCatalog.make([SmallCatalog.criterion("a", .count(of: .event, among: FactMask())), SmallCatalog.criterion("b", .count(of: .event, among: FactMask()))]))
        desk.put("event", "1", event("D1", item: "x", criterion: "a"))
        desk.put("event", "2", event("D1", item: "x", criterion: "a").replacing("2021-03-01", with: "2020-12-31"))
        desk.put("obligation", "3", "\"framework\":\"F-2021\",\"criterion\":\"b\",\"agency\":\"D1\",\"due\":\"2021-03-01\"")
        #expect([desk.score("D1", "a"), desk.score("D1", "b")] == ["1", "0"])
    }

    @Test func `subjects leave with the year, and what comes later is refused`() throws {
        var desk = try Desk(SmallCatalog.make([SmallCatalog.criterion("c", .figure(as: .value)), SmallCatalog.criterion("e", .count(of: .event, among: FactMask()))]))
        desk.put("figure", "1", figure("D1", "\"value\":3"))
        desk.put("event", "1", event("D1", item: "x", criterion: "e"))
        desk.step("2023-03-02T00:00:00+07:00")
        #expect(desk.score("D1") == "–" && desk.score("D1", "e") == "0" && desk.engine.subjects == 0)
        #expect(desk.put("figure", "2", figure("D1", "\"value\":3")) == ["closed_period period"])
        #expect(desk.put("event", "2", event("D1", item: "x", criterion: "e")) == ["closed_period occurred"])
    }

    /// What names a criterion may be of a later year than the one in which it is deleted; and procedures are of none.
    @Test(arguments: [
        ("dossier", true), ("dossier.progress", true), ("document", true), ("feedback", true), ("rating", true), ("procedure", false), ("obligation", false), ("event", false), ("figure", false),
    ])
    func `a deletion leaves with the year after that in which it was said, but for what may be of any year`(kind: String, leaves: Bool) throws {
        var desk = try Desk(SmallCatalog.make([SmallCatalog.criterion("c", .figure(as: .value)), SmallCatalog.criterion("e", .count(of: .event, among: FactMask()))], years: [2021, 2022]))
        // The year of the criterion that was named first departs.
        desk.put("figure", "other", figure("D1", "\"value\":3"))
        desk.put("event", "other", event("D1", item: "x", criterion: "e"))
        desk.put(kind, "1", "\"deleted\":true")
        desk.step("2023-03-02T00:00:00+07:00")
        #expect(desk.put(kind, "2", "\"deleted\":true") == [])
        desk.step("2024-03-01T00:00:00+07:00")
        let subjects = kind == "dossier.progress" ? 0 : leaves ? 0 : 2
        #expect(desk.engine.subjects == subjects)
        #expect(desk.put(kind, "1", "\"deleted\":true") == (leaves ? ["closed_period time"] : []))
    }

    @Test(arguments: ["document", "feedback", "rating"])
    func `what is of a year without a framework can be deleted while it is there`(kind: String) throws {
        let data = ["document": "\"agency\":\"D1\",\"sent\":\"2022-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true", "feedback": "\"agency\":\"D1\",\"received\":\"2022-03-01T00:00:00Z\""]
        var desk = try Desk(SmallCatalog.make([], years: [2021, 2023]), now: "2026-01-01T00:00:00+07:00")
        let late = "2021-12-31T00:00:00Z"
        #expect(desk.put(kind, "unknown", "\"deleted\":true", time: late) == ["closed_period time"] && desk.engine.subjects == 0)
        #expect(desk.put(kind, "known", data[kind] ?? rating("D1", [2, 2, 2, 2, 2, 2, 2, 2, 2]).replacing("2021", with: "2022"), time: "2021-12-30T00:00:00Z") == [])
        func counted(_ engine: borrowing Engine) -> Int {
            var count = 0
            engine.register.forEachItem { _ in count += 1 }
            return count
        }
        #expect(counted(desk.engine) == 1)
        #expect(desk.put(kind, "known", "\"deleted\":true", time: late) == [])
        #expect(counted(desk.engine) == 0)
    }

    @Test(arguments: [
        ("document", "\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true", "missing_field agency"),
        ("document", "\"agency\":\"D1\",\"sent\":\"2021-03-01\",\"electronic\":true,\"paper\":false,\"signed\":true", "bad_value sent"),
        ("document", "\"agency\":\"D1\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":1,\"paper\":false,\"signed\":true", "bad_value electronic"),
        ("document", "\"agency\":\"D1\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false", "missing_field signed"),
        ("document", "\"agency\":\"D1\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true,\"state\":\"07\"", "bad_value state"),
        ("document", "\"agency\":\"D1\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true,\"state\":\"6\"", "bad_value state"),
        ("document", "\"deleted\":true,\"sent\":\"yesterday\"", "bad_value sent"),
        ("procedure", procedure("D1", level: 5), "bad_value level"), ("procedure", procedure("D1", level: 3).replacing("\"none\"", with: "\"both\""), "bad_value linked"),
        ("procedure", procedure("D1", level: 3, ",\"announced\":\"2021-02-29\""), "bad_value announced"), ("procedure", procedure("D1", level: 3, ",\"level\":3"), "bad_value level"),
        ("feedback", "\"agency\":\"D1\",\"due\":\"2021-03-01\"", "missing_field received"), ("feedback", "\"agency\":\"D1\",\"received\":\"2021-03-01T00:00:00Z\",\"answered\":true", "bad_value answered"),
        ("feedback", "\"agency\":\"D1\",\"received\":\"2021-03-01T00:00:00Z\",\"disclosed\":\"yes\"", "bad_value disclosed"),
        ("obligation", "\"framework\":\"F-2021\",\"agency\":\"D1\",\"due\":\"2021-03-01\"", "missing_field criterion"),
        ("obligation", "\"framework\":\"F-2021\",\"criterion\":\"c\",\"agency\":\"D1\"", "missing_field due"),
        ("obligation", "\"framework\":\"F-2021\",\"criterion\":\"z\",\"agency\":\"D1\",\"due\":\"2021-03-01\"", "unknown_criterion criterion"),
        ("event", event("D1", item: "x").replacing("F-2021", with: "F-2020"), "unknown_criterion criterion"), ("event", event("D1", item: " "), "bad_value item"),
        ("figure", figure("D1", "\"value\":1", criterion: "z"), "unknown_criterion criterion"),
        ("rating", rating("D1", [2, 2, 2, 2, 2, 2, 2, 2]), "bad_value scores"), ("rating", rating("D1", [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]), "bad_value scores"),
        ("rating", rating("D1", [3, 2, 2, 2, 2, 2, 2, 2, 2]), "bad_value scores"), ("rating", "\"agency\":\"D1\",\"given\":\"2021-03-01T00:00:00Z\"", "missing_field scores"),
        ("figure", figure("D1", "\"value\":\"1\""), "bad_value value"), ("figure", figure("D1", "\"value\":1e400"), "bad_value value"), ("figure", figure("D1", "\"value\":1.23456789012"), "bad_value value"),
        ("figure", figure("D1", "\"value\":1000000000000001"), "bad_value value"), ("figure", figure("D1", "\"value\":1,\"numerator\":1"), "bad_value value"),
        ("figure", figure("D1", "\"numerator\":1"), "missing_field denominator"), ("figure", figure("D1", "\"other\":1"), "missing_field value"),
        ("figure", figure("D1", "\"numerator\":1,\"denominator\":0"), "bad_value denominator"), ("figure", figure("D1", "\"numerator\":1,\"denominator\":-1"), "bad_value denominator"),
        ("figure", figure("D1", "\"numerator\":1000000000000000,\"denominator\":0.000000001"), "bad_value numerator"), ("figure", figure("D1", "\"value\":1", period: "2021-Q5"), "bad_value period"),
        ("figure", figure("D1", "\"value\":1", period: "2021-13"), "bad_value period"), ("figure", figure("D1", "\"value\":1", asOf: "2021-3-1"), "bad_value as_of"),
        ("dossier.progress", "\"state\":11", "bad_value state"), ("dossier.progress", "\"note\":1", "missing_field state"),
        ("heartbeat", "\"agency\":\"D1\"", "missing_field system"), ("nothing", "\"agency\":\"D1\"", "unknown_type type"),
    ])
    func `what is wrong is refused with the field at fault`(type: String, data: String, fault: String) throws {
        var desk = try Desk(SmallCatalog.make([SmallCatalog.criterion("c", .figure(as: .value))]))
        #expect(desk.put(type, "1", data) == [fault] && desk.engine.subjects == 0)
    }

    @Test func `a status that is too far ahead is refused, an unknown agency is reported once over all kinds`() throws {
        var desk = try Self.desk(.document, ["signed"])
        let document = "\"agency\":\"X9\",\"sent\":\"2021-03-01T00:00:00Z\",\"electronic\":true,\"paper\":false,\"signed\":true"
        #expect(desk.put("document", "1", document, time: "2021-06-01T00:10:00.000001+07:00") == ["future_time time"])
        #expect(desk.put("document", "1", document) == ["unknown_agency agency"])
        #expect(desk.put("document", "2", document) == [] && desk.put("dossier", "3", dossier.replacing("D1", with: "X9")) == [] && desk.engine.subjects == 3)
    }
}
