import Catalog

/// A record of an input of another format than CloudEvents, and as `records.ndjson` holds it.
package struct FormatRecord: Sendable {
    /// `dvcqg`, `igate` or `edxml`; the topic is called `in-` and that.
    package var format: String
    /// The greatest time that orders a status in it, in microseconds.
    package var time: Int64
    package var timestamp: Int64?
    package var value: String

    package var json: String {
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "{\"format\":\"\(format)\",\"topic\":\"in-\(format)\",\"timestamp\":\(timestamp.map(String.init) ?? "null"),\"value\":\"\(escaped)\"}"
    }
}

/// Random records of other formats: dossiers that several systems tell of, and documents.
extension RandomCase {
    static let formatSources = ["urn:dvcqg:000.00.00.H21", "urn:dvcqg:in-dvcqg", "urn:igate:in-igate"] + offices.keys.sorted().map { "urn:edxml:\($0)" }

    private static let day: Int64 = 86_400_000_000
    private static let newYear: Int64 = 1_609_459_200_000_000

    static func records(_ zone: Zone, _ random: inout Seeded) -> [FormatRecord] {
        var parts: [(time: Int64, isStep: Bool, json: String)] = [], records: [FormatRecord] = []
        for subject in 0..<random.int(2...12) {
            let received = newYear + random.int64(0...364 * day) / 1_000_000 * 1_000_000, due = received + random.int64(0...20) * day
            let instants = (0..<3).map { _ in received + random.int64(0...25 * day) / 1_000 * 1_000 }
            for _ in 0..<random.int(1...5) {
                let time = random.one(of: instants)
                switch random.int(0...3) {
                case 0, 1: parts.append((time, false, dossier(subject, received, due, zone, &random)))
                case 2: parts.append((time, true, step(subject, random.one(of: instants), zone, &random)))
                default: records.append(FormatRecord(format: "igate", time: time, timestamp: time / 1_000, value: igate(subject, received, due, &random)))
                }
            }
        }
        // What has the same timestamp goes together, or not.
        for (index, part) in parts.enumerated() where index == 0 || parts[index - 1].time != part.time || parts[index - 1].isStep != part.isStep || random.once(in: 3) {
            let together = parts[index...].prefix { $0.time == part.time && $0.isStep == part.isStep }.map(\.json)
            let madonvi = random.once(in: 2) ? "\"madonvi\":\"000.00.00.H21\"," : ""
            records.append(FormatRecord(
                format: "dvcqg", time: part.time, timestamp: part.time / 1_000,
                value: "{\(madonvi)\"service\":\"\(part.isStep ? "CapNhatTienDoHoSoMC" : "DongBoHoSoMC")\",\"data\":[\(together.joined(separator: ","))]}"))
        }
        for document in 0..<random.int(0...6) {
            let sent = newYear + random.int64(0...364 * day) / 1_000_000 * 1_000_000
            for _ in 0..<random.int(1...4) {
                let time = sent + random.one(of: [0, 0, random.int64(0...20 * day) / 1_000_000 * 1_000_000])
                records.append(FormatRecord(format: "edxml", time: time, timestamp: nil, value: random.once(in: 3) ? edxml(document, time, zone, &random) : word(document, time, zone, &random)))
            }
        }
        return records
    }

    private static func field(_ name: String, _ value: String) -> String { "\"\(name)\":\"\(value)\"" }

    private static func wall(_ time: Int64, _ zone: Zone) -> String { String(Timestamp.text(Instant(microseconds: time / 1_000_000 * 1_000_000), in: zone).prefix(19)) }

    private static func compact(_ time: Int64, _ zone: Zone) -> String { wall(time, zone).filter(\.isNumber) }

    private static func slashed(_ time: Int64, _ zone: Zone) -> String { wall(time, zone).replacing("-", with: "/").replacing("T", with: " ") }

    private static func office(_ random: inout Seeded) -> String { random.once(in: 12) ? "X9" : random.one(of: offices.keys.sorted()) }

