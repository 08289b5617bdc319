import Intake
import Testing

@testable import Register

@Suite struct Spread {
    /// Who knows how keys are made can make codes whose keys begin alike. If these began alike in the table as well, each would have to pass all the others.
    @Test func `subjects whose keys begin alike lie all over the table`() throws {
        let alike = (0..<200_000).map { CodeKey(code: "H21-\($0)") }.filter { $0.high >> 55 == 0 }
        try #require(alike.count > 200)
        let index = try #require(EntryIndex(slotCount: 1 << 16))
        defer { index.deallocate() }
        // In 64 parts of the table; chance leaves hardly one of them empty.
        #expect(Set(alike.map { index.home(of: $0) >> 10 }).count > 50)
    }

    @Test func `what one seed brings together another spreads`() {
        let alike = (0..<200_000).map { CodeKey(code: "H21-\($0)") }.filter { $0.spread(by: 0x9e37_79b9_7f4a_7c15) >> 23 == 0 }
        #expect(alike.count > 200 && Set(alike.map { $0.spread(by: 0xd1b5_4a32_d192_ed03) >> 26 }).count > 50)
    }
}
