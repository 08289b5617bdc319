import Catalog
import JSON
import XML

/// Reads edXML (QCVN 102:2016): a document as it is sent, and the status messages in which its receiver says what became of it. Of people, addresses, subjects and
/// attachments nothing is kept.
struct EdXMLReader {
    private let reader: XMLReader
    private let codes = CodeReader()

    private enum Field: Int {
        case statusCode, statusTime, documentAnswered, sender, documentID, receiver, sentTime, paper, signature

        var name: String {
            switch self {
            case .statusCode: "StatusCode"
            case .statusTime, .sentTime: "Timestamp"
            case .documentAnswered: "ResponseFor.DocumentId"
            case .sender: "From.OrganId"
            case .documentID: "DocumentId"
            case .receiver: "To.OrganId"
            case .paper: "Paper"
            case .signature: "SignatureValue"
            }
        }
    }

    /// Nil when there is no memory.
    init?() {
        func wanted(_ path: StaticString, _ field: Field, mayRepeat: Bool = false) -> XMLReader.Wanted { .init(path, field.rawValue, mayRepeat: mayRepeat) }
        // What a status message says stands in `Status` or in `MessageHeader`, as systems have it.
        let reader = XMLReader([
            wanted("Status/StatusCode", .statusCode), wanted("MessageHeader/StatusCode", .statusCode),
            wanted("Status/Timestamp", .statusTime), wanted("MessageHeader/Timestamp", .statusTime),
            wanted("ResponseFor/DocumentId", .documentAnswered), wanted("Status/From/OrganId", .sender), wanted("MessageHeader/From/OrganId", .sender),
            wanted("MessageHeader/DocumentId", .documentID), wanted("MessageHeader/To/OrganId", .receiver, mayRepeat: true),
            wanted("TraceHeader/Timestamp", .sentTime, mayRepeat: true), wanted("Bussiness/Paper", .paper), wanted("SignatureValue", .signature, mayRepeat: true),
        ])
        guard let reader else { return nil }
        self.reader = reader
    }

    func status(_ value: UnsafeRawBufferPointer, _ zone: Zone) throws(Rejection) -> Bundle {
        do throws(XMLReader.Failure) {
            try reader.parse(value)
        } catch {
            switch error {
            case .notXML, .doctype: throw Rejection(.notXML)
            case .tooLarge, .noMemory: throw Rejection(.tooLarge)
            }
        }
        var bundle = Bundle(format: "edxml", sender: try need(.sender) { $0 }.text)
        do throws(Rejection) {
            let status: OtherStatus = try text(.statusCode) == nil ? .item(try document(zone, bundle.source)) : .acknowledgement(try acknowledgement(zone, bundle.source))
            bundle.parts = [.success(.other(status))]
            return bundle
        } catch {
            throw Rejection(error.reason, field: error.field, source: bundle.source)
        }
    }

    private func acknowledgement(_ zone: Zone, _ source: String) throws(Rejection) -> AcknowledgementStatus {
        let state = try need(.statusCode, Self.state), time = try need(.statusTime) { Self.time($0, zone) }, document = try need(.documentAnswered, codes.key)
        return AcknowledgementStatus(
            key: ItemKind.document.key(of: document), version: Version(time: time, state: state, tie: try tie([.documentAnswered, .statusCode, .statusTime], source)))
    }

    private func document(_ zone: Zone, _ source: String) throws(Rejection) -> ItemStatus {
        let subject = try need(.documentID, codes.key), sent = try need(.sentTime) { Self.time($0, zone) }, agency = try need(.sender, codes.key)
        var facts: Facts = .electronic
        if try read(.paper, Self.flag) ?? false { facts.insert(.paper) }
        if try text(.signature) != nil { facts.insert(.signed) }
        if try text(.receiver) != nil { facts.insert(.addressed) }
        return ItemStatus(
            kind: .document, key: ItemKind.document.key(of: subject),
            version: Version(time: sent, state: 0, tie: try tie([.documentID, .sentTime, .paper, .signature, .receiver], source)),
            content: .init(agency: agency, facts: facts, detail: .document(sent: sent)))
    }

    // MARK: Fields

    private func text(_ field: Field) throws(Rejection) -> UnsafeRawBufferPointer? {
        switch reader[field.rawValue] {
        case .absent: nil
        case .once(let text): text.isEmpty ? nil : text
        case .repeated: throw Rejection(.badValue, field: field.name)
        }
    }

    private func read<Value>(_ field: Field, _ read: (UnsafeRawBufferPointer) -> Value?) throws(Rejection) -> Value? {
        guard let text = try text(field) else { return nil }
        guard let value = read(text) else { throw Rejection(.badValue, field: field.name) }
        return value
    }

    private func need<Value>(_ field: Field, _ read: (UnsafeRawBufferPointer) -> Value?) throws(Rejection) -> Value {
        guard let value = try self.read(field, read) else { throw Rejection(.missingField, field: field.name) }
        return value
    }

    private func tie(_ fields: [Field], _ source: String) throws(Rejection) -> UInt64 {
        var tie = ContentTie()
        for field in fields { tie.add(try text(field)) }
        return tie.value(source: source)
    }

    private static func time(_ text: UnsafeRawBufferPointer, _ zone: Zone) -> Instant? { Timestamp.parse(text, as: "yyyy/MM/dd HH:mm:ss", in: zone) }

    private static func state(_ text: UnsafeRawBufferPointer) -> UInt8? {
        guard text.count == 2, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let number = (text[0] - 0x30) * 10 + text[1] - 0x30
        return ItemStatus.documentStates.contains(number) ? number : nil
    }

    private static func flag(_ text: UnsafeRawBufferPointer) -> Bool? { text.equals("0") ? false : text.equals("1") ? true : nil }
}