    private static func dossier(_ subject: Int, _ received: Int64, _ due: Int64, _ zone: Zone, _ random: inout Seeded) -> String {
        let state = random.one(of: [1, 2, 4, 4, 5, 8, 9, 9, 10])
        var fields = [
            field("MaHoSo", "\(random.one(of: ["T", " t"]))-\(subject)"), field("MaTTHC", "P\(random.int(1...4))"), field("DonViXuLy", office(&random)),
            field("NgayTiepNhan", compact(received, zone)), field("NgayHenTra", random.once(in: 5) ? "" : compact(due, zone)), field("TrangThaiHoSo", "\(state)"), field("ChuHoSo", "\(random.next())"),
        ]
        if state >= 9, !random.once(in: 4) { fields.append(field("NgayKetThucXuLy", compact(received + random.int64(0...25 * day), zone))) }
        if random.once(in: 3) { fields.append(field("NgayTra", compact(received + random.int64(0...25 * day), zone))) }
        if random.once(in: 2) { fields.append(field("KenhThucHien", random.one(of: ["1", "2", "3", ""]))) }
        if random.once(in: 2) { fields.append(field("HinhThuc", random.one(of: ["0", "1", ""]))) }
        if random.once(in: 3) { fields.append(field("MaLinhVuc", random.one(of: ["Đất đai", "HT"]))) }
        if random.once(in: 3) { fields.append("\"DanhSachHoSoBoSung\":\(random.one(of: ["[]", "[{}]", "[{},{}]", "[{},{},{}]", "null", "\"\""]))") }
        return "{\(fields.shuffled(using: &random).joined(separator: ","))}"
    }

    private static func step(_ subject: Int, _ at: Int64, _ zone: Zone, _ random: inout Seeded) -> String {
        "{" + [field("MaHoSo", "T-\(subject)"), field("TrangThai", random.one(of: ["2", "4", "5", "9", "10"])), field("ThoiDiemXuLy", random.once(in: 4) ? "" : compact(at, zone))]
            .shuffled(using: &random).joined(separator: ",") + "}"
    }

    private static func igate(_ subject: Int, _ received: Int64, _ due: Int64, _ random: inout Seeded) -> String {
        func time(_ name: String, _ at: Int64) -> String { field(name, "\(Timestamp.utc(Instant(microseconds: at)).prefix(23))+0000") }
        let agency = office(&random)
        var fields = [
            field("code", "T-\(subject)"), "\"dossierStatus\":" + (random.once(in: 2) ? "{\"id\":\(random.int(0...6)),\"name\":\"x\"}" : "\(random.int(0...6))"),
            "\"procedure\":{\"code\":\"P\(random.int(1...4))\"\(random.once(in: 2) ? ",\"sector\":{\"code\":\"ĐẤT ĐAI\"}" : "")}",
            "\"agency\":" + (random.once(in: 3) ? "{\"id\":\"1\",\"parent\":{\"code\":\"\(agency)\"}}" : "{\"code\":\"\(agency)\"}"), time("appliedDate", received),
        ]
        if random.once(in: 2) { fields.append(time("acceptedDate", received + 3_600_000_000)) }
        if random.once(in: 2) { fields.append(time("appointmentDate", due)) }
        if random.once(in: 2) { fields.append(time("dueDate", due - day)) }
        if random.once(in: 2) { fields.append(time("completedDate", received + random.int64(0...25 * day))) }
        if random.once(in: 3) { fields.append(time("returnedDate", received + random.int64(0...25 * day))) }
        if random.once(in: 2) { fields.append("\"applyMethod\":{\"name\":\"\(random.one(of: ["Trực tuyến", "Trực tiếp", "Qua bưu chính"]))\"}") }
        if random.once(in: 2) { fields.append("\"dossierReceivingKind\":{\"name\":[{\"languageId\":228,\"name\":\"\(random.one(of: ["Nhận trực tiếp", "Qua bưu điện", "Khác"]))\"}]}") }
        return "{\(fields.shuffled(using: &random).joined(separator: ","))}"
    }

    private static func envelope(_ body: String) -> String { "<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'>\(body)</edXML>" }

    private static func edxml(_ document: Int, _ time: Int64, _ zone: Zone, _ random: inout Seeded) -> String {
        let sender = random.one(of: offices.keys.sorted())
        return envelope(
            "<MessageHeader><From><OrganId>\(sender)</OrganId></From>\(random.once(in: 2) ? "<To><OrganId>D1</OrganId></To>" : "")<DocumentId>V-\(document)</DocumentId></MessageHeader>"
                + "<TraceHeaderList><TraceHeader><Timestamp>\(slashed(time, zone))</Timestamp></TraceHeader><Bussiness>\(random.one(of: ["", "<Paper>0</Paper>", "<Paper>1</Paper>"]))</Bussiness></TraceHeaderList>"
                + random.one(of: ["", "<Signature><SignatureValue>\(random.next())</SignatureValue></Signature>"]))
    }

    private static func word(_ document: Int, _ time: Int64, _ zone: Zone, _ random: inout Seeded) -> String {
        let element = random.one(of: ["Status", "MessageHeader"])
        return envelope(
            "<\(element)><ResponseFor><DocumentId>V-\(document)</DocumentId></ResponseFor><From><OrganId>\(random.one(of: offices.keys.sorted()))</OrganId></From>"
                + "<StatusCode>\(random.one(of: ["01", "02", "03", "04", "05", "06", "13", "15", "16"]))</StatusCode><Timestamp>\(slashed(time, zone))</Timestamp></\(element)>")
    }
}
