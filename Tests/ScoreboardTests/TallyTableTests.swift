import Cases
import Testing

@testable import Scoreboard

@Suite struct TallyTables {
    @Test func `tallies that come and go take no more room than those that stay`() {
        var table = TallyTable()
        for procedure in 0..<100_000 as Range<UInt32> {
            #expect(table.add(Tally(counted: 1), to: .init(7, procedure)) == Tally())
            _ = table.add(Tally(counted: -1), to: .init(7, procedure))
        }
        #expect(table.capacity == 16 && table.all.isEmpty)
    }

    @Test func `a table holds what a dictionary holds, whatever is added`() {
        var dice = Seeded(Oracle.seed("tallies")), table = TallyTable(), model: [String: Int64] = [:]
        for _ in 0..<50_000 {
            let cell = CellID(dice.int(0...20)), procedure = UInt32(dice.int(0...200)), name = "\(cell) \(procedure)", known = model[name] ?? 0
            // Most often back to nothing.
            let amount = known != 0 && !dice.once(in: 3) ? -known : Int64(dice.int(-2...2))
            guard table.add(Tally(counted: amount, base: 2 * amount), to: .init(cell, procedure)) == Tally(counted: known, base: 2 * known) else {
                Issue.record("\(name) is not \(known)")
                return
            }
            model[name] = known + amount
        }
        #expect(Dictionary(uniqueKeysWithValues: table.all.map { ("\($0.key.cell) \($0.key.procedure)", $0.tally.counted) }) == model.filter { $0.value != 0 })
    }
}
