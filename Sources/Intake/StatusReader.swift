import Catalog
import JSON

/// Reads the `data` of every type but a dossier's. A missing optional field, or null, means "none"; fields that the type does not know are ignored.
struct StatusReader {
    private let fields: JSONFields
    private let codes = CodeReader()

    /// Nil when there is no memory.
    init?() {
        guard let fields = JSONFields(Field.allCases.map(\.name)) else { return nil }
        self.fields = fields
    }

    func status(_ event: Event) throws(Rejection) -> OtherStatus {
        guard let subject = codes.key(of: event.subject) else { throw Rejection(.badValue, field: "subject") }
        fields.pick(from: event.data)
        switch event.type {
        case .dossier: throw Rejection(.unknownType, field: "type")
        case .heartbeat:
            if try !isDeleted() {
                _ = try requiredCode(.agency)
                _ = try required(.system, Self.text)
            }
            return .heartbeat(at: event.time)
        case .progress:
            let state = try optional(.state, DossierReader.state), deleted = try isDeleted()
            if !deleted, state == nil { throw Rejection(.missingField, field: "state") }
            let version = Version(time: event.time, state: state?.rawValue ?? 0, tie: FNV1a.tie(of: event))
            return .progress(ProgressStatus(subject: subject, version: version, at: event.time, state: deleted ? nil : state))
        case .document: return .item(try item(.document, subject, event) { () throws(Rejection) in try document() })
        case .procedure: return .item(try item(.procedure, subject, event) { () throws(Rejection) in try procedure() })
        case .feedback: return .item(try item(.feedback, subject, event) { () throws(Rejection) in try feedback() })
        case .obligation: return .item(try item(.obligation, subject, event) { () throws(Rejection) in try obligation() })
        case .event: return .item(try item(.event, subject, event) { () throws(Rejection) in try occurrence() })
        case .rating: return .item(try item(.rating, subject, event) { () throws(Rejection) in try rating() })
        case .figure: return .item(try item(.figure, subject, event) { () throws(Rejection) in try figure() })
        }
    }

    private func isDeleted() throws(Rejection) -> Bool { try optional(.deleted, \.bool) ?? false }

