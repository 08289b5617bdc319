import Catalog
import JSON

/// A field of a JSON object as it was found: a known one given twice is a fault, never a choice.
enum Found<Value> {
    case absent, once(Value), repeated

    mutating func add(_ value: Value) {
        switch self {
        case .absent: self = .once(value)
        case .once, .repeated: self = .repeated
        }
    }
}

/// The attributes of a CloudEvent, from the JSON body or from the headers, before they are checked.
struct Envelope {
    enum Mode {
        case structured, binary
        /// A content type that is neither.
        case foreign
    }

    /// A string where there should be one.
    enum Attribute {
        case string(UnsafeRawBufferPointer)
        case null
        case other
    }

    var specversion = Found<Attribute>.absent
    var id = Found<Attribute>.absent
    var source = Found<Attribute>.absent
    var type = Found<Attribute>.absent
    var subject = Found<Attribute>.absent
    var time = Found<Attribute>.absent
    var contentType = Found<Attribute>.absent
    var data = Found<JSONValue>.absent
    var isObject = true

    mutating func readBody(_ root: JSONValue) {
        isObject = root.isObject
        root.forEachField { name, value in
            if name.equals("data") { data.add(value) } else { add(name, Attribute(value)) }
        }
    }

    /// Reads the `ce_` headers and says in which mode the record is. A content type that names CloudEvents decides; else `ce_` headers make it binary.
    mutating func readHeaders(_ headers: [Intake.Message.Header]) -> Mode {
        var hasAttributes = false
        var contentType = ""
        for (name, value) in headers {
            if name.count > 3, UnsafeRawBufferPointer(rebasing: name[..<3]).equals("ce_") {
                hasAttributes = true
                add(UnsafeRawBufferPointer(rebasing: name[3...]), value.map(Attribute.init(header:)) ?? .null)
            } else if name.equals("content-type"), let value {
                contentType = String(value.text.lowercased().prefix { $0 != ";" && $0 != " " })
            }
        }
        if contentType.hasPrefix("application/cloudevents") {
            return contentType == "application/cloudevents+json" || contentType == "application/cloudevents" ? .structured : .foreign
        }
        if hasAttributes { return .binary }
        return contentType.isEmpty ? .structured : .foreign
    }

    private mutating func add(_ name: UnsafeRawBufferPointer, _ value: Attribute) {
        if name.equals("specversion") { specversion.add(value) }
        else if name.equals("id") { id.add(value) }
        else if name.equals("source") { source.add(value) }
        else if name.equals("type") { type.add(value) }
        else if name.equals("subject") { subject.add(value) }
        else if name.equals("time") { time.add(value) }
        else if name.equals("datacontenttype") { contentType.add(value) }
    }
}

extension Envelope.Attribute {
    /// JSON strings are UTF-8 already; headers may be anything.
    init(header bytes: UnsafeRawBufferPointer) {
        self = String(validating: bytes, as: UTF8.self) == nil ? .other : .string(bytes)
    }

    init(_ value: JSONValue) {
        if let string = value.string { self = .string(string) } else { self = value.isNull ? .null : .other }
    }
}

/// A CloudEvent whose attributes are all there and well formed.
struct Event {
    var id: UnsafeRawBufferPointer
    var source: UnsafeRawBufferPointer
    var subject: UnsafeRawBufferPointer
    var time: Instant
    var data: JSONValue
}

extension Envelope {
    func checked() throws(Rejection) -> Event {
        guard isObject else { throw Rejection(.notCloudEvent, field: "specversion") }
        do throws(Rejection) {
            switch specversion {
            case .once(.string(let version)) where version.equals("1.0"): break
            case .repeated: throw Rejection(.badValue, field: "specversion")
            default: throw Rejection(.notCloudEvent, field: "specversion")
            }
            let id = try required(id, "id")
            let source = try required(source, "source")
            guard try required(type, "type").equals("vn.par.dossier.v1") else { throw Rejection(.unknownType, field: "type") }
            let subject = try required(subject, "subject")
            guard let time = Timestamp.parse(try required(time, "time")) else { throw Rejection(.badValue, field: "time") }
            switch contentType {
            case .absent, .once(.string), .once(.null): break
            default: throw Rejection(.badValue, field: "datacontenttype")
            }
            return Event(id: id, source: source, subject: subject, time: time, data: try object(data))
        } catch {
            guard case .once(.string(let readable)) = source else { throw error }
            throw Rejection(error.reason, field: error.field, source: readable.text)
        }
    }

    private func required(_ attribute: Found<Attribute>, _ name: String) throws(Rejection) -> UnsafeRawBufferPointer {
        switch attribute {
        case .absent, .once(.null): throw Rejection(.missingField, field: name)
        case .once(.string(let bytes)) where !bytes.isEmpty: return bytes
        default: throw Rejection(.badValue, field: name)
        }
    }

    private func object(_ data: Found<JSONValue>) throws(Rejection) -> JSONValue {
        switch data {
        case .absent: throw Rejection(.missingField, field: "data")
        case .once(let value) where value.isNull: throw Rejection(.missingField, field: "data")
        case .once(let value) where value.isObject: return value
        default: throw Rejection(.badValue, field: "data")
        }
    }
}

extension UnsafeRawBufferPointer {
    var text: String { String(decoding: self, as: UTF8.self) }
}
