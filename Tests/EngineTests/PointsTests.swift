import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Scoreboard
import Testing

/// The points that document 435/STTTT-CNTT prints, from declared figures and the shipped rules.
@Suite struct PointsOfADocument {
    /// Table 1.1, I: the thirteen criteria, and what would earn what it prints for 2017 and as the aim for 2018.
    private static let table: [(code: String, in2017: String, earned2017: String, aim: String, earnedAim: String)] = [
        ("1.2", "0/1", "0", "1/1", "1"), ("3.2.4", "1/1", "1.5", "1/1", "1.5"), ("7.1.1", "1/1", "1", "1/1", "1"), ("7.1.2", "1/1", "0.5", "1/1", "0.5"),
        ("7.1.3", "91/100", "1", "91/100", "1"), ("7.1.4", "1/1", "1", "1/1", "1"), ("7.1.5", "1/2", "0.5", "1/1", "1"), ("7.2.1", "0/1", "0", "81/100", "0.5"),
        ("7.2.2", "0/1", "0", "21/100", "0.5"), ("7.2.3", "0/1", "0", "16/100", "0.5"), ("7.3.1", "0/1", "0", "51/100", "0.5"),
        ("7.3.2", "6626/100000", "0.6626", "11/100", "1"), ("7.3.3", "1455/10000", "0.97", "16/100", "1"),
    ]

    /// The shipped framework of 2018, on figures: a year that was over before anyone sent messages.
    private static func files(year: Int) -> [String: String] {
        let shipped = Oracle.repository.appendingPathComponent("config/criteria/gl-2018.yaml").path
        return [
            "parwatch.yaml": "source: urn:t\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n",
            "agencies.yaml": """
                timezone: Asia/Ho_Chi_Minh
                agencies:
                  - {id: H21, level: province, name: {vi: P, en: P}}
                  - {id: D, level: department, parent: H21, name: {vi: D, en: D}}
                  - {id: Q, level: district, parent: H21, name: {vi: Q, en: Q}}
                  - {id: C, level: commune, parent: Q, name: {vi: C, en: C}}

                """,
            "criteria.yaml": "extends: \(shipped)\nframework: GL-\(year)\nperiod: {year: \(year)}\ncriteria:\n"
                + table.map { "  - {code: \($0.code), levels: [province], judge_at: [self], periods: [year], measure: {figure: {as: ratio}}, alert: ~}\n" }.joined(),
        ]
    }

    private func sheets(year: Int, _ figures: [(code: String, figure: String)]) throws -> [PointSheet] {
        try Oracle.withFolder("points") { folder in
            for (name, text) in Self.files(year: year) { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            let catalog = try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
            var engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
            engine.step(now: SmallCatalog.instant("\(year + 1)-02-01T00:00:00+07:00"))
            for (offset, (code, figure)) in figures.enumerated() {
                let parts = figure.split(separator: "/")
                engine.receive([#"{"specversion":"1.0","id":"\#(offset)","source":"urn:t","type":"vn.par.figure.v1","subject":"\#(code)","time":"\#(year + 1)-01-31T00:00:00Z","data":{"framework":"GL-\#(year)","criterion":"\#(code)","agency":"H21","period":"\#(year)","as_of":"\#(year)-12-31","numerator":\#(parts[0]),"denominator":\#(parts[1])}}"#], from: Int64(offset))
            }
            for case .reject(let record) in engine.takeEffects() { Issue.record("\(record.rejection)") }
            var scores: [CellID: Score] = [:]
            let layout = engine.scoreboard.layout
            for cell in 0..<CellID(layout.cellCount) { scores[cell] = engine.scoreboard.score(of: cell) }
            return layout.pointSheets { cell in
                let score = scores[cell] ?? .none
                return (score.points(by: layout.plan(of: cell).points), score.isApplicable)
            }
        }
    }

    @Test func `the column of 2017 comes out: 7,1326 of 12`() throws {
        let sheet = try #require(try sheets(year: 2017, Self.table.map { ($0.code, $0.in2017) }).first { $0.agency == 0 })
        #expect(sheet.lines.map(\.criterion.code) == Self.table.map(\.code))
        #expect(sheet.lines.map { $0.earned?.description } == Self.table.map(\.earned2017))
        #expect(sheet.earned.value.description == "7.1326" && sheet.maximum.value.description == "12" && sheet.atRisk.value.description == "4.8674")
    }

    @Test func `the aims of 2018 come to 11 of 12`() throws {
        let sheet = try #require(try sheets(year: 2019, Self.table.map { ($0.code, $0.aim) }).first { $0.agency == 0 })
        #expect(sheet.lines.map { $0.earned?.description } == Self.table.map(\.earnedAim))
        #expect(sheet.earned.value.description == "11" && sheet.maximum.value.description == "12")
        // What the second half of 7.2.2 and 7.2.3 asks for is not printed: it stays at risk.
        #expect(sheet.lines.filter { PointSum() < $0.atRisk }.map(\.criterion.code) == ["7.2.2", "7.2.3"])
    }

    @Test func `what is not known is at risk whole, what is not applicable is left out of the sums`() throws {
        let sheet = try #require(try sheets(year: 2017, [("1.2", "0/0"), ("3.2.4", "1/1")]).first { $0.agency == 0 })
        #expect(sheet.lines[0].earned == nil && !sheet.lines[0].isApplicable && sheet.lines[0].atRisk == PointSum())
        #expect(sheet.lines[2].earned == nil && sheet.lines[2].isApplicable && sheet.lines[2].atRisk.value.description == "1")
        #expect(sheet.earned.value.description == "1.5" && sheet.maximum.value.description == "11" && sheet.atRisk.value.description == "9.5")
        let json = String(decoding: sheet.json(in: try Configuration.load(path: Oracle.repository.appendingPathComponent("config/parwatch.yaml").path).catalog), as: UTF8.self)
        #expect(json.contains(#""period":"2017","points":1.5,"max":11,"at_risk":9.5,"criteria":[{"criterion":"1.2","points":null,"max":1,"at_risk":0,"applicable":false}"#), "\(json)")
    }
}
