import Cases
import Foundation
import JSON
import Testing

@Suite struct Writer {
    /// Foundation reads back what is written.
    @Test func `any text is read back as it was, control characters and quotes included`() throws {
        var random = Seeded(Oracle.seed("JSON texts"))
        let odd: [Unicode.Scalar] = ["\"", "\\", "/", "\n", "\r", "\t", "\u{8}", "\u{C}", "\u{0}", "\u{1F}", "\u{7F}", "\u{2028}", "đ", "ế", "😀", "\u{FFFD}", "\u{10FFFF}", "{", ",", "a"]
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<random.int(0...30) { text.unicodeScalars.append(random.once(in: 3) ? random.one(of: odd) : Unicode.Scalar(UInt8(random.int(0...127)))) }
            var writer = JSONWriter()
            writer.object { $0.string("text", text) }
            let object = try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: String]
            guard let read = object?["text"], Array(read.utf8) == Array(text.utf8) else {
                Issue.record("\(text.debugDescription) is written as \(writer.text)")
                return
            }
        }
    }

    @Test func `every control character is escaped, and nothing else is touched`() {
        for byte in UInt8(0)...0x1F {
            var writer = JSONWriter()
            writer.string(nil, String(UnicodeScalar(byte)))
            let digits = String(byte, radix: 16)
            #expect(writer.text == (byte == 0x0A ? "\"\\n\"" : "\"\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)\""))
        }
        var writer = JSONWriter()
        writer.string(nil, "Sở \"Tư pháp\" \\ / \u{7F} 😀")
        #expect(writer.text == "\"Sở \\\"Tư pháp\\\" \\\\ / \u{7F} 😀\"")
    }

    @Test func `fields stand in the order in which they were written, with commas between them and no white space`() {
        var writer = JSONWriter()
        writer.object {
            $0.string("a", "x")
            $0.string("b", nil)
            $0.integer("c", .min)
            $0.integer("d", nil)
            $0.bool("e", true)
            $0.bool("f", false)
            $0.bool("g", nil)
            $0.object("h") { _ in }
            $0.object("i") { inner in
                inner.object("j") { $0.literal("k", "0.5") }
                inner.string("l", "")
            }
            $0.literal("m", "null")
        }
        #expect(writer.text == #"{"a":"x","b":null,"c":-9223372036854775808,"d":null,"e":true,"f":false,"g":null,"h":{},"i":{"j":{"k":0.5},"l":""},"m":null}"#)
    }
}
