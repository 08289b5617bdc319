/// What "after due" means.
public struct Lateness: Hashable, Sendable {
    public let zone: Zone
    public let lateBy: Catalog.LateBy

    /// The instant from which an open dossier with this due instant is overdue.
    public func overdueFrom(due: Instant) -> Instant {
        switch lateBy {
        case .date: zone.start(of: zone.day(of: due) + 1)
        case .instant: due.advanced(by: Instant.Duration(microseconds: 1))
        }
    }

    public func isLate(finished: Instant, due: Instant) -> Bool {
        switch lateBy {
        case .date: zone.day(of: finished) > zone.day(of: due)
        case .instant: finished > due
        }
    }

    /// Both at once, where the day is known on which it was finished, if it was.
    public func judged(due: Instant, finished: (at: Instant, on: LocalDay)?) -> (overdueFrom: Instant, isLate: Bool) {
        guard lateBy == .date else { return (overdueFrom(due: due), finished.map { $0.at > due } ?? false) }
        let last = zone.day(of: due)
        return (zone.start(of: last + 1), finished.map { $0.on > last } ?? false)
    }

    /// Whether it was late, where only the instant is known from which it would have been overdue.
    public func isLate(finished: Instant, overdueFrom: Instant) -> Bool {
        switch lateBy {
        case .date: zone.day(of: finished) >= zone.day(of: overdueFrom)
        case .instant: finished >= overdueFrom
        }
    }
}
