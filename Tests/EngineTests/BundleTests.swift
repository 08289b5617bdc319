import Cases
import Catalog
import Engine
import Intake
import Scoreboard
import Testing

/// An engine with an input of each format.
private struct FormatDesk: ~Copyable {
    var engine: Engine
    private var offset: Int64 = 0
    static let inputs = ["events", "portal", "igate", "axis"]

    init(_ catalog: Catalog, now: String = "2021-06-01T00:00:00+07:00", rejections: RejectionLimit? = nil) throws {
        engine = try Engine(catalog: catalog, inputs: Self.inputs, formats: [.cloudEvents, .dvcqg, .igate(states: Format.usualIGateStates), .edxml], rejections: rejections)
        engine.step(now: SmallCatalog.instant(now))
    }

    /// Takes a record in and returns what of it was rejected: `index reason field`.
    @discardableResult
    mutating func put(_ input: String, _ value: String?, at time: String? = nil) -> [String] {
        offset += 1
        let topic = Int32(Self.inputs.firstIndex(of: input) ?? 0), offset = offset
        let bytes = Array((value ?? "").utf8)
        bytes.withUnsafeBytes { bytes in
            engine.receive(1) { _ in
                Engine.Record(
                    Intake.Message(value: value == nil ? nil : UnsafeRawBufferPointer(bytes), timestamp: time.map(SmallCatalog.instant)), at: Cause(topic: topic, partition: 0, offset: offset))
            }
        }
        return rejected().map { "\($0.index) \($0.rejection.reason.rawValue) \($0.rejection.field ?? "-")" }
    }

    mutating func rejected() -> [RejectedRecord] {
        var records: [RejectedRecord] = []
        for case .reject(let record) in engine.takeEffects() { records.append(record) }
        return records
    }

    var subjects: Int { engine.subjects }
    var counts: Engine.Counts { engine.counts }
    var reports: [SourceReport] { engine.sources }

    func score(_ agency: String, _ code: String = "c", year: Int = 2021) -> String {
        guard let cell = engine.scoreboard.layout.cell(of: "F-\(year)/\(code)/\(agency)/\(year)") else { return "no such cell" }
        let score = engine.scoreboard.score(of: cell)
        return score.denominator.map { "\(score.numerator)/\($0)" } ?? "\(score.numerator)"
    }
}

private func portal(_ subjects: String..., state: Int = 4, agency: String = "D1", due: String = "20210310170000") -> String {
    "{\"service\":\"DongBoHoSoMC\",\"isUpdating\":\"True\",\"madonvi\":\"H21\",\"data\":[" + subjects.map {
        "{\"MaHoSo\":\"\($0)\",\"MaTTHC\":\"P1\",\"DonViXuLy\":\"\(agency)\",\"NgayTiepNhan\":\"20210301080000\",\"NgayHenTra\":\"\(due)\",\"TrangThaiHoSo\":\"\(state)\"}"
    }.joined(separator: ",") + "]}"
}

private func step(_ subject: String, state: Int, at time: String) -> String {
    "{\"service\":\"CapNhatTienDoHoSoMC\",\"madonvi\":\"H21\",\"data\":[{\"MaHoSo\":\"\(subject)\",\"TrangThai\":\"\(state)\",\"ThoiDiemXuLy\":\"\(time)\"}]}"
}

private func igate(_ subject: String, status: Int) -> String {
    "{\"code\":\"\(subject)\",\"dossierStatus\":{\"id\":\(status)},\"procedure\":{\"code\":\"P1\"},\"agency\":{\"code\":\"D1\"},\"acceptedDate\":\"2021-03-01T01:00:00.000+0000\","
        + "\"appointmentDate\":\"2021-03-10T10:00:00.000+0000\",\"completedDate\":\"2021-03-09T01:00:00.000+0000\"}"
}

private func word(_ code: String, at time: String, from: String = "D2") -> String {
    "<edXML><Status><ResponseFor><DocumentId>V</DocumentId></ResponseFor><From><OrganId>\(from)</OrganId></From><StatusCode>\(code)</StatusCode><Timestamp>\(time)</Timestamp></Status></edXML>"
}

private let sent = "<edXML><MessageHeader><From><OrganId>D1</OrganId></From><DocumentId>V</DocumentId></MessageHeader><TraceHeader><Timestamp>2021/03/01 08:00:00</Timestamp></TraceHeader></edXML>"

