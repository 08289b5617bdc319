import Kafka
import Testing

@testable import Service

/// Where reading stands, and how far behind it may be.
@Suite struct Assignments {
    private static func partition(_ number: Int32, of topic: String = "in") -> TopicPartition { TopicPartition(topic: topic, partition: number) }

    private static func sighting(_ at: Double, _ ends: [TopicPartition: Int64], counts: [String: Int] = [:]) -> PartitionWatch.Sighting {
        .init(askedAt: at, ends: ends, partitionCounts: counts)
    }

    private func two(_ now: Double = 0) -> Assignment {
        Assignment([.init(partition: Self.partition(0), low: 0, high: 10, start: 4), .init(partition: Self.partition(1), low: 0, high: 0, start: 0)], inputs: ["in"], now: now)
    }

    @Test func `it has caught up when every partition has passed the end that it had at the start`() {
        var assignment = two()
        #expect(!assignment.isCaughtUp && assignment.backlog == 6 && assignment.left == 6)
        assignment.advance(0, to: 9)
        #expect(!assignment.isCaughtUp && assignment.left == 1 && assignment.done == 5)
        assignment.advance(0, to: 10)
        #expect(assignment.isCaughtUp && assignment.left == 0)
    }

    @Test func `what has come since the start is no part of what is caught up with`() {
        var assignment = two()
        #expect(assignment.progress(after: 2) == "0 of 6 records, 0/s, how long it takes shows later")
        assignment.advance(1, to: 100)
        assignment.advance(0, to: 6)
        #expect(assignment.progress(after: 2) == "2 of 6 records, 51/s, 4 s left")
        assignment.advance(0, to: 50)
        #expect(assignment.progress(after: 4) == "6 of 6 records, 36/s, 0 s left")
    }

    @Test func `where a partition ends is known before it has been read, and forgotten when it was made anew`() {
        var assignment = two()
        #expect(assignment.end(of: 0) == 10 && assignment.position(of: 0) == 4)
        _ = assignment.see(Self.sighting(1, [Self.partition(0): 15]))
        #expect(assignment.end(of: 0) == 15)
        assignment.advance(0, to: 20)
        #expect(assignment.end(of: 0) == 20)
        assignment.restart(0, at: 0, high: 3, 2)
        #expect(assignment.end(of: 0) == 3)
    }

    @Test func `a partition is as fresh as the last instant whose end has been read, and one that is not seen grows stale`() {
        var assignment = two()
        assignment.advance(0, to: 10)
        assignment.settle()
        _ = assignment.see(Self.sighting(1, [Self.partition(0): 10, Self.partition(1): 5]))
        #expect(assignment.stalest(2)?.partition == Self.partition(1))
        #expect(assignment.stalest(2)?.seconds == 2, "what lies there since second 1 was not read: fresh as of the start")
        #expect(assignment.inputLag == 5 && assignment.lag(of: 1) == 5)
        // More comes; what was seen first counts first.
        _ = assignment.see(Self.sighting(3, [Self.partition(0): 10, Self.partition(1): 500]))
        assignment.advance(1, to: 5)
        assignment.settle()
        #expect(assignment.stalest(4).map { $0.seconds } == 3)
        // Its leader does not answer: nothing is known of it any more.
        _ = assignment.see(Self.sighting(70, [Self.partition(0): 10]))
        #expect(assignment.stalest(70).map { $0.partition == Self.partition(1) && $0.seconds == 69 } == true)
    }

    @Test func `a partition that is new in a known input is told of until it is read, one of another topic is not`() {
        var assignment = two()
        let seen = Self.sighting(1, [:], counts: ["in": 3, "other": 2])
        #expect(assignment.see(seen).new == [Self.partition(2)])
        assignment.add(.init(partition: Self.partition(2), low: 0, high: 7, start: 0), 1)
        #expect(assignment.see(seen).new == [])
        #expect(!assignment.isCaughtUp && assignment.number(topic: 0, partition: 2) == 2 && assignment.isInput(2))
    }

