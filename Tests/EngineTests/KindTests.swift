import Cases
import Catalog
import Engine
import Intake
import Scoreboard
import Testing

/// An engine that takes in messages of any type.
private struct Desk: ~Copyable {
    var engine: Engine
    private var count: Int64 = 0

    init(_ catalog: Catalog, now: String = "2021-06-01T00:00:00+07:00") throws {
        engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
        engine.step(now: SmallCatalog.instant(now))
    }

    /// Takes a message in, newer than the one before unless `time` says otherwise, and returns why it was rejected.
    @discardableResult
    mutating func put(_ type: String, _ subject: String, _ data: String, time: String? = nil) -> [String] {
        count += 1
        let spelled = time ?? Timestamp.utc(Instant(microseconds: 1_609_459_200_000_000 + count))
        let json = "{\"specversion\":\"1.0\",\"id\":\"\(count)\",\"source\":\"urn:t\",\"type\":\"vn.par.\(type).v1\",\"subject\":\"\(subject)\",\"time\":\"\(spelled)\",\"data\":{\(data)}}"
        engine.receive([json], from: count)
        var reasons: [String] = []
        for case .reject(let record) in engine.takeEffects() { reasons.append(record.rejection.reason.rawValue + (record.rejection.field.map { " " + $0 } ?? "")) }
        return reasons
    }

    mutating func step(_ now: String) { engine.step(now: SmallCatalog.instant(now)) }

    /// `numerator/denominator = value`, or the value where there is no denominator; `–` without a value, `n/a` where that was declared.
    func score(_ agency: String, _ code: String = "c", _ period: String = "2021") -> String {
        guard let cell = engine.scoreboard.layout.cell(of: "F-2021/\(code)/\(agency)/\(period)") else { return "no such cell" }
        let score = engine.scoreboard.score(of: cell)
        guard let value = score.value else { return score.isApplicable ? "–" : "n/a" }
        return score.denominator.map { "\(score.numerator)/\($0) = \(value)" } ?? "\(value)"
    }

    func scores(_ agencies: [String], _ code: String = "c", _ period: String = "2021") -> [String] {
        var scores: [String] = []
        for agency in agencies { scores.append(score(agency, code, period)) }
        return scores
    }
}

private func figure(_ agency: String, _ numbers: String, period: String = "2021", asOf: String = "2021-03-01", criterion: String = "c") -> String {
    "\"framework\":\"F-2021\",\"criterion\":\"\(criterion)\",\"agency\":\"\(agency)\",\"period\":\"\(period)\",\"as_of\":\"\(asOf)\",\(numbers)"
}

private func event(_ agency: String, item: String, criterion: String = "c") -> String {
    "\"framework\":\"F-2021\",\"criterion\":\"\(criterion)\",\"agency\":\"\(agency)\",\"occurred\":\"2021-03-01\",\"item\":\"\(item)\""
}

private func rating(_ agency: String, _ scores: [Int]) -> String { "\"agency\":\"\(agency)\",\"given\":\"2021-03-01T00:00:00Z\",\"scores\":\(scores)" }

private func procedure(_ agency: String, level: Int, _ more: String = "") -> String {
    "\"agency\":\"\(agency)\",\"level\":\(level),\"national_portal\":true,\"one_stop\":true,\"internal_process\":false,\"linked\":\"none\"\(more)"
}

private let dossier = "\"agency\":\"D1\",\"procedure\":\"P1\",\"state\":4,\"received\":\"2021-03-01T00:00:00+07:00\",\"due\":\"2021-03-10T00:00:00+07:00\",\"filing\":\"online\""

/// The examples of docs/measures.md.
@Suite struct WorkedMeasures {
    private static let places = ["Q1", "Q2", "P"]

    private static func catalog(_ measure: Measure, levels: [String] = ["department", "district", "commune"], periods: [PeriodKind] = [.year]) -> Catalog {
        SmallCatalog.make([SmallCatalog.criterion("c", measure, levels: levels, judgeAt: [.`self`, .root], periods: periods)])
    }

