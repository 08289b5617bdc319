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
        #expect(assignment.see(seen) == [Self.partition(2)])
        assignment.add(.init(partition: Self.partition(2), low: 0, high: 7, start: 0), 1)
        #expect(assignment.see(seen) == [])
        #expect(!assignment.isCaughtUp && assignment.number(topic: 0, partition: 2) == 2 && assignment.isInput(2))
    }

    @Test func `a partition that is made anew is read from where it begins, and is not fresh before its end`() {
        var assignment = two()
        assignment.advance(0, to: 10)
        assignment.restart(0, at: 0, high: 3, 5)
        #expect(assignment.position(of: 0) == 0 && assignment.isCaughtUp && assignment.lag(of: 0) == 3)
        assignment.advance(0, to: 3)
        assignment.settle()
        #expect(assignment.lag(of: 0) == 0 && assignment.lagSeconds(of: 0, 6) == 1)
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
