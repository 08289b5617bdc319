import Cases
import Catalog
import CatalogFiles
import Declaring
import Foundation
import Testing

@Suite struct DeclarationFiles {
    private static let catalog = SmallCatalog.make([
        SmallCatalog.criterion("dossiers", SmallCatalog.onTime), SmallCatalog.criterion("r", .figure(as: .ratio), levels: ["department", "district"], periods: [.year, .quarter]),
        SmallCatalog.criterion("v", .figure(as: .value), levels: ["province"]),
        SmallCatalog.criterion("g", .growth(as: .value, from: .year(2015), by: .points), levels: ["department"]), SmallCatalog.criterion("o", .count(of: .obligation, among: FactMask())),
        SmallCatalog.criterion("l", .checklist(of: .event, among: FactMask(), items: [["HOI-NGHI"], ["CONG", "DAI"]])), SmallCatalog.criterion("e", .count(of: .event, among: FactMask())),
    ])

    private func read(_ text: String, _ catalog: Catalog = catalog) throws(Problems) -> [Declaration] {
        try DeclarationFile(CSVTable(Array(text.utf8), file: "f.csv"), file: "f.csv", catalog: catalog).declarations
    }

    private func problems(_ text: String, _ catalog: Catalog = catalog) -> [String] {
        do throws(Problems) {
            _ = try read(text, catalog)
            return []
        } catch {
            return error.list.map(\.description)
        }
    }

