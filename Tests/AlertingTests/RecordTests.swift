@testable import Alerting
import Cases
import Catalog
import Foundation
import JSON
import Scoreboard
import Testing

@Suite struct Records {
    private let zone = SmallCatalog.vietnam

    @Test func `a record that is written is read back as it was`() throws {
        var random = Seeded(Oracle.seed("alert records"))
        let reader = try #require(JSONReader(capacity: 1 << 20))
        for _ in 0..<1_000 {
            let record = make(&random), zone = random.one(of: [zone, .utc, Zone(name: "St John's", initialOffset: -12_600)])
            let json = record.json(in: zone)
            let read = json.withUnsafeBytes { AlertRecord(key: record.key, json: $0, reader: reader) }
            guard read == record else {
                Issue.record("\(String(decoding: json, as: UTF8.self))\nis read as \(String(describing: read))")
                return
            }
            // Another reader of JSON sees the same id.
            #expect((try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])?["id"] as? String == record.id)
        }
    }

    @Test func `the id names the alert, the start of its incident in UTC and the revision`() {
        var random = Seeded(1)
        var record = make(&random)
        record.key = "GL-2021/3.4.2/000.00.31.H21/2021"
        record.incident.since = SmallCatalog.instant("2021-09-13T16:02:11+07:00")
        record.incident.revision = 2
        #expect(record.id == "GL-2021/3.4.2/000.00.31.H21/2021#2021-09-13T09:02:11.000000Z.2")
    }