    @Test func `a mean is the sum of the scores over the number of ratings`() throws {
        var desk = try Desk(Self.catalog(.mean(among: FactMask(required: .scored))))
        desk.put("rating", "1", rating("Q1", [2, 2, 2, 2, 2, 2, 2, 2, 2]))
        desk.put("rating", "2", rating("Q1", [1, 1, 1, 1, 1, 1, 1, 1, 1]))
        desk.put("rating", "3", rating("Q2", [2, 2, 2, 2, 2, 2, 0, 0, 0]))
        desk.put("rating", "4", "\"agency\":\"Q2\",\"given\":\"2021-03-01T00:00:00Z\",\"satisfied\":true")
        #expect(desk.scores(Self.places) == ["27/2 = 13.5", "12/1 = 12", "39/3 = 13"])
        desk.put("rating", "2", "\"deleted\":true")
        #expect(desk.score("Q1") == "18/1 = 18")
    }

    @Test func `a checklist counts items met, of all items, from the first day of the period on`() throws {
        let measure = Measure.checklist(of: .event, among: FactMask(), items: [["HOI-NGHI"], ["CONG-TTDT"], ["DAI-PTTH"], ["CUOC-THI", "TOA-DAM"]])
        var desk = try Desk(Self.catalog(measure, periods: [.year, .quarter]))
        for (number, (agency, item)) in [("Q1", "hoi-nghi"), ("Q1", "HOI-NGHI "), ("Q1", "TOA-DAM"), ("Q2", "DAI-PTTH"), ("Q2", "KHAC")].enumerated() {
            desk.put("event", "\(number)", event(agency, item: item))
        }
        #expect(desk.scores(Self.places) == ["2/4 = 0.5", "1/4 = 0.25", "3/4 = 0.75"] && desk.score("D1") == "0/4 = 0")
        #expect(desk.scores(Self.places, "c", "2021-Q3") == ["–", "–", "–"])
        desk.step("2021-06-30T23:59:59.999999+07:00")
        #expect(desk.score("Q1", "c", "2021-Q3") == "–")
        desk.step("2021-07-01T00:00:00+07:00")
        #expect(desk.score("Q1", "c", "2021-Q3") == "0/4 = 0")
    }

    @Test func `figures are added up, decimals are shown as whole numbers`() throws {
        for (form, want) in [(Measure.Form.ratio, ["125/200 = 0.625", "30/30 = 1", "425/500 = 0.85"]), (.value, ["–", "–", "–"])] {
            var desk = try Desk(Self.catalog(.figure(as: form)))
            desk.put("figure", "1", figure("Q1", "\"numerator\":12.5,\"denominator\":20"))
            desk.put("figure", "2", figure("Q2", "\"numerator\":30,\"denominator\":30"))
            #expect(desk.scores(Self.places) == want)
        }
        for (form, want) in [(Measure.Form.ratio, ["35/10 = 3.5", "2/1 = 2", "55/20 = 2.75"]), (.value, ["3.5", "2", "5.5"])] {
            var desk = try Desk(Self.catalog(.figure(as: form)))
            desk.put("figure", "1", figure("Q1", "\"value\":3.5"))
            desk.put("figure", "2", figure("Q2", "\"value\":2"))
            #expect(desk.scores(Self.places) == want)
        }
    }

    @Test func `of several figures the latest as_of counts, whatever their ids and the order of messages; without it the next one does`() throws {
        var desk = try Desk(Self.catalog(.figure(as: .value)))
        desk.put("figure", "new", figure("D1", "\"value\":7", asOf: "2021-03-01"))
        desk.put("figure", "old", figure("D1", "\"value\":5", asOf: "2021-02-01"))
        #expect(desk.score("D1") == "7")
        desk.put("figure", "new", "\"deleted\":true")
        #expect(desk.score("D1") == "5")
        desk.put("figure", "old", figure("D1", "\"value\":6", asOf: "2021-01-01", criterion: "c"))
        #expect(desk.score("D1") == "6")
    }