    private func item(_ kind: ItemKind, _ subject: CodeKey, _ event: Event, _ content: () throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?)) throws(Rejection) -> ItemStatus {
        let (state, content) = try content()
        return ItemStatus(
            kind: kind, key: kind.key(of: subject), version: Version(time: event.time, state: state, tie: FNV1a.tie(of: event)), content: content)
    }

    // MARK: Types. Each reads all that it knows, so that what a deletion brings along must be right, and then asks whether enough is there.

    private func document() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let agency = try optionalCode(.agency), to = try optionalCode(.to), sent = try optional(.sent, Self.instant), state = try optional(.state, Self.documentState)
        let electronic = try optional(.electronic, \.bool), paper = try optional(.paper, \.bool), signed = try optional(.signed, \.bool)
        if try isDeleted() { return (state ?? 0, nil) }
        var facts: Facts = []
        if try need(electronic, .electronic) { facts.insert(.electronic) }
        if try need(paper, .paper) { facts.insert(.paper) }
        if try need(signed, .signed) { facts.insert(.signed) }
        if to != nil { facts.insert(.addressed) }
        if let state { facts.formUnion(.document(inState: state)) }
        return (state ?? 0, .init(agency: try need(agency, .agency), facts: facts, detail: .document(sent: try need(sent, .sent))))
    }

    private func procedure() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let agency = try optionalCode(.agency), level = try optional(.level, Self.level)
        let announced = try optional(.announced, Self.moment), effective = try optional(.effective, Self.moment), published = try optional(.published, Self.moment)
        let nationalPortal = try optional(.nationalPortal, \.bool), oneStop = try optional(.oneStop, \.bool), internalProcess = try optional(.internalProcess, \.bool)
        let linked = try optional(.linked, Self.linked), shortened = try optional(.shortened, \.bool)
        if try isDeleted() { return (0, nil) }
        var facts: Facts = switch try need(level, .level) {
        case 2: .level2
        case 3: .level3
        default: .level4
        }
        if announced != nil { facts.insert(.announced) }
        if published != nil { facts.insert(.published) }
        if try need(nationalPortal, .nationalPortal) { facts.insert(.nationalPortal) }
        if try need(oneStop, .oneStop) { facts.insert(.oneStop) }
        if try need(internalProcess, .internalProcess) { facts.insert(.internalProcess) }
        facts.formUnion(try need(linked, .linked))
        if shortened == true { facts.insert(.shortened) }
        return (0, .init(agency: try need(agency, .agency), facts: facts, detail: .procedure(announced: announced, effective: effective, published: published)))
    }

    private func feedback() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let agency = try optionalCode(.agency), received = try optional(.received, Self.instant), due = try optional(.due, Self.moment), answered = try optional(.answered, Self.moment)
        let disclosed = try optional(.disclosed, Self.disclosed)
        if try isDeleted() { return (0, nil) }
        return (0, .init(
            agency: try need(agency, .agency), facts: disclosed == true ? .disclosed : [], detail: .feedback(received: try need(received, .received), due: due, answered: answered)))
    }

    private func obligation() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let criterion = try criterion(), agency = try optionalCode(.agency), item = try optionalCode(.item), due = try optional(.due, Self.moment), done = try optional(.done, Self.moment)
        if try isDeleted() { return (0, nil) }
        return (0, .init(
            agency: try need(agency, .agency), facts: item == nil ? [] : .hasItem,
            detail: .obligation(criterion: try named(criterion), item: item, due: try need(due, .due), done: done)))
    }

    private func occurrence() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let criterion = try criterion(), agency = try optionalCode(.agency), item = try optionalCode(.item), occurred = try optional(.occurred, Self.moment)
        if try isDeleted() { return (0, nil) }
        return (0, .init(
            agency: try need(agency, .agency), facts: item == nil ? [] : .hasItem,
            detail: .event(criterion: try named(criterion), item: item, occurred: try need(occurred, .occurred))))
    }

    private func rating() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let agency = try optionalCode(.agency), given = try optional(.given, Self.instant), sum = try optional(.scores, Self.sumOfScores), satisfied = try optional(.satisfied, \.bool)
        _ = try optionalCode(.service)
        if try isDeleted() { return (0, nil) }
        var facts: Facts = []
        if let sum { facts.formUnion(.scored(sum: sum)) }
        if let satisfied { facts.insert(satisfied ? .satisfied : .dissatisfied) }
        if sum == nil, satisfied == nil { throw Rejection(.missingField, field: "scores") }
        return (0, .init(agency: try need(agency, .agency), facts: facts, detail: .rating(given: try need(given, .given))))
    }

    private func figure() throws(Rejection) -> (state: UInt8, content: ItemStatus.Content?) {
        let criterion = try criterion(), agency = try optionalCode(.agency), asOf = try optional(.asOf, Self.moment), period = try optional(.period, Self.period)
        let value = try optional(.value, Self.decimal), numerator = try optional(.numerator, Self.decimal), denominator = try optional(.denominator, Self.decimal)
        if try isDeleted() { return (0, nil) }
        let (year, name) = try need(period, .period)
        var declared = ItemStatus.Declared(year: year, period: name, asOf: try need(asOf, .asOf), numerator: 0, denominator: nil, places: 0)
        if let value {
            // Two ways to say it in one message might say two things.
            if numerator != nil || denominator != nil { throw Rejection(.badValue, field: "value") }
            (declared.numerator, declared.places) = (value.mantissa, UInt8(value.scale))
        } else {
            if numerator == nil, denominator == nil { throw Rejection(.missingField, field: "value") }
            let numerator = try need(numerator, .numerator), denominator = try need(denominator, .denominator)
            let places = max(numerator.scale, denominator.scale)
            guard denominator.mantissa >= 0 else { throw Rejection(.badValue, field: "denominator") }
            // 0 of 0 is "not applicable"; anything else of 0 is a mistake.
            if denominator.mantissa == 0, numerator.mantissa != 0 { throw Rejection(.badValue, field: "denominator") }
            guard let whole = Self.whole(numerator, places) else { throw Rejection(.badValue, field: "numerator") }
            guard let part = Self.whole(denominator, places) else { throw Rejection(.badValue, field: "denominator") }
            (declared.numerator, declared.denominator, declared.places) = (whole, part, UInt8(places))
        }
        return (0, .init(agency: try need(agency, .agency), detail: .figure(criterion: try named(criterion), declared)))
    }

    // MARK: Fields

    /// The value of a field; nil where there is none.
    private func value(_ field: Field) throws(Rejection) -> JSONValue? {
        switch fields[field.rawValue] {
        case .absent: nil
        case .once(let value): value.isNull ? nil : value
        case .repeated: throw Rejection(.badValue, field: "\(field.name)")
        }
    }

    private func optional<Value>(_ field: Field, _ read: (JSONValue) -> Value?) throws(Rejection) -> Value? {
        guard let value = try value(field) else { return nil }
        guard let read = read(value) else { throw Rejection(.badValue, field: "\(field.name)") }
        return read
    }

    private func required<Value>(_ field: Field, _ read: (JSONValue) -> Value?) throws(Rejection) -> Value { try need(try optional(field, read), field) }

    private func need<Value>(_ value: Value?, _ field: Field) throws(Rejection) -> Value {
        guard let value else { throw Rejection(.missingField, field: "\(field.name)") }
        return value
    }

    private func optionalCode(_ field: Field) throws(Rejection) -> CodeKey? {
        guard let value = try value(field) else { return nil }
        guard let string = value.string, let key = codes.key(of: string) else { throw Rejection(.badValue, field: "\(field.name)") }
        return key
    }

    private func requiredCode(_ field: Field) throws(Rejection) -> CodeKey { try need(try optionalCode(field), field) }

    private func criterion() throws(Rejection) -> (framework: UnsafeRawBufferPointer?, criterion: UnsafeRawBufferPointer?) {
        (try optional(.framework, Self.text), try optional(.criterion, Self.text))
    }

    private func named(_ names: (framework: UnsafeRawBufferPointer?, criterion: UnsafeRawBufferPointer?)) throws(Rejection) -> CodeKey {
        CodeKey(framework: try need(names.framework, .framework), criterion: try need(names.criterion, .criterion))
    }

    // MARK: Values

    private static func text(_ value: JSONValue) -> UnsafeRawBufferPointer? { value.string.flatMap { $0.isEmpty ? nil : $0 } }
    private static func instant(_ value: JSONValue) -> Instant? { value.string.flatMap(Timestamp.parse) }

    private static func moment(_ value: JSONValue) -> Moment? {
        guard let string = value.string else { return nil }
        return Timestamp.parseDate(string).map(Moment.day) ?? Timestamp.parse(string).map(Moment.instant)
    }

    private static func disclosed(_ value: JSONValue) -> Bool? { value.bool ?? (moment(value) == nil ? nil : true) }
    private static func level(_ value: JSONValue) -> UInt8? { value.integer.flatMap { (2...4).contains($0) ? UInt8($0) : nil } }
    private static func period(_ value: JSONValue) -> (year: Int, period: Period)? { value.string.flatMap(Period.parse) }

    private static func linked(_ value: JSONValue) -> Facts? {
        guard let string = value.string else { return nil }
        if string.equals("none") { return [] }
        if string.equals("same_level") { return .linkedSameLevel }
        return string.equals("between_levels") ? .linkedBetweenLevels : nil
    }

    private static func documentState(_ value: JSONValue) -> UInt8? {
        let number: Int64?
        if let string = value.string {
            guard string.count == 2, string.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            number = Int64(string[0] - 0x30) * 10 + Int64(string[1] - 0x30)
        } else {
            number = value.integer
        }
        return number.flatMap { UInt8(exactly: $0).flatMap { ItemStatus.documentStates.contains($0) ? $0 : nil } }
    }

    private static func sumOfScores(_ value: JSONValue) -> UInt64? {
        // One more than nine shows that there are too many.
        guard let elements = value.elements(atMost: 10), elements.count == 9 else { return nil }
        var sum: UInt64 = 0
        for element in elements {
            guard let score = element.integer, (0...2).contains(score) else { return nil }
            sum += UInt64(score)
        }
        return sum
    }

    /// A whole number to 10^15, or a decimal below 10^9 that nine places say exactly.
    private static func decimal(_ value: JSONValue) -> ExactDecimal? {
        if let integer = value.integer { return (-mostWhole...mostWhole).contains(integer) ? ExactDecimal(mantissa: integer, scale: 0) : nil }
        guard let number = value.number, let decimal = ExactDecimal(nearest: number), decimal.isExactly(number) else { return nil }
        return decimal
    }

    private static let mostWhole: Int64 = 1_000_000_000_000_000

    /// Multiplied by 10^`places`; nil if it is too large then.
    private static func whole(_ number: ExactDecimal, _ places: Int) -> Int64? {
        let (product, overflow) = number.mantissa.multipliedReportingOverflow(by: ExactDecimal.power(places - number.scale))
        return overflow ? nil : product
    }
}

