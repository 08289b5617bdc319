import Cases
import Catalog
import Testing

/// The examples of docs/measures.md, and what holds for all.
@Suite struct PointRules {
    private static func linear(_ maximum: String, fullAt: String, floor: String = "0") -> Points {
        Points(maximum: decimal(maximum), rule: .linear(fullAt: decimal(fullAt), floor: decimal(floor)))
    }

    private static func steps(_ maximum: String, _ steps: [(String, String)], lowerIsBetter: Bool = false) -> Points {
        Points(maximum: decimal(maximum), rule: .steps(steps.map { Points.Step(limit: decimal($0.0), points: decimal($0.1)) }, lowerIsBetter: lowerIsBetter))
    }

    private static func decimal(_ text: String) -> ExactDecimal { SmallCatalog.decimal(text) }

    @Test(arguments: [
        (linear("1", fullAt: "10%"), [(6_626, 100_000, "0.6626"), (1, 10, "1"), (99, 100, "1"), (0, 7, "0"), (1, 30, "0.3333"), (1, 15, "0.6667")]),
        (linear("1", fullAt: "15%"), [(1_455, 10_000, "0.97")]),
        (linear("2", fullAt: "100%", floor: "50%"), [(1, 2, "0"), (3, 4, "1"), (2, 5, "0"), (1, 1, "2"), (5, 4, "2")]),
        (linear("1", fullAt: "0", floor: "5%"), [(0, 9, "1"), (1, 100, "0.8"), (5, 100, "0"), (1, 2, "0")]),
        (steps("1", [("80%", "1"), ("60%", "0.5")]), [(8, 10, "1"), (79, 100, "0.5"), (6, 10, "0.5"), (59, 100, "0")]),
        (steps("1", [("0", "1"), ("3", "0.5")], lowerIsBetter: true), [(0, 1, "1"), (1, 1, "0.5"), (3, 1, "0.5"), (4, 1, "0")]),
        // Half to even, in the fourth place.
        (linear("1", fullAt: "1"), [(5, 100_000, "0"), (15, 100_000, "0.0002"), (25, 100_000, "0.0002"), (35, 100_000, "0.0004"), (50_001, 1_000_000_000, "0.0001")]),
    ] as [(Points, [(Int64, Int64, String)])])
    func `points are earned as docs measures says`(points: Points, examples: [(Int64, Int64, String)]) {
        for (numerator, denominator, expected) in examples {
            #expect(points.earned(numerator: numerator, denominator: denominator).description == expected, "\(numerator)/\(denominator) of \(points)")
        }
    }

    @Test func `whatever the value, points lie between 0 and the maximum, and a better value never earns less`() throws {
        var random = Seeded(Oracle.seed("points"))
        let edges: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max], limits = ["0", "1", "-1", "999999999.999999999", "-999999999.999999999", "0.000000001", "84.78"]
        for _ in 0..<5_000 {
            let fullAt = random.one(of: limits), floor = random.one(of: limits.filter { $0 != fullAt }), maximum = random.one(of: ["1", "0.0001", "1000", "2.6667"])
            let points = Self.linear(maximum, fullAt: fullAt, floor: floor), denominator = random.one(of: [1, 7, 1_000_000_000, .max, random.int64(1...1_000)])
            let values = [random.one(of: edges), random.one(of: edges), random.int64(-1_000...1_000)].sorted()
            let earned = values.map { points.earned(numerator: $0, denominator: denominator) }
            let rising = Self.decimal(floor) < Self.decimal(fullAt) ? earned : earned.reversed()
            #expect(rising[0] <= rising[1] && rising[1] <= rising[2] && Self.decimal("0") <= rising[0] && rising[2] <= points.maximum, "\(points): \(values) of \(denominator) earn \(earned)")
        }
    }

    @Test func `sums are those of what is shown`() {
        var sum = PointSum()
        for text in ["0.6626", "0.97", "1.5", "4"] { sum += Self.decimal(text) }
        #expect(sum.value.description == "7.1326")
        #expect((PointSum() + Self.decimal("12") - sum).value.description == "4.8674")
    }
}
