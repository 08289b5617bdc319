import Cases
import Catalog
import Foundation
@testable import Snapshots
import Testing

@Suite struct Format {
    private let sections: [(String, [UInt8])] = [("entries", Array(0..<96)), ("codes", []), ("profiles", [1, 2, 3])]

    @Test func `what was written is read, whatever lengths the sections have`() throws {
        var dice = Seeded(Oracle.seed("round trip"))
        try withDirectory { directory in
            for length in [0, 1, 47, 48, 49, 1 << 16, SnapshotFormat.longestPayload, SnapshotFormat.longestPayload + 1] {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                try directory.write([("a", bytes), ("sixteen-letters-", [9]), ("a", [1, 2])], basis: basis(dice.int64(0...99)))
                let found = try #require(try directory.read(directory.newest))
                #expect(found.sections["a"] == bytes + [1, 2] && found.sections["sixteen-letters-"] == [9] && found.sections.count == 2)
            }
            for next in 0..<2 {
                try directory.write([], basis: basis(Int64(next)))
                #expect(try directory.read(directory.newest)?.basis == basis(Int64(next)))
            }
        }
    }

    @Test func `several threads read what one reads, and find the same fault`() throws {
        var dice = Seeded(Oracle.seed("beside"))
        var reasons = 0
        try withDirectory { directory in
            for _ in 0..<300 {
                let blocks = (0..<dice.int(0...9)).map { _ in ("entries", (0..<dice.one(of: [0, 1, 48, 999, 2_500])).map { _ in UInt8(truncatingIfNeeded: dice.next()) }) }
                try directory.write(blocks + sections.dropFirst(dice.int(0...3)), basis: basis())
                let one = try #require(try directory.read(directory.newest)), several = try #require(try directory.read(directory.newest, beside: "entries"))
                #expect(one.basis == several.basis && one.sections.filter { !$0.value.isEmpty } == several.sections.filter { !$0.value.isEmpty })
                var wrong = try bytes(of: directory.newest)
                for _ in 0..<dice.int(1...4) { wrong[dice.int(0...wrong.count - 1)] ^= 1 << UInt8(dice.int(0...7)) }
                if dice.once(in: 4) { wrong.removeLast(dice.int(1...wrong.count)) }
                try put(wrong, at: directory.newest)
                let reason = directory.reason(directory.newest)
                #expect(reason == directory.reason(directory.newest, beside: "entries"))
                if reason != nil { reasons += 1 }
            }
        }
        #expect(reasons > 290)
    }

