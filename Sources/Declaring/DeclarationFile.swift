package import Catalog
package import CatalogFiles
import Intake

/// A file of declarations, read against a catalog: every wrong row is named, and of a file with a wrong row nothing is used.
package struct DeclarationFile: Sendable {
    package private(set) var declarations: [Declaration] = []

    static let columns = ["framework", "criterion", "agency", "period", "value", "numerator", "denominator", "as_of", "id", "item", "due", "done", "occurred", "deleted"]

    /// So many are told of, and what a row adds to them.
    private static let mostProblems = 100

    package init(_ table: CSVTable, file: String, catalog: Catalog) throws(Problems) {
        var problems: [Problem] = []
        guard let header = table.rows.first else { throw Problems(list: [Problem(file: file, line: nil, text: "is empty: parwatch declare --template CRITERION prints a header")]) }
        let places = Self.places(in: header, file, &problems)
        if !problems.isEmpty { throw Problems(list: problems) }
        if table.rows.count == 1 { throw Problems(list: [Problem(file: file, line: header.line, text: "has a header and no rows: nothing is declared")]) }
        var lineOf: [String: Int] = [:]
        for row in table.rows.dropFirst() {
            if problems.count >= Self.mostProblems {
                problems.append(Problem(file: file, line: row.line, text: "is not looked at any more: mend those before it first"))
                break
            }
            guard row.cells.count == header.cells.count else {
                problems.append(Problem(file: file, line: row.line, text: "\(row.cells.count) cells, but the header has \(header.cells.count)"))
                continue
            }
            let reader = RowReader(row, places, catalog)
            let declaration = reader.declaration()
            problems += reader.mistakes.map { Problem(file: file, line: row.line, text: $0) }
            guard let declaration, reader.mistakes.isEmpty else { continue }
            let subject = "\(declaration.kind) \(Code.normalized(declaration.subject) ?? "")"
            if let first = lineOf[subject] {
                let hint = declaration.kind == .figure ? "" : ": give each an 'id'"
                problems.append(Problem(file: file, line: row.line, text: "says the same thing as line \(first) (\(declaration.subject))\(hint)"))
                continue
            }
            lineOf[subject] = row.line
            declarations.append(declaration)
        }
        if !problems.isEmpty { throw Problems(list: problems) }
    }

    private static func places(in header: CSVTable.Row, _ file: String, _ problems: inout [Problem]) -> [String: Int] {
        var places: [String: Int] = [:]
        func fail(_ text: String) { problems.append(Problem(file: file, line: header.line, text: text)) }
        if header.cells.count == 1, let only = header.cells.first, let separator = [";", "\t"].first(where: only.contains) {
            fail("the columns are separated by \(separator == ";" ? "semicolons" : "tabs"): save it with commas")
            return [:]
        }
        for (place, cell) in header.cells.enumerated() {
            let name = cell.trimmed.lowercased()
            if !columns.contains(name) {
                fail(name.isEmpty ? "column \(place + 1) has no name" : "unknown column '\(name.prefix(60))': \(Spelling.hint(for: String(name.prefix(60)), among: columns))")
            } else if places.updateValue(place, forKey: name) != nil {
                fail("column '\(name)' stands here twice")
            }
        }
        for name in ["criterion", "agency"] where places[name] == nil { fail("column '\(name)' is missing: parwatch declare --template CRITERION prints a header") }
        return places
    }
}

extension String {
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }
}
