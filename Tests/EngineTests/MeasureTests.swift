import Cases
import Catalog
import Engine
import Intake
import Scoreboard
import Testing

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
