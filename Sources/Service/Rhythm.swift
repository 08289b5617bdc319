/// Says when something is due again that happens at most once in so many seconds.
package struct Rhythm {
    private let seconds: Double
    private var next = -Double.infinity

    package init(seconds: Double) { self.seconds = seconds }

    /// Not before so many seconds from `now` on.
    mutating func rest(from now: Double) { next = now + seconds }

    package mutating func isDue(_ now: Double) -> Bool {
        guard now >= next else { return false }
        next = now + seconds
        return true
    }
}

/// At most so many within a second, wherever the second begins.
struct Allowance {
    private let most: Int
    /// Those of the last second, in their order.
    private var taken: [(at: Double, count: Int)] = []

    init(_ most: Int) { self.most = most }

    mutating func room(_ now: Double) -> Int {
        taken.removeAll { $0.at + 1 <= now }
        return most - taken.reduce(0) { $0 + $1.count }
    }

    /// `at`: when the last of them went.
    mutating func took(_ count: Int, _ at: Double) { taken.append((at, count)) }
}

/// Lets one cause speak once a minute, and counts what it held back.
struct Patience<Cause: Hashable> {
    private var heard: [Cause: (until: Double, held: Int)] = [:]

    /// Nil: held back. Otherwise how many of the same were held back since the last one.
    mutating func hear(_ cause: Cause, _ now: Double) -> Int? {
        if let known = heard[cause], now < known.until {
            heard[cause]?.held += 1
            return nil
        }
        let held = heard[cause]?.held ?? 0
        if heard.count > 1_000 { heard.removeAll() }
        heard[cause] = (now + 60, 0)
        return held
    }
}
