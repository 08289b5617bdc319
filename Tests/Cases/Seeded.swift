/// SplitMix64: the same seed, the same case.
package struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    package mutating func int64(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }
    /// True once in `n`.
    package mutating func once(in n: Int) -> Bool { int(1...n) == 1 }

    package mutating func one<T>(of choices: [T]) -> T { choices[int(0...choices.count - 1)] }

    package mutating func some<T>(of choices: [T], atLeast least: Int = 1) -> [T] {
        let count = int(least...choices.count)
        return Array(choices.shuffled(using: &self).prefix(count))
    }
}
