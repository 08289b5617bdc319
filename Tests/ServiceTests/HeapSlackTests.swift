import Glibc
import Testing

@testable import Service

@Suite struct HeapSlackTests {
    @Test func `memory that a backlog took goes back to the system, and then there is nothing to give back`() throws {
        var slack = HeapSlack()
        _ = slack.giveBack()
        // As librdkafka's messages: many small ones, of which the last stays, so that the heap cannot simply be cut off behind them.
        var blocks = (0..<400_000).compactMap { _ in malloc(512) }
        for block in blocks { memset(block, 1, 512) }
        let last = blocks.popLast()
        for block in blocks { free(block) }
        let shrank = slack.giveBack(), again = slack.giveBack()
        #expect(try #require(shrank) > 100 << 20)
        #expect(again == nil)
        free(last)
    }
}
