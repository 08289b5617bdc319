import Cases
import Catalog
import Intake
import Testing

/// What is refused, why, and which field is named.
@Suite struct Rejected {
    let message = DossierMessage()

    // MARK: The record

    @Test func `no payload is a tombstone, an empty one is no JSON`() throws {
        try withIntake { intake in
            #expect(intake.outcome(nil) == .rejected(Rejection(.tombstone)))
            #expect(intake.outcome(nil, headers: [("ce_id", [0x31])]) == .rejected(Rejection(.tombstone)))
            #expect(intake.outcome([]) == .rejected(Rejection(.notJSON)))
            #expect(intake.outcome(" \n") == .rejected(Rejection(.notJSON)))
        }
    }

    @Test func `exactly 1 MiB is read, one byte more and 10 MB are too large`() throws {
        try withIntake { intake in
            let padding = (1 << 20) - message.json.utf8.count - ",\"extra\":\"\"".utf8.count
            let fits = message.andField("extra", "\"\(String(repeating: "x", count: padding))\"").json
            #expect(fits.utf8.count == 1 << 20)
            #expect(intake.outcome(fits).status == intake.outcome(message.json).status)
            #expect(intake.outcome(fits + " ") == .rejected(Rejection(.tooLarge)))
            #expect(intake.outcome([UInt8](repeating: 0x20, count: 10_000_000)) == .rejected(Rejection(.tooLarge)))
            #expect(intake.outcome(message.json).status != nil)
        }
    }

    @Test func `the largest size is the caller's to choose`() throws {
        let intake = try #require(Intake(maxSize: message.json.utf8.count))
        #expect(intake.outcome(message.json).status != nil)
        #expect(intake.outcome(message.json + " ").fault == "too_large")
    }

    @Test func `bytes that are not UTF-8 are not_utf8, also in a field that nobody reads`() throws {
        try withIntake { intake in
            #expect(intake.outcome([0xFF, 0xFE]).fault == "not_utf8")
            #expect(intake.outcome(Array(message.andField("extra", "\"~\"").json.utf8).map { $0 == UInt8(ascii: "~") ? 0xC3 : $0 }).fault == "not_utf8")
        }
    }

    @Test(arguments: [
        "not json", "{", "{\"specversion\":\"1.0\"", "NaN", "\u{FEFF}{}", DossierMessage().json + "x", DossierMessage().json + DossierMessage().json, DossierMessage().andField("extra", "\"\\ud800\"").json,
        DossierMessage().attribute("subject", "\"\\ud800\"").json, DossierMessage().andField("extra", "NaN").json, DossierMessage().andField("extra", "01").json,
    ])
    func `what is no JSON is not_json, a lone surrogate anywhere included`(text: String) throws {
        #expect(try read(text) == .rejected(Rejection(.notJSON)))
    }

    @Test(arguments: ["[]", "[{}]", "1", "null", "\"x\"", "true", "{}", "{\"data\":{}}"])
    func `JSON that is no CloudEvent is not_cloudevent`(text: String) throws {
        #expect(try read(text).fault == "not_cloudevent specversion")
    }

    @Test(arguments: ["\"0.3\"", "\"1\"", "\"1.0.0\"", "\"1.0 \"", "\"\"", "1.0", "null", "{}"])
    func `only version 1_0 of CloudEvents is one`(version: String) throws {
        #expect(try read(message.attribute("specversion", version)).fault == "not_cloudevent specversion")
    }

    @Test(arguments: ["vn.par.unheard.v1", "vn.par.dossier.v2", "vn.par.dossier.v1 ", "VN.PAR.DOSSIER.V1", "vn.par.dossier", "vn.par.alert.v1"])
    func `a type that nobody knows is unknown_type`(type: String) throws {
        #expect(try read(message.attribute("type", text: type)).fault == "unknown_type type")
    }

    // MARK: Attributes

