/// A time zone as a table of transitions: the local day of an instant and the instant a local day begins, also where daylight saving exists.
public final class Zone: Sendable {
    public struct Transition: Hashable, Sendable {
        /// From here on …
        public var from: Instant
        /// … local time is UTC plus so many seconds.
        public var offset: Int

        public init(from: Instant, offset: Int) {
            self.from = from
            self.offset = offset
        }
    }

    public let name: String
    private let initialOffset: Int
    private let transitions: [Transition]
    /// From here on nothing changes any more: where most statuses lie, in most zones.
    private let lastTransition: Instant
    private let lastOffset: Int

    /// `transitions` in order of time; `initialOffset` holds before the first.
    public init(name: String, initialOffset: Int, transitions: [Transition] = []) {
        self.name = name
        self.initialOffset = initialOffset
        self.transitions = transitions
        lastTransition = transitions.last?.from ?? .distantPast
        lastOffset = transitions.last?.offset ?? initialOffset
    }

    public static let utc = Zone(name: "UTC", initialOffset: 0)

    /// Seconds that local time is ahead of UTC.
    public func offset(at instant: Instant) -> Int {
        if instant >= lastTransition { return lastOffset }
        var low = 0, high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].from <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : transitions[low - 1].offset
    }

    public func day(of instant: Instant) -> LocalDay {
        let local = instant.advanced(by: .seconds(Int64(offset(at: instant)))).microseconds
        let (quotient, remainder) = local.quotientAndRemainder(dividingBy: Self.dayLength)
        return LocalDay(number: Int32(clamping: remainder < 0 ? quotient - 1 : quotient))
    }

    /// The first instant of a local day: its midnight, or where the clock jumps over midnight, the jump.
    public func start(of day: LocalDay) -> Instant {
        let naive = Int64(day.number) * Self.dayLength
        let before = offset(at: Instant(microseconds: naive - Self.dayLength))
        let after = offset(at: Instant(microseconds: naive + Self.dayLength))
        for offset in [before, after] {
            let candidate = Instant(microseconds: naive).advanced(by: .seconds(-Int64(offset)))
            if self.offset(at: candidate) == offset { return candidate }
        }
        return transitions.first { $0.from.microseconds >= naive - Self.dayLength }?.from ?? Instant(microseconds: naive)
    }

    /// The instant of a local time, `second` seconds after a midnight that was never turned. Of two such instants the first; of a time that is skipped the
    /// instant at which it would have been.
    public func instant(of day: LocalDay, second: Int) -> Instant {
        let naive = Int64(day.number) * Self.dayLength + Int64(second) * 1_000_000
        let before = offset(at: Instant(microseconds: naive - Self.dayLength)), after = offset(at: Instant(microseconds: naive + Self.dayLength))
        for offset in [before, after] {
            let candidate = Instant(microseconds: naive - Int64(offset) * 1_000_000)
            if self.offset(at: candidate) == offset { return candidate }
        }
        return Instant(microseconds: naive - Int64(before) * 1_000_000)
    }

    /// FNV-1a 64 over the rules: tells whether they are still the same where only this number was kept.
    public var fingerprint: UInt64 {
        var hash: UInt64 = 14_695_981_039_346_656_037
        func take(_ number: Int64) { withUnsafeBytes(of: number.littleEndian) { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 } } }
        take(Int64(initialOffset))
        for transition in transitions {
            take(transition.from.microseconds)
            take(Int64(transition.offset))
        }
        return hash
    }

    private static let dayLength: Int64 = 86_400_000_000
}

extension Zone: Hashable {
    public static func == (a: Zone, b: Zone) -> Bool { a === b || (a.name, a.initialOffset) == (b.name, b.initialOffset) && a.transitions == b.transitions }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
