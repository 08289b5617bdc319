import JSON

/// The fields of objects whose values are texts, where an empty one means "none" as null does.
struct TextFields<Name: RawRepresentable & CaseIterable> where Name.RawValue == Int, Name.AllCases: RandomAccessCollection {
    private let fields: JSONFields
    private let name: (Name) -> StaticString

    /// Of a text, in bytes; a longer one is `too_large`. What a record says once is read for each of its statuses.
    static var longestText: Int { 1_024 }

    /// Nil when there is no memory.
    init?(_ name: @escaping (Name) -> StaticString) {
        guard let fields = JSONFields(Name.allCases.map(name)) else { return nil }
        self.fields = fields
        self.name = name
    }

    func pick(from object: JSONValue) { fields.pick(from: object) }

    /// A value of any type; nil where there is none.
    func value(_ field: Name) throws(Rejection) -> JSONValue? {
        switch fields[field.rawValue] {
        case .absent: nil
        case .once(let value): value.isNull ? nil : value
        case .repeated: throw bad(field)
        }
    }

    func text(_ field: Name) throws(Rejection) -> UnsafeRawBufferPointer? {
        guard let value = try value(field) else { return nil }
        guard let text = value.string else { throw bad(field) }
        guard text.count <= Self.longestText else { throw Rejection(.tooLarge, field: "\(name(field))") }
        return text.isEmpty ? nil : text
    }

    func read<Value>(_ field: Name, _ read: (UnsafeRawBufferPointer) -> Value?) throws(Rejection) -> Value? {
        guard let text = try text(field) else { return nil }
        guard let value = read(text) else { throw bad(field) }
        return value
    }

    func need<Value>(_ field: Name, _ read: (UnsafeRawBufferPointer) -> Value?) throws(Rejection) -> Value {
        guard let value = try self.read(field, read) else { throw Rejection(.missingField, field: "\(name(field))") }
        return value
    }

    func bad(_ field: Name) -> Rejection { Rejection(.badValue, field: "\(name(field))") }
}
