/// A time zone as a table of transitions: the local day of an instant and the instant a local day begins, also where daylight saving exists.
package struct Zone: Hashable, Sendable {
    package struct Transition: Hashable, Sendable {
        /// From here on …
        package var from: Instant
        /// … local time is UTC plus so many seconds.
        package var offset: Int

        package init(from: Instant, offset: Int) {
            self.from = from
            self.offset = offset
        }
    }

    package let name: String
    private let initialOffset: Int
    private let transitions: [Transition]

    /// `transitions` in order of time; `initialOffset` holds before the first.
    package init(name: String, initialOffset: Int, transitions: [Transition] = []) {
        self.name = name
        self.initialOffset = initialOffset
        self.transitions = transitions
    }

    package static let utc = Zone(name: "UTC", initialOffset: 0)

    /// Seconds that local time is ahead of UTC.
    package func offset(at instant: Instant) -> Int {
        var low = 0, high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].from <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : transitions[low - 1].offset
    }

    package func day(of instant: Instant) -> LocalDay {
        let local = instant.advanced(by: .seconds(Int64(offset(at: instant)))).microseconds
        let (quotient, remainder) = local.quotientAndRemainder(dividingBy: Self.dayLength)
        return LocalDay(number: Int32(clamping: remainder < 0 ? quotient - 1 : quotient))
    }

    /// The first instant of a local day: its midnight, or where the clock jumps over midnight, the jump.
    package func start(of day: LocalDay) -> Instant {
        let naive = Int64(day.number) * Self.dayLength
        let before = offset(at: Instant(microseconds: naive - Self.dayLength))
        let after = offset(at: Instant(microseconds: naive + Self.dayLength))
        for offset in [before, after] {
            let candidate = Instant(microseconds: naive).advanced(by: .seconds(-Int64(offset)))
            if self.offset(at: candidate) == offset { return candidate }
        }
        return transitions.first { $0.from.microseconds >= naive - Self.dayLength }?.from ?? Instant(microseconds: naive)
    }

    private static let dayLength: Int64 = 86_400_000_000
}
