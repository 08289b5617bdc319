import CSimdJSON
import Glibc

/// Reads one JSON document at a time with simdjson. What it hands out points into its own memory and is valid until the next `parse`.
public final class JSONReader {
    public enum Failure: Error { case notUTF8, notJSON, tooLarge }

    private let parser: OpaquePointer
    /// The largest document, in bytes.
    public let capacity: Int

    /// Nil when there is no memory for documents of `capacity` bytes.
    public init?(capacity: Int) {
        guard let parser = csj_parser_new(capacity) else { return nil }
        self.parser = parser
        self.capacity = capacity
    }

    deinit { csj_parser_free(parser) }

    public func parse(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> JSONValue {
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
