import Cases
import Catalog
import Register
import Scoreboard
import Testing

@Suite struct Replacement {
    /// What was added up step by step, with every old contribution taken out again, against adding up the register once.
    @Test func `scores kept up to date step by step equal those of the register added up anew`() throws {
        var random = Seeded(Oracle.seed("scoreboard"))
        for _ in 0..<40 {
            let criteria = [
                SmallCatalog.criterion("ratio", SmallCatalog.onTime, judgeAt: [.`self`, .parent, .root], periods: [.year, .quarter, .month, .window(days: 7), .window(days: 30)]),
                SmallCatalog.criterion("count", .count(among: FactMask(required: .overdue)), levels: ["commune"], judgeAt: [.parent], periods: [.year, .window(days: 7)]),
                SmallCatalog.criterion(
                    "distinct", .distinct(among: FactMask(required: .accepted, forbidden: .filedOnline), outOf: .fixed(9)), judgeAt: [.`self`, .root], periods: [.year, .month, .window(days: 30)]),
                SmallCatalog.criterion("sector", .ratio(among: FactMask(required: .sector(0)), counting: FactMask(required: .late)), judgeAt: [.root], periods: [.quarter]),
            ]
            let catalog = SmallCatalog.make(criteria, lateBy: random.one(of: [.date, .instant]), years: [2021, 2020], sectors: ["S"])
            var board = try Board(catalog, now: "2021-01-01T00:00:00+07:00")
            for _ in 0..<random.int(20...200) {
                try board.put(message(&random))
                if random.once(in: 4) { board.advance(to: Instant(microseconds: board.now.microseconds + random.one(of: [random.int64(0...86_400_000_000), random.int64(0...864_000_000_000)]))) }
            }
            var anew = Scoreboard(catalog: catalog)
            anew.move(to: catalog.zone.day(of: board.now))
            board.register.forEach { anew.replace(nil, by: $1, cause: nil) }
            for cell in 0..<CellID(anew.layout.cellCount) {
                guard board.scoreboard.score(of: cell) == anew.score(of: cell), board.scoreboard.read(cell).isEmpty == anew.read(cell).isEmpty else {
                    Issue.record("\(anew.layout.key(of: cell)): \(board.scoreboard.score(of: cell)), anew \(anew.score(of: cell))")
                    return
                }
            }
            // And nothing is left once everything is taken out.
            var standings: [Standing?] = []
            board.register.forEach { standings.append($1) }
            for standing in standings { board.scoreboard.replace(standing, by: nil, cause: nil) }
            #expect(board.all.allSatisfy { $0.numerator == 0 && ($0.denominator ?? 0) == 0 })
        }
    }

    private func message(_ random: inout Seeded) -> DossierMessage {
        func time() -> String { Timestamp.utc(Instant(microseconds: 1_609_459_200_000_000 + random.int64(0...120) * 86_400_000_000 + random.one(of: [0, 1, 36_000_000_000]))) }
        var message = DossierMessage().attribute("subject", text: "S\(random.int(0...20))").attribute("time", text: time()).attribute("id", text: "\(random.int(0...9))")
        if random.once(in: 10) { return message.deleted() }
        message = message.at(random.one(of: ["D1", "D2", "Q1", "Q2", "C11", "C12", "C21", "X9"])).of("P\(random.int(0...4))").state(random.one(of: [1, 2, 4, 4, 5, 7, 8, 9, 9, 10]))
            .received(random.once(in: 10) ? "2020-12-31T12:00:00Z" : time()).field("finished", text: time()).field("filing", text: random.one(of: ["online", "post"]))
        if !random.once(in: 5) { message = message.due(time()) }
        return random.once(in: 2) ? message.field("sector", text: "s") : message
    }
}
