import Cases
import CatalogFiles
import Declaring
import Foundation
import Testing

@Suite struct CSVTables {
    private func rows(_ bytes: [UInt8]) throws -> [[String]] { try CSVTable(bytes, file: "f.csv").rows.map(\.cells) }
    private func rows(_ text: String) throws -> [[String]] { try rows(Array(text.utf8)) }

    private func problem(_ bytes: [UInt8]) -> String? {
        do {
            _ = try CSVTable(bytes, file: "f.csv")
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]), ("a,b\rc,d", [["a", "b"], ["c", "d"]]), ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
        ("\"a,b\",\"c \"\"d\"\"\"\n", [["a,b", "c \"d\""]]), ("\"a\r\nb\",c\r\n", [["a\r\nb", "c"]]), (",\n\n , \r\nx,\n", [["x", ""]]), ("\"\",\"\"\"\"\n", [["", "\""]]), ("", []),
        ("\"x\"", [["x"]]), ("ă,đ\nƠ,ư", [["ă", "đ"], ["Ơ", "ư"]]), ("a b , c\n", [["a b ", " c"]]),
    ] as [(String, [[String]])])
    func `cells are read as RFC 4180 writes them, whatever ends the lines`(_ text: String, _ expected: [[String]]) throws {
        #expect(try rows(text) == expected)
        #expect(try rows([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == expected)
    }

    @Test func `whatever is written is read back`() throws {
        var random = Seeded(Oracle.seed("csv"))
        for _ in 0..<500 {
            let table = (0..<random.int(1...5)).map { _ in (0..<3).map { place in (place == 0 ? "x" : "") + (0..<random.int(0...6)).map { _ in random.one(of: ["a", "đ", ",", "\"", "\n", "\r\n", " ", "=", "🙂"]) }.joined() } }
            let ending = random.one(of: ["\n", "\r\n"])
            let text = table.map { $0.map { cell in
                cell.contains { ",\"\n\r\r\n".contains($0) } || random.once(in: 3) ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
            }.joined(separator: ",") + ending }.joined()
            #expect(try rows(text) == table, "\(text)")
        }
    }

    @Test func `a row knows the line on which it begins`() throws {
        #expect(try CSVTable(Array("a\n\"b\nc\"\n\nd\r\n\"e\r\nf\"\r\ng".utf8), file: "f").rows.map(\.line) == [1, 2, 5, 6, 8])
    }

    @Test func `what is no such table is named with its line`() {
        let long = [UInt8](repeating: 0x78, count: 10 << 20)
        let cases: [([UInt8], String)] = [
            ([0xFF, 0xFE, 0x61, 0], "f.csv:1: is UTF-16: save it as 'CSV UTF-8'"), (Array("a\nb\n".utf8) + [0xC6, 0xA1, 0xD3, 0x0A], "f.csv:3: is not UTF-8: save it as 'CSV UTF-8'"),
            (Array("a,b\n\"c,d\ne,f\n".utf8), "f.csv:2: a quote that begins here never ends"), (Array("a\nb\"c\n".utf8), "f.csv:2: a quote stands in a cell that does not begin with one"),
            (Array("a\n\"b\"c\n".utf8), "f.csv:2: a quoted cell goes on after its quote"), (long, "f.csv:1: this row is over 1 MiB"), (Array("a,b\n".utf8) + long + [0x0A], "f.csv:2: this row is over 1 MiB"),
            (Array("a\n\"".utf8) + [UInt8](repeating: 0x0A, count: 2 << 20), "f.csv:2: this row is over 1 MiB"),
        ]
        for (bytes, expected) in cases { #expect(problem(bytes)?.hasPrefix(expected) == true, "\(expected): \(problem(bytes) ?? "nothing")") }
    }

    @Test func `no bytes make it trap`() {
        var random = Seeded(Oracle.seed("csv garbage"))
        for _ in 0..<2_000 { _ = problem((0..<random.int(0...40)).map { _ in random.one(of: [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xC4, 0x91, 0xFF, 0]) }) }
    }
}
