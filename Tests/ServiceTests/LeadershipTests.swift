import Catalog
import Testing

@testable import Service

/// Who leads, as a pure function of what happens.
@Suite struct LeadershipRules {
    private static func claim(_ catalog: String = "ours", instance: String = "other", resigned: Bool = false) -> Claim {
        Claim(source: "s", writer: "w", instance: instance, catalog: catalog, isResigned: resigned, time: Instant(microseconds: 0))
    }

    private struct Play {
        var leadership: Leadership
        var situation = Leadership.Situation(now: 0, isCaughtUp: false, isNearlyCaughtUp: false, isHolder: false, generation: 0, provenAt: nil, alertPosition: 0, leaderEnd: 0)

        init(told: Bool = false) { leadership = Leadership(catalog: "ours", instance: "me", isTold: told, sessionTimeout: 6) }

        mutating func act(_ change: (inout Leadership.Situation) -> Void = { _ in }) -> [Leadership.Action] {
            change(&situation)
            var actions: [Leadership.Action] = []
            while let action = leadership.next(situation) {
                actions.append(action)
                if action == .askEndOfAlerts { leadership.alertsEnd(at: 10) }
            }
            return actions
        }

        mutating func hold() -> [Leadership.Action] {
            act {
                ($0.isCaughtUp, $0.isNearlyCaughtUp, $0.isHolder, $0.generation, $0.provenAt) = (true, true, true, $0.generation + 1, $0.now)
            }
        }

        mutating func claimed(_ term: Int64) {
            situation.leaderEnd = term + 1
            leadership.read(LeadershipRules.claim(instance: "me"), term: term, isOld: false, isOwn: true, situation.now)
        }

        mutating func lead(_ term: Int64 = 5) {
            _ = hold()
            claimed(term)
            _ = act { $0.alertPosition = 10 }
        }
    }

    @Test func `it joins the group when it will soon have caught up, and claims when it has, holds the partition, and the group has proven it`() {
        var play = Play()
        #expect(play.act().isEmpty)
        #expect(play.act { $0.isNearlyCaughtUp = true } == [.take(part: true)])
        #expect(play.act { ($0.isHolder, $0.generation) = (true, 1) }.isEmpty)
        #expect(play.act { $0.isCaughtUp = true }.isEmpty)
        #expect(play.act { $0.provenAt = 0 } == [.writeClaims(1)])
        #expect(play.act().isEmpty, "until it is read back")
        play.claimed(7)
        #expect(play.act { $0.alertPosition = 9 } == [.askEndOfAlerts], "and not before the alert topic was read to the end that it had then")
        #expect(play.act { $0.alertPosition = 10 } == [.startJudging(term: 7)])
        #expect(play.leadership.isLeading && play.leadership.term == 7)
    }

    @Test func `it leads again only when what it wrote before has arrived, and has been read`() {
        var play = Play()
        play.lead(5)
        play.situation.hasAlertsUnderWay = true
        #expect(play.hold() == [.stopJudging, .writeClaims(1)])
        play.claimed(6)
        #expect(play.act().isEmpty, "where the topic ends is not asked yet")
        #expect(play.act { $0.hasAlertsUnderWay = false } == [.askEndOfAlerts, .startJudging(term: 6)])
    }

    @Test func `it publishes only within the lease, and only in the generation in which it claimed`() {
        var play = Play()
        play.lead()
        #expect(play.leadership.mayPublish(play.situation))
        play.situation.now = 3.9
        #expect(play.leadership.mayPublish(play.situation))
        play.situation.now = 4.1
        #expect(!play.leadership.mayPublish(play.situation))
        play.situation.provenAt = 4
        #expect(play.leadership.mayPublish(play.situation))
        play.situation.generation += 1
        #expect(!play.leadership.mayPublish(play.situation))
        #expect(play.act() == [.stopJudging, .writeClaims(1)], "it still holds the partition: a new claim")
    }

    @Test func `who sees a higher term steps down, and claims again only once the group has said anew that it holds the partition`() {
        var play = Play()
        play.lead(5)
        play.situation.now = 1
        play.leadership.saw(term: 4, 1)
        #expect(play.act().isEmpty)
        play.leadership.saw(term: 6, 1)
        #expect(!play.leadership.mayPublish(play.situation))
        #expect(play.act() == [.stopJudging])
        #expect(play.act { $0.provenAt = 0.5 }.isEmpty)
        #expect(play.act { $0.provenAt = 1.5 } == [.writeClaims(2)])
        play.claimed(6)
        #expect(play.act() == [], "a term that is not above all that were seen is no term")
        play.claimed(7)
        #expect(play.act() == [.askEndOfAlerts, .startJudging(term: 7)])
    }

    @Test func `when the leader topic was made anew, a term must outgrow those of old, our own as well as others'`() {
        var play = Play()
        play.leadership.saw(term: 3, 0)
        play.lead(5)
        play.situation.leaderEnd = 0
        #expect(play.hold() == [.stopJudging, .writeClaims(7)], "the seventh has term 6")
        for term: Int64 in 0...5 {
            play.claimed(term)
            #expect(play.act() == [], "\(term): what was written as term 5 would win over it")
        }
        play.claimed(6)
        #expect(play.act() == [.askEndOfAlerts, .startJudging(term: 6)])
    }

    @Test func `a leader that goes on without its claim, because the leader topic was made anew, claims again`() {
        var play = Play()
        play.lead(5)
        play.situation.leaderEnd = 0
        play.leadership.claimsLost()
        #expect(!play.leadership.mayPublish(play.situation))
        #expect(play.act() == [.stopJudging, .writeClaims(7)])
        play.claimed(6)
        #expect(play.act() == [.askEndOfAlerts, .startJudging(term: 6)])
        var standby = Play()
        standby.leadership.claimsLost()
        #expect(standby.hold() == [.take(part: true), .writeClaims(1)])
    }

