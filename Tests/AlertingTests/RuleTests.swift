import Cases
import Catalog
import Scoreboard
import Testing

@testable import Alerting

/// What becomes of an incident, as timelines: at a second, with a score, comes what is written. Scores are in thousandths.
@Suite struct RuleLife {
    static let both = rule(warning: ("90%", "95%"), critical: ("50%", "60%"))

    static func rule(
        _ direction: AlertRule.Direction = .below, warning: (String, String)? = nil, critical: (String, String)? = nil, minSample: Int64 = 1, pendingFor: Int64 = 0, keepFiringFor: Int64 = 0
    ) -> AlertRule {
        AlertRule(
            direction: direction, warning: warning.map { SmallCatalog.threshold($0, clear: $1) }, critical: critical.map { SmallCatalog.threshold($0, clear: $1) }, minSample: minSample,
            pendingFor: .seconds(pendingFor), keepFiringFor: .seconds(keepFiringFor))
    }

    /// One line: `state severity reason since.revision`, with `clearing` and `ended` where they are; `–` where nothing is written.
    struct Life {
        let rule: AlertRule
        var incident: Incident?

        init(_ rule: AlertRule) { self.rule = rule }

        mutating func at(_ second: Int64, _ thousandths: Int64, of sample: Int64 = 1_000, closed: Bool = false) -> String {
            at(second, Score(numerator: thousandths * sample / 1_000, denominator: sample), closed: closed)
        }

        mutating func at(_ second: Int64, _ score: Score, closed: Bool = false) -> String {
            let now = Instant(microseconds: second * 1_000_000)
            guard let next = rule.next(after: incident, score: score, isClosed: closed, now: now) else { return "–" }
            incident = next
            // What is published already is never written again.
            #expect(rule.next(after: next, score: score, isClosed: closed, now: now) == nil)
            func seconds(_ instant: Instant) -> String { "\(instant.microseconds / 1_000_000)" }
            return "\(next.state) \(next.severity) \(next.reason.rawValue) \(seconds(next.since)).\(next.revision)" + (next.clearing.map { " clearing \(seconds($0))" } ?? "")
                + (next.resolved.map { " ended \(seconds($0))" } ?? "")
        }
    }

    // MARK: Beginning and end

    @Test func `below is strict and clear inclusive; between them what was remains`() {
        var life = Life(Self.both)
        #expect(life.at(0, 950) == "–")
        #expect(life.at(1, 900) == "–")
        #expect(life.at(2, 899) == "firing warning below_threshold 2.1")
        #expect(life.at(3, 900) == "–")
        #expect(life.at(4, 949) == "–")
        #expect(life.at(5, 950) == "resolved warning recovered 2.2 ended 5")
        #expect(life.at(6, 949) == "–")
        #expect(life.at(7, 900) == "–")
        #expect(life.at(8, 899) == "firing warning below_threshold 8.1")
    }

    @Test func `above is strict and clear inclusive, the other way round`() {
        var life = Life(Self.rule(.above, warning: ("10%", "5%"), critical: ("50%", "40%")))
        #expect(life.at(0, 100) == "–")
        #expect(life.at(1, 101) == "firing warning above_threshold 1.1")
        #expect(life.at(2, 51) == "–")
        #expect(life.at(3, 500) == "–")
        #expect(life.at(4, 501) == "firing critical above_threshold 1.2")
        #expect(life.at(5, 401) == "–")
        #expect(life.at(6, 400) == "firing warning above_threshold 1.3")
        #expect(life.at(7, 50) == "resolved warning recovered 1.4 ended 7")
    }

    @Test func `severity rises at once and falls by its own clear`() {
        var life = Life(Self.both)
        #expect(life.at(0, 499) == "firing critical below_threshold 0.1")
        #expect(life.at(1, 500) == "–")
        #expect(life.at(2, 599) == "–")
        #expect(life.at(3, 600) == "firing warning below_threshold 0.2")
        #expect(life.at(4, 500) == "–")
        #expect(life.at(5, 499) == "firing critical below_threshold 0.3")
        #expect(life.at(6, 900) == "firing warning below_threshold 0.4")
        #expect(life.at(7, 499) == "firing critical below_threshold 0.5")
        #expect(life.at(8, 949) == "firing warning below_threshold 0.6")
        #expect(life.at(9, 499) == "firing critical below_threshold 0.7")
        #expect(life.at(10, 950) == "resolved critical recovered 0.8 ended 10")
    }

    @Test func `a rule may have one severity alone`() {
        var critical = Life(Self.rule(critical: ("50%", "60%")))
        #expect(critical.at(0, 500) == "–")
        #expect(critical.at(1, 499) == "firing critical below_threshold 1.1")
        #expect(critical.at(2, 599) == "–")
        #expect(critical.at(3, 600) == "resolved critical recovered 1.2 ended 3")
        var warning = Life(Self.rule(warning: ("50%", "60%")))
        #expect(warning.at(0, 0) == "firing warning below_threshold 0.1")
        #expect(warning.at(1, 600) == "resolved warning recovered 0.2 ended 1")
    }

