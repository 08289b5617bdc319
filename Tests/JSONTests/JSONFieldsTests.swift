import Cases
import JSON
import Testing

@Suite struct Fields {
    @Test func `the fields that are wanted are found in one pass, whatever else there is and in whatever order`() throws {
        try pick(["a", "subject", "đ"], #"{"x":1,"sub\u006aect":"s","":2,"b":{"a":7},"a":null,"subjects":3}"#) { fields in
            #expect(describe(fields[0]) == "null" && describe(fields[1]) == "s" && describe(fields[2]) == "absent")
        }
        try pick(["a", "subject", "đ"], #"{"đ":[1]}"#) { #expect(describe($0[0]) == "absent" && describe($0[1]) == "absent" && describe($0[2]) == "other") }
    }

    @Test func `a wanted field that is given twice is told, whatever it holds`() throws {
        try pick(["a", "b"], #"{"a":1,"b":2,"a":1}"#) { #expect(describe($0[0]) == "repeated" && describe($0[1]) == "2") }
        try pick(["a", "b"], #"{"a":null,"\u0061":null,"c":1,"c":2}"#) { #expect(describe($0[0]) == "repeated" && describe($0[1]) == "absent") }
    }

    @Test(arguments: ["[]", "7", "null", "\"a\"", "true", "{}", "[{\"a\":1}]"])
    func `in anything but an object nothing is found`(json: String) throws {
        try pick(["a"], json) { #expect(describe($0[0]) == "absent") }
    }

    @Test func `sixty-four names are told apart, with and without a field each, and more are refused`() throws {
        var random = Seeded(Oracle.seed("JSON fields"))
        let names: [StaticString] = [
            "a", "b", "aa", "ab", "ba", "bb", "aaa", "aba", "bab", "bbb", "id", "di", "time", "emit", "data", "adat", "type", "epyt", "state", "taste", "due", "eud", "level", "lever", "agency", "agenda",
            "sector", "return", "returned", "filing", "filling", "deleted", "received", "deceiver", "finished", "procedure", "apologised", "supplements", "subject", "source", "sources", "specversion",
            "datacontenttype", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "y0", "y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8", "y9", "đ",
        ]
        #expect(names.count == 64 && JSONFields(names + ["z"]) == nil)
        for _ in 0..<200 {
            let given = names.indices.filter { _ in random.once(in: 2) }.shuffled(using: &random)
            let json = "{" + given.map { "\"\(names[$0])\":\($0),\"\(names[$0])\(random.int(10...99))\":0" }.joined(separator: ",") + "}"
            try pick(names, json) { fields in
                for place in names.indices { if describe(fields[place]) != (given.contains(place) ? "\(place)" : "absent") { Issue.record("\(names[place]) in \(json)") } }
            }
        }
    }

    @Test func `fields put in by hand count like those that are found`() throws {
        try pick(["a", "b"], #"{"a":1}"#) { fields in
            fields.add(JSONValue(bool: true), at: 0)
            fields.add(JSONValue(bool: nil), at: 1)
            #expect(describe(fields[0]) == "repeated" && describe(fields[1]) == "null")
            fields.removeAll()
            #expect(describe(fields[0]) == "absent" && describe(fields[1]) == "absent")
        }
    }

    private func pick(_ names: [StaticString], _ json: String, _ body: (JSONFields) throws -> Void) throws {
        let reader = try #require(JSONReader(capacity: 1 << 20)), fields = try #require(JSONFields(names))
        fields.pick(from: try Array(json.utf8).withUnsafeBytes { try reader.parse($0) })
        try withExtendedLifetime(reader) { try body(fields) }
    }

    private func describe(_ field: JSONFields.Field) -> String {
        switch field {
        case .absent: "absent"
        case .repeated: "repeated"
        case .once(let value): value.isNull ? "null" : value.text ?? value.integer.map { "\($0)" } ?? "other"
        }
    }
}
