import Testing

@testable import Service

/// What may be missing is told of without end, but not at any length.
@Suite struct GapReports {
    private static func gap(_ number: Int) -> String { "par.status [\(number)] begins at offset \(number), but offsets 1 to \(number - 1) were not read: retention has overtaken this daemon" }

    @Test func `the first few gaps are told, the others counted`() {
        var gaps = Gaps()
        #expect(gaps.isEmpty && gaps.text == nil)
        for number in 1...3 { gaps.add(Self.gap(number)) }
        gaps.add(Self.gap(2))
        #expect(gaps.count == 3 && gaps.text == (1...3).map(Self.gap).joined(separator: "; "))
        for number in 4...1_000_000 { gaps.add("\(number)") }
        let text = gaps.text ?? ""
        #expect(gaps.count == 1_000_000 && text.utf8.count < 2_000 && text.hasPrefix(Self.gap(1)) && text.hasSuffix("; and 999992 more"))
    }

    @Test func `what a snapshot keeps of them does not grow with restarts`() {
        var gaps = Gaps()
        for restart in 0..<1_000 {
            gaps = Gaps(text: gaps.text ?? "")
            #expect(gaps.count == restart)
            gaps.add(Self.gap(restart + 2))
        }
        #expect(gaps.count == 1_000 && (gaps.text?.utf8.count ?? 0) < 2_000)
        #expect(Gaps(text: "").isEmpty && Gaps(text: "and 9223372036854775807 more").count == .max)
        let most = Gaps(text: "a; and 9223372036854775807 more")
        #expect(most.count >= 1, "what a file says does not end the process")
    }
}