    @Test func `a partition that is made anew is read from where it begins, and is not fresh before its end`() {
        var assignment = two()
        assignment.advance(0, to: 10)
        assignment.restart(0, at: 0, high: 3, 5)
        #expect(assignment.position(of: 0) == 0 && assignment.isCaughtUp && assignment.lag(of: 0) == 3 && assignment.firstUnread == Self.partition(0))
        assignment.advance(0, to: 3)
        assignment.settle()
        #expect(assignment.lag(of: 0) == 0 && assignment.lagSeconds(of: 0, 6) == 1 && assignment.firstUnread == nil)
    }

    @Test func `a partition that is made anew while its backlog is read has to be read to its new end before all is caught up`() {
        var assignment = two()
        assignment.advance(0, to: 5)
        assignment.restart(0, at: 2, high: 20, 5)
        #expect(!assignment.isCaughtUp && assignment.left == 18 && assignment.done == 0)
        assignment.advance(0, to: 19)
        #expect(!assignment.isCaughtUp)
        assignment.advance(0, to: 20)
        assignment.settle()
        #expect(assignment.isCaughtUp && assignment.firstUnread == nil)
    }

    @Test func `one that is made anew once more, and shorter, has to be read to where it ends now`() {
        var assignment = two()
        assignment.advance(0, to: 5)
        assignment.restart(0, at: 0, high: 1_000, 5)
        assignment.advance(0, to: 8)
        _ = assignment.see(Self.sighting(4, [Self.partition(0): 9]))
        #expect(assignment.left == 992, "asked before it was made anew")
        _ = assignment.see(Self.sighting(6, [Self.partition(0): 9]))
        #expect(!assignment.isCaughtUp && assignment.left == 1 && assignment.firstUnread != nil)
        assignment.advance(0, to: 9)
        assignment.settle()
        #expect(assignment.isCaughtUp && assignment.firstUnread == nil)
    }

    @Test func `one that ends before what it held was made anew, once that was seen twice, though no consumer is told`() {
        var assignment = two()
        assignment.advance(0, to: 25)
        func see(_ at: Double, _ end: Int64) -> [TopicPartition] { assignment.see(Self.sighting(at, [Self.partition(0): end])).anew }
        #expect(see(1, 20) == [], "asked before the rest was read")
        #expect(see(2, 25) == [] && see(3, 30) == [])
        #expect(see(4, 28) == [], "a broker that does not know yet")
        #expect(see(5, 30) == [] && see(6, 28) == [])
        // Whether what was read lies beyond its end or not.
        #expect(see(7, 28) == [Self.partition(0)] && see(8, 0) == [Self.partition(0)])
        assignment.restart(0, at: 0, high: 0, 9)
        #expect(see(8.5, 30) == [] && see(10, 0) == [] && see(11, 0) == [] && see(12, 3) == [], "what was asked before says nothing of what is read now")
        assignment.advance(0, to: 5)
        #expect(see(13, 5) == [] && see(14, 2) == [] && see(15, 2) == [Self.partition(0)])
    }

    @Test func `one that is made anew and is empty holds up nothing`() {
        var assignment = two()
        assignment.restart(0, at: 0, high: 0, 5)
        #expect(assignment.isCaughtUp && assignment.firstUnread == nil)
    }

    @Test func `a partition that is new while others are read is unread until its end, and then as fresh as that`() {
        var assignment = two()
        assignment.advance(0, to: 10)
        assignment.settle()
        assignment.add(.init(partition: Self.partition(2), low: 0, high: 7, start: 0), 3)
        #expect(assignment.firstUnread == Self.partition(2))
        assignment.advance(2, to: 7)
        assignment.settle()
        #expect(assignment.firstUnread == nil && assignment.isCaughtUp)
    }

