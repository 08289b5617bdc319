/// Codes (agency, subject, procedure, sector) are trimmed and upper-cased, and opaque otherwise.
package enum Code {
    /// Nil if nothing is left.
    package static func normalized(_ text: String) -> String? {
        let trimmed = text.unicodeScalars.drop(while: \.properties.isWhitespace)
        var end = trimmed.endIndex
        while end > trimmed.startIndex, trimmed[trimmed.index(before: end)].properties.isWhitespace { end = trimmed.index(before: end) }
        return end == trimmed.startIndex ? nil : String(trimmed[..<end]).uppercased()
    }

    /// Whether the bytes are normalized already, as nearly all are: printable ASCII, no lower case, no white space at the ends.
    static func isNormal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first, let last = bytes.last, first != UInt8(ascii: " "), last != UInt8(ascii: " ") else { return false }
        for byte in bytes where byte < 0x20 || byte > 0x7E || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")) { return false }
        return true
    }
}

/// FNV-1a, 64 bits: breaks ties between versions.
struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    mutating func add(_ bytes: UnsafeRawBufferPointer) { for byte in bytes { add(byte) } }
}
