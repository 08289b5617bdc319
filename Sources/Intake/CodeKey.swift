/// The identity of a code: 128 bits of its bytes, so that no two codes share one in practice (10 million codes: 1 in 10^24).
public struct CodeKey: Hashable, Sendable, BitwiseCopyable {
    public var high: UInt64
    /// 0 in `none` alone, so that an empty slot can be told from a taken one.
    public var low: UInt64

    public static let none = CodeKey()

    /// By what tables spread their keys. Every process has another, so that nobody can make codes that all want the same place.
    public static let seed = UInt64(bitPattern: Int64(Hasher().finalize())) | 1

    /// Where a table begins to look for it: 32 bits.
    @inlinable @inline(__always)
    public func spread(by seed: UInt64) -> UInt64 { (high &* seed) >> 32 }

    private init() { (high, low) = (0, 0) }

    /// Of the bytes of a code in normal form; empty bytes have a key as well.
    public init(code: UnsafeRawBufferPointer) { self = Self.read(code).key }

    /// The key of bytes, and whether they are known to be a code in normal form, as nearly all are: ASCII from the space to `_`, which leaves out lower case and a
    /// few signs that are rare in codes; no space at the ends.
    static func read(_ bytes: UnsafeRawBufferPointer) -> (key: CodeKey, isNormal: Bool) {
        let count = bytes.count
        // Two lanes of folded multiplication over sixteen bytes at a time, the last of them overlapping.
        var a: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ UInt64(count), b: UInt64 = 0xd1b5_4a32_d192_ed03
        // Of those bytes exactly one of the bits 5 and 6 is set, and not bit 7.
        var isOne = UInt64.max, high: UInt64 = 0
        func take(_ head: UInt64, _ tail: UInt64) {
            isOne &= (head ^ head << 1) & (tail ^ tail << 1)
            high |= head | tail
            a = fold(a ^ head, tail ^ 0xa076_1d64_78bd_642f)
            b = fold(b ^ tail, head ^ 0xe703_7ed1_a0b4_28db) ^ a
        }
        if count >= 16 {
            var at = 0
            while at + 16 < count {
                take(bytes.word(at), bytes.word(at + 8))
                at += 16
            }
            take(bytes.word(count - 16), bytes.word(count - 8))
        } else if count >= 8 {
            take(bytes.word(0), bytes.word(count - 8))
        } else {
            // Zeros behind the last byte, made into something that is normal.
            var word: UInt64 = 0x3030_3030_3030_3030 << UInt64(count * 8)
            for i in 0..<count { word |= UInt64(bytes[i]) << UInt64(i * 8) }
            take(word, 0x3030_3030_3030_3030)
        }
        let isNormal = (~isOne & 0x4040_4040_4040_4040) | (high & 0x8080_8080_8080_8080) == 0 && count > 0 && bytes[0] != UInt8(ascii: " ") && bytes[count - 1] != UInt8(ascii: " ")
        return (CodeKey(a, b), isNormal)
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
    @inline(__always)
    fileprivate func word(_ at: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
}