    @Test func `a partition that a topic has no more is let go of once that was seen twice, and read from its beginning when it comes back`() {
        var assignment = two()
        let fewer = Self.sighting(1, [Self.partition(0): 10], counts: ["in": 1])
        #expect(assignment.see(fewer).gone == [])
        #expect(assignment.see(Self.sighting(2, [:], counts: ["in": 2])).gone == [], "once was a broker that did not know yet")
        #expect(assignment.see(fewer).gone == [])
        #expect(assignment.see(Self.sighting(2, [:])).gone == [], "nobody was asked")
        #expect(assignment.see(fewer).gone == [Self.partition(1)])
        #expect(assignment.all.map(\.0) == [Self.partition(0)] && assignment.inputPositions.count == 1)
        assignment.advance(0, to: 10)
        assignment.settle()
        _ = assignment.see(Self.sighting(90, [Self.partition(0): 10]))
        assignment.settle()
        #expect(assignment.isCaughtUp && assignment.stalest(90).map(\.seconds) == 0, "what is no more does not lag")
        #expect(assignment.see(fewer).gone == [] && assignment.see(fewer).new == [])

        #expect(assignment.see(Self.sighting(91, [:], counts: ["in": 2])).new == [Self.partition(1)])
        assignment.add(.init(partition: Self.partition(1), low: 3, high: 8, start: 3), 91)
        #expect(assignment.number(of: Self.partition(1)) == 1 && assignment.position(of: 1) == 3 && assignment.firstUnread == Self.partition(1))
        #expect(assignment.all.count == 2)
    }

    @Test func `while nobody reads nothing is stuck`() {
        var assignment = two(), stall = Stall()
        _ = assignment.see(Self.sighting(0, [Self.partition(0): 10, Self.partition(1): 0]))
        for second in stride(from: 0.0, through: 29, by: 1) { #expect(stall.look(assignment, second) == nil) }
        stall.forget()
        for second in stride(from: 30.0, through: 59, by: 1) { #expect(stall.look(assignment, second) == nil) }
        #expect(stall.look(assignment, 60) != nil)
    }

    @Test func `a partition whose place is lost is not stuck, however long that lasts, and not at once when it is found`() {
        var assignment = two(), stall = Stall(), stuck: [Double] = []
        _ = assignment.see(Self.sighting(0, [Self.partition(0): 10, Self.partition(1): 0]))
        for second in stride(from: 0.0, through: 300, by: 1) {
            // Found stuck once before it is lost, which no longer counts.
            let lost: Set<TopicPartition> = second > 35 && second <= 200 ? [Self.partition(0)] : []
            if let found = stall.look(assignment, except: lost, second) {
                stuck.append(second)
                #expect(found.times == (second < 35 ? 1 : Int(second - 200) / 30))
            }
        }
        #expect(stuck == [30, 230, 260, 290])
    }

    @Test func `a partition that has records but does not move is stuck after half a minute, and not because the process slept`() {
        var assignment = two(), stall = Stall()
        _ = assignment.see(Self.sighting(0, [Self.partition(0): 10, Self.partition(1): 0]))
        var stuck: [Double] = []
        for second in stride(from: 0.0, through: 65, by: 1) { if stall.look(assignment, second) != nil { stuck.append(second) } }
        #expect(stuck == [30, 60])
        #expect(stall.look(assignment, 91)?.times == nil, "not asked for 26 s: perhaps nobody could look")
        #expect(stall.look(assignment, 1_000) == nil)
        assignment.advance(0, to: 10)
        for second in stride(from: 1_001.0, through: 1_100, by: 1) { #expect(stall.look(assignment, second) == nil) }
    }
}

/// What a snapshot waits for.
@Suite struct Settlements {
    @Test func `settled is what has ended from the first on without a gap`() {
        var settlement = Settlement()
        let places = (0..<5).map { _ in settlement.begin() }
        #expect(settlement.begun == 5 && settlement.settled == 0)
        settlement.end(places[1])
        #expect(settlement.settled == 0)
        settlement.end(places[0])
        #expect(settlement.settled == 2)
        for place in places[2...] { settlement.end(place) }
        #expect(settlement.settled == 5)
    }
}