    @Test func `a record under another key, of another type or of another province is told apart`() throws {
        var random = Seeded(2)
        let reader = try #require(JSONReader(capacity: 1 << 20)), record = make(&random), text = String(decoding: record.json(in: zone), as: UTF8.self)
        func read(_ text: String, key: String? = nil) -> AlertRecord? { Array(text.utf8).withUnsafeBytes { AlertRecord(key: key ?? record.key, json: $0, reader: reader) } }
        #expect(read(text) == record)
        #expect(read(text, key: record.key + "x") == nil)
        #expect(read(text.replacing("vn.par.alert.v1", with: "vn.par.alert.v2")) == nil)
        #expect(read(text.replacing("urn:parwatch:test", with: "urn:parwatch:other"))?.source == "urn:parwatch:other")
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "not json", "{\"type\":\"vn.par.alert.v1\"}", "\u{FEFF}", "{\"type\":\"vn.par.alert.v1\",\"subject\":\"k\",\"source\":\"s\",\"time\":\"2021-01-01T00:00:00Z\",\"data\":{}}",
        "{\"type\":\"vn.par.alert.v1\",\"subject\":\"k\",\"source\":\"s\",\"time\":\"2021-01-01T00:00:00Z\",\"data\":5}",
    ])
    func `garbage is no record`(text: String) throws {
        let reader = try #require(JSONReader(capacity: 1 << 10))
        #expect(Array(text.utf8).withUnsafeBytes { AlertRecord(key: "k", json: $0, reader: reader) } == nil)
    }

    @Test(arguments: ["source", "type", "subject", "time", "data", "state", "severity", "reason", "since", "revision", "agency", "criterion", "period", "numerator", "threshold", "clear"])
    func `a record without something that it cannot do without is no record`(name: String) throws {
        var random = Seeded(3)
        let reader = try #require(JSONReader(capacity: 1 << 20)), record = make(&random), text = String(decoding: record.json(in: zone), as: UTF8.self)
        for wrong in [text.replacing("\"\(name)\":", with: "\"x\":"), text.replacing(try Regex("\"\(name)\":(\"[^\"]*\"|[-0-9.]+|\\{)"), with: { "\"\(name)\":" + ($0.output[0].substring?.hasSuffix("{") == true ? "{\"y\":{}},\"z\":{" : "true") })] {
            #expect(wrong != text)
            #expect(Array(wrong.utf8).withUnsafeBytes { AlertRecord(key: record.key, json: $0, reader: reader) } == nil)
        }
    }

    @Test(arguments: [("revision", "0"), ("revision", "-1"), ("revision", "1.5"), ("revision", "9223372036854775807"), ("revision", "9007199254740991"), ("revision", "1099511627776"), ("state", "\"on\""), ("severity", "\"info\""), ("reason", "\"why\""), ("since", "\"2021-09-13\""), ("threshold", "1e30")])
    func `a record with a value that cannot be is no record`(name: String, json: String) throws {
        var random = Seeded(4)
        let reader = try #require(JSONReader(capacity: 1 << 20)), record = make(&random)
        let text = String(decoding: record.json(in: zone), as: UTF8.self).replacing(try Regex("\"\(name)\":(\"[^\"]*\"|[-0-9.]+)"), with: "\"\(name)\":\(json)")
        #expect(Array(text.utf8).withUnsafeBytes { AlertRecord(key: record.key, json: $0, reader: reader) } == nil)
    }

    @Test(arguments: ["key", "source", "agency", "agency name", "level", "framework", "code", "criterion name", "period"])
    func `a record with a text that is longer than any of ours is no record`(name: String) throws {
        var random = Seeded(6)
        let reader = try #require(JSONReader(capacity: 1 << 20))
        func isRead(_ bytes: Int) -> Bool {
            var record = make(&random)
            let text = String(repeating: "x", count: bytes)
            switch name {
            case "key": record.key = text
            case "source": record.source = text
            case "agency": record.agency.id = text
            case "agency name": record.agency.name = text
            case "level": record.agency.level = text
            case "framework": record.criterion.framework = text
            case "code": record.criterion.code = text
            case "criterion name": record.criterion.name = text
            default: record.period = text
            }
            return record.json(in: zone).withUnsafeBytes { AlertRecord(key: record.key, json: $0, reader: reader) } == record
        }
        #expect(isRead(AlertRecord.longestText) && !isRead(AlertRecord.longestText + 1))
    }

    // MARK: Words

    @Test func `what people read of a firing alert`() {
        let text = wording(.firing, .critical, .belowThreshold, Score(numerator: 284, denominator: 305), threshold: "95%")
        #expect(text.vi == "Nghiêm trọng: UBND huyện Chư Sê – Đúng hạn v1.2 (GL-2021 3.4.2, năm 2021): 93,11 % (284/305), dưới ngưỡng 95 %")
        #expect(text.en == "Critical: Chu Se – On time v1.2 (GL-2021 3.4.2, 2021): 93.11 % (284/305), below 95 %")
    }

    @Test func `what people read of a resolved alert`() {
        let text = wording(.resolved, .warning, .recovered, Score(numerator: 1_971, denominator: 2_000), threshold: "98%")
        #expect(text.vi == "Đã kết thúc: UBND huyện Chư Sê – Đúng hạn v1.2 (GL-2021 3.4.2, năm 2021): 98,55 % (1971/2000), đã hồi phục")
        #expect(text.en == "Ended: Chu Se – On time v1.2 (GL-2021 3.4.2, 2021): 98.55 % (1971/2000), recovered")
    }

    @Test(arguments: [
        (90, 100, true, "90 % (90/100), vẫn dưới 95 % (ngưỡng 90 %)", "90 % (90/100), still below 95 % (threshold 90 %)"), (899, 1_000, true, "89,9 % (899/1000), dưới ngưỡng 90 %", "89.9 % (899/1000), below 90 %"),
        (949, 1_000, true, "94,9 % (949/1000), vẫn dưới 95 % (ngưỡng 90 %)", "94.9 % (949/1000), still below 95 % (threshold 90 %)"),
        // While the sample is too small, an incident stays as it is.
        (1, 1, true, "100 % (1/1) (ngưỡng 90 %)", "100 % (1/1) (threshold 90 %)"),
        (9, 100, false, "9 % (9/100), vẫn trên 8 % (ngưỡng 10 %)", "9 % (9/100), still above 8 % (threshold 10 %)"), (11, 100, false, "11 % (11/100), trên ngưỡng 10 %", "11 % (11/100), above 10 %"),
    ] as [(Int64, Int64, Bool, String, String)])
    func `of a value between threshold and clear nobody reads that it is beyond the threshold`(numerator: Int64, denominator: Int64, below: Bool, vi: String, en: String) {
        let score = Score(numerator: numerator, denominator: denominator)
        let text = wording(.firing, .warning, below ? .belowThreshold : .aboveThreshold, score, threshold: below ? "90%" : "10%", clear: below ? "95%" : "8%")
        #expect(tail(text) == [vi, en])
    }

    private func tail(_ text: Bilingual) -> [String] { [text.vi, text.en].map { String($0.split(separator: "): ", maxSplits: 1)[1]) } }

    @Test func `what people read of the others`() {
        let count = Score(numerator: 4, denominator: nil), ratio = Score(numerator: 1, denominator: 8)
        #expect(tail(wording(.pending, .warning, .aboveThreshold, ratio, threshold: "0.5%")) == ["12,5 % (1/8), trên ngưỡng 0,5 %", "12.5 % (1/8), above 0.5 %"])
        #expect(tail(wording(.firing, .warning, .aboveThreshold, count, threshold: "3")) == ["4, trên ngưỡng 3", "4, above 3"])
        #expect(tail(wording(.firing, .warning, .belowThreshold, ratio, threshold: "10%", clearing: true)) == ["12,5 % (1/8), đang hồi phục (ngưỡng 10 %)", "12.5 % (1/8), recovering (threshold 10 %)"])
        #expect(tail(wording(.resolved, .warning, .noSample, Score(numerator: 0, denominator: 0), threshold: "98%")) == ["–, không còn dữ liệu để tính", "–, nothing left to count"])
        #expect(tail(wording(.inactive, .warning, .periodClosed, ratio, threshold: "98%")) == ["12,5 % (1/8), kỳ đã đóng", "12.5 % (1/8), period closed"])
        #expect(tail(wording(.resolved, .warning, .ruleRemoved, count, threshold: "3")) == ["4, quy tắc không còn", "4, rule removed"])
        #expect(tail(wording(.resolved, .warning, .agencyChanged, count, threshold: "3")) == ["4, cơ quan đã thay đổi", "4, agency changed"])
        #expect(wording(.pending, .critical, .belowThreshold, ratio, threshold: "50%").en.hasPrefix("Pending: "))
        #expect(wording(.firing, .warning, .belowThreshold, ratio, threshold: "50%").vi.hasPrefix("Cảnh báo: "))
    }

    @Test(arguments: [("0.985", "98.5"), ("1", "100"), ("0.5", "50"), ("0.0001", "0.01"), ("0", "0"), ("12", "1200"), ("0.93", "93"), ("-0.5", "-50"), ("12.5", "1250"), ("999999999", "99999999900")])
    func `per cent is a hundred times as much`(number: String, percent: String) {
        #expect(SmallCatalog.decimal(number).percent == percent)
        #expect(ExactDecimal(mantissa: .max, scale: 0).percent == "922337203685477580700")
    }

    private func wording(_ state: AlertState, _ severity: Severity, _ reason: AlertReason, _ score: Score, threshold: String, clear: String? = nil, clearing: Bool = false) -> Bilingual {
        var random = Seeded(5)
        var record = make(&random)
        let instant = Instant(microseconds: 0)
        record.incident = Incident(since: instant, revision: 1, state: state, severity: severity, reason: reason, clearing: clearing ? instant : nil, resolved: state.isActive ? nil : instant)
        record.score = score
        record.threshold = SmallCatalog.decimal(threshold)
        record.clear = SmallCatalog.decimal(clear ?? threshold)
        record.criterion.framework = "GL-2021"
        record.criterion.code = "3.4.2"
        record.period = "2021"
        return Wording.text(record, criterion: Bilingual(vi: "Đúng hạn v1.2", en: "On time v1.2"), agency: Bilingual(vi: "UBND huyện Chư Sê", en: "Chu Se"), isRatio: score.denominator != nil)
    }

    private func make(_ random: inout Seeded) -> AlertRecord {
        func instant() -> Instant { Instant(microseconds: random.int64(0...4_000_000_000) * 1_000_000 + random.one(of: [0, 0, random.int64(0...999_999)])) }
        func text() -> String { random.one(of: ["a", "Sở \"Tư pháp\"", "\\ \n \u{1} \u{7F}", "😀", "x/y", "đ"]) }
        let places = random.int(3...9)
        func decimal() -> ExactDecimal { SmallCatalog.decimal(ExactDecimal(mantissa: random.int64(-999_999_999...999_999_999), scale: places).description) }
        let denominator = random.one(of: [nil, 0, random.int64(1...Int64.max)])
        let time = instant()
        return AlertRecord(
            key: "F/\(text())/A/2021", source: "urn:parwatch:test", time: time,
            incident: Incident(
                since: instant(), revision: random.int64(1...AlertRecord.endOfRevisions - 1), state: random.one(of: AlertState.allCases), severity: random.one(of: Severity.allCases), reason: random.one(of: AlertReason.allCases),
                clearing: random.once(in: 2) ? instant() : nil, resolved: random.once(in: 2) ? instant() : nil, told: time),
            initial: random.once(in: 2), agency: .init(id: text(), name: text(), level: text(), parent: random.one(of: [nil, text()])),
            criterion: .init(framework: text(), code: text(), name: text(), lead: random.one(of: [nil, text()])), period: random.one(of: ["2021", "last-30d"]),
            score: Score(numerator: random.int64(0...1 << 40), denominator: denominator), threshold: decimal(), clear: decimal(), target: random.once(in: 2) ? decimal() : nil,
            cause: random.once(in: 2) ? .init(topic: text(), partition: random.int64(0...9), offset: random.int64(0...Int64.max)) : nil, catalog: "sha256:\(text())",
            text: Bilingual(vi: text(), en: text()))
    }
}
