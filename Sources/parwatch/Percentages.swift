import Alerting
import Catalog

/// Of which criteria people read the values in per cent: as the measure says, not the score. A mean is a fraction and none; where the catalog does not know the
/// criterion, a fraction counts as one.
struct Percentages {
    private let known: [String: Bool]

    init(_ catalog: Catalog) {
        known = Dictionary(catalog.criteria.map { ("\($0.framework.id)/\($0.criterion.code)", $0.criterion.measure.isPercentage) }) { first, _ in first }
    }

    /// `denominator`: of the score.
    func include(_ framework: String, _ code: String, denominator: Int64?) -> Bool { known["\(framework)/\(code)"] ?? (denominator != nil) }
}

extension ExactDecimal {
    /// As people read a value: 0.9312 is 93.12% where it is one.
    func text(isPercentage: Bool) -> String { isPercentage ? "\(percent)%" : "\(self)" }
}
