/// Everything that does not come from messages: who is judged, by what, in which calendar. A value; two equal hashes judge alike.
public struct Catalog: Sendable {
    /// How "after due" compares.
    public enum LateBy: String, Sendable, CaseIterable {
        /// Local dates: an open dossier is overdue from the midnight that ends its due date.
        case date
        /// Instants.
        case instant
    }

    /// The daemon's own name: the `source` of what it publishes, e.g. `urn:parwatch:gia-lai`.
    public var source: String
    public var zone: Zone
    public var lateBy: LateBy
    /// Working days.
    public var calendar: WorkingCalendar
    /// In which feedback is to be answered of which no message says when it is due; nil: it is never late.
    public var feedbackTerm: Term?
    public var agencies: [Agency]
    public var frameworks: [Framework]
    /// Sectors that criteria ask for: `Facts.sector(i)` stands for `sectors[i]`.
    public var sectors: [String]
    /// Who may speak; nil: everyone, about everything.
    public var sources: [SourceRule]?
    /// A status further ahead of the clock is refused.
    public var maxAhead: Instant.Duration
    /// `sha256:` and 64 hexadecimal digits over everything that can change a judgement.
    public var hash: String

    public init(source: String, zone: Zone, lateBy: LateBy, calendar: WorkingCalendar = WorkingCalendar(), agencies: [Agency], frameworks: [Framework], sectors: [String], sources: [SourceRule]? = nil, maxAhead: Instant.Duration, hash: String) {
        self.source = source
        self.zone = zone
        self.lateBy = lateBy
        self.calendar = calendar
        self.agencies = agencies
        self.frameworks = frameworks
        self.sectors = sectors
        self.sources = sources
        self.maxAhead = maxAhead
        self.hash = hash
    }

    /// All criteria, framework by framework; a criterion's place here is its number.
    public var criteria: [(framework: Framework, criterion: Criterion)] { frameworks.flatMap { framework in framework.criteria.map { (framework, $0) } } }

    public var lateness: Lateness { Lateness(zone: zone, lateBy: lateBy) }

    public var departures: Departures { Departures(frameworks, in: zone) }
}

extension Catalog {
    /// An agency and all above it, as the catalog names them whatever the day; `AgencyTree` knows the days.
    public func line(of agency: Int) -> [Int] {
        var line = [agency]
        // A tree that runs in a circle is no tree; but nothing here goes round for ever.
        while let parent = agencies[line[line.count - 1]].parent, line.count <= agencies.count { line.append(parent) }
        return line
    }
}
