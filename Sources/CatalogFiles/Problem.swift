/// Something wrong in a file that somebody wrote, with its place and what to do.
package struct Problem: Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; nil where there is none.
    package var line: Int?
    package var text: String

    package init(file: String, line: Int?, text: String) { (self.file, self.line, self.text) = (file, line, text) }

    package var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(text)" }
}

/// Everything that is wrong with a configuration, in the order in which it was found.
package struct Problems: Error, CustomStringConvertible {
    package var list: [Problem]

    package init(list: [Problem]) { self.list = list }

    package var description: String { list.map(\.description).joined(separator: "\n") }
}

/// Collects problems while reading goes on, so that one run names them all.
final class ProblemList {
    private(set) var errors: [Problem] = []

    /// A file that several extend is read for each; what is wrong with it is said once.
    func add(_ file: String, _ line: Int?, _ text: String) {
        if errors.contains(where: { $0.file == file && $0.line == line && $0.text == text }) { return }
        errors.append(Problem(file: file, line: line, text: text))
    }
}
