import Cases
import Catalog
import Scoreboard
import Testing

@Suite struct Keys {
    private let layout = Layout(catalog: SmallCatalog.make([
        SmallCatalog.criterion("3.4.1", SmallCatalog.onTime, periods: [.year, .quarter, .month, .window(days: 7), .window(days: 30)]),
        SmallCatalog.criterion("3.4.10", .count(among: FactMask()), levels: ["commune"], judgeAt: [.parent, .root]),
        SmallCatalog.criterion("none", .count(among: FactMask()), levels: []),
        SmallCatalog.criterion("3.4", SmallCatalog.onTime, levels: ["district"], periods: [.quarter]),
    ], years: [2020, 2021]))

    @Test func `every cell has a key of its own that leads back to it`() {
        var seen: Set<String> = []
        for cell in 0..<CellID(layout.cellCount) {
            let key = layout.key(of: cell)
            guard layout.cell(of: key) == cell, seen.insert(key).inserted else {
                Issue.record("\(key) is not cell \(cell)")
                return
            }
        }
        #expect(layout.cellCount == 2 * (7 * (1 + 4 + 12 + 2) + 3 * 1 + 0 + 2 * 4))
        #expect(seen.contains("F-2020/3.4.1/C21/2020-Q4") && seen.contains("F-2021/3.4.1/D1/last-30d") && seen.contains("F-2021/3.4.10/Q1/2021"))
    }

    @Test func `the cells of a plan are its own, and all cells are of some plan`() {
        var next: CellID = 0
        for plan in layout.plans {
            #expect(layout.cells(of: plan).lowerBound == next)
            next = layout.cells(of: plan).upperBound
            for cell in layout.cells(of: plan) { #expect(layout.place(of: cell).plan.criterion == plan.criterion && layout.place(of: cell).plan.framework == plan.framework) }
        }
        #expect(next == CellID(layout.cellCount))
    }

    @Test(arguments: [
        "", "/", "///", "F-2021/3.4.1/D1", "F-2021/3.4.1/D1/2021/", "/F-2021/3.4.1/D1/2021", "F-2021/3.4.1/D1/2020", "F-2021/3.4.1/D1/2021-Q5", "F-2021/3.4.1/D1/2021-q1", "F-2021/3.4.1/D1/2021-9",
        "F-2021/3.4.1/D1/last-8d", "F-2021/3.4.1/P/2021", "F-2021/3.4.1/d1/2021", "F-2021/3.4.2/D1/2021", "F-2022/3.4.1/D1/2022", "F-2021/3.4.10/C11/2021", "F-2021/none/D1/2021", "F-2021/3.4.1/X9/2021",
        "F-2021/3.4.1/D1/", "F-2021//D1/2021",
    ])
    func `a key that the catalog does not judge has no cell`(key: String) {
        #expect(layout.cell(of: key) == nil)
    }
}

@Suite struct Scores {
    @Test func `a ratio of nothing has no value, a count always has one`() {
        #expect(Score(numerator: 0, denominator: 0).fraction == nil && Score(numerator: 0, denominator: 0).value == nil && !Score(numerator: 0, denominator: 0).isPresent)
        #expect(Score(numerator: 284, denominator: 305).value?.description == "0.9311" && Score(numerator: 0, denominator: 1).isPresent)
        #expect(Score(numerator: 0, denominator: nil).value?.description == "0" && !Score(numerator: 0, denominator: nil).isPresent)
        #expect(Score(numerator: 7, denominator: nil).value?.description == "7" && Score(numerator: 7, denominator: nil).isPresent)
        #expect(Score(numerator: 7, denominator: nil).fraction.map { [$0.numerator, $0.denominator] } == [7, 1])
    }
}

@Suite struct CellSets {
    @Test func `cells are taken once, however often they went in`() throws {
        let rule = AlertRule(direction: .above, warning: SmallCatalog.threshold("3", clear: "3"), critical: nil, minSample: 0, pendingFor: .zero, keepFiringFor: .zero)
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()), judgeAt: [.`self`, .root], alert: rule), SmallCatalog.criterion("no rule", .count(among: FactMask()))]))
        #expect(board.scoreboard.toJudge.isEmpty)
        for n in 0..<5 { try board.put("\(n)") { $0.at("D1") } }
        #expect(board.scoreboard.toJudge.take().map(board.scoreboard.layout.key(of:)).sorted() == ["F-2021/c/D1/2021", "F-2021/c/P/2021"])
        #expect(board.scoreboard.toJudge.isEmpty && board.scoreboard.toJudge.take().isEmpty)
        board.scoreboard.toJudge.insertAll()
        board.scoreboard.toJudge.insert(0)
        let taken = board.scoreboard.toJudge.take()
        #expect(taken.sorted() == Array(0..<CellID(board.scoreboard.layout.cellCount)))
        #expect(board.scoreboard.toPublish.take().count == 3 && board.scoreboard.toPublish.take().isEmpty)
    }

    @Test func `what changes nothing touches no cell`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("late", .count(among: FactMask(required: .late))), SmallCatalog.criterion("all", .count(among: FactMask()))]))
        try board.put("1") { $0.at("D1") }
        _ = board.scoreboard.toPublish.take()
        try board.put("1") { $0.at("D1").state(4) }
        #expect(board.scoreboard.toPublish.isEmpty)
        try board.put("1", { $0.at("D2") }, time: "2020-01-01T00:00:00Z")
        #expect(board.scoreboard.toPublish.isEmpty)
        try board.put("2") { $0.at("X9") }
        #expect(board.scoreboard.toPublish.isEmpty)
    }
}

@Suite struct Causes {
    @Test func `the cause of a cell is the record that changed it last, none when the clock did, none once it was read`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime)]), now: "2021-03-01T00:00:00+07:00")
        let cell = try #require(board.scoreboard.layout.cell(of: "F-2021/c/D1/2021"))
        #expect(board.scoreboard.read(cell).cause == nil)
        try board.put("0") { $0.at("D1").finished("2021-03-01T00:00:00+07:00") }
        try board.put("1") { $0.at("D1").finished("2021-03-01T00:00:00+07:00") }
        try board.put("2") { $0.at("D1").due("2021-03-05T00:00:00+07:00") }
        let reading = board.scoreboard.read(cell)
        #expect(reading.cause == Cause(topic: 0, partition: 1, offset: 2) && reading.score == Score(numerator: 2, denominator: 2) && !reading.isEmpty)
        #expect(board.scoreboard.read(cell).cause == nil)
        try board.put("3") { $0.at("D1").finished("2021-03-01T00:00:00+07:00") }
        board.advance(to: "2021-03-06T00:00:00+07:00")
        #expect(board.score("F-2021/c/D1/2021") == "3/4" && board.scoreboard.read(cell).cause == nil)
    }
}
