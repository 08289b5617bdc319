import Cases
import Kafka
import Testing

@testable import Service

/// What the log says of a lag that comes and goes.
@Suite struct StandstillReports {
    private static let first = TopicPartition(topic: "in", partition: 0), second = TopicPartition(topic: "in", partition: 1)

    @Test func `a standstill is told at once, and its end when judging really goes on`() {
        var news = StandstillNews()
        #expect(news.hear(nil, 0) == nil)
        #expect(news.hear(.lag(Self.second), 1) == .standsStill(.lag(Self.second)))
        #expect(news.hear(.lag(Self.first), 2) == nil, "the same standstill")
        #expect(news.hear(.unproven, 3) == nil)
        #expect(news.hear(nil, 4) == .goesOn)
        #expect(news.hear(nil, 5) == nil)
        // Within the minute it is held back, with its end; what lasts is told when the minute is over.
        #expect(news.hear(.lag(Self.first), 6) == nil)
        #expect(news.hear(nil, 7) == nil)
        #expect(news.hear(.lag(Self.first), 8) == nil)
        #expect(news.hear(.lag(Self.first), 61) == .standsStill(.lag(Self.first)))
    }

    @Test func `however it comes and goes it is told once a minute, and what was told last is true within a minute`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        for _ in 0..<200 {
            var news = StandstillNews(), now = 0.0, toldAt = -60.0, isTold = false, laggingSince: Double?
            for _ in 0..<500 {
                now += Double(random.int(1...20)) / 2
                let standstill = random.one(of: [nil, .lag(Self.first), .lag(Self.second), .unread(Self.first), .lost(Self.second), .unreadAlerts, .unproven] as [Standstill?])
                switch standstill {
                case .lag?, .unread?, .lost?, .unreadAlerts?: laggingSince = laggingSince ?? now
                case .unproven?, nil: laggingSince = nil
                }
                switch news.hear(standstill, now) {
                case .standsStill?:
                    #expect(!isTold && now - toldAt >= 60, "seed \(seed)")
                    (toldAt, isTold) = (now, true)
                case .goesOn?:
                    #expect(isTold && standstill == nil, "seed \(seed)")
                    isTold = false
                case nil: break
                }
                #expect(standstill != nil || !isTold, "seed \(seed)")
                if let laggingSince, now - laggingSince >= 60 { #expect(isTold, "seed \(seed)") }
            }
        }
    }

    @Test func `alerts that wait are told of once none on its way has been read back for ten seconds`() {
        var alerts = UnreadAlerts()
        var told: [Double] = []
        func see(_ areWaiting: Bool, _ now: Double) { if alerts.areStuck(areWaiting: areWaiting, now) { told.append(now) } }
        for now in [100, 110, 110.1] { see(true, now) }
        #expect(told == [110.1])
        alerts.readBack()
        for now in [110.2, 120] { see(true, now) }
        see(false, 121)
        for now in [122, 132, 132.1] { see(true, now) }
        #expect(told == [110.1, 132.1])
    }
}
