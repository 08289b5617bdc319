/// Tells scores apart: FNV-1a over key, numerator and denominator of each, in their order.
enum Digest {
    static func of(_ scores: some Sequence<(String, Int64, Int64?)>) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for (key, numerator, denominator) in scores {
            for byte in "\(key) \(numerator) \(denominator ?? -1)\n".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return String(hash, radix: 16)
    }
}