    /// The model: of those that stand, the greatest by `as_of`, then by what was said last.
    @Test func `of many figures the right one counts whenever one comes, changes, moves to another agency or goes`() throws {
        var dice = Seeded(Oracle.seed("rivals")), desk = try Desk(Self.catalog(.figure(as: .value)))
        var standing: [Int: (agency: String, day: Int, turn: Int, value: Int)] = [:]
        for turn in 0..<6_000 {
            // Now hundreds stand, now hardly any.
            let subject = dice.int(0...300), isGoing = dice.int(0...99) < (turn / 500 % 2 == 0 ? 20 : 80)
            if isGoing {
                standing[subject] = nil
                desk.put("figure", "F\(subject)", "\"deleted\":true")
            } else {
                let agency = dice.one(of: ["D1", "D2"]), day = dice.int(1...28)
                standing[subject] = (agency, day, turn, turn)
                desk.put("figure", "F\(subject)", figure(agency, "\"value\":\(turn)", asOf: "2021-03-\(day < 10 ? "0" : "")\(day)"))
            }
            for agency in ["D1", "D2"] {
                let winner = standing.values.filter { $0.agency == agency }.max { ($0.day, $0.turn) < ($1.day, $1.turn) }
                guard desk.score(agency) == winner.map({ "\($0.value)" }) ?? "–" else {
                    Issue.record("turn \(turn): \(agency) stands at \(desk.score(agency)), not at \(winner.map { "\($0.value)" } ?? "–")")
                    return
                }
            }
        }
    }

    @Test func `0 of 0 is not applicable, which is neither nothing nor a value, and adds nothing`() throws {
        let target = Target(comparison: .atLeast, value: SmallCatalog.decimal("1"))
        let catalog = SmallCatalog.make([SmallCatalog.criterion("c", .figure(as: .ratio), judgeAt: [.`self`, .root], target: target)])
        var desk = try Desk(catalog)
        desk.put("figure", "1", figure("D2", "\"numerator\":0,\"denominator\":0"))
        #expect(desk.scores(["D1", "D2", "P"]) == ["–", "n/a", "n/a"])
        let cell = try #require(desk.engine.scoreboard.layout.cell(of: "F-2021/c/D2/2021"))
        let record = desk.engine.score(of: cell)
        #expect(record.isMet == nil && String(decoding: record.json(in: catalog.zone), as: UTF8.self).contains("\"value\":null,\"target\":1,\"met\":null,\"applicable\":false"))
        desk.put("figure", "2", figure("D1", "\"numerator\":1,\"denominator\":2"))
        #expect(desk.scores(["D1", "D2", "P"]) == ["1/2 = 0.5", "n/a", "1/2 = 0.5"])
    }

    @Test(arguments: [
        (Measure.growth(as: .value, from: .number(SmallCatalog.decimal("84.78")), by: .points), "P", "1.5"),
        (.growth(as: .value, from: .number(SmallCatalog.decimal("84.78")), by: .relative), "P", "25/1413 = 0.0177"),
        (.growth(as: .value, from: .year(2015), by: .relative), "Q1", "-1/10 = -0.1"), (.growth(as: .value, from: .year(2015), by: .relative), "Q2", "-1/3 = -0.3333"),
        (.growth(as: .value, from: .year(2015), by: .relative), "P", "-3/16 = -0.1875"), (.growth(as: .value, from: .year(2015), by: .points), "Q1", "-10"),
        (.growth(as: .ratio, from: .number(SmallCatalog.decimal("85%")), by: .points), "D1", "1/20 = 0.05"),
        (.growth(as: .ratio, from: .number(SmallCatalog.decimal("80%")), by: .relative), "D1", "1/8 = 0.125"), (.growth(as: .value, from: .year(2014), by: .points), "Q1", "–"),
    ])
    func `growth is against a number or an earlier year, in points or relative`(measure: Measure, agency: String, want: String) throws {
        let isProvince = if case .growth(_, .number, _) = measure { agency == "P" } else { false }
        var desk = try Desk(Self.catalog(measure, levels: isProvince ? ["province"] : ["department", "district"]))
        desk.put("figure", "1", figure("P", "\"value\":86.28"))
        for (agency, now, then) in [("Q1", 90, 100), ("Q2", 40, 60)] {
            desk.put("figure", agency, figure(agency, "\"value\":\(now)"))
            desk.put("figure", agency + "-2015", figure(agency, "\"value\":\(then)", period: "2015"))
        }
        desk.put("figure", "D1", figure("D1", "\"numerator\":45,\"denominator\":50"))
        if agency == "P", !isProvince { desk.put("figure", "D1", "\"deleted\":true") }
        #expect(desk.score(agency) == want)
    }