    @Test(arguments: ["id", "source", "type", "subject", "time"])
    func `a required attribute that is missing or null is missing_field, of the wrong type, empty or given twice bad_value`(name: String) throws {
        #expect(try read(message.attribute(name, nil)).fault == "missing_field \(name)")
        #expect(try read(message.attribute(name, "null")).fault == "missing_field \(name)")
        for json in ["7", "true", "{}", "[]", "\"\"", "1.5"] { #expect(try read(message.attribute(name, json)).fault == "bad_value \(name)") }
        let first = try #require(message.attributes.first { $0.name == name }).json
        for json in [first, "\"other\"", "null", "7"] {
            #expect(try read(message.andAttribute(name, json)).fault == "bad_value \(name)")
            #expect(try read(message.attribute(name, json).andAttribute(name, first)).fault == "bad_value \(name)")
        }
    }

    @Test func `a field that is given twice is found behind an escaped spelling`() throws {
        #expect(try read(message.andAttribute("sub\\u006aect", "\"D1\"")).fault == "bad_value subject")
        #expect(try read(message.andField("\\u0061gency", "\"A1\"")).fault == "bad_value agency")
    }

    @Test func `specversion given twice is bad_value`() throws {
        #expect(try read(message.andAttribute("specversion", "\"1.0\"")).fault == "bad_value specversion")
    }

    @Test func `datacontenttype must be a text, if it is there`() throws {
        #expect(try read(message.andAttribute("datacontenttype", "\"application/json\"")).status != nil)
        #expect(try read(message.andAttribute("datacontenttype", "null")).status != nil)
        #expect(try read(message.andAttribute("datacontenttype", "5")).fault == "bad_value datacontenttype")
        #expect(try read(message.andAttribute("datacontenttype", "\"a\"").andAttribute("datacontenttype", "\"a\"")).fault == "bad_value datacontenttype")
    }

    @Test(arguments: ["yesterday", "2021-03-01", "2021-03-01T08:00:00", "2021-02-29T08:00:00Z", "2021-03-01T24:00:00Z", "2021-03-01 08:00:00Z", "12021-03-01T08:00:00Z"])
    func `a time that is no instant is bad_value`(time: String) throws {
        #expect(try read(message.attribute("time", text: time)).fault == "bad_value time")
        for name in ["received", "due", "finished", "returned"] { #expect(try read(message.field(name, text: time)).fault == "bad_value \(name)") }
    }

    @Test(arguments: ["\" \"", "\"\\t\\n\"", "\"\\u00a0\\u3000\""])
    func `a code of which nothing is left is bad_value`(json: String) throws {
        #expect(try read(message.attribute("subject", json)).fault == "bad_value subject")
        for name in ["agency", "procedure", "sector"] { #expect(try read(message.field(name, json)).fault == "bad_value \(name)") }
    }

    @Test func `data must be there, once, and be an object`() throws {
        let head = message.json.prefix { $0 != "}" }.prefix(upTo: message.json.range(of: ",\"data\"").lowerBound)
        #expect(try read(head + "}").fault == "missing_field data")
        #expect(try read(head + ",\"data\":null}").fault == "missing_field data")
        for json in ["[]", "\"{}\"", "5", "true"] { #expect(try read(head + ",\"data\":\(json)}").fault == "bad_value data") }
        #expect(try read(message.json.dropLast() + ",\"data\":\(message.dataJSON)}").fault == "bad_value data")
        #expect(try read(message.json.dropLast() + ",\"dat\\u0061\":null}").fault == "bad_value data")
        #expect(try read(head + ",\"data_base64\":\"e30=\"}").fault == "missing_field data")
    }

    // MARK: Fields

    @Test(arguments: ["agency", "procedure", "state", "received", "filing"])
    func `a required field that is missing or null is missing_field`(name: String) throws {
        #expect(try read(message.field(name, nil)).fault == "missing_field \(name)")
        #expect(try read(message.field(name, "null")).fault == "missing_field \(name)")
    }

    static let wide = String(repeating: "9", count: 400)
    static let wrong: [(name: String, values: [String])] = [
        ("agency", ["7", "true", "{}", "[]", "\"\"", wide]), ("procedure", ["7", "false", "{}", "[\"P1\"]", "\"\""]), ("sector", ["7", "true", "{}", "[]", "\"\""]),
        ("state", ["0", "11", "-1", "2.0", "2e0", "2.5", "256", "258", "\"2\"", "\"done\"", "\"Accepted\"", "\"accepted \"", "\"\"", "true", "{}", "[]", wide, "1e999", "18446744073709551618"]),
        ("received", ["\"\"", "1631523731", "true", "{}", "[]", "\"2021-03-01\"", wide]), ("due", ["\"\"", "5", "false", "{}", "[]", "\"2021-03-01\"", "\"none\""]),
        ("finished", ["\"\"", "5", "{}", "\"2021-03-01T08:00\""]), ("returned", ["\"\"", "5", "{}", "\"2021-03-01T08:00\""]),
        ("filing", ["\"fax\"", "\"\"", "\"Online\"", "\"online \"", "1", "true", "{}", "[]"]), ("return", ["\"fax\"", "\"\"", "\"Post\"", "3", "true", "{}", "[]"]),
        ("level", ["1", "5", "0", "-3", "3.0", "3e0", "\"3\"", "true", "{}", "[]", wide, "1e999"]), ("supplements", ["-1", "1.0", "1e0", "\"1\"", "true", "{}", "[]", wide, "9223372036854775808"]),
        ("apologised", ["0", "1", "\"true\"", "{}", "[]", "\"\""]), ("deleted", ["0", "1", "\"true\"", "\"false\"", "{}", "[]", "\"\""]),
    ]

    @Test(arguments: wrong)
    func `a known field of the wrong type or value is bad_value`(name: String, values: [String]) throws {
        for json in values { #expect(try read(message.field(name, json)).fault == "bad_value \(name)") }
    }

    @Test(arguments: wrong.map(\.name))
    func `a known field that is given twice is bad_value, never a choice, even if both say the same or null`(name: String) throws {
        let right = ["agency": "\"A1\"", "procedure": "\"P1\"", "sector": "\"S\"", "state": "2", "filing": "\"post\"", "return": "\"post\"", "level": "3", "supplements": "1", "apologised": "true", "deleted": "false"]
        let json = right[name] ?? "\"2021-03-01T08:00:00+07:00\""
        for (first, second) in [(json, json), (json, "null"), ("null", json), ("null", "null")] {
            #expect(try read(message.field(name, nil).andField(name, first).andField(name, second)).fault == "bad_value \(name)")
        }
        #expect(try read(message.field(name, nil).andField(name, json).andField(name, json).andField(name, json)).fault == "bad_value \(name)")
    }

    @Test(arguments: wrong)
    func `what a deletion carries beyond need must be right`(name: String, values: [String]) throws {
        guard name != "deleted" else { return }
        for json in values { #expect(try read(message.deleted().andField(name, json)).fault == "bad_value \(name)") }
        #expect(try read(message.deleted().andField(name, "null")).status != nil)
        #expect(try read(message.deleted().andField(name, "null").andField(name, "null")).fault == "bad_value \(name)")
    }

    // MARK: What is told of it

    @Test func `the source is named where it could be read, and no other byte`() throws {
        #expect(try read(message.field("agency", "7")) == .rejected(Rejection(.badValue, field: "agency", source: "urn:test")))
        #expect(try read(message.attribute("id", nil)) == .rejected(Rejection(.missingField, field: "id", source: "urn:test")))
        #expect(try read(message.attribute("specversion", nil)) == .rejected(Rejection(.notCloudEvent, field: "specversion", source: "urn:test")))
        #expect(try read(message.attribute("type", text: "x")) == .rejected(Rejection(.unknownType, field: "type", source: "urn:test")))
        #expect(try read(message.attribute("source", "7").attribute("id", nil)) == .rejected(Rejection(.missingField, field: "id", source: nil)))
        #expect(try read(message.andAttribute("source", "\"urn:other\"")) == .rejected(Rejection(.badValue, field: "source", source: nil)))
    }

    @Test func `after any rejection the next message is read as if nothing had been`() throws {
        try withIntake { intake in
            let plain = intake.outcome(message.json)
            for text in ["{", "\u{1}", message.json.replacing("D1", with: "\\ud800"), message.field("agency", "7").json, message.field("agency", "\"  \"").json, message.attribute("subject", "\" d2 \"").json] {
                _ = intake.outcome(text)
                #expect(intake.outcome(message.json) == plain)
            }
        }
    }
}

extension String {
    /// Where `part` stands; the whole if it does not.
    fileprivate func range(of part: String) -> Range<String.Index> { ranges(of: part).first ?? startIndex..<endIndex }
}

private func read(_ text: some StringProtocol) throws -> Outcome { try read(String(text)) }
