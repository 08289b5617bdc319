import Cases
import Intake
import Testing

/// Attributes in `ce_` headers, `data` alone in the payload; and which content type makes a record what.
@Suite struct BinaryMode {
    let message = DossierMessage()

    private var headers: [(String, [UInt8]?)] {
        message.attributes.map { ("ce_" + $0.name, Array($0.json.utf8.dropFirst().dropLast())) } + [("content-type", Array("application/json".utf8))]
    }

    private func read(_ headers: [(String, [UInt8]?)], _ payload: String? = nil) throws -> Outcome { try #require(Intake()).outcome(payload ?? message.dataJSON, headers: headers) }

    private func setting(_ name: String, _ value: [UInt8]?) -> [(String, [UInt8]?)] { headers.map { $0.0 == name ? (name, value) : $0 } }

    @Test func `both modes say the same`() throws {
        let structured = try #require(Intake()).outcome(message.json)
        #expect(structured.status != nil)
        #expect(try read(headers) == structured)
        #expect(try read(headers.filter { $0.0 != "content-type" }) == structured)
        #expect(try read(headers.reversed()) == structured)
        #expect(try read([("traceparent", nil), ("", [1])] + headers + [("ce_extra", [0xFF]), ("ce_", []), ("ce_data", [1]), ("CE_id", Array("no".utf8))]) == structured)
    }

    @Test(arguments: ["id", "source", "type", "subject", "time"])
    func `a header that is missing or null is missing_field, empty, twice or not UTF-8 bad_value`(name: String) throws {
        #expect(try read(headers.filter { $0.0 != "ce_" + name }).fault == "missing_field \(name)")
        #expect(try read(setting("ce_" + name, nil)).fault == "missing_field \(name)")
        #expect(try read(setting("ce_" + name, [])).fault == "bad_value \(name)")
        #expect(try read(setting("ce_" + name, [0x61, 0xFF])).fault == "bad_value \(name)")
        #expect(try read(setting("ce_" + name, [0xED, 0xA0, 0x80])).fault == "bad_value \(name)")
        #expect(try read(headers + headers.filter { $0.0 == "ce_" + name }).fault == "bad_value \(name)")
    }

    @Test func `the version of CloudEvents stands in a header, too`() throws {
        #expect(try read(headers.filter { $0.0 != "ce_specversion" }).fault == "not_cloudevent specversion")
        #expect(try read(setting("ce_specversion", Array("0.3".utf8))).fault == "not_cloudevent specversion")
        #expect(try read(headers + [("ce_specversion", Array("1.0".utf8))]).fault == "bad_value specversion")
        #expect(try read(setting("ce_type", Array("vn.par.unheard.v1".utf8))).fault == "unknown_type type")
        #expect(try read(setting("ce_time", Array("today".utf8))).fault == "bad_value time")
    }

    @Test func `the payload is data, and must be an object`() throws {
        #expect(try read(headers, "").fault == "not_json")
        #expect(try read(headers, "null").fault == "missing_field data")
        #expect(try read(headers, "[]").fault == "bad_value data")
        #expect(try read(headers, message.field("agency", "7").dataJSON) == .rejected(Rejection(.badValue, field: "agency", source: "urn:test")))
        // A whole event as the payload is data without the fields.
        #expect(try read(headers, message.json).fault == "missing_field agency")
    }

    @Test func `subjects in headers are trimmed and upper-cased, too`() throws {
        #expect(try read(setting("ce_subject", Array(" đ1 ".utf8))).status?.subject == "Đ1")
        #expect(try read(setting("ce_subject", Array("  ".utf8))).fault == "bad_value subject")
    }

    @Test(arguments: [
        "application/cloudevents+json", "application/cloudevents", "APPLICATION/CloudEvents+JSON", "application/cloudevents+json; charset=UTF-8", "application/cloudevents+json;charset=utf-8",
        "application/cloudevents+json ; charset=utf-8",
    ])
    func `a content type of CloudEvents makes a record structured, whatever headers stand beside it`(type: String) throws {
        let structured = try #require(Intake()).outcome(message.json)
        let contentType = [("content-type", Optional(Array(type.utf8)))]
        #expect(try read(contentType, message.json) == structured)
        #expect(try read(contentType + [("ce_id", Array("other".utf8)), ("ce_subject", Array("other".utf8))], message.json) == structured)
    }

    @Test(arguments: [
        "application/cloudevents-batch+json", "application/cloudevents-batch+json; charset=utf-8", "APPLICATION/CLOUDEVENTS-BATCH+JSON", "application/cloudevents+avro", "application/cloudevents+xml",
    ])
    func `another format of CloudEvents is refused, with ce_ headers or without`(type: String) throws {
        let contentType = [("content-type", Optional(Array(type.utf8)))]
        #expect(try read(contentType, message.json).fault == "not_cloudevent content-type")
        #expect(try read(contentType + headers.filter { $0.0 != "content-type" }).fault == "not_cloudevent content-type")
    }

    @Test(arguments: ["application/json", "text/plain", "application/avro", "\u{0}"])
    func `a content type of something else without ce_ headers is no CloudEvent`(type: String) throws {
        #expect(try read([("content-type", Array(type.utf8))], message.json).fault == "not_cloudevent content-type")
        #expect(try read([("content-type", [0xFF, 0xFE])], message.json).fault == "not_cloudevent content-type")
    }

    @Test func `no content type is structured mode, also with other headers`() throws {
        let structured = try #require(Intake()).outcome(message.json)
        #expect(try read([("traceparent", [1])], message.json) == structured)
        #expect(try read([("content-type", nil)], message.json) == structured)
        #expect(try read([("content-type", [])], message.json) == structured)
    }
}
