/// Sebastiano Vigna's SplitMix64: small, fast, and the same everywhere. Integers only, so that no rounding differs between machines.
struct SplitMix64: Sendable {
    private var state: UInt64

    init(state: UInt64) {
        self.state = state
    }

    /// Streams of one seed are independent of each other.
    init(seed: UInt64, stream: UInt64) {
        var mixer = SplitMix64(state: stream)
        state = seed ^ mixer.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 up to, but not including, the bound; 0 if there is nothing below it.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high)
    }

    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

    mutating func shuffled(_ elements: [Int]) -> [Int] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, below(last + 1))
        }
        return elements
    }
}
