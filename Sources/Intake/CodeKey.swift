/// The identity of a code: 128 bits of its bytes, so that no two codes share one in practice (10 million codes: 1 in 10^24).
package struct CodeKey: Hashable, Sendable {
    package var high: UInt64
    /// 0 in `none` alone, so that an empty slot can be told from a taken one.
    package var low: UInt64

    package static let none = CodeKey(high: 0, low: 0)

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(code: UnsafeRawBufferPointer) {
        // Two lanes of folded multiplication over eight bytes at a time.
        var a: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ UInt64(code.count)
        var b: UInt64 = 0xd1b5_4a32_d192_ed03
        var at = 0
        while at < code.count {
            let word = Self.word(code, at)
            a = Self.fold(a ^ word, 0xa076_1d64_78bd_642f)
            b = Self.fold(b &+ word, 0xe703_7ed1_a0b4_28db) ^ a
            at += 8
        }
        high = Self.fold(a ^ 0x8ebc_6af0_9c88_c6e3, b ^ 0x5899_65cc_7537_4cc3)
        low = Self.fold(b ^ 0x1d8e_4e27_c47d_124f, a ^ 0xeb44_acca_b455_d165) | 1
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        if at + 8 <= bytes.count { return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
        var word: UInt64 = 0
        for i in at..<bytes.count { word |= UInt64(bytes[i]) << UInt64((i - at) * 8) }
        return word
    }

    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low ^ a
    }
}
