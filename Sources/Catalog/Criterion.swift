/// One thing that is judged (tiêu chí). Its key is framework + code, because codes change meaning between years.
public struct Criterion: Sendable {
    public var code: String
    /// Area (lĩnh vực) of the index, as printed; nil if the document gives none.
    public var area: String?
    public var name: Bilingual
    /// Levels of the agencies whose subjects count.
    public var levels: [String]
    public var judgeAt: Set<JudgedAt>
    public var periods: [PeriodKind]
    public var measure: Measure
    public var target: Target?
    public var alert: AlertRule?
    /// What is due again and again; nil: only what messages say.
    public var duty: Duty?
    /// As the framework's; nil: the same.
    public var closesAfter: Span?
    /// What its value earns; nil where no document says it.
    public var points: Points?
    /// The agency that leads, as the document names it.
    public var lead: String?
    /// What one message of it stands for, in a sentence for those who send.
    public var note: String?
    /// Where it is printed.
    public var source: Source?

    public init(code: String, area: String?, name: Bilingual, levels: [String], judgeAt: Set<JudgedAt>, periods: [PeriodKind], measure: Measure,
                target: Target?, alert: AlertRule?, duty: Duty? = nil, closesAfter: Span? = nil, points: Points? = nil, lead: String?, note: String? = nil,
                source: Source? = nil) {
        self.code = code
        self.area = area
        self.name = name
        self.levels = levels
        self.judgeAt = judgeAt
        self.periods = periods
        self.measure = measure
        self.target = target
        self.alert = alert
        self.duty = duty
        self.closesAfter = closesAfter
        self.points = points
        self.lead = lead
        self.note = note
        self.source = source
    }
}

/// A place in a document.
public struct Source: Hashable, Sendable {
    /// Its number, such as `1320/KH-UBND`.
    public var document: String
    public var place: String?

    public init(document: String, place: String?) {
        self.document = document
        self.place = place
    }
}

/// At which nodes of the tree a criterion is judged, seen from the agencies whose subjects count.
public enum JudgedAt: String, Hashable, Sendable, CaseIterable {
    /// The agency itself.
    case `self`
    case parent
    /// The top of its tree: the province.
    case root
}

/// What a document asks for.
public struct Target: Hashable, Sendable {
    public enum Comparison: String, Sendable, CaseIterable {
        case atLeast = "at_least", above, atMost = "at_most", below, equal
    }

    public var comparison: Comparison
    public var value: ExactDecimal

    public init(comparison: Comparison, value: ExactDecimal) {
        self.comparison = comparison
        self.value = value
    }

    /// Whether numerator ÷ denominator meets it, compared exactly. `denominator` > 0.
    public func isMet(numerator: Int64, denominator: Int64) -> Bool {
        let order = value.compare(numerator: numerator, denominator: denominator)
        return switch comparison {
        case .atLeast: order >= 0
        case .above: order > 0
        case .atMost: order <= 0
        case .below: order < 0
        case .equal: order == 0
        }
    }
}

/// The thresholds of one criterion and the life of its incidents.
public struct AlertRule: Hashable, Sendable {
    /// `below`: higher is better. `above`: lower is better.
    public enum Direction: String, Sendable { case below, above }

    public struct Threshold: Hashable, Sendable {
        /// Strictly beyond it an incident begins.
        public var limit: ExactDecimal
        /// From here on, inclusive, it ends.
        public var clear: ExactDecimal

        public init(limit: ExactDecimal, clear: ExactDecimal) {
            self.limit = limit
            self.clear = clear
        }
    }

    public var direction: Direction
    public var warning: Threshold?
    public var critical: Threshold?
    /// Below this denominator nothing begins and what exists stays as it is.
    public var minSample: Int64
    /// How long an incident is pending before it fires.
    public var pendingFor: Instant.Duration
    /// How long a recovered incident still fires.
    public var keepFiringFor: Instant.Duration
    /// What the thresholds are from which day on; nil: always `warning` and `critical`, which milestones leave out.
    public var milestones: Milestones?

    public init(
        direction: Direction, warning: Threshold?, critical: Threshold?, minSample: Int64, pendingFor: Instant.Duration, keepFiringFor: Instant.Duration, milestones: Milestones? = nil
    ) {
        self.direction = direction
        self.warning = warning
        self.critical = critical
        self.minSample = minSample
        self.pendingFor = pendingFor
        self.keepFiringFor = keepFiringFor
        self.milestones = milestones
    }
}

/// A set of criteria for one year: an index as a plan or a ministry prints it.
public struct Framework: Sendable {
    public var id: String
    public var title: Bilingual
    public var year: Int
    /// After the end of a period, corrections change scores, never alerts.
    public var closesAfter: Span
    /// After closing, so long its subjects stay in the register.
    public var keepClosed: Span
    public var criteria: [Criterion]

    public init(id: String, title: Bilingual, year: Int, closesAfter: Span, keepClosed: Span, criteria: [Criterion]) {
        self.id = id
        self.title = title
        self.year = year
        self.closesAfter = closesAfter
        self.keepClosed = keepClosed
        self.criteria = criteria
    }

    /// When a period closes for a criterion; nil: for those that say nothing else.
    public func closing(of period: Period, for criterion: Criterion? = nil, in zone: Zone) -> Instant {
        (criterion?.closesAfter ?? closesAfter).after(period.days(in: year).upperBound, in: zone)
    }

    /// When the subjects of its year leave the register: `keepClosed` after the year has closed for the last criterion.
    public func departure(in zone: Zone) -> Instant {
        let closing = criteria.reduce(closing(of: .year, in: zone)) { max($0, self.closing(of: .year, for: $1, in: zone)) }
        switch keepClosed {
        case .days(let days): return zone.start(of: zone.day(of: closing) + days).advanced(by: sinceMidnight(closing, zone))
        case .duration(let duration): return closing.advanced(by: duration)
        }
    }

    private func sinceMidnight(_ instant: Instant, _ zone: Zone) -> Instant.Duration {
        Instant.Duration(microseconds: instant.microseconds - zone.start(of: zone.day(of: instant)).microseconds)
    }
}
