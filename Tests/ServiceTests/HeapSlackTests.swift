import Glibc
import Testing

@testable import Service

@Suite struct HeapSlackTests {
    /// As librdkafka's messages: many small ones.
    private static func backlog() -> [UnsafeMutableRawPointer] {
        let blocks = (0..<400_000).compactMap { _ in malloc(512) }
        for block in blocks { memset(block, 1, 512) }
        return blocks
    }

    /// But for the last, so that the heap cannot simply be cut off behind them.
    private static func read(_ backlog: inout [UnsafeMutableRawPointer]) {
        let last = backlog.popLast()
        for block in backlog { free(block) }
        backlog = last.map { [$0] } ?? []
    }

    @Test func `memory that a backlog took goes back to the system, and then there is nothing to give back`() throws {
        var slack = HeapSlack(), backlog = Self.backlog()
        _ = slack.giveBack()
        Self.read(&backlog)
        let shrank = slack.giveBack(), again = slack.giveBack()
        #expect(try #require(shrank) > 100 << 20)
        #expect(again == nil)
        for block in backlog { free(block) }
    }

    @Test func `a backlog that still waits while memory is given back goes as well once it has been read`() throws {
        var slack = HeapSlack(), first = Self.backlog(), second = Self.backlog()
        _ = slack.giveBack()
        Self.read(&first)
        let shrank = slack.giveBack()
        #expect(try #require(shrank) > 100 << 20)
        Self.read(&second)
        let again = slack.giveBack()
        #expect(try #require(again) > 100 << 20)
        for block in first + second { free(block) }
    }
}
