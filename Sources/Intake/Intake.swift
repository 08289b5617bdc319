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

/// The normal forms of codes that do not come in it. The same few come again and again (sectors have names such as `Đất đai`), so they are kept.
final class CodeArena {
    private var known: [CodeKey: UnsafeMutableRawBufferPointer] = [:]
    private var size = 0
    /// In bytes; a code has about 25.
    private static let capacity = 1 << 20

    deinit { forget() }

    /// Before a message: what the last one was handed may go now.
    func reset() { if size > Self.capacity { forget() } }

    /// The code in normal form; nil if nothing is left of it.
    func normalized(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        if Code.isNormal(bytes) { return bytes }
        let key = CodeKey(code: bytes)
        if let block = known[key] { return UnsafeRawBufferPointer(block) }
        guard let text = Code.normalized(String(decoding: bytes, as: UTF8.self)) else { return nil }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        block.copyBytes(from: text.utf8)
        known[key] = block
        size += block.count + MemoryLayout<CodeKey>.stride
        return UnsafeRawBufferPointer(block)
    }

    private func forget() {
        for block in known.values { block.deallocate() }
        known.removeAll(keepingCapacity: true)
        size = 0
    }
}
