public import Catalog
public import Scoreboard

public enum AlertState: String, Sendable, CaseIterable {
    /// Below a threshold, but not yet for as long as the rule asks.
    case pending
    /// Ended while pending.
    case inactive
    case firing
    /// Ended after it fired.
    case resolved

    public var isActive: Bool { self == .pending || self == .firing }
}

public enum Severity: String, Sendable, CaseIterable { case warning, critical }

public enum AlertReason: String, Sendable, CaseIterable {
    case belowThreshold = "below_threshold"
    case aboveThreshold = "above_threshold"
    case recovered
    /// Nothing is left to judge: the denominator is 0.
    case noSample = "no_sample"
    case periodClosed = "period_closed"
    case ruleRemoved = "rule_removed"
    case agencyChanged = "agency_changed"
}

/// One continuous stay below a threshold, from pending or firing to its end. All that must be remembered of it stands in its record.
public struct Incident: Equatable, Sendable {
    /// When it began, pending included.
    public var since: Instant
    /// From 1, one more with every record.
    public var revision: Int64
    public var state: AlertState
    public var severity: Severity
    public var reason: AlertReason
    /// When it recovered, while `keep_firing_for` still holds it.
    public var clearing: Instant?
    /// When it ended.
    public var resolved: Instant?
    /// When its record was made. Before `since` where the clock was set back in between.
    public var told: Instant

    /// `told` nil: when it began.
    public init(
        since: Instant, revision: Int64, state: AlertState, severity: Severity, reason: AlertReason, clearing: Instant? = nil, resolved: Instant? = nil, told: Instant? = nil
    ) {
        self.since = since
        self.told = told ?? since
        self.revision = revision
        self.state = state
        self.severity = severity
        self.reason = reason
        self.clearing = clearing
        self.resolved = resolved
    }

    /// The next record of the same incident.
    public func revised(at now: Instant, _ change: (inout Incident) -> Void = { _ in }) -> Incident {
        var next = self
        next.revision += 1
        next.told = now
        change(&next)
        return next
    }

    /// From when on it waits until it fires. What began by a clock that has been set back since waits from its record on.
    var waitsFrom: Instant { min(since, told) }

    /// Whether it tells of nothing that has mended since `previous`.
    func isNoBetter(than previous: Incident?) -> Bool {
        guard state.isActive, clearing == nil else { return false }
        return !(previous?.state.isActive == true && previous?.severity == .critical && severity == .warning)
    }

    public func ended(_ reason: AlertReason, at now: Instant) -> Incident {
        revised(at: now) {
            $0.state = state == .pending ? .inactive : .resolved
            $0.reason = reason
            $0.clearing = nil
            $0.resolved = now
        }
    }
}

extension AlertRule {
    /// The threshold that is reached first: until a value is beyond it no incident begins.
    struct Bar {
        private let direction: Direction
        private let limit: ExactDecimal

        init(_ direction: Direction, _ limit: ExactDecimal) {
            self.direction = direction
            self.limit = limit
        }

        func isBreached(by score: Score) -> Bool {
            guard let (numerator, denominator) = score.fraction else { return false }
            let order = limit.compare(numerator: numerator, denominator: denominator)
            return direction == .below ? order < 0 : order > 0
        }
    }

    /// The thresholds alone, which cost nothing to copy.
    struct Limits {
        let direction: Direction
        private let warning: Threshold?
        private let critical: Threshold?

        init(of rule: AlertRule) { (direction, warning, critical) = (rule.direction, rule.warning, rule.critical) }

        /// Up at once, down by its own `clear`: inside the band the severity that was remains.
        func severity(_ numerator: Int64, _ denominator: Int64, during present: Severity?) -> Severity? {
            if let critical, isHeld(by: critical, present == .critical, numerator, denominator) { return .critical }
            if let warning, isHeld(by: warning, present != nil, numerator, denominator) { return .warning }
            return nil
        }

        /// Beyond the limit, or, for an incident that has been, not cleared yet.
        private func isHeld(by threshold: Threshold, _ was: Bool, _ numerator: Int64, _ denominator: Int64) -> Bool {
            isBeyond(threshold.limit, numerator, denominator) || was && !isCleared(threshold.clear, numerator, denominator)
        }

        private func isBeyond(_ limit: ExactDecimal, _ numerator: Int64, _ denominator: Int64) -> Bool {
            let order = limit.compare(numerator: numerator, denominator: denominator)
            return direction == .below ? order < 0 : order > 0
        }

