import Cases
import Foundation
import JSON
import Testing

@Suite struct Reader {
    @Test func `of a name that is given twice the first field is found`() throws {
        try read(#"{"a":1,"b":2,"a":3}"#) { #expect($0["a"]?.integer == 1 && $0["b"]?.integer == 2) }
    }

    @Test func `a name is compared as it is meant, not as it is escaped`() throws {
        try read(#"{"sub\u006aect":1,"\u0061":2}"#) { #expect($0["subject"]?.integer == 1 && $0["a"]?.integer == 2 && $0["\\u0061"] == nil) }
    }

    @Test func `values have the kind that they are written as`() throws {
        try read(#"{"n":null,"t":true,"f":false,"i":-7,"d":7.0,"e":7e0,"s":"x","a":[1],"o":{}}"#) { root in
            #expect(root.isObject && root.string == nil && root.integer == nil && root.number == nil && root.bool == nil && !root.isNull)
            #expect(root["n"]?.isNull == true)
            #expect(root["t"]?.bool == true)
            #expect(root["f"]?.bool == false)
            #expect(root["i"]?.integer == -7 && root["i"]?.number == -7)
            #expect(root["d"]?.integer == nil && root["d"]?.number == 7)
            #expect(root["e"]?.integer == nil && root["e"]?.number == 7)
            #expect(root["s"]?.text == "x" && root["s"]?.bool == nil)
            #expect(root["a"]?.isObject == false && root["a"]?.isNull == false)
            #expect(root["o"]?.isObject == true)
            #expect(root["absent"] == nil && root["s"]?["x"] == nil)
        }
    }

    @Test(arguments: [
        ("9223372036854775807", Int64.max), ("-9223372036854775808", .min), ("0", 0), ("-0", 0), ("9223372036854775808", nil), ("-9223372036854775809", nil), ("18446744073709551615", nil),
        ("18446744073709551616", nil), ("1.0", nil), ("1e0", nil), ("1E2", nil), ("-1e-3", nil),
    ] as [(String, Int64?)])
    func `an integer is one that is written so and fits into 64 bits; any other number is read, but is no integer`(text: String, integer: Int64?) throws {
        try read("{\"x\":\(text)}") { root in
            #expect(root["x"]?.integer == integer)
            #expect(root["x"]?.number != nil)
        }
    }

    @Test(arguments: [
        String(repeating: "9", count: 400), "-" + String(repeating: "1", count: 400), "1e999", "-1e999", "1E+999", "1e-999", "0." + String(repeating: "0", count: 400) + "1",
        String(repeating: "9", count: 400) + ".5e-400", "1e99999999999999999999", "123456789012345678901234567890",
    ])
    func `a number too large for any machine is valid JSON, and never an integer`(text: String) throws {
        try read("{\"before\":1,\"x\":\(text),\"y\":[\(text),{\"z\":\(text)}],\"text\":\"\(text) \\\" 1e999\",\"after\":2}") { root in
            #expect(root["x"] != nil && root["x"]?.integer == nil && root["x"]?.number != nil)
            #expect(root["text"]?.text == "\(text) \" 1e999")
            #expect(root["before"]?.integer == 1)
            #expect(root["after"]?.integer == 2)
        }
    }

    @Test func `white space between anything changes nothing, and within a string nothing is white space`() throws {
        for space in ["", " ", "\n", "\r\n\t  ", String(repeating: " ", count: 70)] {
            let json = ["", "{", "\"a\"", ":", "\" x \"", ",", "\"b\"", ":", "-12", ",", "\"c\"", ":", "[", "true", ",", "{", "}", ",", "[", "]", ",", "\"\"", "]", ",", "\"d\"", ":", "{", "\"e\"", ":", "null", "}", ",", "\"f\"", ":", "false", "}", ""]
            try read(json.joined(separator: space)) { root in
                #expect(root["a"]?.text == " x " && root["b"]?.integer == -12 && root["d"]?["e"]?.isNull == true && root["f"]?.bool == false && root["e"] == nil)
            }
            try read(space + "\"x\"" + space) { #expect($0.text == "x") }
            try read(space + "7" + space) { #expect($0.integer == 7) }
        }
    }

    @Test(arguments: [10, 1_000, 10_000, 100_000])
    func `a document may be nested as deep as it likes`(depth: Int) throws {
        try read("{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + ",\"b\":1}") { #expect($0["b"]?.integer == 1) }
        try read("{\"a\":" + String(repeating: "{\"x\":", count: depth) + "1" + String(repeating: "}", count: depth) + ",\"b\":1}") { #expect($0["b"]?.integer == 1) }
    }

    @Test(arguments: [
        "", " ", "\n", "{", "}", "{}}", "{} {}", "{}x", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\"}", "{\"a\":}", "nul", "tru", "NaN", "Infinity", "-Infinity", "[NaN]", "{\"a\":nan}", "+1", "01",
        "-01", "1.", ".5", "1e", "1e+", "0x10", "--1", "[1 2]", "\"", "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "\"\u{1}\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"", "\"\\ud800\\u0041\"", "{\"\\udfff\":1}",
        "// comment\n{}", "01e999", "1e999 1e999", "{\"a\":1e999,}", "1e999e999", "[1e999", "00", "1e999.5", "\u{0}", "{}\u{0}", "[[[[",
        "4-37e-190", "1-1e999", "truex", "true\"x\"", "12\"a\"", "\"a\"b", "\"a\"\"b\"", "{\"a\"\"b\":1}", "{\"a\":1 \"b\":2}", "{\"a\":\"b\"c}", "{\"a\":\"b\"]", "[\"a\"}", "[1}", "{1:2}", "[,1]", "{,}",
        "{\"a\"\\:1}", "[\"\\\"]", "fals", "falsey", "nulls", "- 1", "1 .5", "]", ",", ":", "\"a\":1",
    ])
    func `what is no JSON is refused as such`(text: String) {
        #expect(failure(Array(text.utf8)) == .notJSON)
    }

    @Test(arguments: [
        [0xFF], [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0xFE, 0xFF, 0x00, 0x7B],
        Array("{\"a\":\"".utf8) + [0xE1, 0xBA] + Array("\"}".utf8), [0x7B, 0xE1], [0x22, 0x80, 0x22],
    ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused as such, wherever they stand`(bytes: [UInt8]) {
        #expect(failure(bytes) == .notUTF8)
    }

    @Test func `a byte order mark is no JSON, before the document or in it`() {
        #expect(failure(Array("\u{FEFF}{\"a\":1}".utf8)) == .notJSON)
        #expect(failure(Array("{\u{FEFF}\"a\":1}".utf8)) == .notJSON)
    }

    @Test func `surrogate pairs and escapes become the characters that they mean`() throws {
        try read(#"{"a":"\ud83d\ude00 \u1ebd \n\t\/\\\"\u0000"}"#) { #expect($0["a"]?.text == "😀 ẽ \n\t/\\\"\u{0}") }
    }

    @Test func `exactly as many bytes as there is room for are read, one more is too large`() throws {
        let reader = try #require(JSONReader(capacity: 100))
        let fits = Array("\"\(String(repeating: "x", count: 98))\"".utf8)
        #expect(try parse(fits, reader).text?.count == 98)
        #expect(throws: JSONReader.Failure.tooLarge) { try parse(fits + [0x20], reader) }
        #expect(try parse(fits, reader).text?.count == 98)
    }

    @Test func `a reader of the smallest size works`() throws {
        let reader = try #require(JSONReader(capacity: 1))
        #expect(try parse([UInt8(ascii: "7")], reader).integer == 7)
    }

    /// Foundation is the judge of what was meant.
    @Test func `random objects are read as Foundation reads them`() throws {
        var random = Seeded(Oracle.seed("JSON objects"))
        let reader = try #require(JSONReader(capacity: 1 << 16))
        for _ in 0..<500 {
            let texts = Dictionary(uniqueKeysWithValues: (0..<random.int(0...60)).map { ("k\($0)\(random.one(of: ["", "đ", "\"", "\\", "\u{1}"]))", "\(random.next())\(random.one(of: ["", "😀", "\n"]))") })
            let data = try JSONSerialization.data(withJSONObject: texts, options: random.once(in: 2) ? [.prettyPrinted] : [])
            var seen: [String: String] = [:]
            let object = try parse(Array(data), reader)
            for name in texts.keys { seen[name] = object[name]?.text }
            #expect(seen == texts && object["other"] == nil)
        }
    }

    /// The value must not be used for longer than the reader lives and reads nothing else.
    private func parse(_ bytes: [UInt8], _ reader: JSONReader) throws -> JSONValue { try bytes.withUnsafeBytes { try reader.parse($0) } }

    private func read(_ json: String, _ body: (JSONValue) throws -> Void) throws {
        let reader = try #require(JSONReader(capacity: 1 << 20))
        try withExtendedLifetime(reader) { try body(try parse(Array(json.utf8), reader)) }
    }

    private func failure(_ bytes: [UInt8]) -> JSONReader.Failure? {
        guard let reader = JSONReader(capacity: 1 << 10) else { return nil }
        do {
            _ = try parse(bytes, reader)
            return nil
        } catch {
            return error as? JSONReader.Failure
        }
    }
}
