import Cases
import Catalog
import CatalogFiles
import Foundation
import Testing

@testable import Engine
@testable import Scoreboard

/// Counting a whole register at once.
@Suite struct Adding {
    @Test func `a register that is counted at once, in however many parts, stands as one that was counted message by message`() throws {
        let seed = Oracle.seed("adding")
        var parts = Set<Int>(), found = 0, distinct = 0
        for number in 0..<150 {
            var dice = Seeded(seed &+ UInt64(number))
            let random = RandomCase(seed: seed &+ UInt64(number), dice.once(in: 2) ? .everyKind : RandomCase.Options())
            let catalog = try Oracle.withFolder("adding") { folder in
                try random.write(to: folder)
                return try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
            }
            var engine = try Engine(catalog: catalog, inputs: ["in"])
            engine.step(now: random.until)
            engine.receive(random.messages, from: 0)
            let count = dice.int(1...7)
            parts.insert(count)
            var board = Scoreboard(layout: engine.scoreboard.layout)
            board.move(to: engine.scoreboard.windows.today)
            board.add(engine.register, inParts: count)
            var different: [String] = []
            for cell in 0..<CellID(board.layout.cellCount) {
                let one = engine.scoreboard.score(of: cell), other = board.score(of: cell)
                if one.isPresent { found += 1 }
                if board.layout.lanes.lanes[board.layout.lanes.plan(of: cell)].isDistinct, one.numerator > 0 { distinct += 1 }
                if one != other { different.append("\(board.layout.key(of: cell)): \(one) and \(other)") }
            }
            #expect(different == [], "\(count) parts, seed \(seed &+ UInt64(number))")
            // And it goes on alike: windows move as they would have.
            let later = engine.scoreboard.windows.today + 40
            engine.scoreboard.move(to: later)
            board.move(to: later)
            for cell in 0..<CellID(board.layout.cellCount) where engine.scoreboard.score(of: cell) != board.score(of: cell) { different.append(board.layout.key(of: cell)) }
            #expect(different == [], "40 days later, \(count) parts, seed \(seed &+ UInt64(number))")
        }
        #expect(parts.count > 4 && found > 4_000 && distinct > 50, "\(parts.count) numbers of parts, \(found) scores, \(distinct) of something distinct")
    }
}
