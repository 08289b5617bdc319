import Catalog

/// How new the newest word of each source is: all that a copy keeps of a `SourceBook`.
struct SourceWords {
    struct Word {
        /// Empty, as no source's is: all those without a name.
        var name: String
        var newest: Instant
    }

    var words: [Word] = []

    /// Of each: its newest word (8 bytes, microseconds since 1970), the length of its name (4), its name; all numbers little-endian.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for word in words {
            withUnsafeBytes(of: word.newest.microseconds.littleEndian) { bytes += $0 }
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: word.name.utf8.count).littleEndian) { bytes += $0 }
            bytes += word.name.utf8
        }
        return bytes
    }

    private static let headLength = 12

    init(_ words: [Word]) { self.words = words }

    init(_ bytes: [UInt8]) throws(CannotRestore) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= Self.headLength else { throw CannotRestore(description: "a part of a source is missing") }
            let (newest, length) = rest.withUnsafeBytes { (Int64(littleEndian: $0.loadUnaligned(as: Int64.self)), UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self))) }
            rest.removeFirst(Self.headLength)
            guard length <= rest.count else { throw CannotRestore(description: "a part of a source is missing") }
            guard let name = String(validating: rest.prefix(Int(length)), as: UTF8.self) else { throw CannotRestore(description: "a source's name is no text") }
            guard Timestamp.isWritable(Instant(microseconds: newest)) else { throw CannotRestore(description: "a source spoke at no time") }
            rest.removeFirst(Int(length))
            words.append(Word(name: name, newest: Instant(microseconds: newest)))
        }
    }
}

extension SourceBook {
    /// Of everyone of whom something was not rejected.
    var words: SourceWords { SourceWords(newestWords) }

    /// Takes over what was said before the start. Where there is no room for all who are not listed, those that spoke last keep their names.
    mutating func take(_ said: SourceWords) {
        for word in said.words.sorted(by: { $0.newest > $1.newest }) { note(word.newest, of: word.name.isEmpty ? Self.nameless : number(of: word.name)) }
    }
}