        private func isCleared(_ clear: ExactDecimal, _ numerator: Int64, _ denominator: Int64) -> Bool {
            let order = clear.compare(numerator: numerator, denominator: denominator)
            return direction == .below ? order >= 0 : order <= 0
        }

        fileprivate var reason: AlertReason { direction == .below ? .belowThreshold : .aboveThreshold }

        /// Whether an incident fires on as it does, while its period is open: what `next(after:)` says nothing about.
        func keep(_ incident: Incident, _ score: Score) -> Bool {
            guard incident.state == .firing, incident.clearing == nil, incident.reason == reason, let (numerator, denominator) = score.fraction else { return false }
            return severity(numerator, denominator, during: incident.severity) == incident.severity
        }
    }

    var limits: Limits { Limits(of: self) }

    /// Nil: the rule has no threshold.
    var bar: Bar? {
        let limits = [warning, critical].compactMap { $0?.limit }
        return (direction == .below ? limits.max(by: <) : limits.min(by: <)).map { Bar(direction, $0) }
    }

    /// What becomes of an incident: the record to write, or nil if what is published already says it. A pure function of its arguments.
    /// `previous` is the last incident of this alert, ended or not; `end` is why it is closed.
    public func next(after previous: Incident?, score: Score, isClosed: Bool, because end: AlertReason = .periodClosed, now: Instant) -> Incident? {
        let active = previous.flatMap { $0.state.isActive ? $0 : nil }
        if isClosed { return active?.ended(end, at: now) }
        guard let (numerator, denominator) = score.fraction else { return active?.ended(.noSample, at: now) }
        if let sample = score.denominator, sample < minSample { return nil }

        let severity = limits.severity(numerator, denominator, during: active?.severity)
        switch (active, severity) {
        case (nil, nil): return nil
        case (nil, let severity?): return begin(after: previous, severity, now)
        case (let incident?, nil): return recover(incident, now)
        case (let incident?, let severity?):
            let next = incident.revised(at: now) {
                $0.severity = severity
                $0.clearing = nil
                $0.reason = limits.reason
                if $0.state == .pending, incident.waitsFrom.advanced(by: pendingFor) <= now { $0.state = .firing }
            }
            let isNews = (next.state, next.severity) != (incident.state, incident.severity) || next.clearing != incident.clearing || next.reason != incident.reason
            return isNews || incident.state == .pending && isAhead(incident.waitsFrom, of: now, by: pendingFor) ? next : nil
        }
    }

    /// The instant at which the clock alone changes an incident.
    public func turningPoint(of incident: Incident) -> Instant? {
        switch incident.state {
        case .pending: incident.waitsFrom.advanced(by: pendingFor)
        case .firing: incident.clearing?.advanced(by: keepFiringFor)
        case .inactive, .resolved: nil
        }
    }

    public func threshold(_ severity: Severity) -> Threshold? {
        switch severity {
        case .warning: warning
        case .critical: critical
        }
    }

    private func begin(after previous: Incident?, _ severity: Severity, _ now: Instant) -> Incident {
        // Two incidents that begin in the same instant, or a clock that was set back: the newer still wins, and no `id` names two contents.
        let since = max(now, previous?.since ?? now)
        let revision = previous.map { $0.since == since ? $0.revision + 1 : 1 } ?? 1
        return Incident(since: since, revision: revision, state: pendingFor > .zero ? .pending : .firing, severity: severity, reason: limits.reason, told: now)
    }

    private func recover(_ incident: Incident, _ now: Instant) -> Incident? {
        if incident.state == .pending { return incident.ended(.recovered, at: now) }
        guard keepFiringFor > .zero else { return incident.ended(.recovered, at: now) }
        guard let clearing = incident.clearing, !isAhead(clearing, of: now, by: keepFiringFor) else { return incident.revised(at: now) { $0.clearing = now } }
        return clearing.advanced(by: keepFiringFor) <= now ? incident.ended(.recovered, at: now) : nil
    }

    /// A wait that began by a clock that was ahead would last as long as that clock was ahead: it begins anew. Two machines' clocks differ by less than what is waited for.
    private func isAhead(_ beginning: Instant, of now: Instant, by wait: Instant.Duration) -> Bool { beginning > now.advanced(by: wait) }
}
