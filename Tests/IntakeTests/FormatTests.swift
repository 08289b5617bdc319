import Cases
import Catalog
import Intake
import Testing

private let received = "2021-03-05T01:00:00.250Z"
private let timestamp = SmallCatalog.instant(received)

extension Intake {
    /// What became of each part of a record: one line of what was read of it, or `reason field`; one line too where the whole record is refused.
    fileprivate func lines(_ text: String?, _ format: Format, at time: Instant? = timestamp, zone: Zone = SmallCatalog.vietnam, topic: String = "t") -> [String] {
        func words(_ rejection: Rejection) -> String { rejection.reason.rawValue + (rejection.field.map { " " + $0 } ?? "") }
        return Array((text ?? "").utf8).withUnsafeBytes { bytes in
            do throws(Rejection) {
                let bundle = try statuses(in: Message(value: text == nil ? nil : bytes, timestamp: time), format, zone: zone, topic: topic)
                return bundle.parts.map { part in
                    switch part {
                    case .failure(let rejection): words(rejection) + (rejection.source == bundle.source ? "" : " of another source")
                    case .success(.dossier(let status)): Self.line(status, zone)
                    case .success(.other(let status)): Self.line(status, zone)
                    }
                }
            } catch {
                return [words(error)]
            }
        }
    }

    private static func line(_ status: DossierStatus, _ zone: Zone) -> String {
        guard let content = status.content else { return "deleted" }
        func time(_ instant: Instant?) -> String { instant.map { Timestamp.text($0, in: zone) } ?? "-" }
        let codes = ["D1", "P1", "A1", "LV", "Đ1", "UP"].filter { code in [status.subject, content.procedure, content.agency, content.sector].contains(CodeKey(code: code)) }
        return "\(codes.joined(separator: " ")) \(status.version.state) \(time(status.version.time)) \(time(content.received)) \(time(content.due)) \(time(content.finished)) "
            + "\(content.filing) \(content.returning.map { "\($0)" } ?? "-") \(content.supplements)"
    }

    private static func line(_ status: OtherStatus, _ zone: Zone) -> String {
        switch status {
        case .progress(let step): "step \(step.state?.rawValue ?? 0) \(Timestamp.text(step.version.time, in: zone)) \(Timestamp.text(step.at, in: zone))"
        case .acknowledgement(let word): "word \(word.version.state) \(Timestamp.text(word.version.time, in: zone))"
        case .item(let item):
            "\(item.kind) \(Timestamp.text(item.version.time, in: zone)) "
                + Facts.named(of: .document).filter { item.content?.facts.contains($0.fact) ?? false }.map(\.name).joined(separator: " ")
        case .heartbeat: "heartbeat"
        }
    }
}

/// Fields of a JSON object; nil takes one away.
private func object(_ fields: [(String, String)], _ changes: [(String, String?)] = []) -> String {
    var fields = fields
    for (name, json) in changes {
        let place = fields.firstIndex { $0.0 == name }
        if let place { if let json { fields[place].1 = json } else { fields.remove(at: place) } } else if let json { fields.append((name, json)) }
    }
    return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
}

@Suite struct NationalPortalFormat {
    private static let dossier = [
        ("MaHoSo", "\"D1\""), ("MaTTHC", "\"P1\""), ("DonViXuLy", "\"A1\""), ("NgayTiepNhan", "\"20210301080000\""), ("NgayHenTra", "\"20210310170000\""),
        ("TrangThaiHoSo", "\"9\""), ("NgayKetThucXuLy", "\"20210304160000\""), ("NgayTra", "\"\""), ("HinhThuc", "\"1\""), ("KenhThucHien", "\"2\""), ("ChuHoSo", "\"x\""),
        ("DanhSachHoSoBoSung", "[]"), ("TaiLieuNop", "[{\"TenTepDinhKem\":\"x\"}]"),
    ]
    private static let step = [("MaHoSo", "\"D1\""), ("NguoiXuLy", "\"x\""), ("ThoiDiemXuLy", "\"20210304093000\""), ("TrangThai", "\"4\"")]

    private static func record(_ data: String, service: String = "DongBoHoSoMC") -> String {
        "{\"service\":\"\(service)\",\"isUpdating\":\"False\",\"madonvi\":\"000.00.00.H21\",\"data\":\(data)}"
    }

