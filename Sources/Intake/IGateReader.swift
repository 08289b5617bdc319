import Catalog
import JSON

/// Reads a dossier of VNPT iGate, one a record. Who applied is never looked at.
struct IGateReader {
    private let dossier: TextFields<Field>
    private let status: TextFields<Inner>
    private let procedure: TextFields<Inner>
    private let sector: TextFields<Inner>
    private let agency: TextFields<Inner>
    private let committee: TextFields<Inner>
    private let method: TextFields<Inner>
    private let kind: TextFields<Inner>
    private let codes = CodeReader()

    private enum Field: Int, CaseIterable {
        case code, dossierStatus, procedure, agency, appliedDate, acceptedDate, appointmentDate, dueDate, completedDate, returnedDate, applyMethod, dossierReceivingKind

        var name: StaticString {
            switch self {
            case .code: "code"
            case .dossierStatus: "dossierStatus"
            case .procedure: "procedure"
            case .agency: "agency"
            case .appliedDate: "appliedDate"
            case .acceptedDate: "acceptedDate"
            case .appointmentDate: "appointmentDate"
            case .dueDate: "dueDate"
            case .completedDate: "completedDate"
            case .returnedDate: "returnedDate"
            case .applyMethod: "applyMethod"
            case .dossierReceivingKind: "dossierReceivingKind"
            }
        }
    }

    /// Fields of the objects in a dossier.
    private enum Inner: Int, CaseIterable {
        case id, code, name, sector, parent

        var name: StaticString {
            switch self {
            case .id: "id"
            case .code: "code"
            case .name: "name"
            case .sector: "sector"
            case .parent: "parent"
            }
        }
    }

    /// Nil when there is no memory.
    init?() {
        func inner() -> TextFields<Inner>? { TextFields<Inner>(\.name) }
        guard let dossier = TextFields<Field>(\.name), let status = inner(), let procedure = inner(), let sector = inner(), let agency = inner(), let committee = inner(),
              let method = inner(), let kind = inner()
        else { return nil }
        (self.dossier, self.status, self.procedure, self.sector) = (dossier, status, procedure, sector)
        (self.agency, self.committee, self.method, self.kind) = (agency, committee, method, kind)
    }

    func status(_ root: JSONValue, _ timestamp: Instant, _ states: [Int64: DossierState], topic: String) throws(Rejection) -> Bundle {
        var bundle = Bundle(format: "igate", sender: topic)
        do throws(Rejection) {
            guard root.isObject else { throw Rejection(.badValue, field: "code") }
            dossier.pick(from: root)
            bundle.parts = [.success(.dossier(try status(timestamp, states, bundle.source)))]
            return bundle
        } catch {
            throw Rejection(error.reason, field: error.field, source: bundle.source)
        }
    }

    private func status(_ timestamp: Instant, _ states: [Int64: DossierState], _ source: String) throws(Rejection) -> DossierStatus {
        let subject = try dossier.need(.code, codes.key)
        // A status is `{id, name}`, and in some messages the number alone.
        var number = try dossier.value(.dossierStatus)
        if number?.integer == nil { number = try object(.dossierStatus, status) ? try status.value(.id) : nil }
        guard let number else { throw missing("dossierStatus") }
        guard let state = number.integer.flatMap({ states[$0] }) else { throw Rejection(.badValue, field: "dossierStatus.id") }
        guard try object(.procedure, procedure) else { throw missing("procedure") }
        guard let procedureCode = try text(procedure, .code, "procedure.code") else { throw missing("procedure.code") }
        let sectorCode = try sectorCode(), agencyCode = try agencyCode()
        let accepted = try dossier.read(.acceptedDate, Timestamp.parseISO), applied = try dossier.read(.appliedDate, Timestamp.parseISO)
        guard let received = accepted ?? applied else { throw missing("acceptedDate") }
        let appointment = try dossier.read(.appointmentDate, Timestamp.parseISO), due = try dossier.read(.dueDate, Timestamp.parseISO)
        let completed = try dossier.read(.completedDate, Timestamp.parseISO), returned = try dossier.read(.returnedDate, Timestamp.parseISO)
        let filing = try filing(), returning = try returning()
        var tie = ContentTie()
        tie.add(try dossier.text(.code))
        tie.add("\(number.integer ?? 0)")
        for code in [procedureCode, sectorCode, agencyCode] { tie.add(code) }
        for field in [Field.acceptedDate, .appliedDate, .appointmentDate, .dueDate, .completedDate, .returnedDate] { tie.add(try dossier.text(field)) }
        tie.add(filing.name)
        tie.add(returning?.name ?? "")
        return DossierStatus(
            subject: subject, version: Version(time: timestamp, state: state.rawValue, tie: tie.value(source: source)),
            content: .init(
                agency: try key(agencyCode, "agency.code"), procedure: try key(procedureCode, "procedure.code"),
                sector: try sectorCode.map { code throws(Rejection) in try key(code, "procedure.sector.code") }, state: state, received: received, due: appointment ?? due,
                finished: completed ?? returned ?? state.finished(at: timestamp), filing: filing, returning: returning, supplements: 0))
    }

