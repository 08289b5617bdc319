import Cases
import Catalog
import Testing

@Suite struct MilestoneSteps {
    private static func day(_ text: String) -> LocalDay { Zone.utc.day(of: SmallCatalog.instant(text + "T00:00:00Z")) }
    private static func milestone(_ month: Int, _ day: Int, _ level: String, next: Bool = false) -> Milestones.Milestone {
        .init(by: DayOfYear(month: month, day: day, isOfNextYear: next), level: SmallCatalog.decimal(level))
    }

    private static func steps(_ milestones: [Milestones.Milestone], line: Bool, _ year: Int = 2021) -> [LocalDay: Milestones.Step] {
        Dictionary(uniqueKeysWithValues: Milestones(milestones, hasLine: line).steps(in: year).map { ($0.from, $0) })
    }

    @Test func `the level of a milestone is the threshold from the day after it on`() {
        let steps = Self.steps([Self.milestone(9, 30, "60%"), Self.milestone(1, 31, "100%", next: true)], line: false)
        #expect(steps.keys.sorted() == [Self.day("2021-10-01"), Self.day("2022-02-01")])
        #expect(steps[Self.day("2021-10-01")]?.critical == SmallCatalog.decimal("0.6") && steps[Self.day("2022-02-01")]?.critical == SmallCatalog.decimal("1"))
        #expect(steps.values.allSatisfy { $0.warning == nil })
    }

    @Test func `the line goes up by the day, exactly, over a New Year`() {
        let steps = Self.steps([Self.milestone(9, 30, "60%"), Self.milestone(1, 31, "100%", next: true)], line: true)
        #expect(steps.count == 124)
        // 123 days; 41 of them are a third: 60 % + 40 % × 41/123 = 73.33 %.
        for (day, want) in [("2021-10-01", "0.6"), ("2021-10-02", "0.6033"), ("2021-11-11", "0.7333"), ("2021-12-22", "0.8667"), ("2022-01-31", "0.9967")] {
            #expect(steps[Self.day(day)]?.warning == SmallCatalog.decimal(want) && steps[Self.day(day)]?.critical == SmallCatalog.decimal("0.6"), "\(day)")
        }
        #expect(steps[Self.day("2022-02-01")]?.warning == nil && steps[Self.day("2022-02-01")]?.critical == SmallCatalog.decimal("1"))
    }

    @Test func `a line may fall, rounds half to even, and counts the leap day`() {
        let falling = Self.steps([Self.milestone(1, 1, "0.00075"), Self.milestone(1, 3, "0.00025")], line: true)
        // 0.00075 → 0.0008, 0.0005, then the next milestone.
        #expect(falling[Self.day("2021-01-02")]?.warning == SmallCatalog.decimal("0.0008") && falling[Self.day("2021-01-03")]?.warning == SmallCatalog.decimal("0.0005"))
        let rising = Self.steps([Self.milestone(1, 1, "0.00025"), Self.milestone(1, 3, "0.00075")], line: true)
        #expect(rising[Self.day("2021-01-02")]?.warning == SmallCatalog.decimal("0.0002"))
        let negative = Self.steps([Self.milestone(1, 1, "-1"), Self.milestone(1, 5, "1")], line: true)
        #expect(negative[Self.day("2021-01-03")]?.warning == SmallCatalog.decimal("-0.5") && negative[Self.day("2021-01-04")]?.warning == SmallCatalog.decimal("0"))
        let february = [Self.milestone(2, 28, "0"), Self.milestone(3, 1, "1")]
        #expect(Self.steps(february, line: true, 2020)[Self.day("2020-03-01")]?.warning == SmallCatalog.decimal("0.5") && Self.steps(february, line: true, 2021).count == 2)
    }
}
