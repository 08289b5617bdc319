/// The identity of a code: 128 bits of its bytes, so that no two codes share one in practice (10 million codes: 1 in 10^24).
public struct CodeKey: Hashable, Sendable {
    public var high: UInt64
    /// 0 in `none` alone, so that an empty slot can be told from a taken one.
    public var low: UInt64

    public static let none = CodeKey()

    private init() { (high, low) = (0, 0) }

    /// Of the bytes of a code in normal form; empty bytes have a key as well.
    public init(code: UnsafeRawBufferPointer) { self = Self.read(code).key }

    /// The key of bytes, and whether they are known to be a code in normal form, as nearly all are: printable ASCII, no lower case, no space at the ends.
    static func read(_ bytes: UnsafeRawBufferPointer) -> (key: CodeKey, isNormal: Bool) {
        let count = bytes.count
        // Two lanes of folded multiplication over eight bytes at a time.
        var a: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ UInt64(count), b: UInt64 = 0xd1b5_4a32_d192_ed03
        var strange: UInt64 = 0
        var at = 0
        while at + 8 <= count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            strange |= Self.strange(word)
            a = fold(a ^ word, 0xa076_1d64_78bd_642f)
            b = fold(b &+ word, 0xe703_7ed1_a0b4_28db) ^ a
            at += 8
        }
        if at < count {
            // Zeros behind the last byte, which are not strange.
            let word = bytes.tail(from: at)
            strange |= Self.strange(word | 0x3030_3030_3030_3030 << UInt64((count - at) * 8))
            a = fold(a ^ word, 0xa076_1d64_78bd_642f)
            b = fold(b &+ word, 0xe703_7ed1_a0b4_28db) ^ a
        }
        let isNormal = strange & 0x8080_8080_8080_8080 == 0 && count > 0 && bytes[0] != UInt8(ascii: " ") && bytes[count - 1] != UInt8(ascii: " ")
        return (CodeKey(a, b), isNormal)
    }

    /// Sets the topmost bit of each of eight bytes that is no printable ASCII, or lower case.
    @inline(__always)
    private static func strange(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        let isControl = ~((word | 0x8080_8080_8080_8080) &- 0x2020_2020_2020_2020)
        let isLower = (low &+ 0x1f1f_1f1f_1f1f_1f1f) & ~(low &+ 0x0505_0505_0505_0505)
        return word | isControl | (low &+ 0x0101_0101_0101_0101) | isLower
    }

    public init(code: String) {
        var code = code
        self = code.withUTF8 { CodeKey(code: UnsafeRawBufferPointer($0)) }
    }

    /// Of several keys in their order, and a number.
    public init(of keys: (CodeKey, CodeKey, CodeKey), _ number: UInt64) {
        var a: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ number
        var b: UInt64 = 0xd1b5_4a32_d192_ed03
        for key in [keys.0, keys.1, keys.2] {
            a = Self.fold(a ^ key.high, 0xa076_1d64_78bd_642f) &+ key.low
            b = Self.fold(b ^ key.low, 0xe703_7ed1_a0b4_28db) ^ a
        }
        self.init(a, b)
    }

    private init(_ a: UInt64, _ b: UInt64) {
        high = Self.fold(a ^ 0x8ebc_6af0_9c88_c6e3, b ^ 0x5899_65cc_7537_4cc3)
        low = Self.fold(b ^ 0x1d8e_4e27_c47d_124f, a ^ 0xeb44_acca_b455_d165) | 1
    }

    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low ^ a
    }
}

extension UnsafeRawBufferPointer {
    /// The last bytes, fewer than eight, the first of them lowest, and zeros above.
    @inline(__always)
    fileprivate func tail(from at: Int) -> UInt64 {
        let left = count - at
        if count >= 8 { return UInt64(littleEndian: loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)) >> UInt64((8 - left) * 8) }
        var word: UInt64 = 0
        for i in 0..<left { word |= UInt64(self[at + i]) << UInt64(i * 8) }
        return word
    }
}