extension StatusReader {
    private enum Field: Int, CaseIterable {
        case agency, to, sent, electronic, paper, signed, state, level, announced, effective, published, nationalPortal, oneStop, internalProcess, linked, shortened, received, due, answered,
             disclosed, framework, criterion, item, done, occurred, service, given, scores, satisfied, period, value, numerator, denominator, asOf, system, deleted

        var name: StaticString {
            switch self {
            case .agency: "agency"
            case .to: "to"
            case .sent: "sent"
            case .electronic: "electronic"
            case .paper: "paper"
            case .signed: "signed"
            case .state: "state"
            case .level: "level"
            case .announced: "announced"
            case .effective: "effective"
            case .published: "published"
            case .nationalPortal: "national_portal"
            case .oneStop: "one_stop"
            case .internalProcess: "internal_process"
            case .linked: "linked"
            case .shortened: "shortened"
            case .received: "received"
            case .due: "due"
            case .answered: "answered"
            case .disclosed: "disclosed"
            case .framework: "framework"
            case .criterion: "criterion"
            case .item: "item"
            case .done: "done"
            case .occurred: "occurred"
            case .service: "service"
            case .given: "given"
            case .scores: "scores"
            case .satisfied: "satisfied"
            case .period: "period"
            case .value: "value"
            case .numerator: "numerator"
            case .denominator: "denominator"
            case .asOf: "as_of"
            case .system: "system"
            case .deleted: "deleted"
            }
        }
    }
}
