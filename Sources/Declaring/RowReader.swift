import Catalog
import CatalogFiles
import Intake
import JSON

/// Reads one row. Every getter notes what is wrong and goes on, so that one run names it all.
final class RowReader {
    private let row: CSVTable.Row
    private let places: [String: Int]
    private let catalog: Catalog
    private(set) var mistakes: [String] = []

    init(_ row: CSVTable.Row, _ places: [String: Int], _ catalog: Catalog) { (self.row, self.places, self.catalog) = (row, places, catalog) }

    private func fail(_ text: String) { mistakes.append(text) }

    /// Nil if something is wrong; `mistakes` say what.
    func declaration() -> Declaration? {
        let named = criterion(), agency = agency(named?.criterion)
        guard let (framework, criterion) = named else { return nil }
        guard let kind = Declaration.Kind(criterion.measure) else {
            fail("'\(criterion.code)' is not declared: it is counted from what systems send (parwatch criteria --criterion \(criterion.code))")
            return nil
        }
        for name in DeclarationFile.columns where !kind.columns.contains(name) && !["framework", "criterion", "agency", "deleted"].contains(name) && text(name) != nil {
            fail("'\(name)' does not go with '\(criterion.code)', which takes \(kind == .figure ? "figures" : "\(kind.rawValue)s")")
        }
        let deleted = deleted()
        var writer = JSONWriter(), when: String?, what = "", parts: [String] = []
        let body: (inout JSONWriter) -> Void
        switch kind {
        case .figure:
            when = period(framework, criterion)
            let numbers = deleted ? nil : numbers(criterion), asOf = deleted ? nil : moment("as_of", isRequired: true)
            what = numbers?.text ?? ""
            body = { json in
                json.string("period", when)
                for (name, literal) in numbers?.fields ?? [] { json.literal(name, literal) }
                json.string("as_of", asOf)
            }
        case .obligation:
            when = moment("due", isRequired: true)
            let done = moment("done", isRequired: false), item = item(criterion)
            parts = [item].compactMap(\.self)
            what = (item.map { "\($0), " } ?? "") + (done.map { "done \($0)" } ?? "open")
            body = { json in
                if let item { json.string("item", item) }
                json.string("due", when)
                json.string("done", done)
            }
        case .event:
            when = moment("occurred", isRequired: true)
            if let when, let day = day(when), !Period.year.days(in: framework.year).contains(day) { fail("'\(when)' is not in \(framework.year), the year of \(framework.id)") }
            let item = item(criterion)
            parts = [item].compactMap(\.self)
            what = item ?? ""
            body = { json in
                if let item { json.string("item", item) }
                json.string("occurred", when)
            }
        }
        guard let agency, let when else { return nil }
        writer.object { json in
            json.string("framework", framework.id)
            json.string("criterion", criterion.code)
            json.string("agency", agency)
            if deleted { json.bool("deleted", true) } else { body(&json) }
        }
        let subject = text("id").flatMap(Code.normalized) ?? ([framework.id, criterion.code, agency, when] + parts).joined(separator: "/")
        return Declaration(
            line: row.line, kind: kind, framework: framework.id, criterion: criterion.code, agency: agency, when: when, what: deleted ? "deleted" : what, subject: subject, data: writer.bytes)
    }

    // MARK: Cells

