import Catalog
import CatalogFiles
import Foundation
import Testing

/// `points:` of a criterion.
@Suite struct PointsOfCriteria {
    private func load(_ points: String) throws -> Points? {
        try Files().with(.criteria, "    lead: Văn phòng", "    points: \(points)").load().catalog.frameworks[0].criteria[0].points
    }

    private static func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? ExactDecimal(mantissa: -1, scale: 0) }

    @Test(arguments: [
        ("{max: 1, full_at: 10%}", Points(maximum: decimal("1"), rule: .linear(fullAt: decimal("0.1"), floor: decimal("0")))),
        ("{max: 1.5, full_at: 90%, floor: 50%, by: linear}", Points(maximum: decimal("1.5"), rule: .linear(fullAt: decimal("0.9"), floor: decimal("0.5")))),
        ("{max: 0.5, full_at: 80%, by: step}", Points(maximum: decimal("0.5"), rule: .steps([.init(limit: decimal("0.8"), points: decimal("0.5"))], lowerIsBetter: false))),
        ("{max: 2, full_at: 0, floor: 1, by: step}", Points(maximum: decimal("2"), rule: .steps([.init(limit: decimal("0"), points: decimal("2"))], lowerIsBetter: true))),
        ("{max: 1, steps: [[80%, 1], [60%, 0.5]]}", Points(maximum: decimal("1"), rule: .steps([.init(limit: decimal("0.8"), points: decimal("1")), .init(limit: decimal("0.6"), points: decimal("0.5"))], lowerIsBetter: false))),
        ("{max: 1, steps: [[0, 1], [3, 0.5]]}", Points(maximum: decimal("1"), rule: .steps([.init(limit: decimal("0"), points: decimal("1")), .init(limit: decimal("3"), points: decimal("0.5"))], lowerIsBetter: true))),
    ])
    func `a rule is read as it stands`(_ text: String, _ expected: Points) throws {
        #expect(try load(text) == expected)
    }

    @Test(arguments: [
        ("{full_at: 1}", "'max' is missing"), ("{max: 0, full_at: 1}", "'max' must be above 0"), ("{max: -1, full_at: 1}", "-1 cannot be points: 0 to 1000, with at most 4 places"),
        ("{max: 0.00001, full_at: 1}", "0.00001 cannot be points"), ("{max: 1001, full_at: 1}", "1001 cannot be points"), ("{max: one, full_at: 1}", "'one' is not a number"),
        ("{max: 1}", "'points' needs 'full_at' or 'steps'"), ("{max: 1, full_at: 0}", "'full_at' and 'floor' are both 0"), ("{max: 1, full_at: 1, by: jumps}", "'jumps' is not one of linear, step"),
        ("{max: 1, full_at: 1, flor: 0}", "unknown key 'flor': did you mean 'floor'?"), ("{max: 1, steps: []}", "'steps' is empty"), ("{max: 1, steps: [80%]}", "expected a list"),
        ("{max: 1, steps: [[80%]]}", "a step is [value, points]"), ("{max: 1, steps: [[80%, 2]]}", "2 is above 'max'"), ("{max: 1, steps: [[60%, 0.5], [80%, 1]]}", "the best step comes first: 1 is not below 0.5"),
        ("{max: 1, steps: [[80%, 1], [60%, 0.5], [70%, 0.2]]}", "the values of steps rise or fall: 0.7 comes after 0.6"), ("{max: 1, full_at: 1, steps: [[80%, 1]]}", "'full_at' does not go with 'steps'"),
    ])
    func `a mistake is named with its line`(_ text: String, _ expected: String) throws {
        let found = try Files().with(.criteria, "    lead: Văn phòng", "    points: \(text)").problems()
        #expect(found.contains { $0.hasPrefix("criteria.yaml:14: ") && $0.contains(expected) }, "\(found)")
    }
}
