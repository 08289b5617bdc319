package import CSimdJSON
import Glibc

/// Reads one JSON document at a time with simdjson. What it hands out points into its own memory and is valid until the next `parse`.
package final class JSONReader {
    package enum Failure: Error { case notUTF8, notJSON, tooLarge }

    private let parser: OpaquePointer
    /// The largest document, in bytes.
    package let capacity: Int

    /// Nil when there is no memory for documents of `capacity` bytes.
    package init?(capacity: Int) {
        guard let parser = csj_parser_new(capacity) else { return nil }
        self.parser = parser
        self.capacity = capacity
    }

    deinit { csj_parser_free(parser) }

    package func parse(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> JSONValue {
        guard let base = bytes.baseAddress else { throw .notJSON }
        var root = csj_value()
        switch csj_parse(parser, base.assumingMemoryBound(to: UInt8.self), bytes.count, &root) {
        case CSJ_OK: return JSONValue(raw: root)
        case CSJ_NOT_UTF8: throw .notUTF8
        case CSJ_NO_MEMORY: throw .tooLarge
        default: throw .notJSON
        }
    }
}

/// A value of the document that was parsed last.
package struct JSONValue {
    package let raw: csj_value

    package init(raw: csj_value) { self.raw = raw }

    package var isNull: Bool { raw.kind == CSJ_NULL }
    package var isObject: Bool { raw.kind == CSJ_OBJECT }

    /// The bytes of a string, unescaped UTF-8.
    package var string: UnsafeRawBufferPointer? {
        raw.kind == CSJ_STRING ? UnsafeRawBufferPointer(start: raw.string.start, count: raw.string.length) : nil
    }

    /// A number written as an integer that fits into 64 bits.
    package var integer: Int64? { raw.kind == CSJ_INTEGER ? raw.integer : nil }

    package var number: Double? {
        switch raw.kind {
        case CSJ_INTEGER: Double(raw.integer)
        case CSJ_NUMBER: raw.number
        default: nil
        }
    }

    package var bool: Bool? {
        switch raw.kind {
        case CSJ_TRUE: true
        case CSJ_FALSE: false
        default: nil
        }
    }

    /// Calls `body` with every field of an object in order, duplicates included; does nothing for anything else.
    @inline(__always)
    package func forEachField(_ body: (_ name: UnsafeRawBufferPointer, _ value: JSONValue) -> Void) {
        guard isObject else { return }
        withUnsafePointer(to: raw) { container in
            var cursor = csj_cursor()
            csj_open(container, &cursor)
            withUnsafeTemporaryAllocation(of: csj_field.self, capacity: Self.chunk) { fields in
                guard let base = fields.baseAddress else { return }
                while true {
                    let count = csj_fields(&cursor, base, Self.chunk)
                    for i in 0..<count { body(UnsafeRawBufferPointer(start: base[i].name, count: base[i].name_length), JSONValue(raw: base[i].value)) }
                    if count < Self.chunk { return }
                }
            }
        }
    }

    private static let chunk = 24

    /// The first field of that name; nil if there is none or this is no object.
    package subscript(_ name: StaticString) -> JSONValue? {
        var found: JSONValue?
        forEachField { if found == nil, $0.equals(name) { found = $1 } }
        return found
    }

    /// The text of a string.
    package var text: String? { string.map { String(decoding: $0, as: UTF8.self) } }
}

extension UnsafeRawBufferPointer {
    /// Whether these are exactly the bytes of a literal.
    @inline(__always)
    package func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount, let baseAddress else { return count == 0 && literal.utf8CodeUnitCount == 0 }
        return memcmp(baseAddress, literal.utf8Start, count) == 0
    }
}