/// Each kind of fact as a count of its own.
private func counting(_ kind: Kind, _ facts: [String], sources: [SourceRule]? = nil, years: [Int] = [2021]) -> Catalog {
    let named = Facts.named(of: kind)
    var catalog = SmallCatalog.make(facts.map { fact in
        SmallCatalog.criterion(fact, .count(of: kind, among: FactMask(required: named.first { $0.name == fact }?.fact ?? [])), judgeAt: [.`self`, .root])
    }, years: years)
    catalog.sources = sources
    return catalog
}

@Suite struct Bundles {
    @Test func `of a record that holds many, each counts or is rejected on its own, under a key of its own`() throws {
        var desk = try FormatDesk(counting(.dossier, ["open"]))
        let text = portal("D1", "D2", "D3").replacing("\"MaHoSo\":\"D2\"", with: "\"MaHoSo\":\"\"")
        Array(text.utf8).withUnsafeBytes { bytes in
            desk.engine.receive(1) { _ in Engine.Record(Intake.Message(value: bytes, timestamp: SmallCatalog.instant("2021-03-02T00:00:00Z")), at: Cause(topic: 1, partition: 2, offset: 7)) }
        }
        let rejected = desk.rejected()
        #expect(desk.score("D1", "open") == "2")
        #expect(rejected.map { $0.key(topic: "portal") } == ["portal-2-7.1"])
        #expect(rejected.first?.rejection == Rejection(.missingField, field: "MaHoSo", source: "urn:dvcqg:H21"))
        #expect(rejected.first?.size == text.utf8.count)
        let json = String(decoding: rejected.first?.json(topic: "portal", zone: SmallCatalog.vietnam) ?? [], as: UTF8.self)
        #expect(json.contains("\"index\":1,"))
    }

