import Testing
import XML

@Suite struct XMLReaderTests {
    private func reader() throws -> XMLReader {
        try #require(XMLReader([.init("From/OrganId", 0), .init("Status/Code", 1), .init("Code", 1), .init("Trace/Time", 2, mayRepeat: true)]))
    }

    /// The text of a field, "-" where there is none, "!" where it stands twice.
    private func texts(_ xml: String, by reader: XMLReader) -> String {
        do {
            try Array(xml.utf8).withUnsafeBytes { try reader.parse($0) }
        } catch {
            return "\(error)"
        }
        var texts: [String] = []
        for place in 0..<3 {
            switch reader[place] {
            case .absent: texts.append("-")
            case .once(let text): texts.append(String(decoding: text, as: UTF8.self))
            case .repeated: texts.append("!")
            }
        }
        return texts.joined(separator: "|")
    }

    @Test(arguments: [
        ("<a><From><OrganId>1</OrganId></From></a>", "1|-|-"),
        ("<x:a xmlns:x='u'><x:From><x:OrganId> Đ &amp; \n</x:OrganId></x:From></x:a>", "Đ &|-|-"),
        ("<a><From><b><OrganId>1</OrganId></b></From><OrganId>2</OrganId></a>", "-|-|-"),
        ("<a><Status><Code>3</Code></Status></a>", "-|3|-"),
        ("<a><Code>3</Code><Code>4</Code></a>", "-|!|-"),
        ("<a><Trace><Time>1</Time></Trace><Trace><Time>2</Time></Trace></a>", "-|-|1"),
        ("<a><Code>1<b>2</b>3</Code></a>", "-|13|-"),
        ("<a><Code><![CDATA[<3]]></Code></a>", "-|<3|-"),
        ("<a><Code/></a>", "-||-"),
        ("<a><XCode>1</XCode></a>", "-|-|-"),
        ("<From><OrganId>1</OrganId></From>", "1|-|-"),
    ])
    func `of a document only the texts that were asked for are kept, by the ends of their paths`(_ xml: String, _ expected: String) throws {
        #expect(texts(xml, by: try reader()) == expected)
    }

    @Test(arguments: [
        ("", "notXML"), ("<a>", "notXML"), ("<a></b>", "notXML"), ("{}", "notXML"), ("<a/><b/>", "notXML"), ("<a>&x;</a>", "notXML"), ("<a>\u{1}</a>", "notXML"),
        ("<!DOCTYPE a><a/>", "doctype"), ("<!DOCTYPE a [<!ENTITY x \"y\">]><a><Code>&x;</Code></a>", "doctype"), ("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "doctype"),
    ])
    func `what is not well formed or declares a type is refused`(_ xml: String, _ expected: String) throws {
        #expect(texts(xml, by: try reader()) == expected)
    }

    @Test func `depth, names and texts have an end`() throws {
        let reader = try reader()
        let deep = { (count: Int) in String(repeating: "<a>", count: count) + String(repeating: "</a>", count: count) }
        #expect(texts(deep(XMLReader.mostElements), by: reader) == "-|-|-")
        #expect(texts(deep(XMLReader.mostElements + 1), by: reader) == "tooLarge")
        let name = String(repeating: "n", count: XMLReader.longestName)
        #expect(texts("<\(name)/>", by: reader) == "-|-|-")
        #expect(texts("<\(name)n/>", by: reader) == "tooLarge")
        let text = String(repeating: "t", count: XMLReader.longestText)
        #expect(texts("<a><Code>\(text)</Code></a>", by: reader) == "-|\(text)|-")
        #expect(texts("<a><Code>\(text)t</Code></a>", by: reader) == "tooLarge")
        #expect(texts("<a><Other>\(text)t</Other></a>", by: reader) == "-|-|-")
    }

    @Test func `a document that was refused leaves nothing behind for the next`() throws {
        let reader = try reader()
        #expect(texts("<a><From><OrganId>1</OrganId></From><Code>2</Code>", by: reader) == "notXML")
        #expect(texts("<a/>", by: reader) == "-|-|-")
    }

    @Test func `other encodings are read as what they say`() throws {
        let reader = try reader()
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a><Code>Đ</Code></a>"
        let bytes: [UInt8] = [0xFF, 0xFE] + xml.utf16.map { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }.joined()
        try bytes.withUnsafeBytes { try reader.parse($0) }
        guard case .once(let text) = reader[1] else {
            Issue.record("no text")
            return
        }
        #expect(String(decoding: text, as: UTF8.self) == "Đ")
    }
}
