/// Sebastiano Vigna's SplitMix64: the same numbers on every machine.
package struct Dice {
    private var state: UInt64

    /// Streams of one seed are independent of each other.
    package init(seed: UInt64, stream: UInt64) {
        state = stream
        state = seed ^ next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 up to, but not including, the bound.
    package mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high) }

    package mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }
}