    private func fields(_ declaration: Declaration) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(declaration.json(source: "urn:t", time: "2021-06-01T00:00:00+07:00"))) as? NSDictionary)
    }

    @Test func `every kind becomes the message that docs messages describes`() throws {
        let rows = try read("""
            Criterion, AGENCY ,period,value,numerator,denominator,as_of,item,due,done,occurred,id,deleted,framework
            r,d1,2021-Q2,,12.50,020,2021-06-30,,,,,,,F-2021
            F-2021/v,P,2021,-0.5,,,2021-06-30T17:00:00+07:00,,,,,,false,
            r,Q1,2021,95%,,,2021-06-30,,,,,,,
            v,P,2021,,0,0,2021-12-31,,,,,,,
            g,D2,2015,123456789012345,,,2015-12-31,,,,,,,
            o,C11,,,,,,báo cáo,2021-03-31,2021-03-30T08:00:00Z,,,,
            l,D1,,,,,,hoi-nghi,,,2021-03-31,,,
            e,D1,,,,,,,,,2021-03-31,việc 1,,
            r,D2,2021,,,,,,,,,,true,

            """.replacing("v,P,2021,,0,0,2021-12-31", with: "v,P,2021,,0,0,2021-12-31").replacing("F-2021/v,P,2021,-0.5", with: "F-2021/g,D1,2021,-0.5"))
        #expect(rows.map(\.kind) == [.figure, .figure, .figure, .figure, .figure, .obligation, .event, .event, .figure] && rows.map(\.line) == Array(2...10))
        let data = try rows.map { try #require(try fields($0)["data"] as? NSDictionary) }
        let expected: [NSDictionary] = [
            ["framework": "F-2021", "criterion": "r", "agency": "D1", "period": "2021-Q2", "numerator": 12.5, "denominator": 20, "as_of": "2021-06-30"],
            ["framework": "F-2021", "criterion": "g", "agency": "D1", "period": "2021", "value": -0.5, "as_of": "2021-06-30T17:00:00+07:00"],
            ["framework": "F-2021", "criterion": "r", "agency": "Q1", "period": "2021", "value": 0.95, "as_of": "2021-06-30"],
            ["framework": "F-2021", "criterion": "v", "agency": "P", "period": "2021", "numerator": 0, "denominator": 0, "as_of": "2021-12-31"],
            ["framework": "F-2021", "criterion": "g", "agency": "D2", "period": "2015", "value": 123_456_789_012_345, "as_of": "2015-12-31"],
            ["framework": "F-2021", "criterion": "o", "agency": "C11", "item": "BÁO CÁO", "due": "2021-03-31", "done": "2021-03-30T08:00:00Z"],
            ["framework": "F-2021", "criterion": "l", "agency": "D1", "item": "HOI-NGHI", "occurred": "2021-03-31"],
            ["framework": "F-2021", "criterion": "e", "agency": "D1", "occurred": "2021-03-31"],
            ["framework": "F-2021", "criterion": "r", "agency": "D2", "deleted": true],
        ]
        for (data, expected) in zip(data, expected) { #expect(data == expected) }
        let first = try fields(rows[0])
        #expect(first["specversion"] as? String == "1.0" && first["type"] as? String == "vn.par.figure.v1" && first["source"] as? String == "urn:t")
        #expect(rows.map(\.subject) == [
            "F-2021/r/D1/2021-Q2", "F-2021/g/D1/2021", "F-2021/r/Q1/2021", "F-2021/v/P/2021", "F-2021/g/D2/2015", "F-2021/o/C11/2021-03-31/BÁO CÁO", "F-2021/l/D1/2021-03-31/HOI-NGHI", "VIỆC 1",
            "F-2021/r/D2/2021",
        ])
    }

    @Test func `the id of a message follows from what it says, not from when or in which file`() throws {
        func id(_ row: String, header: String = "criterion,agency,period,value,as_of", time: String = "2021-06-01T00:00:00Z") throws -> String {
            let json = try #require(try read("\(header)\n\(row)\n").first).json(source: "urn:t", time: time)
            return try #require((try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])?["id"] as? String)
        }
        let one = try id("v,P,2021,5,2021-06-01")
        #expect(try id("v , p ,2021,5.0,2021-06-01", time: "2022-01-01T00:00:00Z") == one)
        #expect(try id("2021-06-01,5,2021,P,v", header: "as_of,value,period,agency,criterion") == one)
        #expect(try Set([one, id("v,P,2021,6,2021-06-01"), id("v,P,2021,5,2021-06-02"), id("g,D1,2021,5,2021-06-01")]).count == 4)
    }

    private static let header = "criterion,agency,period,value,numerator,denominator,as_of,item,due,occurred,deleted"

    @Test(arguments: [
        ("x,D1,2021,1,,,2021-06-30,,,,", "no criterion 'x'"), (",D1,2021,1,,,2021-06-30,,,,", "'criterion' is missing"), ("F-2020/r,D1,2021,1,,,2021-06-30,,,,", "no framework 'F-2020': did you mean 'F-2021'?"),
        ("dossiers,D1,2021,1,,,2021-06-30,,,,", "'dossiers' is not declared: it is counted from what systems send"), ("r,D3,2021,1,,,2021-06-30,,,,", "no agency 'D3': did you mean 'D1'?"),
        ("r,,2021,1,,,2021-06-30,,,,", "'agency' is missing"), ("r,C11,2021,1,,,2021-06-30,,,,", "agency 'C11' is a commune, and 'r' counts department, district"),
        ("r,D1,2022,1,,,2021-06-30,,,,", "'2022' is no period of 'r': 2021; 2021-Q1 to 2021-Q4"), ("r,D1,2021-06,1,,,2021-06-30,,,,", "'2021-06' is no period of 'r'"), ("r,D1,,1,,,2021-06-30,,,,", "'period' is missing"),
        ("g,D1,2016,1,,,2021-06-30,,,,", "'2016' is no period of 'g': 2021; 2015, which it is compared with"), ("r,D1,2021,one,,,2021-06-30,,,,", "'value' is 'one', not a number such as 12.5"),
        ("r,D1,2021,\"12,5\",,,2021-06-30,,,,", "'value' is '12,5', not a number such as 12.5: a point before the decimals"), ("v,P,2021,5%,,,2021-06-30,,,,", "'value' is '5%': write it without %"),
        ("v,P,2021,1234567890123456,,,2021-06-30,,,,", "at most 15 digits"), ("r,D1,2021,1,2,3,2021-06-30,,,,", "either 'value', or 'numerator' and 'denominator'"), ("r,D1,2021,,2,,2021-06-30,,,,", "'denominator' is missing"),
        ("r,D1,2021,,,,2021-06-30,,,,", "'value', or 'numerator' and 'denominator', is missing"), ("v,P,2021,,1,2,2021-06-30,,,,", "'v' takes an amount"), ("r,D1,2021,,1,0,2021-06-30,,,,", "'denominator' is 0"),
        ("r,D1,2021,,1,-2,2021-06-30,,,,", "'denominator' is below 0"), ("r,D1,2021,1,,,30/06/2021,,,,", "'as_of' is '30/06/2021', not a date such as 2021-12-31"), ("r,D1,2021,1,,,2021-02-30,,,,", "'as_of' is '2021-02-30', not a date"),
        ("r,D1,2021,1,,,2021-06-30T17:00:00,,,,", "not a date such as"), ("r,D1,2021,1,,,,,,,", "'as_of' is missing"), ("r,D1,2021,1,,,2021-06-30,,2021-01-01,,", "'due' does not go with 'r', which takes figures"),
        ("o,D1,,,,,,,,,", "'due' is missing"), ("l,D1,,,,,,,,2021-03-01,", "'item' is missing"), ("l,D1,,,,,,conh,,2021-03-01,", "'CONH' is no item of 'l': did you mean 'CONG'?"),
        ("e,D1,,,,,,,,2020-12-31,", "'2020-12-31' is not in 2021, the year of F-2021"), ("e,D1,,,,,,,,,", "'occurred' is missing"), ("r,D1,2021,1,,,2021-06-30,,,,maybe", "'deleted' is 'maybe': true, false or nothing"),
        ("=HYPERLINK(1),D1,2021,1,,,2021-06-30,,,,", "'criterion' holds a formula, '=HYPERLINK(1)': save the sheet with values"), ("r,@SUM(A1),2021,1,,,2021-06-30,,,,", "'agency' holds a formula"),
        ("r,D1,2021,+A1,,,2021-06-30,,,,", "'value' holds a formula"), ("r,D1,2021,-A1,,,2021-06-30,,,,", "'value' holds a formula"), ("e,D1,,,,,,\"a\nb\",,2021-03-01,", "'item' holds a control character or a line break"),
        ("e,D1,,,,,,a\u{1B}[2J,,2021-03-01,", "'item' holds a control character"), ("r,D1,2021,1,,,2021-06-30,,,", "10 cells, but the header has 11"), ("r,D1,2021,1,,,2021-06-30,,,,,x", "12 cells, but the header has 11"),
    ])
    func `a wrong row is named by its line, and nothing of the file is used`(_ row: String, _ expected: String) {
        let right = "r,Q2,2021,1,,,2021-06-30,,,,"
        let found = problems("\(Self.header)\n\(right)\n\(row)\n")
        #expect(found.contains { $0.hasPrefix("f.csv:3: ") && $0.contains(expected) }, "\(found)")
        #expect(!found.contains { $0.hasPrefix("f.csv:2:") })
    }

    @Test(arguments: [
        ("", "f.csv: is empty"), ("\n\n", "f.csv: is empty"), ("criterion,agency,period,value,as_of\n", "f.csv:1: has a header and no rows"), ("agency,value\nx,y\n", "f.csv:1: column 'criterion' is missing"),
        ("criterion,agency,valeu\n", "f.csv:1: unknown column 'valeu': did you mean 'value'?"), ("criterion,agency,Agency\n", "f.csv:1: column 'agency' stands here twice"), ("criterion,,agency\n", "f.csv:1: column 2 has no name"),
        ("criterion;agency;value\nr;D1;1\n", "f.csv:1: the columns are separated by semicolons: save it with commas"), ("criterion\tagency\n", "f.csv:1: the columns are separated by tabs"),
    ])
    func `a file without a header that is known, or without rows, is named`(_ text: String, _ expected: String) {
        #expect(problems(text).first?.hasPrefix(expected) == true, "\(problems(text))")
    }

    @Test func `the same thing twice in one file is a mistake, unless each has an id`() {
        let figures = "criterion,agency,period,value,as_of\nr,D1,2021,1,2021-06-01\nr,d1,2021,2,2021-06-02\n"
        #expect(problems(figures) == ["f.csv:3: says the same thing as line 2 (F-2021/r/D1/2021)"])
        #expect(problems("criterion,agency,occurred\ne,D1,2021-06-01\ne,D1,2021-06-01\n").first?.hasSuffix("(F-2021/e/D1/2021-06-01): give each an 'id'") == true)
        #expect(problems("criterion,agency,occurred,id\ne,D1,2021-06-01,1\ne,D1,2021-06-01,2\n") == [])
    }

    @Test func `of very many wrong rows the first are told`() {
        let found = problems("criterion,agency,occurred\n" + String(repeating: "x,y,z\n", count: 50_000))
        #expect((100...105).contains(found.count) && found.last?.hasSuffix("is not looked at any more: mend those before it first") == true, "\(found.count)")
    }

    @Test func `a code that several frameworks have asks for its framework`() {
        let both = SmallCatalog.make([SmallCatalog.criterion("v", .figure(as: .value), levels: ["province"])], years: [2020, 2021])
        #expect(problems("criterion,agency,period,value,as_of\nv,P,2021,1,2021-06-01\n", both) == ["f.csv:2: several frameworks have a criterion 'v': write F-2020/v or F-2021/v"])
        #expect(problems("criterion,agency,period,value,as_of\nF-2021/v,P,2021,1,2021-06-01\n", both) == [])
        #expect(problems("framework,criterion,agency,period,value,as_of\nF-2020,v,P,2020,1,2021-06-01\n", both) == [])
        #expect(problems("framework,criterion,agency,period,value,as_of\nF-2020,F-2021/v,P,2020,1,2021-06-01\n", both).first?.contains("'framework' says 'F-2020', 'criterion' says 'F-2021'") == true)
    }

    @Test func `what a daemon would refuse is said beforehand, by line`() throws {
        let rows = try read("criterion,agency,period,value,numerator,denominator,as_of\nv,P,2021,1,,,2021-06-01\nr,D1,2021,,100000000000000,0.000000001,2021-06-01\n")
        func refusals(_ catalog: Catalog, now: String = "2021-07-01T00:00:00+07:00", time: String = "2021-07-01T00:00:00+07:00") throws -> [String] {
            try DeclarationFile.refusals(
                of: rows.map { (line: $0.line, json: $0.json(source: "urn:d", time: time)) }, source: "urn:d", file: "f.csv", catalog: catalog, topic: "in", now: SmallCatalog.instant(now)
            ).map(\.description)
        }
        // Both as whole numbers are too large.
        #expect(try refusals(Self.catalog) == ["f.csv:3: a daemon would refuse it as bad_value (numerator)"])
        #expect(try refusals(Self.catalog, time: "2021-07-01T01:00:00+07:00").first == "f.csv:2: --time is too far ahead of the clock")
        #expect(try refusals(Self.catalog, now: "2024-01-01T00:00:00Z").first == "f.csv:2: its period has left the register: nothing can be declared for it any more")
        var catalog = Self.catalog
        catalog.sources = [SourceRule(source: "urn:other")]
        #expect(try refusals(catalog).first == "f.csv:2: source 'urn:d' may not say this on in (source): add it to the sources' file, or name another with --source")
        catalog.sources = [SourceRule(source: "urn:d", topics: ["other"])]
        #expect(try refusals(catalog).first?.contains("may not say this on in (topic)") == true)
    }

    @Test func `the template of every criterion that is declared is a file that is right`() throws {
        let configuration = try Configuration.load(path: Oracle.repository.appendingPathComponent("config/parwatch.yaml").path)
        for catalog in [Self.catalog, configuration.catalog] {
            let declared = catalog.criteria.filter { Declaration.Kind($0.criterion.measure) != nil }
            #expect(!declared.isEmpty)
            let lines = DeclarationTemplate.lines(for: declared, in: catalog)
            #expect(try read(lines.joined(separator: "\r\n"), catalog).count == declared.count)
        }
        #expect(DeclarationTemplate.lines(for: Self.catalog.criteria.filter { $0.criterion.code == "r" }, in: Self.catalog) == [
            "framework,criterion,agency,period,numerator,denominator,as_of", "F-2021,r,D1,2021,9,10,2021-12-31",
        ])
    }
}
