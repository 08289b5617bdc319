public import Catalog
import JSON

/// Wire formats: bytes → status, or a rejection with a reason. CloudEvents 1.0 in structured and binary mode; and what systems speak that know no CloudEvents.
public struct Intake {
    /// The largest payload that is read, in bytes; more is `too_large`.
    public static let defaultMaxSize = 1 << 20

    private let reader: JSONReader
    private let envelope: Envelope
    private let dossier: DossierReader
    private let others: StatusReader
    private let dvcqg: DVCQGReader
    private let igate: IGateReader
    private let edxml: EdXMLReader

    /// Nil when there is no memory for payloads of `maxSize` bytes.
    public init?(maxSize: Int = defaultMaxSize) {
        guard let reader = JSONReader(capacity: maxSize), let envelope = Envelope(), let dossier = DossierReader(), let others = StatusReader(),
              let dvcqg = DVCQGReader(), let igate = IGateReader(), let edxml = EdXMLReader()
        else { return nil }
        self.reader = reader
        self.envelope = envelope
        self.dossier = dossier
        self.others = others
        self.dvcqg = dvcqg
        self.igate = igate
        self.edxml = edxml
    }

    /// A record as a broker hands it over. `value` nil: a tombstone. The pointers must live as long as the call that it is given to.
    public struct Message {
        public var value: UnsafeRawBufferPointer?
        public var headers: [Header]
        /// The record's own, as the broker has it; nil where there is none, or nobody asks for it.
        public var timestamp: Instant?

        public typealias Header = (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)

        public init(value: UnsafeRawBufferPointer?, headers: [Header] = [], timestamp: Instant? = nil) {
            self.value = value
            self.headers = headers
            self.timestamp = timestamp
        }
    }

    /// Reads what is known to be of a dossier; another type is `unknown_type`.
    public func read(_ message: Message) throws(Rejection) -> DossierStatus {
        let event = try event(message)
        guard event.type == .dossier else { throw Rejection(.unknownType, field: "type", source: event.source.text) }
        return try dossier(event)
    }

    /// The status in an event of type `dossier`.
    @inline(__always)
    public func dossier(_ event: Event) throws(Rejection) -> DossierStatus {
        do throws(Rejection) {
            return try dossier.status(event)
        } catch {
            throw Rejection(error.reason, field: error.field, source: event.source.text)
        }
    }

    /// The status in an event of any other type.
    public func other(_ event: Event) throws(Rejection) -> OtherStatus {
        do throws(Rejection) {
            return try others.status(event)
        } catch {
            throw Rejection(error.reason, field: error.field, source: event.source.text)
        }
    }

    /// Checks the attributes of a message; what `data` says is for one of the above.
    public func event(_ message: Message) throws(Rejection) -> Event {
        guard let value = message.value else { throw Rejection(.tombstone) }
        guard value.count <= reader.capacity else { throw Rejection(.tooLarge) }
        switch message.headers.isEmpty ? .structured : envelope.readHeaders(message.headers) {
        case .foreign: throw Rejection(.notCloudEvent, field: "content-type")
        case .binary: envelope.readData(try parse(value))
        case .structured: try envelope.readBody(try parse(value))
        }
        return try envelope.checked()
    }

    /// The `source` of a message that was read well before.
    public func source(of message: Message) -> String? {
        do throws(Rejection) {
            return try event(message).source.text
        } catch {
            return nil
        }
    }

    /// The statuses in a record of another format than CloudEvents. `topic` names a source that says no name; `zone` is that of times without an offset.
    public func statuses(in message: Message, _ format: Format, zone: Zone, topic: String) throws(Rejection) -> Bundle {
        guard let value = message.value else { throw Rejection(.tombstone) }
        guard value.count <= reader.capacity else { throw Rejection(.tooLarge) }
        switch format {
        case .cloudEvents: throw Rejection(.notCloudEvent, field: "content-type")
        case .dvcqg: return try dvcqg.statuses(try parse(value), Self.timestamp(of: message), zone, topic: topic)
        case .igate(let states): return try igate.status(try parse(value), Self.timestamp(of: message), states, topic: topic)
        case .edxml: return try edxml.status(value, zone)
        }
    }

    private static func timestamp(of message: Message) throws(Rejection) -> Instant {
        guard let timestamp = message.timestamp else { throw Rejection(.missingField, field: "timestamp") }
        guard Timestamp.isWritable(timestamp) else { throw Rejection(.badValue, field: "timestamp") }
        return timestamp
    }

    private func parse(_ value: UnsafeRawBufferPointer) throws(Rejection) -> JSONValue {
        do throws(JSONReader.Failure) {
            return try reader.parse(value)
        } catch {
            switch error {
            case .notUTF8: throw Rejection(.notUTF8)
            case .notJSON: throw Rejection(.notJSON)
            case .tooLarge: throw Rejection(.tooLarge)
            }
        }
    }
}
