/// Everything that does not come from messages: who is judged, by what, in which calendar. A value; two equal hashes judge alike.
package struct Catalog: Sendable {
    /// How "after due" compares.
    package enum LateBy: String, Sendable, CaseIterable {
        /// Local dates: an open dossier is overdue from the midnight that ends its due date.
        case date
        /// Instants.
        case instant
    }

    /// The daemon's own name: the `source` of what it publishes, e.g. `urn:parwatch:gia-lai`.
    package var source: String
    package var zone: Zone
    package var lateBy: LateBy
    package var agencies: [Agency]
    package var frameworks: [Framework]
    /// Sectors that criteria ask for: `Facts.sector(i)` stands for `sectors[i]`.
    package var sectors: [String]
    /// A status further ahead of the clock is refused.
    package var maxAhead: Instant.Duration
    /// `sha256:` and 64 hexadecimal digits over everything that can change a judgement.
    package var hash: String

    package init(source: String, zone: Zone, lateBy: LateBy, agencies: [Agency], frameworks: [Framework], sectors: [String], maxAhead: Instant.Duration, hash: String) {
        self.source = source
        self.zone = zone
        self.lateBy = lateBy
        self.agencies = agencies
        self.frameworks = frameworks
        self.sectors = sectors
        self.maxAhead = maxAhead
        self.hash = hash
    }

    /// The instant from which an open dossier with this due instant is overdue.
    package func overdueFrom(due: Instant) -> Instant {
        switch lateBy {
        case .date: zone.start(of: zone.day(of: due) + 1)
        case .instant: due.advanced(by: Instant.Duration(microseconds: 1))
        }
    }

    package func isLate(finished: Instant, due: Instant) -> Bool {
        switch lateBy {
        case .date: zone.day(of: finished) > zone.day(of: due)
        case .instant: finished > due
        }
    }

    /// When the subjects received in each year leave the register: when the last framework of that year lets go of them.
    package var departures: [(days: Range<LocalDay>, at: Instant)] {
        Dictionary(grouping: frameworks, by: \.year).compactMap { year, frameworks in
            frameworks.map { $0.departure(in: zone) }.max().map { (Period.year.days(in: year), $0) }
        }
    }
}
