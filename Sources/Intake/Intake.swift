import Catalog
import JSON

/// Wire formats: bytes → status, or a rejection with a reason. CloudEvents 1.0 in structured and binary mode.
package struct Intake {
    /// The largest payload that is read, in bytes; more is `too_large`.
    package static let defaultMaxSize = 1 << 20

    private let reader: JSONReader
    private let codes = CodeArena()

    /// Nil when there is no memory for payloads of `maxSize` bytes.
    package init?(maxSize: Int = defaultMaxSize) {
        guard let reader = JSONReader(capacity: maxSize) else { return nil }
        self.reader = reader
    }

    /// A record as a broker hands it over. `value` nil: a tombstone. The pointers must live as long as the call that it is given to.
    package struct Message {
        package var value: UnsafeRawBufferPointer?
        package var headers: [Header]

        package typealias Header = (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)

        package init(value: UnsafeRawBufferPointer?, headers: [Header] = []) {
            self.value = value
            self.headers = headers
        }
    }

    package func read(_ message: Message) throws(Rejection) -> DossierStatus {
        guard let value = message.value else { throw Rejection(.tombstone) }
        guard value.count <= reader.capacity else { throw Rejection(.tooLarge) }
        codes.reset()
        var envelope = Envelope()
        var mode = Envelope.Mode.structured
        if !message.headers.isEmpty { mode = envelope.readHeaders(message.headers) }
        switch mode {
        case .foreign: throw Rejection(.notCloudEvent, field: "content-type")
        case .binary:
            envelope.data = .once(try parse(value))
        case .structured:
            envelope = Envelope()
            envelope.readBody(try parse(value))
        }
        let event = try envelope.checked()
        do throws(Rejection) {
            return try DossierReader(event: event, codes: codes).status()
        } catch {
            throw Rejection(error.reason, field: error.field, source: event.source.text)
        }
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

/// Memory for the few codes that are not in normal form as they come; freed with the next message.
final class CodeArena {
    private var blocks: [UnsafeMutableRawBufferPointer] = []

    deinit { reset() }

    func reset() {
        guard !blocks.isEmpty else { return }
        for block in blocks { block.deallocate() }
        blocks.removeAll(keepingCapacity: true)
    }

    /// The code in normal form; nil if nothing is left of it.
    func normalized(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        if Code.isNormal(bytes) { return bytes }
        guard let text = Code.normalized(String(decoding: bytes, as: UTF8.self)) else { return nil }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        block.copyBytes(from: text.utf8)
        blocks.append(block)
        return UnsafeRawBufferPointer(block)
    }
}
