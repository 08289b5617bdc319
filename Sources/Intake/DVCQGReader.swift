import Catalog
import JSON

/// Reads what the national portal is told of dossiers: `DongBoHoSoMC` and `CapNhatTienDoHoSoMC`. Times are local; personal data is never looked at.
struct DVCQGReader {
    private let record: TextFields<RecordField>
    private let dossier: TextFields<DossierField>
    private let step: TextFields<StepField>
    private let codes = CodeReader()

    /// More in one record is no sync but a mistake.
    static let mostParts = 10_000

    private enum RecordField: Int, CaseIterable { case service, madonvi, data }
    private enum StepField: Int, CaseIterable { case MaHoSo, TrangThai, ThoiDiemXuLy }
    private enum DossierField: Int, CaseIterable {
        case MaHoSo, MaTTHC, MaLinhVuc, DonViXuLy, TrangThaiHoSo, NgayTiepNhan, NgayHenTra, NgayKetThucXuLy, NgayTra, KenhThucHien, HinhThuc, DanhSachHoSoBoSung

        var name: StaticString {
            switch self {
            case .MaHoSo: "MaHoSo"
            case .MaTTHC: "MaTTHC"
            case .MaLinhVuc: "MaLinhVuc"
            case .DonViXuLy: "DonViXuLy"
            case .TrangThaiHoSo: "TrangThaiHoSo"
            case .NgayTiepNhan: "NgayTiepNhan"
            case .NgayHenTra: "NgayHenTra"
            case .NgayKetThucXuLy: "NgayKetThucXuLy"
            case .NgayTra: "NgayTra"
            case .KenhThucHien: "KenhThucHien"
            case .HinhThuc: "HinhThuc"
            case .DanhSachHoSoBoSung: "DanhSachHoSoBoSung"
            }
        }
    }

    /// Nil when there is no memory.
    init?() {
        let record = TextFields<RecordField> {
            switch $0 {
            case .service: "service"
            case .madonvi: "madonvi"
            case .data: "data"
            }
        }
        let step = TextFields<StepField> {
            switch $0 {
            case .MaHoSo: "MaHoSo"
            case .TrangThai: "TrangThai"
            case .ThoiDiemXuLy: "ThoiDiemXuLy"
            }
        }
        guard let record, let step, let dossier = TextFields<DossierField>(\.name) else { return nil }
        (self.record, self.step, self.dossier) = (record, step, dossier)
    }

    func statuses(_ root: JSONValue, _ timestamp: Instant, _ zone: Zone, topic: String) throws(Rejection) -> Bundle {
        guard root.isObject else { throw Rejection(.badValue, field: "service") }
        record.pick(from: root)
        var bundle = Bundle(format: "dvcqg", sender: try record.text(.madonvi)?.text ?? topic)
        do throws(Rejection) {
            let isProgress = try record.need(.service, Self.isProgress)
            guard let isProgress else { throw Rejection(.unknownType, field: "service") }
            guard let data = try record.value(.data) else { throw Rejection(.missingField, field: "data") }
            guard let parts = data.elements(atMost: Self.mostParts + 1) else { throw record.bad(.data) }
            guard parts.count <= Self.mostParts else { throw Rejection(.tooLarge, field: "data") }
            bundle.parts.reserveCapacity(parts.count)
            for part in parts { bundle.parts.append(status(part, isProgress, timestamp, zone, bundle.source)) }
            return bundle
        } catch {
            throw Rejection(error.reason, field: error.field, source: bundle.source)
        }
    }

    private func status(_ part: JSONValue, _ isProgress: Bool, _ timestamp: Instant, _ zone: Zone, _ source: String) -> Result<Bundle.Status, Rejection> {
        do throws(Rejection) {
            guard part.isObject else { throw record.bad(.data) }
            return .success(isProgress ? .other(.progress(try progress(part, timestamp, zone, source))) : .dossier(try dossier(part, timestamp, zone, source)))
        } catch {
            return .failure(Rejection(error.reason, field: error.field, source: source))
        }
    }