    @Test(arguments: [
        ([], "D1 P1 A1 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-04T16:00:00+07:00 online post 0"),
        // Absent, null and "" say the same.
        ([("NgayHenTra", "null"), ("NgayKetThucXuLy", "\"\""), ("HinhThuc", nil), ("KenhThucHien", "\"\"")],
         "D1 P1 A1 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 - 2021-03-05T08:00:00.250000+07:00 counter - 0"),
        ([("NgayKetThucXuLy", nil), ("NgayTra", "\"20210305000000\""), ("HinhThuc", "\"0\""), ("KenhThucHien", "\"3\"")],
         "D1 P1 A1 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-05T00:00:00+07:00 post counter 0"),
        ([("KenhThucHien", "\"1\""), ("TrangThaiHoSo", "\"10\""), ("MaLinhVuc", "\" lv \""), ("DanhSachHoSoBoSung", "[{},{},{}]")],
         "D1 P1 A1 LV 10 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-04T16:00:00+07:00 counter post 2"),
        ([("DanhSachHoSoBoSung", "\"\""), ("MaHoSo", "\" d1\"")],
         "D1 P1 A1 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-04T16:00:00+07:00 online post 0"),
        ([("MaHoSo", nil)], "missing_field MaHoSo"), ([("MaHoSo", "\"\"")], "missing_field MaHoSo"), ([("MaHoSo", "\" \"")], "bad_value MaHoSo"), ([("MaHoSo", "7")], "bad_value MaHoSo"),
        ([("MaTTHC", nil)], "missing_field MaTTHC"), ([("DonViXuLy", "null")], "missing_field DonViXuLy"),
        ([("NgayTiepNhan", "\"\"")], "missing_field NgayTiepNhan"), ([("NgayTiepNhan", "\"20210301\"")], "bad_value NgayTiepNhan"),
        ([("NgayTiepNhan", "\"20210229080000\"")], "bad_value NgayTiepNhan"), ([("NgayHenTra", "\"2021031017000x\"")], "bad_value NgayHenTra"),
        ([("NgayHenTra", "\"20210310240000\"")], "bad_value NgayHenTra"), ([("NgayTra", "\"20210310-70000\"")], "bad_value NgayTra"), ([("NgayKetThucXuLy", "1")], "bad_value NgayKetThucXuLy"),
        ([("TrangThaiHoSo", nil)], "missing_field TrangThaiHoSo"), ([("TrangThaiHoSo", "\"0\"")], "bad_value TrangThaiHoSo"), ([("TrangThaiHoSo", "\"11\"")], "bad_value TrangThaiHoSo"),
        ([("TrangThaiHoSo", "\"09\"")], "bad_value TrangThaiHoSo"), ([("TrangThaiHoSo", "9")], "bad_value TrangThaiHoSo"),
        ([("HinhThuc", "\"2\"")], "bad_value HinhThuc"), ([("KenhThucHien", "\"0\"")], "bad_value KenhThucHien"), ([("DanhSachHoSoBoSung", "{}")], "bad_value DanhSachHoSoBoSung"),
    ] as [([(String, String?)], String)])
    func `a dossier is read field by field, or refused with the field at fault`(_ changes: [(String, String?)], _ expected: String) throws {
        try withIntake { #expect($0.lines(Self.record("[\(object(Self.dossier, changes))]"), .dvcqg) == [expected]) }
    }

    @Test func `a text of over 1,024 bytes is too large: what a record says once would be read for each of its dossiers`() throws {
        func long(_ count: Int) -> String { "\"" + String(repeating: "X", count: count) + "\"" }
        try withIntake { intake in
            #expect(intake.lines(Self.record("[\(object(Self.dossier, [("MaTTHC", long(1_025))])),\(object(Self.step, [("MaHoSo", long(1_025))])),\(object(Self.dossier, [("MaHoSo", long(1_024))]))]"), .dvcqg).map { String($0.prefix(17)) }
                == ["too_large MaTTHC", "too_large MaHoSo", "P1 A1 9 2021-03-0"])
            #expect(intake.lines("{\"service\":\"DongBoHoSoMC\",\"madonvi\":\(long(1_025)),\"data\":[{},{}]}", .dvcqg) == ["too_large madonvi"])
            #expect(intake.lines("{\"service\":\"DongBoHoSoMC\",\"madonvi\":\(long(1_024)),\"data\":[{},{}]}", .dvcqg) == ["missing_field MaHoSo", "missing_field MaHoSo"])
        }
    }

