/// Codes (agency, subject, procedure, sector) are trimmed and upper-cased, and opaque otherwise.
public enum Code {
    /// Nil if nothing is left.
    public static func normalized(_ text: String) -> String? {
        let trimmed = text.unicodeScalars.drop(while: \.properties.isWhitespace)
        var end = trimmed.endIndex
        while end > trimmed.startIndex, trimmed[trimmed.index(before: end)].properties.isWhitespace { end = trimmed.index(before: end) }
        return end == trimmed.startIndex ? nil : String(trimmed[..<end]).uppercased()
    }
}

/// Reads codes as keys, whatever form they come in.
final class CodeReader {
    /// The keys of codes that are not in normal form, by a hash: the same few come again and again (sectors have names such as `Đất đai`).
    private let known = UnsafeMutableBufferPointer<(spelled: CodeKey, normal: CodeKey)>.allocate(capacity: 1 << 10)

    init() { known.initialize(repeating: (.none, .none)) }

    deinit { known.deallocate() }

    /// Nil if nothing is left of the code.
    func key(of bytes: UnsafeRawBufferPointer) -> CodeKey? {
        let (spelled, isNormal) = CodeKey.read(bytes)
        if isNormal { return spelled }
        let place = Int(truncatingIfNeeded: spelled.high) & (known.count - 1)
        if known[place].spelled == spelled { return known[place].normal }
        guard let normal = Code.normalized(String(decoding: bytes, as: UTF8.self)).map(CodeKey.init(code:)) else { return nil }
        known[place] = (spelled, normal)
        return normal
    }
}