    @Test func `where limit and clear are one number, that number is well`() {
        var life = Life(Self.rule(warning: ("50%", "50%")))
        #expect(life.at(0, 500) == "–")
        #expect(life.at(1, 499) == "firing warning below_threshold 1.1")
        #expect(life.at(2, 500) == "resolved warning recovered 1.2 ended 2")
    }

    @Test func `a count is compared as it is, and needs no sample`() {
        var life = Life(Self.rule(.above, warning: ("0", "0"), critical: ("3", "1"), minSample: 1_000))
        #expect(life.at(0, Score(numerator: 0, denominator: nil)) == "–")
        #expect(life.at(1, Score(numerator: 1, denominator: nil)) == "firing warning above_threshold 1.1")
        #expect(life.at(2, Score(numerator: 4, denominator: nil)) == "firing critical above_threshold 1.2")
        #expect(life.at(3, Score(numerator: 2, denominator: nil)) == "–")
        #expect(life.at(4, Score(numerator: 1, denominator: nil)) == "firing warning above_threshold 1.3")
        #expect(life.at(5, Score(numerator: 0, denominator: nil)) == "resolved warning recovered 1.4 ended 5")
    }

    @Test func `thresholds are compared without rounding`() {
        var life = Life(Self.rule(warning: ("90%", "90%")))
        #expect(life.at(0, Score(numerator: 9, denominator: 10)) == "–")
        #expect(life.at(1, Score(numerator: 8_999_999_999, denominator: 10_000_000_000)) == "firing warning below_threshold 1.1")
        #expect(life.at(2, Score(numerator: 9_000_000_000, denominator: 10_000_000_000)) == "resolved warning recovered 1.2 ended 2")
    }

    // MARK: for