    @Test func `of many dossiers in a record each counts or is rejected on its own`() throws {
        let bad = object(Self.dossier, [("TrangThaiHoSo", "\"x\"")])
        try withIntake { intake in
            let lines = intake.lines(Self.record("[\(object(Self.dossier)),\(bad),7,\(object(Self.dossier)),\(object(Self.dossier)),{\"MaHoSo\":\"1\",\"MaHoSo\":\"2\"}]"), .dvcqg)
            #expect(lines.map { String($0.prefix(24)) } == ["D1 P1 A1 9 2021-03-05T08", "bad_value TrangThaiHoSo", "bad_value data", "D1 P1 A1 9 2021-03-05T08", "D1 P1 A1 9 2021-03-05T08", "bad_value MaHoSo"])
        }
    }

    @Test(arguments: [
        ([], "step 4 2021-03-05T08:00:00.250000+07:00 2021-03-04T09:30:00+07:00"),
        ([("ThoiDiemXuLy", "\"\"")], "step 4 2021-03-05T08:00:00.250000+07:00 2021-03-05T08:00:00.250000+07:00"),
        ([("TrangThai", nil)], "missing_field TrangThai"), ([("TrangThai", "\"12\"")], "bad_value TrangThai"), ([("MaHoSo", "\"\"")], "missing_field MaHoSo"),
        ([("ThoiDiemXuLy", "\"04/03/2021\"")], "bad_value ThoiDiemXuLy"),
    ] as [([(String, String?)], String)])
    func `a progress step says its state and its time alone`(_ changes: [(String, String?)], _ expected: String) throws {
        try withIntake { #expect($0.lines(Self.record("[\(object(Self.step, changes))]", service: "CapNhatTienDoHoSoMC"), .dvcqg) == [expected]) }
    }

    @Test(arguments: [
        (nil, "tombstone"), ("", "not_json"), ("{", "not_json"), ("[]", "bad_value service"), ("{}", "missing_field service"), ("{\"service\":\"TraCuuHoSo\",\"data\":[]}", "unknown_type service"),
        ("{\"service\":7}", "bad_value service"), ("{\"service\":\"DongBoHoSoMC\"}", "missing_field data"), ("{\"service\":\"DongBoHoSoMC\",\"data\":{}}", "bad_value data"),
        ("{\"service\":\"DongBoHoSoMC\",\"madonvi\":7,\"data\":[]}", "bad_value madonvi"), ("{\"service\":\"DongBoHoSoMC\",\"data\":[],\"data\":[]}", "bad_value data"),
        ("{\"service\":\"DongBoHoSoMC\",\"data\":[" + String(repeating: "0,", count: 10_000) + "0]}", "too_large data"),
    ] as [(String?, String)])
    func `a record that is no sync is refused as a whole`(_ record: String?, _ expected: String) throws {
        try withIntake { #expect($0.lines(record, .dvcqg) == [expected]) }
    }

    @Test func `without a timestamp nothing says which status is the latest`() throws {
        try withIntake { intake in
            #expect(intake.lines(Self.record("[]"), .dvcqg, at: nil) == ["missing_field timestamp"])
            #expect(intake.lines(Self.record("[]"), .dvcqg, at: Instant(milliseconds: .max)) == ["bad_value timestamp"])
            #expect(intake.lines(Self.record("[]"), .dvcqg) == [])
        }
    }

    @Test func `local times follow the zone's rules where the clock is turned`() throws {
        let zone = Zone(name: "Europe/Amsterdam", initialOffset: 3_600, transitions: [
            .init(from: SmallCatalog.instant("2021-03-28T01:00:00Z"), offset: 7_200), .init(from: SmallCatalog.instant("2021-10-31T01:00:00Z"), offset: 3_600),
        ])
        try withIntake { intake in
            for (text, expected) in [("20210328013000", "2021-03-28T01:30:00+01:00"), ("20210328023000", "2021-03-28T03:30:00+02:00"), ("20211031023000", "2021-10-31T02:30:00+02:00"), ("20211031033000", "2021-10-31T03:30:00+01:00")] {
                let line = intake.lines(Self.record("[\(object(Self.dossier, [("NgayTiepNhan", "\"\(text)\"")]))]"), .dvcqg, zone: zone)
                #expect(line.first?.split(separator: " ")[5] ?? "" == expected, "\(text)")
            }
        }
    }

    @Test func `what is read decides a tie, whatever else the record holds`() throws {
        func tie(_ changes: [(String, String?)], madonvi: String = "X") throws -> UInt64? {
            let intake = try #require(Intake()), text = "{\"service\":\"DongBoHoSoMC\",\"madonvi\":\"\(madonvi)\",\"data\":[\(object(Self.dossier, changes))]}"
            let bundle = try Array(text.utf8).withUnsafeBytes { try intake.statuses(in: .init(value: $0, timestamp: timestamp), .dvcqg, zone: SmallCatalog.vietnam, topic: "t") }
            guard case .success(.dossier(let status)) = bundle.parts.first else { return nil }
            return status.version.tie
        }
        let own = try tie([])
        #expect(own == fnv("D1\nP1\n\nA1\n9\n20210301080000\n20210310170000\n20210304160000\n\n2\n1\n\n\0urn:dvcqg:X"))
        #expect(try tie([("ChuHoSo", "\"y\""), ("TaiLieuNop", "[]"), ("NgayTra", nil)]) == own)
        #expect(try tie([("NgayHenTra", "\"20210311170000\"")]) != own)
        #expect(try tie([], madonvi: "Y") != own)
    }
}

