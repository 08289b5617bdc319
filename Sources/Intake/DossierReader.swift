import Catalog
import JSON

/// Reads the `data` of a `vn.par.dossier.v1`. A missing optional field, or null, means "none"; unknown fields are ignored.
struct DossierReader {
    private let fields: JSONFields
    private let codes = CodeReader()

    /// Nil when there is no memory.
    init?() {
        guard let fields = JSONFields(Field.allCases.map(\.name)) else { return nil }
        self.fields = fields
    }

    private enum Field: Int, CaseIterable {
        case agency, procedure, state, received, due, finished, returned, filing, `return`, level, supplements, apologised, sector, deleted

        var name: StaticString {
            switch self {
            case .agency: "agency"
            case .procedure: "procedure"
            case .state: "state"
            case .received: "received"
            case .due: "due"
            case .finished: "finished"
            case .returned: "returned"
            case .filing: "filing"
            case .return: "return"
            case .level: "level"
            case .supplements: "supplements"
            case .apologised: "apologised"
            case .sector: "sector"
            case .deleted: "deleted"
            }
        }
    }

    func status(_ event: Event) throws(Rejection) -> DossierStatus {
        guard let subject = codes.key(of: event.subject) else { throw Rejection(.badValue, field: "subject") }
        let tie = FNV1a.tie(of: event)
        fields.pick(from: event.data)
        let content: DossierStatus.Content?
        let state: UInt8
        if try optional(.deleted, \.bool) ?? false {
            // Nothing else is needed, but what is there must be right.
            content = nil
            state = try optionalFieldsOfDeleted()
        } else {
            let read = try self.content(event)
            content = read
            state = read.state.rawValue
        }
        return DossierStatus(subject: subject, version: Version(time: event.time, state: state, tie: tie), content: content)
    }

    /// The value of a field; nil where there is none.
    @inline(__always)
    private func value(_ field: Field) throws(Rejection) -> JSONValue? {
        switch fields[field.rawValue] {
        case .absent: nil
        case .once(let value): value.isNull ? nil : value
        case .repeated: throw Rejection(.badValue, field: "\(field.name)")
        }
    }

    @inline(__always)
    private func optional<Value>(_ field: Field, _ read: (JSONValue) -> Value?) throws(Rejection) -> Value? {
        guard let value = try value(field) else { return nil }
        guard let read = read(value) else { throw Rejection(.badValue, field: "\(field.name)") }
        return read
    }

    @inline(__always)
    private func required<Value>(_ field: Field, _ read: (JSONValue) -> Value?) throws(Rejection) -> Value {
        guard let value = try optional(field, read) else { throw Rejection(.missingField, field: "\(field.name)") }
        return value
    }

    private func optionalCode(_ field: Field) throws(Rejection) -> CodeKey? {
        guard let value = try value(field) else { return nil }
        guard let string = value.string, let key = codes.key(of: string) else { throw Rejection(.badValue, field: "\(field.name)") }
        return key
    }

    private func requiredCode(_ field: Field) throws(Rejection) -> CodeKey {
        guard let key = try optionalCode(field) else { throw Rejection(.missingField, field: "\(field.name)") }
        return key
    }

    private func content(_ event: Event) throws(Rejection) -> DossierStatus.Content {
        let agency = try requiredCode(.agency)
        let procedure = try requiredCode(.procedure)
        let state = try required(.state, Self.state)
        let received = try required(.received, Self.instant)
        let due = try optional(.due, Self.instant)
        let finished = try optional(.finished, Self.instant)
        let returned = try optional(.returned, Self.instant)
        let sector = try optionalCode(.sector)
        let filing = try required(.filing, Self.channel), returning = try optional(.return, Self.channel), level = try optional(.level, Self.level)
        return DossierStatus.Content(
            agency: agency, procedure: procedure, sector: sector, state: state, received: received, due: due, finished: finished ?? returned ?? state.finished(at: event.time), filing: filing,
            returning: returning, level: level, supplements: try optional(.supplements, Self.supplements) ?? 0, apologised: try optional(.apologised, \.bool) ?? false)
    }

    /// The state number that a deletion may carry, else 0.
    private func optionalFieldsOfDeleted() throws(Rejection) -> UInt8 {
        for field in [Field.agency, .procedure, .sector] { _ = try optionalCode(field) }
        for field in [Field.received, .due, .finished, .returned] { _ = try optional(field, Self.instant) }
        for field in [Field.filing, .return] { _ = try optional(field, Self.channel) }
        _ = try optional(.level, Self.level)
        _ = try optional(.supplements, Self.supplements)
        _ = try optional(.apologised, \.bool)
        return try optional(.state, Self.state)?.rawValue ?? 0
    }

    private static func instant(_ value: JSONValue) -> Instant? { value.string.flatMap(Timestamp.parse) }
    private static func channel(_ value: JSONValue) -> Channel? { value.string.flatMap(Channel.init(name:)) }

    static func state(_ value: JSONValue) -> DossierState? {
        if let name = value.string { return DossierState(name: name) }
        return value.integer.flatMap { UInt8(exactly: $0) }.flatMap(DossierState.init(rawValue:))
    }

    private static func level(_ value: JSONValue) -> UInt8? { value.integer.flatMap { (2...4).contains($0) ? UInt8($0) : nil } }

    /// Any count from 0; what matters is whether there was more than one.
    private static func supplements(_ value: JSONValue) -> UInt8? { value.integer.flatMap { $0 >= 0 ? UInt8(clamping: $0) : nil } }
}

/// FNV-1a, 64 bits: breaks ties between versions.
struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Of `id`, a zero byte, `source`.
    @inline(__always)
    static func tie(of event: Event) -> UInt64 {
        var hash = FNV1a()
        hash.add(event.id)
        hash.add(0)
        hash.add(event.source)
        return hash.value
    }

    @inline(__always)
    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        // Each byte must wait for the one before it; at least nothing else stands in the way.
        while at + 4 <= bytes.count {
            add(bytes[at])
            add(bytes[at + 1])
            add(bytes[at + 2])
            add(bytes[at + 3])
            at += 4
        }
        while at < bytes.count {
            add(bytes[at])
            at += 1
        }
    }
}
