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

    var description: String {
        switch self {
        case .lag(let partition): "\(partition) lags"
        case .unread(let partition): "\(partition) is read anew, and not yet to where it ended"
        case .lost(let partition): "\(partition) does not go on, and where it begins is not known"
        case .unproven: "the group that elects the leader does not answer"
        }
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