    /// Nil if there is nothing in it.
    private func text(_ name: String) -> String? {
        guard let place = places[name] else { return nil }
        let text = row.cells[place].trimmed
        if text.isEmpty { return nil }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            fail("'\(name)' holds a control character or a line break")
            return nil
        }
        if let first = text.first, "=@".contains(first) || "+-".contains(first) && !text.dropFirst().allSatisfy({ $0.isNumber || ".,%".contains($0) }) {
            fail("'\(name)' holds a formula, \(quoted(text)): save the sheet with values")
            return nil
        }
        return text
    }

    private func required(_ name: String) -> String? {
        let before = mistakes.count
        if let text = text(name) { return text }
        if mistakes.count == before { fail("'\(name)' is missing") }
        return nil
    }

    private func quoted(_ text: String) -> String { "'\(text.prefix(60))\(text.count > 60 ? "…" : "")'" }

    private func criterion() -> (framework: Framework, criterion: Criterion)? {
        guard let name = required("criterion") else { return nil }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let code = parts.count == 2 ? parts[1] : name
        let wanted = text("framework") ?? (parts.count == 2 ? parts[0] : nil)
        if parts.count == 2, let framework = text("framework"), framework != parts[0] { fail("'framework' says \(quoted(framework)), 'criterion' says \(quoted(parts[0]))") }
        let frameworks = catalog.frameworks.filter { wanted == nil || wanted == $0.id }
        if frameworks.isEmpty {
            fail(wanted.map { "no framework \(quoted($0)): \(Spelling.hint(for: String($0.prefix(60)), among: catalog.frameworks.map(\.id)))" } ?? "the configuration has no framework")
            return nil
        }
        let found = frameworks.compactMap { framework in framework.criteria.first { $0.code == code }.map { (framework, $0) } }
        switch found.count {
        case 1: return found[0]
        case 0: fail("no criterion \(quoted(code)): \(Spelling.hint(for: String(code.prefix(60)), among: frameworks.flatMap { $0.criteria.map(\.code) }))")
        default: fail("several frameworks have a criterion \(quoted(code)): write \(found.map { "\($0.0.id)/\(code)" }.joined(separator: " or "))")
        }
        return nil
    }

    private func agency(_ criterion: Criterion?) -> String? {
        guard let text = required("agency"), let id = Code.normalized(text) else { return nil }
        guard let agency = catalog.agencies.first(where: { $0.id == id }) else {
            fail("no agency \(quoted(id)): \(Spelling.hint(for: String(id.prefix(60)), among: catalog.agencies.map(\.id)))")
            return nil
        }
        if let criterion, !criterion.levels.contains(agency.level) {
            fail("agency '\(id)' is a \(agency.level), and '\(criterion.code)' counts \(criterion.levels.joined(separator: ", "))")
        }
        return id
    }

    private func deleted() -> Bool {
        guard let text = text("deleted")?.lowercased(), text != "false" else { return false }
        if text != "true" { fail("'deleted' is \(quoted(text)): true, false or nothing") }
        return text == "true"
    }

    private func period(_ framework: Framework, _ criterion: Criterion) -> String? {
        guard let text = required("period") else { return nil }
        var copy = text
        let own = criterion.periods.flatMap(\.periods), parsed = copy.withUTF8 { Period.parse(UnsafeRawBufferPointer($0)) }
        if let (year, period) = parsed {
            if year == framework.year, own.contains(period) { return text }
            if period == .year, case .growth(_, .year(year), _) = criterion.measure { return text }
        }
        var known = criterion.periods.compactMap { kind in kind.periods.first.map { (first: $0, last: kind.periods.last ?? $0) } }.map {
            $0.first == $0.last ? $0.first.name(in: framework.year) : "\($0.first.name(in: framework.year)) to \($0.last.name(in: framework.year))"
        }
        if case .growth(_, .year(let baseline), _) = criterion.measure { known.append("\(baseline), which it is compared with") }
        fail("\(quoted(text)) is no period of '\(criterion.code)': \(known.joined(separator: "; "))")
        return nil
    }

    private func item(_ criterion: Criterion) -> String? {
        guard let item = text("item").flatMap(Code.normalized) else {
            if case .checklist = criterion.measure { fail("'item' is missing: which of the checklist's is it?") }
            return nil
        }
        if case .checklist(_, _, let items) = criterion.measure, !items.joined().contains(item) {
            fail("\(quoted(item)) is no item of '\(criterion.code)': \(Spelling.hint(for: String(item.prefix(60)), among: Array(items.joined())))")
        }
        return item
    }

    // MARK: Times

    private func moment(_ name: String, isRequired: Bool) -> String? {
        guard let text = isRequired ? required(name) : text(name) else { return nil }
        if day(text) != nil { return text }
        fail("'\(name)' is \(quoted(text)), not a date such as 2021-12-31 or a time such as 2021-12-31T17:00:00+07:00")
        return nil
    }

    private func day(_ text: String) -> LocalDay? {
        var copy = text
        return copy.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            return Timestamp.parseDate(raw) ?? Timestamp.parse(raw).map(catalog.zone.day(of:))
        }
    }

    // MARK: Numbers

    private struct Numbers {
        var fields: [(name: StaticString, literal: String)]
        var text: String
    }

    private func numbers(_ criterion: Criterion) -> Numbers? {
        let before = mistakes.count, isRatio = criterion.measure.form == .ratio
        let value = number("value", allowsPercent: isRatio), numerator = number("numerator"), denominator = number("denominator")
        guard mistakes.count == before else { return nil }
        if let value {
            if numerator == nil, denominator == nil { return Numbers(fields: [("value", value)], text: value) }
            fail("either 'value', or 'numerator' and 'denominator'")
            return nil
        }
        guard let numerator, let denominator else {
            fail(numerator == nil && denominator == nil ? (isRatio ? "'value', or 'numerator' and 'denominator', is missing" : "'value' is missing")
                : "'\(numerator == nil ? "numerator" : "denominator")' is missing")
            return nil
        }
        if denominator.hasPrefix("-") { fail("'denominator' is below 0") }
        if denominator == "0", numerator != "0" { fail("'denominator' is 0: 0 of 0 says that there is nothing to judge, \(numerator) of 0 is a mistake") }
        if !isRatio, denominator != "0" { fail("'\(criterion.code)' takes an amount: 'value', or 0 of 0 where there is nothing to judge") }
        return Numbers(fields: [("numerator", numerator), ("denominator", denominator)], text: "\(numerator) of \(denominator)")
    }

    /// As JSON writes it, in its shortest form.
    private func number(_ name: String, allowsPercent: Bool = false) -> String? {
        guard let text = text(name) else { return nil }
        if text.hasSuffix("%"), !allowsPercent {
            fail("'\(name)' is \(quoted(text)): write it without %, as the criterion counts it")
            return nil
        }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        if !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.utf8.count <= 15, let whole = Int64(text) { return "\(whole)" }
        if let decimal = ExactDecimal(text) { return "\(decimal)" }
        fail("'\(name)' is \(quoted(text)), not a number such as 12.5\(text.contains(",") ? ": a point before the decimals, nothing between thousands" : "; at most 15 digits, or 9 before and 9 after the point")")
        return nil
    }
}
