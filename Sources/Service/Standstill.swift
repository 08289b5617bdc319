import Kafka

/// Why no alert changes for the time being.
enum Standstill: Equatable, CustomStringConvertible {
    /// It may be further behind than is allowed.
    case lag(TopicPartition)
    /// It is read from another place than before, or is new, and its end has not been reached.
    case unread(TopicPartition)
    /// The broker does not have the place where it was to be read on, and has not said yet where it begins.
    case lost(TopicPartition)
    /// The group has not acknowledged for a while that this daemon holds the leadership.
    case unproven
    /// As many alerts as may be are on their way.
    case unreadAlerts

    var description: String {
        switch self {
        case .lag(let partition): "\(partition) lags"
        case .unread(let partition): "\(partition) is read anew, and not yet to where it ended"
        case .lost(let partition): "\(partition) does not go on, and where it begins is not known"
        case .unproven: "the group that elects the leader does not answer"
        case .unreadAlerts: "many alerts have been written and not read back: the alert topic takes none, or hands out none"
        }
    }
}

/// Sees that alerts wait for those that are on their way, and none of these comes back.
struct UnreadAlerts {
    private var since: Double?

    /// How long that may be, in seconds.
    static let patience = 10.0

    mutating func readBack() { since = nil }

    /// `areWaiting`: as many as may be are on their way, and more are to be judged.
    mutating func areStuck(areWaiting: Bool, _ now: Double) -> Bool {
        guard areWaiting else {
            since = nil
            return false
        }
        let began = since ?? now
        since = began
        return now - began > Self.patience
    }
}

/// What the log says of lag: a standstill once a minute, however often it comes and goes, and its end if it was told. So what was told last is true, but for a
/// standstill that has not lasted until its minute came.
struct StandstillNews {
    enum News: Equatable {
        case standsStill(Standstill)
        case goesOn
    }

    private var isTold = false
    private var telling = Rhythm(seconds: 60)

    mutating func hear(_ standstill: Standstill?, _ now: Double) -> News? {
        switch standstill {
        case .unproven?: return nil
        case let standstill?:
            guard !isTold, telling.isDue(now) else { return nil }
            isTold = true
            return .standsStill(standstill)
        case nil:
            guard isTold else { return nil }
            isTold = false
            return .goesOn
        }
    }
}
