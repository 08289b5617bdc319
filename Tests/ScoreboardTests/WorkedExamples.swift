import Cases
import Catalog
import Scoreboard
import Testing

/// Small sums that can be checked by hand.
@Suite struct WorkedExamples {
    @Test func `on time among the decided: what is open and not yet due says nothing, what is overdue counts against`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime)]))
        try board.put("1") { $0.at("D1").due("2021-03-05T00:00:00+07:00").finished("2021-03-05T23:59:59+07:00") }
        try board.put("2") { $0.at("D1").due("2021-03-05T00:00:00+07:00").finished("2021-03-06T00:00:00+07:00") }
        try board.put("3") { $0.at("D1").due("2021-03-05T00:00:00+07:00").state(4) }
        try board.put("4") { $0.at("D1").due("2021-06-01T00:00:00+07:00").state(2) }
        try board.put("5") { $0.at("D1").finished("2021-12-01T00:00:00+07:00") }
        try board.put("6") { $0.at("D1").due("2021-03-05T00:00:00+07:00").state(5) }
        try board.put("7") { $0.at("D2").due("2021-03-05T00:00:00+07:00").state(7) }
        #expect(board.scores("c", "2021") == ["–", "2/4", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0"])
        board.advance(to: "2021-06-01T23:59:59.999999+07:00")
        #expect(board.score("F-2021/c/D1/2021") == "2/4")
        board.advance(to: "2021-06-02T00:00:00+07:00")
        #expect(board.score("F-2021/c/D1/2021") == "2/5")
    }

    @Test func `a ratio counts in its numerator only what is in its denominator`() throws {
        let measure = Measure.ratio(among: FactMask(required: .finished), counting: FactMask(required: .filedOnline, clauses: [.init(anyOf: [.level3, .level4])]))
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", measure)]))
        for (subject, state, filing, level) in [("1", 9, "online", "3"), ("2", 9, "online", "2"), ("3", 10, "post", "4"), ("4", 2, "online", "4"), ("5", 9, "counter", "null")] {
            try board.put(subject) { $0.at("D1").state(state).field("filing", text: filing).field("level", level) }
        }
        #expect(board.score("F-2021/c/D1/2021") == "1/4")
    }

    @Test func `a count has no denominator`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask(required: [.accepted, .supplementedTwice])))]))
        for (subject, supplements) in [("1", 0), ("2", 1), ("3", 2), ("4", 300)] { try board.put(subject) { $0.at("D1").field("supplements", "\(supplements)") } }
        #expect(board.scores("c", "2021") == ["–", "2", "0", "0", "0", "0", "0", "0"])
        try board.put("3") { $0.at("D1").state(3).field("supplements", "2") }
        #expect(board.score("F-2021/c/D1/2021") == "1")
    }

    @Test func `the facts of a sector are those of the catalog's sectors, whatever order the messages come in`() throws {
        let mask = { FactMask(required: .sector($0)) }
        var board = try Board(SmallCatalog.make(
            [SmallCatalog.criterion("land", .count(among: mask(0))), SmallCatalog.criterion("civil", .count(among: mask(1))), SmallCatalog.criterion("not-land", .count(among: FactMask(forbidden: .sector(0))))],
            sectors: ["ĐẤT ĐAI", "HỘ TỊCH"]))
        for (subject, sector) in [("1", "other"), ("2", "hộ tịch"), ("3", " Đất đai "), ("4", "ĐẤT ĐAI"), ("5", "more")] { try board.put(subject) { $0.at("D1").field("sector", text: sector) } }
        try board.put("6") { $0.at("D1") }
        #expect(["land", "civil", "not-land"].map { board.score("F-2021/\($0)/D1/2021") } == ["2", "1", "4"])
    }

    // MARK: Periods

    @Test func `a dossier belongs to the local year, quarter and month in which it was received`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()), periods: [.year, .quarter, .month])]))
        for (subject, received) in [
            ("1", "2020-12-31T23:59:59.999999+07:00"), ("2", "2020-12-31T17:00:00Z"), ("3", "2021-03-31T23:59:59.999999+07:00"), ("4", "2021-04-01T00:00:00+07:00"),
            ("5", "2021-12-31T16:59:59.999999Z"), ("6", "2022-01-01T00:00:00+07:00"),
        ] { try board.put(subject) { $0.at("D1").received(received) } }
        func scores(_ periods: [String]) -> [String] { periods.map { board.score("F-2021/c/D1/\($0)") } }
        #expect(scores(["2021", "2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4"]) == ["4", "2", "1", "0", "1"])
        #expect(scores((1...12).map { "2021-\($0 < 10 ? "0" : "")\($0)" }) == ["1", "0", "1", "1", "0", "0", "0", "0", "0", "0", "0", "1"])
    }

    @Test func `each framework judges its own year`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))], years: [2020, 2021]))
        try board.put("1") { $0.at("D1").received("2020-05-05T00:00:00+07:00") }
        try board.put("2") { $0.at("D1").received("2021-05-05T00:00:00+07:00") }
        try board.put("3") { $0.at("D1").received("2021-05-05T00:00:00+07:00") }
        try board.put("4") { $0.at("D1").received("2019-05-05T00:00:00+07:00") }
        #expect(["2020", "2021"].map { board.score("F-\($0)/c/D1/\($0)") } == ["1", "2"])
        // A correction of the date of receipt moves it.
        try board.put("3") { $0.at("D1").received("2020-12-31T00:00:00+07:00") }
        #expect(["2020", "2021"].map { board.score("F-\($0)/c/D1/\($0)") } == ["2", "1"])
    }

    // MARK: Roll-up

    /// One dossier at each agency of the tree, so that a score says whose count where.
    private func rollUp(_ levels: [String], _ judgeAt: Set<JudgedAt>) throws -> [String] {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()), levels: levels, judgeAt: judgeAt)]))
        for agency in board.catalog.agencies { try board.put("at \(agency.id)") { $0.at(agency.id) } }
        return board.scores("c", "2021")
    }

    // In order: P, D1, D2, Q1, Q2, C11, C12 (of Q1), C21 (of Q2).
    @Test(arguments: [
        (["department"], [JudgedAt.`self`], ["–", "1", "1", "–", "–", "–", "–", "–"]),
        (["department"], [.`self`, .root], ["2", "1", "1", "–", "–", "–", "–", "–"]),
        (["district"], [.`self`], ["–", "–", "–", "1", "1", "–", "–", "–"]),
        (["commune"], [.`self`], ["–", "–", "–", "–", "–", "1", "1", "1"]),
        (["commune"], [.parent], ["–", "–", "–", "2", "1", "–", "–", "–"]),
        (["commune"], [.root], ["3", "–", "–", "–", "–", "–", "–", "–"]),
        (["commune"], [.`self`, .parent, .root], ["3", "–", "–", "2", "1", "1", "1", "1"]),
        (["district", "commune"], [.`self`], ["–", "–", "–", "3", "2", "1", "1", "1"]),
        (["district", "commune"], [.`self`, .parent, .root], ["5", "–", "–", "3", "2", "1", "1", "1"]),
        (["department", "district", "commune"], [.root], ["7", "–", "–", "–", "–", "–", "–", "–"]),
        (["district"], [.parent], ["2", "–", "–", "–", "–", "–", "–", "–"]),
        (["province", "commune"], [.`self`], ["4", "–", "–", "–", "–", "1", "1", "1"]),
        (["province"], [.parent], ["–", "–", "–", "–", "–", "–", "–", "–"]),
        (["province"], [.root], ["1", "–", "–", "–", "–", "–", "–", "–"]),
        ([], [.`self`, .root], ["–", "–", "–", "–", "–", "–", "–", "–"]),
    ] as [([String], Set<JudgedAt>, [String])])
    func `levels say whose subjects count, judge_at says where; a judged agency counts all below it that count`(levels: [String], judgeAt: Set<JudgedAt>, expected: [String]) throws {
        #expect(try rollUp(levels, judgeAt) == expected)
    }

    @Test func `a parent's ratio is the sum of numerators over the sum of denominators, not a mean of ratios`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, levels: ["commune"], judgeAt: [.`self`, .parent, .root])]))
        try board.put("1") { $0.at("C11").finished("2021-03-05T00:00:00+07:00") }
        for n in 2...10 { try board.put("\(n)") { $0.at("C12").due("2021-03-01T00:00:00+07:00").finished("2021-03-05T00:00:00+07:00") } }
        #expect(board.scores("c", "2021") == ["1/10", "–", "–", "1/10", "0/0", "1/1", "0/9", "0/0"])
    }

    @Test func `a subject that moves to another agency leaves every cell of the one before`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()), judgeAt: [.`self`, .parent, .root])]))
        try board.put("1") { $0.at("C11") }
        #expect(board.scores("c", "2021") == ["1", "0", "0", "1", "0", "1", "0", "0"])
        try board.put("1") { $0.at("C21") }
        #expect(board.scores("c", "2021") == ["1", "0", "0", "0", "1", "0", "0", "1"])
        try board.put("1") { $0.at("X9") }
        #expect(board.scores("c", "2021") == ["0", "0", "0", "0", "0", "0", "0", "0"])
        try board.put("1") { $0.at("D2") }
        try board.put("1") { $0.deleted() }
        #expect(board.scores("c", "2021") == ["0", "0", "0", "0", "0", "0", "0", "0"])
    }

    // MARK: Distinct

    @Test func `a procedure counts once however many subjects it has, and at a parent the union counts`() throws {
        let measure = Measure.distinct(among: FactMask(required: .filedOnline), outOf: .fixed(10))
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", measure, levels: ["commune"], judgeAt: [.`self`, .parent, .root])]))
        func file(_ subject: String, _ agency: String, _ procedure: String, _ filing: String, _ board: inout Board) throws {
            try board.put(subject) { $0.at(agency).of(procedure).field("filing", text: filing) }
        }
        #expect(board.scores("c", "2021") == ["0/0", "–", "–", "0/0", "0/0", "0/0", "0/0", "0/0"])
        try file("1", "C11", "A", "online", &board)
        try file("2", "C11", "A", "online", &board)
        try file("3", "C12", "A", "online", &board)
        try file("4", "C12", "B", "online", &board)
        try file("5", "C21", "B", "counter", &board)
        #expect(board.scores("c", "2021") == ["2/10", "–", "–", "2/10", "0/10", "1/10", "2/10", "0/10"])
        try file("1", "C11", "A", "counter", &board)
        #expect(board.score("F-2021/c/C11/2021") == "1/10")
        try file("2", "C11", "A", "counter", &board)
        #expect(board.scores("c", "2021") == ["2/10", "–", "–", "2/10", "0/10", "0/10", "2/10", "0/10"])
        try file("3", "C12", "C", "online", &board)
        #expect(board.scores("c", "2021") == ["2/10", "–", "–", "2/10", "0/10", "0/10", "2/10", "0/10"])
        try file("4", "C12", "C", "online", &board)
        #expect(board.score("F-2021/c/P/2021") == "1/10")
        for subject in ["1", "2"] { try board.put(subject) { $0.deleted() } }
        #expect(board.score("F-2021/c/C11/2021") == "0/0")
    }

    // MARK: Windows

    @Test func `a window holds what was decided in the last so many local days, today included, at both edges`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.window(days: 7), .window(days: 1), .year])]), now: "2021-03-01T00:00:00+07:00")
        try board.put("1") { $0.at("D1").finished("2021-03-10T23:59:59.999999+07:00") }
        try board.put("2") { $0.at("D1").due("2021-03-05T00:00:00+07:00") }
        func window() -> [String] { ["last-7d", "last-1d", "2021"].map { board.score("F-2021/c/D1/\($0)") } }
        #expect(window() == ["0/0", "0/0", "1/1"])
        board.advance(to: "2021-03-05T23:59:59.999999+07:00")
        #expect(window() == ["0/0", "0/0", "1/1"])
        // The second comes overdue at the midnight of the 6th, and belongs to the new day.
        board.advance(to: "2021-03-06T00:00:00+07:00")
        #expect(window() == ["0/1", "0/1", "1/2"])
        board.advance(to: "2021-03-07T00:00:00+07:00")
        #expect(window() == ["0/1", "0/0", "1/2"])
        board.advance(to: "2021-03-10T00:00:00+07:00")
        #expect(window() == ["1/2", "1/1", "1/2"])
        board.advance(to: "2021-03-12T23:59:59.999999+07:00")
        #expect(window() == ["1/2", "0/0", "1/2"])
        board.advance(to: "2021-03-13T00:00:00+07:00")
        #expect(window() == ["1/1", "0/0", "1/2"])
        board.advance(to: "2021-03-16T23:59:59.999999+07:00")
        #expect(window() == ["1/1", "0/0", "1/2"])
        board.advance(to: "2021-03-17T00:00:00+07:00")
        #expect(window() == ["0/0", "0/0", "1/2"])
    }

    @Test func `corrections reach into windows, and what has left a window stays out`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.window(days: 7)])]), now: "2021-03-10T00:00:00+07:00")
        try board.put("1") { $0.at("D1").finished("2021-03-04T00:00:00+07:00") }
        try board.put("2") { $0.at("D1").finished("2021-03-03T23:59:59+07:00") }
        #expect(board.score("F-2021/c/D1/last-7d") == "1/1")
        try board.put("1") { $0.at("D1").due("2021-03-01T00:00:00+07:00").finished("2021-03-04T00:00:00+07:00") }
        #expect(board.score("F-2021/c/D1/last-7d") == "0/1")
        try board.put("2") { $0.at("D1").finished("2021-03-05T00:00:00+07:00") }
        #expect(board.score("F-2021/c/D1/last-7d") == "1/2")
        try board.put("1") { $0.at("D1").finished("2021-03-02T00:00:00+07:00") }
        #expect(board.score("F-2021/c/D1/last-7d") == "1/1")
        try board.put("2") { $0.at("D1").state(4) }
        #expect(board.score("F-2021/c/D1/last-7d") == "0/0")
        board.advance(to: "2021-04-10T00:00:00+07:00")
        #expect(board.score("F-2021/c/D1/last-7d") == "0/0")
    }

    @Test func `a window takes only dossiers of the framework's year`() throws {
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.window(days: 30)])]), now: "2021-01-10T00:00:00+07:00")
        try board.put("1") { $0.at("D1").received("2020-12-31T00:00:00+07:00").finished("2021-01-05T00:00:00+07:00") }
        try board.put("2") { $0.at("D1").received("2021-01-01T00:00:00+07:00").finished("2021-01-05T00:00:00+07:00") }
        #expect(board.score("F-2021/c/D1/last-30d") == "1/1")
    }

    @Test func `a procedure leaves a window with the last day that has it`() throws {
        let measure = Measure.distinct(among: FactMask(required: .finished), outOf: .fixed(5))
        var board = try Board(SmallCatalog.make([SmallCatalog.criterion("c", measure, periods: [.window(days: 3)])]), now: "2021-03-10T00:00:00+07:00")
        for (subject, procedure, day) in [("1", "A", "08"), ("2", "A", "10"), ("3", "B", "09"), ("4", "B", "08")] { try board.put(subject) { $0.at("D1").of(procedure).finished("2021-03-\(day)T12:00:00+07:00") } }
        var seen: [String] = []
        for day in ["10", "11", "12", "13"] {
            board.advance(to: "2021-03-\(day)T00:00:00+07:00")
            seen.append(board.score("F-2021/c/D1/last-3d"))
        }
        #expect(seen == ["2/5", "2/5", "1/5", "0/0"])
    }
}