    @Test func `a share counts the agencies that reach a level, of those that have a value`() throws {
        let mean = SmallCatalog.criterion("mean", .mean(among: FactMask()), levels: ["department", "district"])
        func share(_ code: String, _ levels: Measure.Levels) -> Criterion { SmallCatalog.criterion(code, .share(of: "mean", reaching: levels), levels: ["department", "district"], judgeAt: [.root]) }
        func atLeast(_ limit: String) -> Target { Target(comparison: .atLeast, value: SmallCatalog.decimal(limit)) }
        let criteria = [share("12", .all(atLeast("12"))), mean, share("13", .all(atLeast("13"))), share("each", .each(["department": atLeast("18"), "district": atLeast("13.5")]))]
        var desk = try Desk(SmallCatalog.make(criteria))
        desk.put("rating", "1", rating("Q1", [2, 2, 2, 2, 2, 2, 2, 2, 2]))
        desk.put("rating", "2", rating("Q1", [1, 1, 1, 1, 1, 1, 1, 1, 1]))
        desk.put("rating", "3", rating("Q2", [2, 2, 2, 2, 2, 2, 0, 0, 0]))
        #expect([desk.score("P", "12"), desk.score("P", "13"), desk.score("P", "each")] == ["2/2 = 1", "1/2 = 0.5", "1/2 = 0.5"])
        desk.put("rating", "4", rating("D1", [2, 2, 2, 2, 2, 2, 2, 2, 1]))
        #expect([desk.score("P", "12"), desk.score("P", "each")] == ["3/3 = 1", "1/3 = 0.3333"])
        desk.put("rating", "4", "\"deleted\":true")
        #expect([desk.score("P", "12"), desk.score("P", "each")] == ["2/2 = 1", "1/2 = 0.5"])
    }

    @Test func `a share of a count covers every agency`() throws {
        let count = SmallCatalog.criterion("count", .count(among: FactMask(required: .accepted)), levels: ["commune"])
        let reached = Measure.share(of: "count", reaching: .all(Target(comparison: .atLeast, value: SmallCatalog.decimal("1"))))
        var desk = try Desk(SmallCatalog.make([count, SmallCatalog.criterion("c", reached, levels: ["commune"], judgeAt: [.root, .parent])]))
        #expect(desk.scores(["P", "Q1", "Q2"]) == ["0/3 = 0", "0/2 = 0", "0/1 = 0"])
        desk.put("dossier", "1", dossier.replacing("D1", with: "C11"))
        #expect(desk.scores(["P", "Q1", "Q2"]) == ["1/3 = 0.3333", "1/2 = 0.5", "0/1 = 0"])
    }

    @Test func `something distinct may be out of the catalogue of procedures, or out of nothing`() throws {
        let among = FactMask(required: [.accepted, .filedOnline], clauses: [.init(anyOf: [.level3, .level4])])
        let offered = SmallCatalog.criterion("c", .distinct(among: among, outOf: .procedures(FactMask(clauses: [.init(anyOf: [.level3, .level4])]))), judgeAt: [.`self`, .root])
        let agencies = SmallCatalog.criterion("agencies", .distinct(among: FactMask(required: .filedOnline), by: .agency, outOf: .unsaid), judgeAt: [.root])
        var desk = try Desk(SmallCatalog.make([offered, agencies]))
        desk.put("dossier", "1", dossier.replacing("D1", with: "Q1") + ",\"level\":3")
        #expect(desk.scores(Self.places) == ["–", "–", "–"] && desk.score("P", "agencies") == "1")
        for (number, (agency, level)) in [("Q1", 3), ("Q1", 3), ("Q1", 2), ("Q2", 4), ("Q2", 4), ("Q2", 4)].enumerated() { desk.put("procedure", "\(number)", procedure(agency, level: level)) }
        desk.put("dossier", "2", dossier.replacing("D1", with: "Q2").replacing("P1", with: "P2") + ",\"level\":4")
        #expect(desk.scores(Self.places) == ["1/2 = 0.5", "1/3 = 0.3333", "2/5 = 0.4"] && desk.score("P", "agencies") == "2")
    }
}

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

/// A dossier and its progress.
@Suite struct ProgressTests {
    private static let names = ["open", "overdue", "finished", "late", "on_time", "tracked", "accepted"]