    @Test func `a claim that went with the leader topic is made again`() {
        var play = Play()
        #expect(play.hold() == [.take(part: true), .writeClaims(1)])
        #expect(play.act() == [])
        play.leadership.claimsLost()
        #expect(play.act() == [.writeClaims(1)])
        play.claimed(0)
        #expect(play.act { $0.alertPosition = 10 } == [.askEndOfAlerts, .startJudging(term: 0)])
    }

    @Test func `who claims in vain claims again, whatever became of its claims`() {
        var play = Play()
        play.leadership.saw(term: 2, 0)
        #expect(play.hold() == [.take(part: true), .writeClaims(4)])
        play.claimed(0)
        play.leadership.claimFailed()
        #expect(play.act() == [.writeClaims(3)])
        // The topic was made anew once more.
        for term: Int64 in 0...2 { play.claimed(term) }
        #expect(play.act() == [.writeClaims(1)])
        play.claimed(3)
        #expect(play.act { $0.alertPosition = 10 } == [.askEndOfAlerts, .startJudging(term: 3)])
    }

    @Test func `a term far beyond the leader topic's end is not believed, and a nearer one makes nobody write much`() {
        #expect(Leadership.isBelievable(-1, leaderEnd: 0) && Leadership.isBelievable(0, leaderEnd: 0))
        #expect(Leadership.isBelievable(5 + Leadership.reach, leaderEnd: 5) && !Leadership.isBelievable(6 + Leadership.reach, leaderEnd: 5))
        #expect(!Leadership.isBelievable(.max, leaderEnd: 5))
        var play = Play()
        play.leadership.saw(term: 5_000, 0)
        #expect(play.hold() == [.take(part: true), .writeClaims(Int(Leadership.reach))])
    }

    @Test func `after a resignation the first to claim leads, without waiting for the group`() {
        var play = Play()
        _ = play.act { ($0.isCaughtUp, $0.isNearlyCaughtUp, $0.generation, $0.provenAt) = (true, true, 1, 0) }
        play.leadership.read(Self.claim(), term: 3, isOld: false, isOwn: false, 0)
        #expect(play.act().isEmpty)
        play.leadership.read(Self.claim(resigned: true), term: 4, isOld: false, isOwn: false, 0)
        #expect(play.act() == [.writeClaims(1)])
        var slower = play
        play.claimed(5)
        #expect(play.act { $0.alertPosition = 10 } == [.askEndOfAlerts, .startJudging(term: 5)])
        #expect(play.leadership.mayPublish(play.situation))
        #expect(play.act { $0.generation = 2 } == [.stopJudging], "then the group decides")

        slower.leadership.read(Self.claim(), term: 5, isOld: false, isOwn: false, 0)
        slower.claimed(6)
        #expect(slower.act { $0.alertPosition = 10 }.isEmpty && !slower.leadership.isLeading, "somebody else was quicker")
    }

    @Test func `a catalog other than the last leader's bars from leading, unless that was this daemon, it resigned before, or an operator says so`() {
        func joins(_ play: Play) -> Bool {
            var play = play
            return play.act { $0.isNearlyCaughtUp = true }.contains(.take(part: true))
        }
        var barred = Play()
        barred.leadership.read(Self.claim("theirs"), term: 1, isOld: true, isOwn: false, 0)
        #expect(!joins(barred))
        var own = Play()
        own.leadership.read(Self.claim("theirs", instance: "me"), term: 1, isOld: true, isOwn: false, 0)
        #expect(joins(own))
        var told = Play(told: true)
        told.leadership.read(Self.claim("theirs"), term: 1, isOld: true, isOwn: false, 0)
        #expect(joins(told))
        var resigned = barred
        resigned.leadership.read(Self.claim("theirs", resigned: true), term: 2, isOld: true, isOwn: false, 0)
        #expect(joins(resigned))
        barred.leadership.read(Self.claim("theirs", resigned: true), term: 2, isOld: false, isOwn: false, 0)
        #expect(!joins(barred), "it saw that leader at work")
    }

    @Test func `one that leads leaves when another with another catalog takes over`() {
        // It does not hold the partition any more, or has been away for so long that it cannot know.
        for loss in [{ $0.isHolder = false }, { $0.generation += 1 }, { $0.now = 5 }] as [(inout Leadership.Situation) -> Void] {
            var play = Play()
            play.lead(5)
            play.leadership.read(Self.claim("theirs"), term: 6, isOld: false, isOwn: false, 0)
            #expect(play.act(loss) == [.take(part: false), .stopJudging])
            #expect(play.leadership.role == .standby(.otherCatalog("theirs")))
        }
    }

    @Test func `a claim for another catalog, made by hand while the group knows who holds the partition, ends no leadership for good`() {
        var play = Play()
        play.lead(5)
        play.leadership.read(Self.claim("theirs"), term: 6, isOld: false, isOwn: false, 1)
        #expect(!play.leadership.mayPublish(play.situation))
        #expect(play.act { $0.now = 1 } == [.stopJudging])
        #expect(play.act { ($0.now, $0.provenAt, $0.leaderEnd) = (1.5, 1.4, 7) } == [.writeClaims(1)])
        play.claimed(7)
        #expect(play.act() == [.askEndOfAlerts, .startJudging(term: 7)])
        // Those who stood by may have left for it, and come back: the group is made anew.
        #expect(play.hold() == [.stopJudging, .writeClaims(1)])
    }
}