    @Test func `the same dossier through two systems counts once, as the newer says`() throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            var desk = try FormatDesk(counting(.dossier, ["accepted", "on_time", "late", "filed_online"]))
            for which in order {
                switch which {
                case 0: #expect(desk.put("portal", portal("D1", "D9"), at: "2021-03-02T00:00:00Z") == [])
                case 1: #expect(desk.put("igate", igate(" d1", status: 4), at: "2021-03-09T02:00:00Z") == [])
                default: #expect(desk.put("events", DossierMessage().field("agency", text: "D1").attribute("time", text: "2021-03-03T00:00:00Z").field("filing", text: "online").json) == [])
                }
            }
            #expect(desk.score("D1", "accepted") == "2" && desk.score("D1", "on_time") == "1" && desk.score("D1", "filed_online") == "0", "\(order)")
        }
    }

    @Test func `a step finishes a dossier when it was taken, not when it was told`() throws {
        for order in [[0, 1], [1, 0]] {
            var desk = try FormatDesk(counting(.dossier, ["on_time", "late"]))
            for which in order {
                // Told a week after the due date.
                if which == 0 { desk.put("portal", portal("D1"), at: "2021-03-02T00:00:00Z") } else { desk.put("portal", step("D1", state: 9, at: "20210310235959"), at: "2021-03-17T00:00:00Z") }
            }
            #expect(desk.score("D1", "on_time") == "1" && desk.score("D1", "late") == "0")
            desk.put("portal", step("D1", state: 9, at: "20210311000000"), at: "2021-03-18T00:00:00Z")
            #expect(desk.score("D1", "on_time") == "0" && desk.score("D1", "late") == "1")
        }
    }

    @Test func `a document's state is its receiver's last word, whichever comes first`() throws {
        let words = [sent, word("03", at: "2021/03/02 09:00:00"), word("06", at: "2021/03/05 09:00:00"), word("02", at: "2021/03/01 09:00:00")]
        for seed in 0..<12 {
            var dice = Seeded(UInt64(seed)), desk = try FormatDesk(counting(.document, ["electronic", "acknowledged", "received", "processed", "refused"]))
            for text in (words + words).shuffled(using: &dice) { #expect(desk.put("axis", text) == []) }
            var scores: [String] = []
            for fact in ["electronic", "acknowledged", "received", "processed", "refused"] { scores.append(desk.score("D1", fact)) }
            #expect(scores == ["1", "1", "1", "1", "0"])
            #expect(desk.score("D2", "acknowledged") == "0" && desk.subjects == 1)
        }
    }

    @Test func `a document's own state counts if it is newer than its receiver's word`() throws {
        var desk = try FormatDesk(counting(.document, ["acknowledged", "received", "refused"]))
        desk.put("axis", word("02", at: "2021/03/05 09:00:00"))
        func document(_ time: String, _ state: String) -> String {
            "{\"specversion\":\"1.0\",\"id\":\"\(time)\",\"source\":\"urn:t\",\"type\":\"vn.par.document.v1\",\"subject\":\"V\",\"time\":\"\(time)\","
                + "\"data\":{\"agency\":\"D1\",\"sent\":\"2021-03-01T08:00:00+07:00\",\"electronic\":true,\"paper\":false,\"signed\":true\(state)}}"
        }
        desk.put("events", document("2021-03-04T00:00:00Z", ",\"state\":\"03\""))
        #expect(desk.score("D1", "refused") == "1" && desk.score("D1", "received") == "0")
        desk.put("events", document("2021-03-06T00:00:00Z", ",\"state\":\"03\""))
        #expect(desk.score("D1", "refused") == "0" && desk.score("D1", "received") == "1")
        // It says nothing of it now, so the receiver's word stands.
        desk.put("events", document("2021-03-07T00:00:00Z", ""))
        #expect(desk.score("D1", "refused") == "1" && desk.score("D1", "acknowledged") == "1")
    }

    @Test func `a receiver's word stays for the year after that in which it was said, though the document has left, and then leaves`() throws {
        func document(_ subject: String, sentIn year: Int, toldAt time: String) -> String {
            "{\"specversion\":\"1.0\",\"id\":\"\(time)\",\"source\":\"urn:t\",\"type\":\"vn.par.document.v1\",\"subject\":\"\(subject)\",\"time\":\"\(time)\","
                + "\"data\":{\"agency\":\"D1\",\"sent\":\"\(year)-03-01T08:00:00+07:00\",\"electronic\":true,\"paper\":false,\"signed\":true}}"
        }
        let said = word("03", at: "2021/03/02 09:00:00")
        for isEarly in [true, false] {
            var desk = try FormatDesk(counting(.document, ["acknowledged"], years: [2021, 2022, 2023]))
            #expect(desk.put("axis", sent) == [] && desk.put("axis", said) == [] && desk.score("D1", "acknowledged") == "1")
            // 2021 has left, and its documents; then 2022 and its words.
            desk.engine.step(now: SmallCatalog.instant(isEarly ? "2024-02-29T23:59:59+07:00" : "2024-03-01T00:00:00+07:00"))
            #expect(desk.subjects == 0)
            #expect(desk.put("axis", said) == (isEarly ? [] : ["0 closed_period Timestamp"]))
            desk.put("events", document("V", sentIn: 2023, toldAt: "2024-01-01T00:00:00Z"))
            #expect(desk.score("D1", "acknowledged", year: 2023) == (isEarly ? "1" : "0"))
        }
    }

    @Test func `a receiver's word stays while its document is there, however long ago its clock says that it was said`() throws {
        var desk = try FormatDesk(counting(.document, ["acknowledged"], years: [2021, 2022, 2023]), now: "2023-06-01T00:00:00+07:00")
        func document(toldAt time: String) -> String {
            "{\"specversion\":\"1.0\",\"id\":\"\(time)\",\"source\":\"urn:t\",\"type\":\"vn.par.document.v1\",\"subject\":\"V\",\"time\":\"\(time)\","
                + "\"data\":{\"agency\":\"D1\",\"sent\":\"2023-03-01T08:00:00+07:00\",\"electronic\":true,\"paper\":false,\"signed\":true}}"
        }
        desk.put("events", document(toldAt: "2023-03-01T01:00:00Z"))
        #expect(desk.put("axis", word("03", at: "2021/03/02 09:00:00")) == [])
        // 2022 has left, and with it what was said in 2021.
        desk.engine.step(now: SmallCatalog.instant("2024-03-01T00:00:00+07:00"))
        desk.put("events", document(toldAt: "2023-03-02T01:00:00Z"))
        #expect(desk.score("D1", "acknowledged", year: 2023) == "1")
        #expect(desk.put("axis", word("06", at: "2021/03/03 09:00:00")) == [])
    }

    @Test func `what stands in the way is named with the fields of the format`() throws {
        var desk = try FormatDesk(counting(.dossier, ["open"]))
        #expect(desk.put("portal", portal("D1"), at: "2021-06-01T00:10:01+07:00") == ["0 future_time timestamp"])
        #expect(desk.put("axis", word("03", at: "2021/06/01 00:10:01")) == ["0 future_time Timestamp"])
        #expect(desk.put("portal", portal("D1")) == ["0 missing_field timestamp"])
        #expect(desk.put("portal", nil, at: "2021-03-01T00:00:00Z") == ["0 tombstone -"])
        #expect(desk.put("events", portal("D1"), at: "2021-03-01T00:00:00Z") == ["0 not_cloudevent specversion"])
        #expect(desk.put("portal", portal("D1", "D2", agency: "X"), at: "2021-03-01T00:00:00Z") == ["0 unknown_agency agency"])
        #expect(desk.subjects == 2)
    }

    @Test func `a record of nothing but mistakes costs one look at its bytes, and no more rejections than others may`() throws {
        var desk = try FormatDesk(counting(.dossier, ["open"]), rejections: RejectionLimit(perSecond: 10, burst: 100))
        let record = "{\"service\":\"DongBoHoSoMC\",\"data\":[" + Array(repeating: "{}", count: 10_000).joined(separator: ",") + "]}"
        #expect(desk.put("portal", record, at: "2021-03-01T00:00:00Z").count == 100)
        #expect(desk.counts.rejected == 10_000 && desk.counts.leftOut == 9_900)
    }
}