@Suite struct IGateFormat {
    private static let dossier = [
        ("code", "\"D1\""), ("dossierStatus", "{\"id\":4,\"name\":\"x\"}"), ("procedure", "{\"code\":\"P1\",\"sector\":{\"code\":\"LV\"}}"),
        ("agency", "{\"id\":\"1\",\"code\":\"A1\",\"parent\":{\"code\":\"UP\"}}"), ("appliedDate", "\"2021-02-28T23:00:00.000+0000\""), ("acceptedDate", "\"2021-03-01T01:00:00.000+0000\""),
        ("appointmentDate", "\"2021-03-10T10:00:00.000+0000\""), ("dueDate", "\"2021-03-09T10:00:00.000+0000\""), ("completedDate", "\"2021-03-04T09:00:00.000+0000\""),
        ("applyMethod", "{\"id\":0,\"name\":\"Trực tuyến\"}"), ("dossierReceivingKind", "{\"id\":\"5f\",\"name\":[{\"languageId\":228,\"name\":\"Nhận qua bưu điện\"}]}"),
        ("applicant", "{\"data\":{\"fullname\":\"x\"}}"),
    ]
    private static let usual = "D1 P1 A1 LV 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-04T16:00:00+07:00 online post 0"

    @Test(arguments: [
        ([], usual),
        ([("dossierStatus", "4")], usual),
        ([("acceptedDate", "null"), ("appointmentDate", "null"), ("completedDate", "null"), ("applyMethod", nil), ("dossierReceivingKind", nil), ("procedure", "{\"code\":\"P1\"}")],
         "D1 P1 A1 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T06:00:00+07:00 2021-03-09T17:00:00+07:00 2021-03-05T08:00:00.250000+07:00 counter - 0"),
        ([("completedDate", nil), ("returnedDate", "\"2021-03-04T23:00:00Z\""), ("applyMethod", "{\"name\":\"TRỰC TIẾP\"}"), ("dossierReceivingKind", "{\"name\":\"Nhận trực tiếp\"}")],
         "D1 P1 A1 LV 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-05T06:00:00+07:00 counter counter 0"),
        ([("agency", "{\"parent\":{\"code\":\"up\"}}"), ("applyMethod", "{\"name\":\"Bưu chính công ích\"}"), ("dossierReceivingKind", "{\"name\":\"Tại nhà\"}")],
         "D1 P1 LV UP 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-04T16:00:00+07:00 post - 0"),
        ([("code", nil)], "missing_field code"), ([("dossierStatus", nil)], "missing_field dossierStatus"), ([("dossierStatus", "{\"id\":8}")], "bad_value dossierStatus.id"),
        ([("dossierStatus", "{\"name\":\"x\"}")], "missing_field dossierStatus"), ([("dossierStatus", "{\"id\":\"4\"}")], "bad_value dossierStatus.id"),
        ([("procedure", nil)], "missing_field procedure"), ([("procedure", "{}")], "missing_field procedure.code"), ([("procedure", "{\"code\":7}")], "bad_value procedure.code"),
        ([("procedure", "{\"code\":\"P1\",\"sector\":7}")], "bad_value procedure.sector"), ([("agency", nil)], "missing_field agency"), ([("agency", "{}")], "missing_field agency.code"),
        ([("agency", "{\"code\":\" \"}")], "bad_value agency.code"), ([("acceptedDate", nil), ("appliedDate", nil)], "missing_field acceptedDate"),
        ([("acceptedDate", "\"2021-03-01\"")], "bad_value acceptedDate"), ([("dueDate", "\"2021-03-01T01:00:00.000+00000\"")], "bad_value dueDate"), ([("returnedDate", "7")], "bad_value returnedDate"),
        ([("applyMethod", "{\"name\":\"Khác\"}")], "bad_value applyMethod.name"),
        // What is of the wrong type is told of, and passes for nothing.
        ([("dossierStatus", "\"4\"")], "bad_value dossierStatus"), ([("procedure", "\"P1\"")], "bad_value procedure"), ([("agency", "\"A1\"")], "bad_value agency"),
        ([("agency", "{\"parent\":\"UP\"}")], "bad_value agency.parent"), ([("applyMethod", "\"Trực tuyến\"")], "bad_value applyMethod"), ([("applyMethod", "{\"name\":2}")], "bad_value applyMethod.name"),
        ([("applyMethod", "{\"name\":[7]}")], "bad_value applyMethod.name"),
        ([("applyMethod", "{\"name\":[]}"), ("dossierReceivingKind", "{\"name\":[{\"name\":null}]}")],
         "D1 P1 A1 LV 9 2021-03-05T08:00:00.250000+07:00 2021-03-01T08:00:00+07:00 2021-03-10T17:00:00+07:00 2021-03-04T16:00:00+07:00 counter - 0"),
        ([("dossierReceivingKind", "[]")], "bad_value dossierReceivingKind"), ([("dossierReceivingKind", "{\"name\":[{\"name\":3}]}")], "bad_value dossierReceivingKind.name"),
    ] as [([(String, String?)], String)])
    func `a dossier is read field by field, or refused with the field at fault`(_ changes: [(String, String?)], _ expected: String) throws {
        try withIntake { #expect($0.lines(object(Self.dossier, changes), .igate(states: Format.usualIGateStates)) == [expected]) }
    }

    @Test(arguments: [
        ("code", "%", "code"), ("procedure", "{\"code\":%}", "procedure.code"), ("agency", "{\"code\":%}", "agency.code"), ("dueDate", "%", "dueDate"),
        ("applyMethod", "{\"name\":%}", "applyMethod.name"), ("dossierReceivingKind", "{\"name\":[{\"name\":%}]}", "dossierReceivingKind.name"),
    ])
    func `a text of over 1,024 bytes is too large`(_ field: String, _ json: String, _ named: String) throws {
        let long = "\"" + String(repeating: "x", count: 1_025) + "\""
        try withIntake { #expect($0.lines(object(Self.dossier, [(field, json.replacing("%", with: long))]), .igate(states: Format.usualIGateStates)) == ["too_large \(named)"]) }
    }

    @Test func `a province's own numbers stand for the states that it says`() throws {
        try withIntake { #expect($0.lines(object(Self.dossier, [("dossierStatus", "{\"id\":17}")]), .igate(states: [17: .finished])) == [Self.usual]) }
    }

    @Test(arguments: [(nil, "tombstone"), ("", "not_json"), ("[]", "bad_value code"), ("{}", "missing_field code")] as [(String?, String)])
    func `a record that is no dossier is refused`(_ record: String?, _ expected: String) throws {
        try withIntake { intake in
            #expect(intake.lines(record, .igate(states: [:])) == [expected])
            #expect(intake.lines("{}", .igate(states: [:]), at: nil) == ["missing_field timestamp"])
        }
    }
}

@Suite struct EdXMLFormat {
    private static func header(_ body: String) -> String {
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"><edXML:edXMLEnvelope xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">"
            + "<edXML:edXMLHeader>\(body)</edXML:edXMLHeader><edXML:edXMLBody/></edXML:edXMLEnvelope></edXML>"
    }

    private static func word(_ code: String = "<StatusCode>03</StatusCode>", _ time: String = "<Timestamp>2021/03/02 09:30:00</Timestamp>", in element: String = "Status") -> String {
        header("<\(element)><ResponseFor><OrganId>000.00.12.H21</OrganId><Code>7/STP</Code><PromulgationDate>2021/03/01</PromulgationDate><DocumentId>000.00.12.H21,2021/03/01,7/STP</DocumentId></ResponseFor>"
            + "<From><OrganId>000.00.31.H21</OrganId><OrganName>x</OrganName><Email>x</Email></From>\(code)<Description>x</Description>\(time)<StaffInfo><Staff>x</Staff></StaffInfo></\(element)>")
    }

    private static func document(_ id: String = "<DocumentId>7</DocumentId>", _ trace: String = "<TraceHeader><OrganId>A</OrganId><Timestamp>2021/03/01 08:00:00</Timestamp></TraceHeader>", paper: String = "", more: String = "") -> String {
        header("<MessageHeader><From><OrganId>A</OrganId></From><To><OrganId>B</OrganId></To><To><OrganId>C</OrganId></To><SignerInfo><FullName>x</FullName></SignerInfo>\(id)</MessageHeader>"
            + "<TraceHeaderList>\(trace)<Bussiness><BussinessDocType>0</BussinessDocType>\(paper)</Bussiness></TraceHeaderList>\(more)")
    }

    @Test(arguments: [
        (word(), "word 3 2021-03-02T09:30:00+07:00"), (word(in: "MessageHeader"), "word 3 2021-03-02T09:30:00+07:00"),
        (word("<StatusCode> 16 </StatusCode>"), "word 16 2021-03-02T09:30:00+07:00"),
        (word("<StatusCode>3</StatusCode>"), "bad_value StatusCode"), (word("<StatusCode>07</StatusCode>"), "bad_value StatusCode"),
        (word("<StatusCode>03</StatusCode><StatusCode>04</StatusCode>"), "bad_value StatusCode"),
        (word("<StatusCode>03</StatusCode>", ""), "missing_field Timestamp"), (word("<StatusCode>03</StatusCode>", "<Timestamp>2021-03-02 09:30:00</Timestamp>"), "bad_value Timestamp"),
        (word("<StatusCode>03</StatusCode>", "<Timestamp>2021/02/29 09:30:00</Timestamp>"), "bad_value Timestamp"),
        (header("<Status><From><OrganId>A</OrganId></From><StatusCode>03</StatusCode><Timestamp>2021/03/02 09:30:00</Timestamp></Status>"), "missing_field ResponseFor.DocumentId"),
        (header("<Status><StatusCode>03</StatusCode></Status>"), "missing_field From.OrganId"),
        (document(), "document 2021-03-01T08:00:00+07:00 electronic addressed"), (document(paper: "<Paper>1</Paper>"), "document 2021-03-01T08:00:00+07:00 electronic paper addressed"),
        (document(paper: "<Paper>0</Paper>", more: "<Signature><SignatureValue>x=</SignatureValue></Signature>"), "document 2021-03-01T08:00:00+07:00 electronic signed addressed"),
        (document(more: "<DigitalSignature/><Signature><SignatureValue/></Signature>"), "document 2021-03-01T08:00:00+07:00 electronic addressed"),
        (document(paper: "<Paper>2</Paper>"), "bad_value Paper"), (document(""), "missing_field DocumentId"), (document("<DocumentId/>"), "missing_field DocumentId"),
        (document("<DocumentId>7</DocumentId>", ""), "missing_field Timestamp"), (document("<DocumentId>7</DocumentId><DocumentId>8</DocumentId>"), "bad_value DocumentId"),
        (header(""), "missing_field From.OrganId"), ("", "not_xml"), ("{}", "not_xml"), ("<edXML>", "not_xml"),
        ("<!DOCTYPE edXML [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><edXML>&x;</edXML>", "not_xml"),
        (header(String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40)), "too_large"),
    ])
    func `a document and what is said of it are read by their elements, or refused with the one at fault`(_ xml: String, _ expected: String) throws {
        // A record's own timestamp has no say here.
        try withIntake { #expect($0.lines(xml, .edxml, at: nil) == [expected]) }
    }

    @Test func `what answers a document is of the document that its DocumentId names, from whoever sends it`() throws {
        try withIntake { intake in
            func status(_ xml: String) throws -> OtherStatus? {
                let bundle = try Array(xml.utf8).withUnsafeBytes { try intake.statuses(in: .init(value: $0), .edxml, zone: SmallCatalog.vietnam, topic: "t") }
                guard case .success(.other(let status)) = bundle.parts.first else { return nil }
                return status
            }
            guard case .acknowledgement(let word) = try status(Self.word()), case .item(let document) = try status(Self.document("<DocumentId> 000.00.12.h21,2021/03/01,7/STP</DocumentId>")) else {
                Issue.record("not read")
                return
            }
            #expect(word.key == document.key)
            #expect(document.content?.agency == "A")
        }
    }
}
