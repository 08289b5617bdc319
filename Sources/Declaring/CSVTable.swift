package import CatalogFiles

/// A table as RFC 4180 writes it: cells between commas, in quotes where they hold commas, quotes or line breaks; rows end with LF, CR LF or CR. UTF-8, with or without a
/// byte order mark.
package struct CSVTable: Sendable {
    package struct Row: Sendable {
        /// On which it begins, from 1.
        package var line: Int
        package var cells: [String]
    }

    /// Rows without anything in them are left out.
    package private(set) var rows: [Row] = []

    /// Of a row, in bytes: a longer one is a mistake.
    static let longestRow = 1 << 20

    /// Stops at the first mistake: what follows a broken quote means nothing.
    package init(_ bytes: [UInt8], file: String) throws(Problems) {
        func problem(_ line: Int?, _ text: String) -> Problems { Problems(list: [Problem(file: file, line: line, text: text)]) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw problem(1, "is UTF-16: save it as 'CSV UTF-8'") }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if String(validating: text, as: UTF8.self) == nil { throw problem(Self.firstWrongLine(text), "is not UTF-8: save it as 'CSV UTF-8'") }
        var parser = Parser()
        for byte in text {
            if let mistake = parser.take(byte) { throw problem(mistake.line, mistake.text) }
        }
        if let mistake = parser.end() { throw problem(mistake.line, mistake.text) }
        rows = parser.rows
    }

    private static func firstWrongLine(_ text: ArraySlice<UInt8>) -> Int? {
        text.split(separator: 0x0A, omittingEmptySubsequences: false).firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
    }

    private struct Parser {
        private enum State {
            case atStart, plain, quoted
            /// After a quote within quotes: the end of the cell, or half of a doubled one.
            case afterQuote
        }

        typealias Mistake = (line: Int, text: String)

        private(set) var rows: [Row] = []
        private var state = State.atStart
        private var cell: [UInt8] = []
        private var cells: [String] = []
        private var size = 0
        private var line = 1
        private var rowLine = 1
        private var quoteLine = 1
        private var wasReturn = false

        /// Nil: all is well so far.
        mutating func take(_ byte: UInt8) -> Mistake? {
            // The second half of CR LF.
            defer { wasReturn = byte == 0x0D }
            if byte == 0x0A, wasReturn {
                if state == .quoted { cell.append(byte) }
                return nil
            }
            size += 1
            if size > CSVTable.longestRow { return (rowLine, "this row is over 1 MiB: no declaration is so long") }
            let endsLine = byte == 0x0A || byte == 0x0D
            if endsLine { line += 1 }
            switch state {
            case .quoted:
                if byte == 0x22 { state = .afterQuote } else { cell.append(byte) }
            case .afterQuote where byte == 0x22:
                cell.append(byte)
                state = .quoted
            case _ where endsLine: endRow()
            case _ where byte == 0x2C: endCell()
            case .afterQuote: return (line, "a quoted cell goes on after its quote: write a quote within quotes twice")
            case .atStart where byte == 0x22:
                quoteLine = line
                state = .quoted
            case .plain where byte == 0x22: return (line, "a quote stands in a cell that does not begin with one: put the whole cell in quotes, and write the quote twice")
            case .atStart, .plain:
                cell.append(byte)
                state = .plain
            }
            return nil
        }

        mutating func end() -> Mistake? {
            if state == .quoted { return (quoteLine, "a quote that begins here never ends") }
            endRow()
            return nil
        }

        private mutating func endCell() {
            cells.append(String(decoding: cell, as: UTF8.self))
            cell.removeAll(keepingCapacity: true)
            state = .atStart
        }

        private mutating func endRow() {
            endCell()
            if !cells.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { rows.append(Row(line: rowLine, cells: cells)) }
            cells.removeAll()
            (size, rowLine) = (0, line)
        }
    }
}