    // MARK: Objects in the dossier

    /// Picks the fields of an object; false if it is not there.
    private func object(_ field: Field, _ inner: TextFields<Inner>) throws(Rejection) -> Bool {
        guard let value = try dossier.value(field) else { return false }
        guard value.isObject else { throw dossier.bad(field) }
        inner.pick(from: value)
        return true
    }

    private func text(_ inner: TextFields<Inner>, _ field: Inner, _ name: String) throws(Rejection) -> UnsafeRawBufferPointer? {
        do throws(Rejection) {
            return try inner.text(field)
        } catch {
            throw Rejection(error.reason, field: name)
        }
    }

    private func missing(_ field: String) -> Rejection { Rejection(.missingField, field: field) }

    private func key(_ code: UnsafeRawBufferPointer, _ field: String) throws(Rejection) -> CodeKey {
        guard let key = codes.key(of: code) else { throw Rejection(.badValue, field: field) }
        return key
    }

    private func sectorCode() throws(Rejection) -> UnsafeRawBufferPointer? {
        guard let value = try procedure.value(.sector) else { return nil }
        guard value.isObject else { throw Rejection(.badValue, field: "procedure.sector") }
        sector.pick(from: value)
        return try text(sector, .code, "procedure.sector.code")
    }

    /// The agency's own code, else that of the one above: offices without a code of their own are parts of a committee.
    private func agencyCode() throws(Rejection) -> UnsafeRawBufferPointer {
        guard try object(.agency, agency) else { throw missing("agency") }
        if let code = try text(agency, .code, "agency.code") { return code }
        guard let parent = try agency.value(.parent) else { throw missing("agency.code") }
        guard parent.isObject else { throw Rejection(.badValue, field: "agency.parent") }
        committee.pick(from: parent)
        guard let code = try text(committee, .code, "agency.parent.code") else { throw missing("agency.code") }
        return code
    }

    // MARK: Channels, which have only names

    private func filing() throws(Rejection) -> Channel {
        guard try object(.applyMethod, method), let name = try Self.name(try method.value(.name), "applyMethod.name") else { return .counter }
        guard let channel = Channel(igate: name) else { throw Rejection(.badValue, field: "applyMethod.name") }
        return channel
    }

    private func returning() throws(Rejection) -> Channel? {
        guard try object(.dossierReceivingKind, kind) else { return nil }
        return try Self.name(try kind.value(.name), "dossierReceivingKind.name").flatMap(Channel.init(igate:))
    }

    /// A text, or the first of `[{languageId, name}]`, which is Vietnamese.
    private static func name(_ value: JSONValue?, _ field: String) throws(Rejection) -> String? {
        var name = value
        if let first = value?.elements(atMost: 1) {
            guard first.first?.isObject != false else { throw Rejection(.badValue, field: field) }
            name = first.first?["name"]
        }
        guard let name, !name.isNull else { return nil }
        guard let text = name.string else { throw Rejection(.badValue, field: field) }
        guard text.count <= TextFields<Inner>.longestText else { throw Rejection(.tooLarge, field: field) }
        return text.text
    }
}

extension Channel {
    /// By the words with which iGate's channels are named: `Trực tuyến`, `Trực tiếp`, `Qua bưu chính công ích`.
    fileprivate init?(igate name: String) {
        let words = name.lowercased()
        guard let channel: Channel = words.contains("trực tuyến") ? .online : words.contains("bưu") ? .post : words.contains("trực tiếp") ? .counter : nil else { return nil }
        self = channel
    }

    fileprivate var name: String {
        switch self {
        case .counter: "counter"
        case .online: "online"
        case .post: "post"
        }
    }
}