    @Test func `with for, an incident is pending until that long has passed, exactly`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), critical: ("50%", "60%"), pendingFor: 10))
        #expect(life.at(100, 899) == "pending warning below_threshold 100.1")
        #expect(life.at(109, 899) == "–")
        #expect(life.at(110, 899) == "firing warning below_threshold 100.2")
        #expect(life.at(111, 950) == "resolved warning recovered 100.3 ended 111")
    }

    @Test func `what ends while it is pending is inactive, never resolved`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10))
        #expect(life.at(100, 899) == "pending warning below_threshold 100.1")
        #expect(life.at(105, 920) == "–")
        #expect(life.at(109, 950) == "inactive warning recovered 100.2 ended 109")
        #expect(life.at(110, 899) == "pending warning below_threshold 110.1")
    }

    @Test func `severity may change while an incident is pending, and its waiting goes on`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), critical: ("50%", "60%"), pendingFor: 10))
        #expect(life.at(100, 899) == "pending warning below_threshold 100.1")
        #expect(life.at(105, 499) == "pending critical below_threshold 100.2")
        #expect(life.at(110, 700) == "firing warning below_threshold 100.3")
    }

    @Test func `a pending incident fires also inside the band`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10))
        #expect(life.at(0, 899) == "pending warning below_threshold 0.1")
        #expect(life.at(10, 920) == "firing warning below_threshold 0.2")
    }

    // MARK: keep_firing_for

    @Test func `with keep_firing_for, a recovered incident goes on firing until that long has passed, exactly`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), keepFiringFor: 10))
        #expect(life.at(100, 899) == "firing warning below_threshold 100.1")
        #expect(life.at(200, 950) == "firing warning below_threshold 100.2 clearing 200")
        #expect(life.at(205, 1_000) == "–")
        #expect(life.at(209, 950) == "–")
        #expect(life.at(210, 950) == "resolved warning recovered 100.3 ended 210")
    }

    @Test func `a relapse while clearing goes on with the same incident`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), critical: ("50%", "60%"), keepFiringFor: 10))
        #expect(life.at(100, 899) == "firing warning below_threshold 100.1")
        #expect(life.at(200, 950) == "firing warning below_threshold 100.2 clearing 200")
        #expect(life.at(205, 899) == "firing warning below_threshold 100.3")
        #expect(life.at(215, 899) == "–")
        #expect(life.at(300, 950) == "firing warning below_threshold 100.4 clearing 300")
        #expect(life.at(301, 499) == "firing critical below_threshold 100.5")
        #expect(life.at(302, 990) == "firing critical below_threshold 100.6 clearing 302")
        #expect(life.at(312, 990) == "resolved critical recovered 100.7 ended 312")
    }

    @Test func `what recovers while it is pending does not clear for long`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10, keepFiringFor: 10))
        #expect(life.at(0, 899) == "pending warning below_threshold 0.1")
        #expect(life.at(5, 950) == "inactive warning recovered 0.2 ended 5")
    }

    // MARK: Samples

    @Test func `below the smallest sample nothing begins and nothing changes`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), critical: ("50%", "60%"), minSample: 20, pendingFor: 10, keepFiringFor: 10))
        #expect(life.at(0, 0, of: 19) == "–")
        #expect(life.at(1, 850, of: 20) == "pending warning below_threshold 1.1")
        #expect(life.at(2, 0, of: 19) == "–")
        #expect(life.at(3, 1_000, of: 19) == "–")
        #expect(life.at(30, 850, of: 19) == "–")
        #expect(life.at(31, 850, of: 20) == "firing warning below_threshold 1.2")
        #expect(life.at(32, 0, of: 19) == "–")
        #expect(life.at(33, 1_000, of: 19) == "–")
        #expect(life.at(34, 1_000, of: 20) == "firing warning below_threshold 1.3 clearing 34")
        #expect(life.at(50, 1_000, of: 19) == "–")
        #expect(life.at(51, 1_000, of: 20) == "resolved warning recovered 1.4 ended 51")
    }

    @Test func `nothing left to judge ends an incident with no_sample`() {
        var firing = Life(Self.rule(warning: ("90%", "95%"), minSample: 20, keepFiringFor: 10))
        #expect(firing.at(0, 0, of: 20) == "firing warning below_threshold 0.1")
        #expect(firing.at(1, 0, of: 0) == "resolved warning no_sample 0.2 ended 1")
        #expect(firing.at(2, 0, of: 0) == "–")
        var pending = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10))
        #expect(pending.at(0, 0, of: 0) == "–")
        #expect(pending.at(1, 0, of: 20) == "pending warning below_threshold 1.1")
        #expect(pending.at(2, 0, of: 0) == "inactive warning no_sample 1.2 ended 2")
        var clearing = Life(Self.rule(warning: ("90%", "95%"), keepFiringFor: 10))
        #expect(clearing.at(0, 0) == "firing warning below_threshold 0.1")
        #expect(clearing.at(1, 1_000) == "firing warning below_threshold 0.2 clearing 1")
        #expect(clearing.at(2, 0, of: 0) == "resolved warning no_sample 0.3 ended 2")
    }

    // MARK: Closing

    @Test func `when a period closes its incidents end, whatever the score, and none begins`() {
        var firing = Life(Self.rule(warning: ("90%", "95%"), minSample: 20))
        #expect(firing.at(0, 0, closed: true) == "–")
        #expect(firing.at(1, 0) == "firing warning below_threshold 1.1")
        #expect(firing.at(2, 0, of: 5, closed: true) == "resolved warning period_closed 1.2 ended 2")
        #expect(firing.at(3, 0, closed: true) == "–")
        var pending = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10))
        #expect(pending.at(1, 0) == "pending warning below_threshold 1.1")
        #expect(pending.at(11, 0, closed: true) == "inactive warning period_closed 1.2 ended 11")
        var empty = Life(Self.rule(warning: ("90%", "95%")))
        #expect(empty.at(1, 0) == "firing warning below_threshold 1.1")
        #expect(empty.at(2, 0, of: 0, closed: true) == "resolved warning period_closed 1.2 ended 2")
    }

    // MARK: Clocks

    @Test func `two incidents that begin in one instant are one incident to the topic: the revision goes on`() {
        var life = Life(Self.both)
        #expect(life.at(5, 0) == "firing critical below_threshold 5.1")
        #expect(life.at(5, 1_000) == "resolved critical recovered 5.2 ended 5")
        #expect(life.at(5, 899) == "firing warning below_threshold 5.3")
        #expect(life.at(6, 1_000) == "resolved warning recovered 5.4 ended 6")
        #expect(life.at(6, 0) == "firing critical below_threshold 6.1")
    }

    @Test func `after a clock was set back the newer incident still wins`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10))
        #expect(life.at(100, 0) == "pending warning below_threshold 100.1")
        #expect(life.at(90, 0) == "–")
        #expect(life.at(50, 1_000) == "inactive warning recovered 100.2 ended 50")
        #expect(life.at(60, 0) == "pending warning below_threshold 100.3")
        #expect(life.at(69, 0) == "–")
        #expect(life.incident.flatMap(life.rule.turningPoint) == Instant(microseconds: 70_000_000))
        #expect(life.at(70, 0) == "firing warning below_threshold 100.4")
    }

    @Test func `what waits by a clock that was ahead waits anew, not until that clock's time has come`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10, keepFiringFor: 20))
        #expect(life.at(1_000_000, 0) == "pending warning below_threshold 1000000.1")
        #expect(life.at(100, 0) == "pending warning below_threshold 1000000.2")
        #expect(life.incident.flatMap(life.rule.turningPoint) == Instant(microseconds: 110_000_000))
        #expect(life.at(109, 0) == "–")
        #expect(life.at(110, 0) == "firing warning below_threshold 1000000.3")
        #expect(life.at(2_000_000, 1_000) == "firing warning below_threshold 1000000.4 clearing 2000000")
        #expect(life.at(200, 1_000) == "firing warning below_threshold 1000000.5 clearing 200")
        #expect(life.at(219, 1_000) == "–")
        #expect(life.at(220, 1_000) == "resolved warning recovered 1000000.6 ended 220")
    }

    @Test func `clocks that differ by less than what is waited for write nothing more`() {
        var life = Life(Self.rule(warning: ("90%", "95%"), pendingFor: 10, keepFiringFor: 20))
        #expect(life.at(100, 0) == "pending warning below_threshold 100.1")
        #expect(life.at(90, 0) == "–")
        #expect(life.at(110, 0) == "firing warning below_threshold 100.2")
        #expect(life.at(200, 1_000) == "firing warning below_threshold 100.3 clearing 200")
        #expect(life.at(180, 1_000) == "–")
        #expect(life.at(220, 1_000) == "resolved warning recovered 100.4 ended 220")
    }

    /// (since, revision) is what dashboards order records by.
    @Test func `whatever happens, every record is greater than the one before, and no two have one id`() {
        var random = Seeded(Oracle.seed("incidents"))
        for _ in 0..<500 {
            let rule = Self.rule(
                random.one(of: [.below, .above]), warning: random.one(of: [nil, ("40%", "40%"), ("50%", "50%")]), critical: ("45%", "45%"), minSample: random.int64(0...3),
                pendingFor: random.int64(0...2), keepFiringFor: random.int64(0...2))
            var life = Life(rule), second: Int64 = 100
            for _ in 0..<60 {
                second += random.int64(-1...2)
                let before = life.incident
                guard life.at(second, Score(numerator: random.int64(0...4), denominator: random.one(of: [nil, 0, 2, 4, 4, 4])), closed: random.once(in: 30)) != "–", let next = life.incident else { continue }
                if let before { #expect((before.since.microseconds, before.revision) < (next.since.microseconds, next.revision)) }
                #expect(next.revision == (before?.since == next.since ? (before?.revision ?? 0) + 1 : 1))
                #expect(next.state.isActive == (next.resolved == nil) && (next.clearing == nil || next.state == .firing))
                #expect(next.state.isActive == [.belowThreshold, .aboveThreshold].contains(next.reason))
            }
        }
    }

    @Test func `an alert that goes on by its thresholds alone is one of which the whole rule says nothing`() {
        var random = Seeded(Oracle.seed("going on"))
        var kept = 0, looked = 0
        for _ in 0..<500 {
            let rule = Self.rule(
                random.one(of: [.below, .above]), warning: random.one(of: [nil, ("40%", "40%"), ("50%", "60%")]), critical: random.one(of: [("45%", "45%"), ("30%", "55%")]),
                minSample: random.int64(0...3), pendingFor: random.int64(0...1), keepFiringFor: random.int64(0...2))
            var life = Life(rule), second: Int64 = 100
            for _ in 0..<40 {
                second += random.int64(0...2)
                let score = Score(numerator: random.int64(0...8), denominator: random.one(of: [nil, 0, 2, 8, 8, 8])), now = Instant(microseconds: second * 1_000_000)
                if let incident = life.incident {
                    let next = rule.next(after: incident, score: score, isClosed: false, now: now)
                    if rule.limits.keep(incident, score) {
                        #expect(incident.state == .firing && next == nil, "\(rule), \(incident), \(score)")
                        kept += 1
                    } else if incident.state == .firing, next == nil {
                        looked += 1
                    }
                }
                _ = life.at(second, score)
            }
        }
        #expect(kept > 2_000 && looked < kept, "\(kept) went on so, \(looked) by the whole rule")
    }

    @Test func `the clock alone changes what is pending or clearing, at its own instant`() {
        let rule = Self.rule(warning: ("90%", "95%"), pendingFor: 10, keepFiringFor: 20)
        var life = Life(rule)
        _ = life.at(100, 0)
        #expect(life.incident.flatMap(rule.turningPoint) == Instant(microseconds: 110_000_000))
        _ = life.at(110, 0)
        #expect(life.incident?.state == .firing && life.incident.flatMap(rule.turningPoint) == nil)
        _ = life.at(200, 1_000)
        #expect(life.incident.flatMap(rule.turningPoint) == Instant(microseconds: 220_000_000))
        _ = life.at(220, 1_000)
        #expect(life.incident?.state == .resolved && life.incident.flatMap(rule.turningPoint) == nil)
    }
}
