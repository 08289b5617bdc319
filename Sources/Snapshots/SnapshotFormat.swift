import CCRC32C

/// What a snapshot is on the disk. All numbers are little-endian.
///
/// - 16 bytes for ever: `PARWATCH`, the number of the format (4 bytes), CRC-32C of these twelve (4).
/// - Blocks: the section's name (16 bytes, zeros behind it), the payload's length (4, at most `longestPayload`), a CRC-32C (4), the payload. The CRC goes on from that
///   of the block before (the first from the head's), over name, length and payload: so a block that is missing, doubled or elsewhere is noticed as well.
/// - The first block is `basis`, the last is `end` and empty; nothing follows.
enum SnapshotFormat {
    /// Raise it with every change of a section's bytes, those of the register included.
    static let version: UInt32 = 7
    static let magic: [UInt8] = Array("PARWATCH".utf8)
    static let headLength = 16
    static let nameLength = 16
    static let blockHeadLength = nameLength + 8
    /// A damaged length must not make us ask for memory.
    static let longestPayload = 4 << 20

    static let basis = "basis"
    static let end = "end"

    static func checksum(_ before: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 { crc32c(before, bytes.baseAddress, bytes.count) }
    static func checksum(_ before: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.withUnsafeBytes { checksum(before, $0) } }

    static func head(version: UInt32 = version) -> [UInt8] {
        var head = magic
        head.append(little: version)
        head.append(little: head.withUnsafeBytes { checksum(0, $0) })
        return head
    }

    /// Name and length of a block.
    static func blockHead(_ section: String, length: Int) -> [UInt8] {
        precondition(section.utf8.count <= nameLength, "a section's name is too long for the format")
        var head = Array(section.utf8)
        head += [UInt8](repeating: 0, count: nameLength - head.count)
        head.append(little: UInt32(truncatingIfNeeded: length))
        return head
    }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(little number: Number) { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }

    mutating func append(text: String) {
        append(little: UInt32(truncatingIfNeeded: text.utf8.count))
        append(contentsOf: text.utf8)
    }
}

/// Reads fields one after the other; nil where the bytes end too early.
struct FieldReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        guard let bytes = take(MemoryLayout<Number>.size) else { return nil }
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: type)) }
    }

    mutating func text() -> String? {
        guard let count = number(UInt32.self), let bytes = take(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest.removeFirst(count) }
        return rest.prefix(count)
    }
}
