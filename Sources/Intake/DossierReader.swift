import Catalog
import JSON

/// Reads the `data` of a `vn.par.dossier.v1`. A missing optional field, or null, means "none"; unknown fields are ignored.
struct DossierReader {
    let event: Event
    let codes: CodeArena

    private enum Field: Int {
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

        /// The length and the third byte tell all names apart; only one is then compared whole.
        @inline(__always)
        init?(_ name: UnsafeRawBufferPointer) {
            guard name.count >= 3 else { return nil }
            switch (name.count, name[2]) {
            case (3, UInt8(ascii: "e")): self = .due
            case (5, UInt8(ascii: "a")): self = .state
            case (5, UInt8(ascii: "v")): self = .level
            case (6, UInt8(ascii: "e")): self = .agency
            case (6, UInt8(ascii: "l")): self = .filing
            case (6, UInt8(ascii: "t")): self = .return
            case (6, UInt8(ascii: "c")): self = .sector
            case (7, UInt8(ascii: "l")): self = .deleted
            case (8, UInt8(ascii: "c")): self = .received
            case (8, UInt8(ascii: "n")): self = .finished
            case (8, UInt8(ascii: "t")): self = .returned
            case (9, UInt8(ascii: "o")): self = .procedure
            case (10, UInt8(ascii: "o")): self = .apologised
            case (11, UInt8(ascii: "p")): self = .supplements
            default: return nil
            }
            guard name.equals(self.name) else { return nil }
        }
    }

    /// What stood in `data` under a known name.
    private struct Fields {
        private var values = InlineArray<14, Found<JSONValue>>(repeating: .absent)

        init(_ data: JSONValue) {
            data.forEachField { name, value in
                if let field = Field(name) { values[field.rawValue].add(value) }
            }
        }

        func optional<Value>(_ field: Field, _ read: (JSONValue) -> Value?) throws(Rejection) -> Value? {
            switch values[field.rawValue] {
            case .absent: return nil
            case .once(let value):
                if value.isNull { return nil }
                guard let read = read(value) else { throw Rejection(.badValue, field: "\(field.name)") }
                return read
            case .repeated: throw Rejection(.badValue, field: "\(field.name)")
            }
        }

        func required<Value>(_ field: Field, _ read: (JSONValue) -> Value?) throws(Rejection) -> Value {
            guard let value = try optional(field, read) else { throw Rejection(.missingField, field: "\(field.name)") }
            return value
        }
    }

    func status() throws(Rejection) -> DossierStatus {
        guard let subject = codes.normalized(event.subject) else { throw Rejection(.badValue, field: "subject") }
        var hash = FNV1a()
        hash.add(event.id)
        hash.add(0)
        hash.add(event.source)

        let fields = Fields(event.data)
        let deleted = try fields.optional(.deleted, \.bool) ?? false
        let content: DossierStatus.Content?
        let state: UInt8
        if deleted {
            // Nothing else is needed, but what is there must be right.
            content = nil
            state = try optionalFieldsOfDeleted(fields)
        } else {
            let read = try self.content(fields)
            content = read
            state = read.state.rawValue
        }
        return DossierStatus(source: event.source, subject: subject, version: Version(time: event.time, state: state, tie: hash.value), content: content)
    }

    private func content(_ fields: Fields) throws(Rejection) -> DossierStatus.Content {
        let agency = try fields.required(.agency, code)
        let procedure = try fields.required(.procedure, code)
        let state = try fields.required(.state, Self.state)
        let received = try fields.required(.received, Self.instant)
        let due = try fields.optional(.due, Self.instant)
        let finished = try fields.optional(.finished, Self.instant)
        let returned = try fields.optional(.returned, Self.instant)
        return DossierStatus.Content(
            agency: agency, procedure: procedure, sector: try fields.optional(.sector, code), state: state, received: received, due: due,
            finished: finished ?? returned ?? event.time,
            filing: try fields.required(.filing, Self.channel), returning: try fields.optional(.return, Self.channel),
            level: try fields.optional(.level, Self.level), supplements: try fields.optional(.supplements, Self.supplements) ?? 0,
            apologised: try fields.optional(.apologised, \.bool) ?? false)
    }

    /// The state number that a deletion may carry, else 0.
    private func optionalFieldsOfDeleted(_ fields: Fields) throws(Rejection) -> UInt8 {
        for field in [Field.agency, .procedure, .sector] { _ = try fields.optional(field, code) }
        for field in [Field.received, .due, .finished, .returned] { _ = try fields.optional(field, Self.instant) }
        for field in [Field.filing, .return] { _ = try fields.optional(field, Self.channel) }
        _ = try fields.optional(.level, Self.level)
        _ = try fields.optional(.supplements, Self.supplements)
        _ = try fields.optional(.apologised, \.bool)
        return try fields.optional(.state, Self.state)?.rawValue ?? 0
    }

    private func code(_ value: JSONValue) -> UnsafeRawBufferPointer? { value.string.flatMap(codes.normalized) }

    private static func instant(_ value: JSONValue) -> Instant? { value.string.flatMap(Timestamp.parse) }
    private static func channel(_ value: JSONValue) -> Channel? { value.string.flatMap(Channel.init(name:)) }

    private static func state(_ value: JSONValue) -> DossierState? {
        if let name = value.string { return DossierState(name: name) }
        return value.integer.flatMap { UInt8(exactly: $0) }.flatMap(DossierState.init(rawValue:))
    }

    private static func level(_ value: JSONValue) -> UInt8? { value.integer.flatMap { (2...4).contains($0) ? UInt8($0) : nil } }

    /// Any count from 0; what matters is whether there was more than one.
    private static func supplements(_ value: JSONValue) -> UInt8? { value.integer.flatMap { $0 >= 0 ? UInt8(clamping: $0) : nil } }
}
