public import Catalog
import JSON

/// The state of a dossier, as the national portal numbers it.
public enum DossierState: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case registered = 1, accepted, declined, processing, supplement, payment, withdrawn, stopped, finished, returned

    public init?(name: UnsafeRawBufferPointer) {
        guard let first = name.first else { return nil }
        // Length and first letter leave one that it can be.
        let state: DossierState
        switch (name.count, first) {
        case (8, UInt8(ascii: "a")): state = .accepted
        case (10, UInt8(ascii: "p")): state = .processing
        case (8, UInt8(ascii: "f")): state = .finished
        case (8, UInt8(ascii: "r")): state = .returned
        case (10, UInt8(ascii: "r")): state = .registered
        case (8, UInt8(ascii: "d")): state = .declined
        case (10, UInt8(ascii: "s")): state = .supplement
        case (7, UInt8(ascii: "p")): state = .payment
        case (9, UInt8(ascii: "w")): state = .withdrawn
        case (7, UInt8(ascii: "s")): state = .stopped
        default: return nil
        }
        guard name.equals(state.name) else { return nil }
        self = state
    }

    /// When a dossier was finished of which a message of this time says the state alone; nil where it is not.
    func finished(at time: Instant) -> Instant? { self == .finished || self == .returned ? time : nil }

    private var name: StaticString {
        switch self {
        case .registered: "registered"
        case .accepted: "accepted"
        case .declined: "declined"
        case .processing: "processing"
        case .supplement: "supplement"
        case .payment: "payment"
        case .withdrawn: "withdrawn"
        case .stopped: "stopped"
        case .finished: "finished"
        case .returned: "returned"
        }
    }
}

public enum Channel: UInt8, Sendable, BitwiseCopyable {
    case counter = 1, online, post

    init?(name: UnsafeRawBufferPointer) {
        if name.equals("counter") { self = .counter } else if name.equals("online") { self = .online } else if name.equals("post") { self = .post } else { return nil }
    }
}

/// Decides which of two statuses of one subject is the latest: the source's rank, then time, then state number, then the tie-breaking hash. Greater wins; equal is
/// a duplicate.
public struct Version: Comparable, Sendable, BitwiseCopyable {
    /// Rank and time as one number that compares as both do: 5 bits and 59, which hold the years 0 to 9999.
    public private(set) var order: UInt64
    /// 1–10, or 0 where a status says none.
    public var state: UInt8
    /// FNV-1a 64 of `id`, a zero byte, `source`.
    public var tie: UInt64

    private static let timeBits: UInt64 = 59
    private static let middle: Int64 = 1 << 58
    private static let timeMask: UInt64 = 1 << timeBits - 1

    /// `rank` 0 to `SourceRule.greatestRank`. A time beyond what a message can say counts as the nearest that there is room for.
    public init(rank: UInt8 = 0, time: Instant, state: UInt8, tie: UInt64) {
        order = UInt64(rank) << Self.timeBits | UInt64(min(max(time.microseconds, -Self.middle), Self.middle - 1) + Self.middle)
        self.state = state
        self.tie = tie
    }

    public init(order: UInt64, state: UInt8, tie: UInt64) { (self.order, self.state, self.tie) = (order, state, tie) }

    public var time: Instant { Instant(microseconds: Int64(truncatingIfNeeded: order & Self.timeMask) - Self.middle) }

    public var rank: UInt8 {
        get { UInt8(truncatingIfNeeded: order >> Self.timeBits) }
        set { order = UInt64(newValue) << Self.timeBits | order & Self.timeMask }
    }

    public static func < (a: Version, b: Version) -> Bool {
        if a.order != b.order { return a.order < b.order }
        return a.state != b.state ? a.state < b.state : a.tie < b.tie
    }
}

/// What one `vn.par.dossier.v1` says. Of codes only their identity counts.
public struct DossierStatus: Sendable, BitwiseCopyable {
    public var subject: CodeKey
    public var version: Version

    /// Nil: the subject is deleted and counts nowhere.
    public var content: Content?

    public struct Content: Sendable, BitwiseCopyable {
        public var agency: CodeKey
        public var procedure: CodeKey
        public var sector: CodeKey?
        /// Equal for equal agency, procedure, sector, channels and level.
        public var profile: CodeKey
        public var state: DossierState
        public var received: Instant
        public var due: Instant?
        /// `finished`, else `returned`, else in states 9 and 10 the message's time.
        public var finished: Instant?
        public var filing: Channel
        public var returning: Channel?
        /// 2, 3 or 4.
        public var level: UInt8?
        public var supplements: UInt8
        public var apologised: Bool
    }
}

extension DossierStatus.Content {
    /// `profile` follows from the others.
    @inline(__always)
    init(
        agency: CodeKey, procedure: CodeKey, sector: CodeKey?, state: DossierState, received: Instant, due: Instant?, finished: Instant?, filing: Channel, returning: Channel?,
        level: UInt8? = nil, supplements: UInt8, apologised: Bool = false
    ) {
        let channels = UInt64(filing.rawValue) | UInt64(returning?.rawValue ?? 0) << 8 | UInt64(level ?? 0) << 16
        self.init(
            agency: agency, procedure: procedure, sector: sector, profile: CodeKey(of: (agency, procedure, sector ?? .none), channels), state: state, received: received, due: due,
            finished: finished, filing: filing, returning: returning, level: level, supplements: supplements, apologised: apologised)
    }
}