    private static func facts(_ messages: [(type: String, data: String, time: String)], now: String = "2021-06-01T00:00:00+07:00") throws -> [String] {
        let criteria = try names.map { name in SmallCatalog.criterion(name, .count(among: FactMask(required: try #require(Facts.named.first { $0.name == name }?.fact)))) }
        var desk = try Desk(SmallCatalog.make(criteria), now: now)
        for (type, data, time) in messages { desk.put(type, "S", data, time: time) }
        var facts: [String] = []
        for name in names where desk.score("D1", name) == "1" { facts.append(name) }
        return facts
    }

    private static let own = (type: "dossier", data: dossier, time: "2021-03-02T00:00:00+07:00")
    private static func step(_ state: Int, _ time: String) -> (type: String, data: String, time: String) { ("dossier.progress", "\"state\":\(state)", time) }

    @Test func `the newer of the two decides the state, in either order`() throws {
        let done = Self.step(9, "2021-03-10T20:00:00+07:00"), late = Self.step(9, "2021-03-11T00:00:00+07:00"), early = Self.step(9, "2021-03-01T00:00:00+07:00")
        for (step, want) in [(done, ["finished", "on_time", "tracked", "accepted"]), (late, ["finished", "late", "tracked", "accepted"]), (early, ["open", "overdue", "late", "tracked", "accepted"])] {
            #expect(try Self.facts([Self.own, step]) == want)
            #expect(try Self.facts([step, Self.own]) == want)
        }
    }

    private static func own(_ state: Int, finished: String, time: String = "2021-03-06T00:00:00+07:00") -> (type: String, data: String, time: String) {
        ("dossier", dossier.replacing("\"state\":4", with: "\"state\":\(state),\"finished\":\"\(finished)\""), time)
    }

    @Test func `a dossier was finished when its own status says, whatever state that was sent in`() throws {
        for state in [9, 4, 5, 7] {
            let inTime = Self.own(state, finished: "2021-03-05T00:00:00+07:00"), late = Self.own(state, finished: "2021-03-15T00:00:00+07:00"), step = Self.step(10, "2021-03-20T00:00:00+07:00")
            for order in [[inTime, step], [step, inTime]] { #expect(try Self.facts(order) == ["finished", "on_time", "tracked", "accepted"]) }
            for order in [[late, step], [step, late]] { #expect(try Self.facts(order) == ["finished", "late", "tracked", "accepted"]) }
        }
    }

    @Test func `a finished dossier that is reopened has its due date still`() throws {
        let finished = Self.own(9, finished: "2021-03-05T00:00:00+07:00"), reopened = Self.step(4, "2021-03-07T00:00:00+07:00"), again = Self.step(9, "2021-03-20T00:00:00+07:00")
        for order in [[finished, reopened], [reopened, finished]] {
            #expect(try Self.facts(order, now: "2021-03-10T23:59:59+07:00") == ["open", "tracked", "accepted"])
            #expect(try Self.facts(order, now: "2021-03-11T00:00:00+07:00") == ["open", "overdue", "late", "tracked", "accepted"])
        }
        for order in [[finished, reopened, again], [again, reopened, finished]] { #expect(try Self.facts(order) == ["finished", "on_time", "tracked", "accepted"]) }
    }

    @Test func `a deleted progress is as if there were none, a deleted dossier stays deleted`() throws {
        let done = Self.step(9, "2021-03-10T20:00:00+07:00")
        #expect(try Self.facts([Self.own, done, ("dossier.progress", "\"deleted\":true", "2021-03-12T00:00:00+07:00")]) == ["open", "overdue", "late", "accepted"])
        #expect(try Self.facts([done, ("dossier", "\"deleted\":true", "2021-03-02T00:00:00+07:00")]) == [])
        #expect(try Self.facts([done]) == [])
    }

    @Test func `a dossier that a progress suspends is not overdue, and comes due when another takes it up again`() throws {
        let suspended = Self.step(5, "2021-03-03T00:00:00+07:00"), again = Self.step(4, "2021-03-20T00:00:00+07:00")
        #expect(try Self.facts([Self.own, suspended]) == ["tracked", "accepted"])
        #expect(try Self.facts([suspended, again, Self.own]) == ["open", "overdue", "late", "tracked", "accepted"])
    }
}
