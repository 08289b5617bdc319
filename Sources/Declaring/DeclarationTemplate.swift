package import Catalog

/// A header, and for each criterion a row to be overwritten.
package enum DeclarationTemplate {
    /// The criteria must be ones that are declared.
    package static func lines(for criteria: [(framework: Framework, criterion: Criterion)], in catalog: Catalog) -> [String] {
        let rows = criteria.map { row(of: $0.criterion, $0.framework, catalog) }
        let columns = DeclarationFile.columns.filter { name in rows.contains { $0[name] != nil } }
        return ([columns] + rows.map { row in columns.map { row[$0] ?? "" } }).map { $0.map(cell).joined(separator: ",") }
    }

    private static func row(of criterion: Criterion, _ framework: Framework, _ catalog: Catalog) -> [String: String] {
        let year = Period.year.days(in: framework.year), period = criterion.periods.first?.periods.first ?? .year
        let fitting = catalog.agencies.filter { criterion.levels.contains($0.level) }
        var row = ["framework": framework.id, "criterion": criterion.code, "agency": (fitting.first { $0.exists(within: year) } ?? fitting.first)?.id ?? ""]
        let last = text(period.days(in: framework.year).upperBound + -1)
        switch Declaration.Kind(criterion.measure) {
        case .figure?:
            (row["period"], row["as_of"]) = (period.name(in: framework.year), last)
            if criterion.measure.form == .ratio { (row["numerator"], row["denominator"]) = ("9", "10") } else { row["value"] = "12.5" }
        case .obligation?: (row["due"], row["done"]) = (last, last)
        case .event?: row["occurred"] = last
        case nil: break
        }
        if case .checklist(_, _, let items) = criterion.measure { row["item"] = items.first?.first }
        return row
    }

    private static func text(_ day: LocalDay) -> String {
        let (year, month, day) = day.civil
        return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    private static func cell(_ text: String) -> String {
        text.contains { ",\"\n\r".contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
}