    private func dossier(_ part: JSONValue, _ timestamp: Instant, _ zone: Zone, _ source: String) throws(Rejection) -> DossierStatus {
        dossier.pick(from: part)
        let subject = try dossier.need(.MaHoSo, codes.key), procedure = try dossier.need(.MaTTHC, codes.key), sector = try dossier.read(.MaLinhVuc, codes.key)
        let agency = try dossier.need(.DonViXuLy, codes.key), state = try dossier.need(.TrangThaiHoSo, Self.state)
        func time(_ text: UnsafeRawBufferPointer) -> Instant? { Timestamp.parse(text, as: "yyyyMMddHHmmss", in: zone) }
        let received = try dossier.need(.NgayTiepNhan, time), due = try dossier.read(.NgayHenTra, time)
        let finished = try dossier.read(.NgayKetThucXuLy, time), returned = try dossier.read(.NgayTra, time)
        let filing = try dossier.read(.KenhThucHien, Self.filing) ?? .counter, returning = try dossier.read(.HinhThuc, Self.returning)
        let supplements = try self.supplements()
        var tie = ContentTie()
        for field in DossierField.allCases where field != .DanhSachHoSoBoSung { tie.add(try dossier.text(field)) }
        tie.add(supplements == 0 ? "" : "\(supplements)")
        return DossierStatus(
            subject: subject, version: Version(time: timestamp, state: state.rawValue, tie: tie.value(source: source)),
            content: .init(
                agency: agency, procedure: procedure, sector: sector, state: state, received: received, due: due,
                finished: finished ?? returned ?? state.finished(at: timestamp), filing: filing, returning: returning, supplements: supplements))
    }

    /// How many requests for supplements there were; more than two are two.
    private func supplements() throws(Rejection) -> UInt8 {
        guard let value = try dossier.value(.DanhSachHoSoBoSung) else { return 0 }
        if let text = value.string, text.isEmpty { return 0 }
        guard let list = value.elements(atMost: 2) else { throw dossier.bad(.DanhSachHoSoBoSung) }
        return UInt8(clamping: list.count)
    }

    private func progress(_ part: JSONValue, _ timestamp: Instant, _ zone: Zone, _ source: String) throws(Rejection) -> ProgressStatus {
        step.pick(from: part)
        let subject = try step.need(.MaHoSo, codes.key), state = try step.need(.TrangThai, Self.state)
        let at = try step.read(.ThoiDiemXuLy) { Timestamp.parse($0, as: "yyyyMMddHHmmss", in: zone) }
        var tie = ContentTie()
        for field in StepField.allCases { tie.add(try step.text(field)) }
        return ProgressStatus(subject: subject, version: Version(time: timestamp, state: state.rawValue, tie: tie.value(source: source)), at: at ?? timestamp, state: state)
    }

    /// Nil inside: another service.
    private static func isProgress(_ text: UnsafeRawBufferPointer) -> Bool?? {
        if text.equals("DongBoHoSoMC") { return .some(false) }
        return .some(text.equals("CapNhatTienDoHoSoMC") ? true : nil)
    }

    /// 1 to 10.
    private static func state(_ text: UnsafeRawBufferPointer) -> DossierState? {
        if text.equals("10") { return .returned }
        return text.count == 1 && (0x31...0x39).contains(text[0]) ? DossierState(rawValue: text[0] - 0x30) : nil
    }

    private static func filing(_ text: UnsafeRawBufferPointer) -> Channel? {
        if text.equals("1") { return .counter }
        if text.equals("2") { return .online }
        return text.equals("3") ? .post : nil
    }

    private static func returning(_ text: UnsafeRawBufferPointer) -> Channel? { text.equals("0") ? .counter : text.equals("1") ? .post : nil }
}
