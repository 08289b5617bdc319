import Foundation

/// One thing that was measured, with its rounds; or why it was not.
struct Figure: Codable {
    /// For programs: stays the same from version to version, whatever the words are.
    var key: String
    var name: String
    var unit: String
    var rounds: [Double]
    var median: Double
    var min: Double
    var max: Double
    /// Set where there is no figure.
    var missing: String?
}

/// What a run has measured so far, in the order in which it is shown.
final class Figures {
    struct Section: Codable {
        var title: String
        var figures: [Figure]
    }

    private(set) var sections: [Section] = []

    func begin(_ title: String) { sections.append(Section(title: title, figures: [])) }

    func add(_ key: String, _ name: String, _ unit: String, _ rounds: [Double]) {
        let sorted = rounds.sorted()
        let middle = sorted.count / 2
        let median = sorted.isEmpty ? .nan : sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        put(Figure(key: key, name: name, unit: unit, rounds: rounds, median: median, min: sorted.first ?? .nan, max: sorted.last ?? .nan))
    }

    func add(_ key: String, _ name: String, _ unit: String, missing reason: String) {
        put(Figure(key: key, name: name, unit: unit, rounds: [], median: 0, min: 0, max: 0, missing: reason))
    }

    private func put(_ figure: Figure) {
        if sections.isEmpty { begin("") }
        sections[sections.count - 1].figures.append(figure)
    }

    private var checkedSections = 0

    /// Throws unless figures came since the last call, if any of `parts` was wanted, and each of them is a number.
    func expect(_ wanted: Set<Part>, of parts: [Part]) throws {
        let figures = sections[checkedSections...].flatMap(\.figures)
        checkedSections = sections.count
        guard !figures.isEmpty || wanted.isDisjoint(with: parts) else { throw Problem("no figure came of \(parts.map(\.rawValue).joined(separator: ", "))") }
        for figure in figures where sections.flatMap(\.figures).count(where: { $0.key == figure.key }) > 1 { throw Problem("two figures have the key '\(figure.key)'") }
        for figure in figures where figure.missing == nil {
            guard !figure.rounds.isEmpty, figure.rounds.allSatisfy(\.isFinite) else { throw Problem("no figure came of '\(figure.name)'") }
        }
    }
}