@Suite struct Sources {
    private static func report(_ desk: borrowing FormatDesk) -> [String] {
        desk.reports.map { source in
            "\(source.name ?? "-")\(source.isListed ? " listed" : "") \(source.rank) \(source.newest.map { Timestamp.text($0, in: .utc) } ?? "never") \(source.accepted) \(source.superseded) \(source.rejected)"
        }
    }

    private static func event(_ source: String, _ subject: String = "S", time: String = "2021-03-01T00:00:00Z", agency: String = "D1", state: Int = 4) -> String {
        DossierMessage().attribute("source", text: source).attribute("subject", text: subject).attribute("time", text: time).field("agency", text: agency).field("state", "\(state)").json
    }

    @Test func `every source's newest word and what became of its words is known`() throws {
        var desk = try FormatDesk(counting(.dossier, ["open"]))
        desk.put("events", Self.event("urn:b"))
        desk.put("events", Self.event("urn:a", time: "2021-03-02T00:00:00Z"))
        desk.put("events", Self.event("urn:b", time: "2021-03-01T12:00:00Z"))
        desk.put("events", Self.event("urn:b", time: "2021-03-01T12:00:00Z"))
        desk.put("events", DossierMessage().attribute("source", text: "urn:b").field("state", "77").json)
        desk.put("events", Self.event("urn:c", time: "2021-07-01T00:00:00Z"))
        desk.put("events", "garbage")
        desk.put("portal", portal("D1", "D2"), at: "2021-03-03T00:00:00Z")
        #expect(Self.report(desk) == [
            "urn:a 0 2021-03-02T00:00:00+00:00 1 0 0", "urn:b 0 2021-03-01T12:00:00+00:00 1 2 1", "urn:c 0 never 0 0 1", "urn:dvcqg:H21 0 2021-03-03T00:00:00+00:00 2 0 0", "- 0 never 0 0 1",
        ])
    }

    @Test func `strangers beyond a bound are counted together`() throws {
        var desk = try FormatDesk(counting(.dossier, ["open"]))
        for number in 0..<400 { desk.put("events", Self.event("urn:\(number)", "S\(number)")) }
        desk.put("events", Self.event("urn:" + String(repeating: "x", count: 300), "S"))
        let reports = desk.reports
        #expect(reports.count == 257 && reports.last?.name == nil && reports.last?.accepted == 145)
        #expect(reports.map(\.accepted).reduce(0, +) == 401)
    }

    @Test func `of two sources the one of the higher rank counts, however old and in whatever order`() throws {
        let rules = [SourceRule(source: "urn:low"), SourceRule(source: "urn:high", rank: 31), SourceRule(source: "urn:middle", rank: 1)]
        let messages = [Self.event("urn:low", time: "2021-05-01T00:00:00Z", state: 9), Self.event("urn:high", state: 4), Self.event("urn:middle", time: "2021-04-01T00:00:00Z", state: 10)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            var desk = try FormatDesk(counting(.dossier, ["open", "finished"], sources: rules))
            for which in order { #expect(desk.put("events", messages[which]) == []) }
            #expect(desk.score("D1", "open") == "1" && desk.score("D1", "finished") == "0")
            // Its own newer word counts, whatever the others said since.
            desk.put("events", Self.event("urn:high", time: "2021-03-02T00:00:00Z", state: 9))
            #expect(desk.score("D1", "finished") == "1")
        }
    }

    @Test(arguments: [
        ("urn:a", "events", "D1", []), ("urn:x", "events", "D1", ["0 forbidden_source source"]), ("urn:topics", "events", "D1", ["0 forbidden_source topic"]),
        ("urn:agencies", "events", "Q1", []), ("urn:agencies", "events", "C11", []), ("urn:agencies", "events", "Q2", ["0 forbidden_source agency"]),
        ("urn:agencies", "events", "X9", ["0 forbidden_source agency"]), ("urn:types", "events", "D1", ["0 forbidden_source type"]),
    ])
    func `a source may say what the catalog allows it, and nothing else`(_ source: String, _ input: String, _ agency: String, _ expected: [String]) throws {
        let rules = [
            SourceRule(source: "urn:a"), SourceRule(source: "urn:topics", topics: ["portal"]), SourceRule(source: "urn:agencies", agencies: [SmallCatalog.q1]),
            SourceRule(source: "urn:types", types: [.progress, .document]), SourceRule(source: "urn:dvcqg:H21", topics: ["portal"], types: [.progress]),
        ]
        var desk = try FormatDesk(counting(.dossier, ["open"], sources: rules))
        #expect(desk.put(input, Self.event(source, agency: agency)) == expected)
        #expect(desk.subjects == (expected.isEmpty ? 1 : 0))
        #expect(desk.put("portal", portal("D7", "D8"), at: "2021-03-01T00:00:00Z") == ["0 forbidden_source type", "1 forbidden_source type"])
        #expect(desk.put("portal", step("D7", state: 9, at: "20210301000000"), at: "2021-03-01T00:00:00Z") == [])
        #expect(desk.put("axis", sent) == ["0 forbidden_source source"])
        #expect(desk.reports.first { $0.name == "urn:dvcqg:H21" } == SourceReport(
            name: "urn:dvcqg:H21", isListed: true, rank: 0, newest: SmallCatalog.instant("2021-03-01T00:00:00Z"), accepted: 1, superseded: 0, rejected: 2))
    }

    @Test func `another catalog may let others speak, but what a word weighs stays as it was`() throws {
        func catalog(_ rules: [SourceRule]?) -> Catalog { counting(.dossier, ["open"], sources: rules) }
        var desk = try FormatDesk(catalog([SourceRule(source: "urn:a", rank: 2), SourceRule(source: "urn:b")]))
        #expect(desk.put("events", Self.event("urn:c")) == ["0 forbidden_source source"])
        try desk.engine.adopt(catalog([SourceRule(source: "urn:a", rank: 2), SourceRule(source: "urn:c", rank: 7)]))
        #expect(desk.put("events", Self.event("urn:c")) == [])
        #expect(desk.put("events", Self.event("urn:b")) == ["0 forbidden_source source"])
        #expect(throws: CannotAdopt.rank(of: "urn:c", from: 7, to: 0)) { try desk.engine.adopt(catalog([SourceRule(source: "urn:a", rank: 2), SourceRule(source: "urn:c")])) }
        #expect(throws: CannotAdopt.rank(of: "urn:a", from: 2, to: 0)) { try desk.engine.adopt(catalog(nil)) }
        var open = try FormatDesk(catalog(nil))
        #expect(throws: CannotAdopt.rank(of: "urn:a", from: 0, to: 1)) { try open.engine.adopt(catalog([SourceRule(source: "urn:a", rank: 1)])) }
        try open.engine.adopt(catalog([SourceRule(source: "urn:a")]))
        #expect(open.put("events", Self.event("urn:b")) == ["0 forbidden_source source"])
        #expect("\(CannotAdopt.rank(of: "urn:a", from: 0, to: 1))".contains("urn:a"))
    }
}
