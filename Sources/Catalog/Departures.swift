/// When subjects leave the register: `keep_closed` after the last framework of their year has closed for its last criterion.
public struct Departures: Sendable {
    /// The years of which the catalog has a framework, in their order.
    public let years: [(days: Range<LocalDay>, at: Instant)]

    init(_ frameworks: [Framework], in zone: Zone) {
        years = Dictionary(grouping: frameworks, by: \.year).sorted { $0.key < $1.key }.compactMap { year, frameworks in
            frameworks.map { $0.departure(in: zone) }.max().map { (Period.year.days(in: year), $0) }
        }
    }

    /// Whether the subjects of a day have left: with its year.
    @inline(__always)
    public func haveLeft(_ day: LocalDay, by now: Instant) -> Bool {
        for year in years where year.at <= now && year.days.contains(day) { return true }
        return false
    }

    /// Whether what guards against older statuses of subjects up to this day has left: with its year, or the next that the catalog has, once all years before have left as well.
    /// Never where that was before the first year: subjects of such days stay, too, and a sender whose clock stands at 1970 speaks of what is there now.
    public func guardsHaveLeft(_ day: LocalDay, by now: Instant) -> Bool {
        guard let first = years.first, day >= first.days.lowerBound else { return false }
        for year in years {
            if year.at > now { return false }
            if day < year.days.upperBound { return true }
        }
        return false
    }

    /// The day up to which what was said on a day guards, where nothing tells more: in the year after it. For a dossier may be received later than it was first spoken of.
    public static func guardDay(saidOn day: LocalDay) -> LocalDay { LocalDay(year: day.civil.year + 1, month: 1, day: 1) }

    /// Whether what was said on a day has left, where it guards no further.
    public func wordsHaveLeft(saidOn day: LocalDay, by now: Instant) -> Bool { guardsHaveLeft(Self.guardDay(saidOn: day), by: now) }
}
