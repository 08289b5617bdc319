/// A length of time in which something is to be settled (thời hạn), counted from the day after the one on which it began.
public enum Term: Hashable, Sendable {
    case days(Int32)
    case workingDays(Int)

    /// Its last day.
    public func end(after day: LocalDay, by calendar: WorkingCalendar) -> LocalDay {
        switch self {
        case .days(let days): day + days
        case .workingDays(let days): calendar.day(days, after: day)
        }
    }
}
