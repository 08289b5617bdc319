import Alerting
import Catalog
import Register
import Scoreboard

/// The judging clock, and what changes by it alone.
extension Engine {
    mutating func advance(to now: Instant) {
        guard clock != .distantPast else {
            clock = now
            turn()
            return
        }
        // While nothing is judged there is no need to stop on the way.
        while isJudging, let next = nextWake, next <= now {
            clock = max(clock, next)
            turn()
            judge()
            if isBehind { return }
        }
        clock = max(clock, now)
        turn()
    }

    /// The next instant at which something may change by the clock alone.
    @inline(__always)
    var nextWake: Instant? {
        var next = turns.next ?? .distantFuture
        if let due = register.nextDue { next = min(next, due) }
        if scoreboard.nextTurn != nil { next = min(next, midnight) }
        if let timer = alerting.nextTimer { next = min(next, timer) }
        return next == .distantFuture ? nil : next
    }

    /// Lets everything happen that is due at the clock's instant.
    mutating func turn() {
        let now = clock
        // A window turns before dossiers come due: what comes overdue at midnight belongs to the new day.
        if now >= midnight { beginDay(now) }
        if let due = register.nextDue, due <= now {
            var came: [(Standing?, Standing?)] = []
            register.comeDue(by: now) { came.append(($1, $2)) }
            for (old, new) in came { scoreboard.replace(old, by: new, cause: nil) }
            for change in register.itemsComeDue(by: now) { scoreboard.replace(change, cause: nil) }
        }
        for cell in alerting.takeTimers(by: now) { scoreboard.toJudge.insert(cell) }
        for turn in turns.take(by: now) {
            switch turn.kind {
            case .opening:
                let plan = scoreboard.layout.plans[turn.index]
                for cell in scoreboard.layout.cells(of: plan) {
                    scoreboard.toJudge.insert(cell)
                    if plan.measure.beginsWithPeriod { scoreboard.toPublish.insert(cell) }
                }
            case .threshold: for cell in scoreboard.layout.cells(of: scoreboard.layout.plans[turn.index]) { scoreboard.toJudge.insert(cell) }
            case .closing: for cell in alerting.active(in: scoreboard.layout.plans[turn.index]) { scoreboard.toJudge.insert(cell) }
            case .agency: for cell in scoreboard.layout.cells(ofAgency: turn.index) { scoreboard.toJudge.insert(cell) }
            case .departure:
                if register.depart(by: now) > 0 { scoreboard.derive(from: register) }
            }
        }
    }

    mutating func beginDay(_ now: Instant) {
        let zone = catalog.zone, day = zone.day(of: now)
        // Where midnight comes twice, a day that has begun does not end again.
        let today = zone.start(of: day + 1) <= now ? day + 1 : day
        scoreboard.move(to: today)
        midnight = zone.start(of: today + 1)
    }
}
