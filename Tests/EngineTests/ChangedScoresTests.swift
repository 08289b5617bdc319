import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// What is handed out for the score topic.
@Suite struct ChangedScores {
    @Test func `what has changed is handed out once, so many at a time`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()), judgeAt: [.`self`, .root], target: Target(comparison: .atMost, value: SmallCatalog.decimal("1")))]), now: "2021-06-01T00:00:00+07:00")
        for (subject, agency) in [("1", "D1"), ("2", "D1"), ("3", "D2")] { scene.receive(subject) { $0.at(agency) } }
        let cells = scene.engine.takeChangedCells()
        var taken: [ScoreRecord] = []
        for cell in cells { taken.append(scene.engine.score(of: cell)) }
        #expect(taken.map { "\($0.key) \($0.score.numerator) \($0.isMet ?? false)" }.sorted() == ["F-2021/c/D1/2021 2 false", "F-2021/c/D2/2021 1 true", "F-2021/c/P/2021 3 false"])
        #expect(scene.engine.takeChangedCells().isEmpty)
        #expect(scene.engine.scores().map(\.key) == ["F-2021/c/D1/2021", "F-2021/c/D2/2021", "F-2021/c/P/2021"])
    }

    @Test func `when the score topic was made anew, every score that was handed out is handed out again, one that has become empty as well`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))]), now: "2021-06-01T00:00:00+07:00")
        scene.receive("1")
        scene.receive("2") { $0.at("D2") }
        #expect(scene.changed() == ["F-2021/c/D1/2021", "F-2021/c/D2/2021"])
        scene.receive("2") { $0.field("deleted", "true") }
        #expect(scene.changed() == ["F-2021/c/D2/2021"] && scene.changed() == [])
        scene.engine.scoreTopicLost()
        #expect(scene.changed() == ["F-2021/c/D1/2021", "F-2021/c/D2/2021"] && scene.changed() == [])
    }

    @Test func `when a year leaves, what it changes is handed out and nothing else, and what a record changed meanwhile is still its doing`() throws {
        let criterion = SmallCatalog.criterion("c", SmallCatalog.onTime, alert: .test())
        var scene = try Scene(SmallCatalog.make([criterion], years: [2021, 2023]), now: "2023-03-01T00:00:00+07:00")
        scene.receive("old") { $0.onTime }
        scene.receive("kept") { $0.onTime.field("received", text: "2023-02-01T08:00:00+07:00").at("D2") }
        #expect(scene.changed() == ["F-2021/c/D1/2021", "F-2023/c/D2/2023"])
        scene.receive("new", partition: 3) { $0.late.field("received", text: "2023-02-01T08:00:00+07:00") }
        #expect(scene.step("2023-03-02T00:00:00+07:00") == ["F-2023/c/D1/2023 firing warning below_threshold"])
        let cause = try #require(scene.land().first?.cause)
        #expect((cause.partition, cause.offset) == (3, 3))
        #expect(scene.engine.subjects == 2 && scene.changed() == ["F-2021/c/D1/2021", "F-2023/c/D1/2023"])
    }
}
