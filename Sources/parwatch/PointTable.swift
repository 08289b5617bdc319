import Catalog
import Engine
import JSON
import Scoreboard

/// What `scores --points` shows: what the score topic says, set against what could be earned.
struct PointTable {
    private let layout: Layout
    private let wanted: CellFilter.Wanted
    /// By key.
    private var earned: [String: (earned: ExactDecimal?, isApplicable: Bool)] = [:]

    init(_ catalog: Catalog, _ wanted: CellFilter.Wanted) {
        layout = Layout(catalog: catalog)
        self.wanted = wanted
    }

    /// Takes the `data` of a score record; a later one replaces it.
    mutating func read(_ key: String, _ data: JSONValue) {
        earned[key] = (data["points"]?.number.flatMap(ExactDecimal.init(nearest:)), data["applicable"]?.bool ?? true)
    }

    private var sheets: [PointSheet] {
        layout.pointSheets { earned[layout.key(of: $0)] ?? (nil, true) }.compactMap { sheet in
            var sheet = sheet
            let agency = layout.catalog.agencies[sheet.agency].id
            sheet.lines.removeAll { !wanted.includes(agency: agency, framework: sheet.framework.id, code: $0.criterion.code) }
            return sheet.lines.isEmpty ? nil : sheet
        }
    }

    var json: [[UInt8]] { sheets.map { $0.json(in: layout.catalog) } }

    /// The roots, or the one agency that is asked for, criterion by criterion; the other agencies with their sums, those with the most at risk first.
    var lines: [String] {
        let all = sheets
        guard !all.isEmpty else { return ["no criterion has points: 'points' of a criterion says what it can earn"] }
        var lines: [String] = [], at = 0
        while at < all.count {
            let first = all[at], group = all[at...].prefix { $0.framework.id == first.framework.id && $0.period == first.period }
            at += group.count
            lines.append(columns("\(first.framework.id) \(first.period)", "POINTS", "MAX", "AT RISK"))
            let whole = group.filter { group.count == 1 || layout.catalog.agencies[$0.agency].parent == nil }
            for sheet in whole {
                lines.append(text(sheet))
                for line in sheet.lines {
                    let points = line.isApplicable ? line.earned.map(\.description) ?? "-" : "n/a"
                    lines.append(columns("  \(line.criterion.code) \(line.criterion.name.vi)", points, "\(line.maximum)", "\(line.atRisk.value)"))
                }
            }
            let others = group.filter { sheet in !whole.contains { $0.agency == sheet.agency } }
            // Sorting keeps the catalog's order among equals.
            lines += others.enumerated().sorted { $1.element.atRisk < $0.element.atRisk || !($0.element.atRisk < $1.element.atRisk) && $0.offset < $1.offset }.map { text($0.element) }
        }
        return lines
    }

    private func text(_ sheet: PointSheet) -> String {
        columns(layout.catalog.agencies[sheet.agency].name.vi, "\(sheet.earned.value)", "\(sheet.maximum.value)", "\(sheet.atRisk.value)")
    }

    private func columns(_ name: String, _ points: String, _ maximum: String, _ atRisk: String) -> String {
        AlertLine.pad(name, 50) + [points, maximum, atRisk].map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
}
