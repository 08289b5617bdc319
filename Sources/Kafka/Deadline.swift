/// A point in monotonic time by which something must be done.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(in milliseconds: Int32) { end = .now + .milliseconds(milliseconds) }

    /// Milliseconds left, rounded up; 0 once it has passed.
    var remaining: Int32 {
        let (seconds, attoseconds) = (end - .now).components
        return Int32(clamping: max(0, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
