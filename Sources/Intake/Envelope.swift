public import Catalog
import JSON

/// The attributes of a CloudEvent, from the JSON body or from the headers.
struct Envelope {
    enum Attribute: Int, CaseIterable {
        case specversion, id, source, type, subject, time, datacontenttype, data

        var name: StaticString {
            switch self {
            case .specversion: "specversion"
            case .id: "id"
            case .source: "source"
            case .type: "type"
            case .subject: "subject"
            case .time: "time"
            case .datacontenttype: "datacontenttype"
            case .data: "data"
            }
        }
    }

    enum Mode {
        case structured, binary
        /// A content type that is neither.
        case foreign
    }

    private let attributes: JSONFields

    /// Nil when there is no memory.
    init?() {
        guard let attributes = JSONFields(Attribute.allCases.map(\.name)) else { return nil }
        self.attributes = attributes
    }

    func readBody(_ root: JSONValue) throws(Rejection) {
        guard root.isObject else { throw Rejection(.notCloudEvent, field: "specversion") }
        attributes.pick(from: root)
    }

    /// In binary mode the body is the data alone.
    func readData(_ root: JSONValue) { attributes.add(root, at: Attribute.data.rawValue) }

    /// Reads the `ce_` headers and says in which mode the record is. A content type that names CloudEvents decides; else `ce_` headers make it binary.
    func readHeaders(_ headers: [Intake.Message.Header]) -> Mode {
        attributes.removeAll()
        var hasAttributes = false
        var contentType = ""
        for (name, value) in headers {
            if name.count > 3, UnsafeRawBufferPointer(rebasing: name[..<3]).equals("ce_") {
                hasAttributes = true
                let name = UnsafeRawBufferPointer(rebasing: name[3...])
                guard let attribute = Attribute.allCases.first(where: { $0 != .data && name.equals($0.name) }) else { continue }
                attributes.add(Self.value(value), at: attribute.rawValue)
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

    /// Headers may be anything; attributes are UTF-8.
    private static func value(_ header: UnsafeRawBufferPointer?) -> JSONValue {
        guard let header else { return JSONValue(bool: nil) }
        return String(validating: header, as: UTF8.self) == nil ? JSONValue(bool: false) : JSONValue(string: header)
    }
}

extension MessageType {
    @inline(__always)
    init?(_ type: UnsafeRawBufferPointer) {
        // Nearly all are.
        if type.equals("vn.par.dossier.v1") { self = .dossier } else if let other = Self.other(type) { self = other } else { return nil }
    }

    private static func other(_ type: UnsafeRawBufferPointer) -> MessageType? {
        if type.equals("vn.par.dossier.progress.v1") { return .progress }
        if type.equals("vn.par.document.v1") { return .document }
        if type.equals("vn.par.procedure.v1") { return .procedure }
        if type.equals("vn.par.feedback.v1") { return .feedback }
        if type.equals("vn.par.obligation.v1") { return .obligation }
        if type.equals("vn.par.event.v1") { return .event }
        if type.equals("vn.par.rating.v1") { return .rating }
        if type.equals("vn.par.figure.v1") { return .figure }
        return type.equals("vn.par.heartbeat.v1") ? .heartbeat : nil
    }
}

/// A CloudEvent whose attributes are all there and well formed. Valid until the intake reads another.
public struct Event {
    public var type: MessageType
    var id: UnsafeRawBufferPointer
    public var source: UnsafeRawBufferPointer
    var subject: UnsafeRawBufferPointer
    var time: Instant
    var data: JSONValue
}

extension Envelope {
    func checked() throws(Rejection) -> Event {
        do throws(Rejection) {
            switch attribute(.specversion) {
            case .once(let version) where version.string?.equals("1.0") == true: break
            case .repeated: throw Rejection(.badValue, field: "specversion")
            default: throw Rejection(.notCloudEvent, field: "specversion")
            }
            let id = try required(.id), source = try required(.source)
            guard let type = MessageType(try required(.type)) else { throw Rejection(.unknownType, field: "type") }
            let subject = try required(.subject)
            guard let time = Timestamp.parse(try required(.time)) else { throw Rejection(.badValue, field: "time") }
            switch attribute(.datacontenttype) {
            case .absent: break
            case .once(let value) where value.isNull || value.string != nil: break
            default: throw Rejection(.badValue, field: "datacontenttype")
            }
            return Event(type: type, id: id, source: source, subject: subject, time: time, data: try data())
        } catch {
            guard case .once(let value) = attribute(.source), let readable = value.string else { throw error }
            throw Rejection(error.reason, field: error.field, source: readable.text)
        }
    }

    @inline(__always)
    private func attribute(_ attribute: Attribute) -> JSONFields.Field { attributes[attribute.rawValue] }

    @inline(__always)
    private func required(_ attribute: Attribute) throws(Rejection) -> UnsafeRawBufferPointer {
        switch self.attribute(attribute) {
        case .absent: throw Rejection(.missingField, field: "\(attribute.name)")
        case .once(let value):
            if let bytes = value.string, !bytes.isEmpty { return bytes }
            throw Rejection(value.isNull ? .missingField : .badValue, field: "\(attribute.name)")
        case .repeated: throw Rejection(.badValue, field: "\(attribute.name)")
        }
    }

    private func data() throws(Rejection) -> JSONValue {
        switch attribute(.data) {
        case .once(let value) where value.isObject: return value
        case .absent: throw Rejection(.missingField, field: "data")
        case .once(let value) where value.isNull: throw Rejection(.missingField, field: "data")
        default: throw Rejection(.badValue, field: "data")
        }
    }
}

extension UnsafeRawBufferPointer {
    var text: String { String(decoding: self, as: UTF8.self) }
}