    @Test func `of two faults the first in the file is told, though another thread finds the second`() throws {
        try withDirectory { directory in
            try directory.write((0..<4).map { ("entries", [UInt8](repeating: $0, count: 100)) }, basis: basis())
            var wrong = try bytes(of: directory.newest)
            let block = SnapshotFormat.blockHeadLength + 100, first = wrong.count - SnapshotFormat.blockHeadLength - 4 * block
            for number in [0, 3] { wrong[first + (number + 1) * block - 1] ^= 1 }
            try put(wrong, at: directory.newest)
            let reader = try #require(try SnapshotReader(directory.newest, for: SmallCatalog.make([]))), last = DispatchSemaphore(value: 0)
            nonisolated(unsafe) let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 400, alignment: 1)
            defer { memory.deallocate() }
            do throws(UnusableSnapshot) {
                // The first block waits until another thread has come to the last; where there is but one, in vain.
                _ = try reader.read("entries", into: { offset in
                    if offset == 0 { _ = last.wait(timeout: .now() + 5) }
                    if offset == 300 { last.signal() }
                    return UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
                }, { #expect($0 == 100..<200 || $0 == 200..<300) })
                Issue.record("it was taken")
            } catch {
                #expect(error.reason == .damaged(at: first))
            }
        }
    }

    @Test func `a file with any one bit flipped is refused`() throws {
        try withDirectory { directory in
            try directory.write(sections, basis: basis())
            let right = try bytes(of: directory.newest)
            var reasons: [UnusableSnapshot.Reason] = []
            for place in right.indices {
                for bit in 0..<8 {
                    var wrong = right
                    wrong[place] ^= 1 << UInt8(bit)
                    try put(wrong, at: directory.newest)
                    let reason = try #require(directory.reason(directory.newest), "byte \(place), bit \(bit)")
                    #expect(directory.reason(directory.newest, beside: "entries") == reason)
                    if !reasons.contains(reason) { reasons.append(reason) }
                }
            }
            #expect(reasons.contains(.foreign) && reasons.contains(.truncated) && reasons.contains(.damaged(at: 0)) && reasons.count > 4)
            #expect(!reasons.contains { if case .otherFormat = $0 { true } else { false } }, "a damaged number is no other format")
        }
    }

    @Test func `a file that ends anywhere before its end, or goes on behind it, is refused`() throws {
        try withDirectory { directory in
            try directory.write(sections, basis: basis())
            let right = try bytes(of: directory.newest)
            for length in right.indices {
                try put(Array(right.prefix(length)), at: directory.newest)
                #expect(directory.reason(directory.newest) == .truncated, "after \(length) bytes")
            }
            try put(right + [0], at: directory.newest)
            #expect(directory.reason(directory.newest) == .damaged(at: right.count - SnapshotFormat.blockHeadLength))
            try put(right, at: directory.newest)
            #expect(directory.reason(directory.newest) == nil)
        }
    }

    @Test func `blocks that are right each by itself are refused where one is missing, doubled or elsewhere`() throws {
        try withDirectory { directory in
            try directory.write([("a", [1]), ("b", [2]), ("c", [3])], basis: basis())
            let right = try bytes(of: directory.newest)
            let length = SnapshotFormat.blockHeadLength + 1, blocks = right.count - SnapshotFormat.blockHeadLength - 3 * length
            func block(_ number: Int) -> ArraySlice<UInt8> { right[(blocks + number * length)..<(blocks + (number + 1) * length)] }
            let head = right.prefix(blocks), end = right.suffix(SnapshotFormat.blockHeadLength)
            for order in [[0, 2], [1, 2], [0, 1], [0, 0, 1, 2], [1, 0, 2], [0, 1, 2, 2], []] {
                try put(Array(head + order.flatMap(block) + end), at: directory.newest)
                #expect(directory.reason(directory.newest) != nil, "\(order)")
            }
            try put(Array(head + [0, 1, 2].flatMap(block) + end), at: directory.newest)
            #expect(directory.reason(directory.newest) == nil)
        }
    }

    @Test func `an older format, a newer one and a file of something else are told apart, and say what to do`() throws {
        try withDirectory { directory in
            try directory.write(sections, basis: basis())
            let right = try bytes(of: directory.newest)
            for version: UInt32 in [0, 1, 2, 3, 4, 5, 6, 8, .max] {
                try put(SnapshotFormat.head(version: version) + right[SnapshotFormat.headLength...], at: directory.newest)
                #expect(directory.reason(directory.newest) == .otherFormat(version))
            }
            for foreign in ["# parwatch.yaml\nsource: urn:x\n", "x", String(repeating: "0", count: 100)] {
                try put(Array(foreign.utf8), at: directory.newest)
                #expect(directory.reason(directory.newest) == .foreign)
            }
            #expect(UnusableSnapshot(file: "/x", .otherFormat(1)).description == "/x is of format 1, this version of parwatch reads 7: run the version that wrote it, or let this one read the inputs again")
        }
    }

    @Test func `a length that is claimed is never asked of the memory`() throws {
        try withDirectory { directory in
            try directory.write([], basis: basis())
            let right = try bytes(of: directory.newest)
            for length: UInt32 in [.max, UInt32(SnapshotFormat.longestPayload) + 1] {
                var wrong = right
                for byte in 0..<4 { wrong[SnapshotFormat.headLength + SnapshotFormat.nameLength + byte] = UInt8(truncatingIfNeeded: length >> UInt32(8 * byte)) }
                try put(wrong, at: directory.newest)
                #expect(directory.reason(directory.newest) == .damaged(at: SnapshotFormat.headLength))
            }
        }
        // Counts within what is rightly checksummed.
        for cut in 0..<basis().bytes.count { #expect(SnapshotBasis(Array(basis().bytes.prefix(cut))) == nil) }
        #expect(SnapshotBasis(basis().bytes + [0]) == nil && SnapshotBasis([UInt8](repeating: 0xFF, count: 64)) == nil)
    }

    @Test func `entries of another late_by, another time zone, other rules of the same zone or other ranks are refused`() throws {
        try withDirectory { directory in
            let winter = Zone(name: "Asia/Ho_Chi_Minh", initialOffset: 7 * 3_600, transitions: [.init(from: Instant(microseconds: 0), offset: 8 * 3_600)])
            try directory.write(sections, basis: basis())
            var ranked = SmallCatalog.make([])
            ranked.sources = [SourceRule(source: "urn:a", rank: 1), SourceRule(source: "urn:b")]
            for other in [SmallCatalog.make([], lateBy: .instant), SmallCatalog.make([], zone: .utc), SmallCatalog.make([], zone: winter), ranked] {
                guard case .otherCalendar = directory.reason(directory.newest, other) else {
                    Issue.record("\(other.lateBy) \(other.zone.name) was taken")
                    continue
                }
            }
            #expect(directory.reason(directory.newest, SmallCatalog.make([], lateBy: .instant)) == .otherCalendar(was: "late_by date in Asia/Ho_Chi_Minh, no ranks of sources", now: "late_by instant in Asia/Ho_Chi_Minh, no ranks of sources"))
            #expect("\(SnapshotBasis.Calendar(of: ranked))" == "late_by date in Asia/Ho_Chi_Minh, ranks urn:a 1")
            // Sources without a rank may come and go.
            ranked.sources = [SourceRule(source: "urn:b")]
            #expect(directory.reason(directory.newest, ranked) == nil)
            #expect(directory.reason(directory.newest, SmallCatalog.make([SmallCatalog.criterion("1", SmallCatalog.onTime)], years: [2030])) == nil)
        }
    }
}
