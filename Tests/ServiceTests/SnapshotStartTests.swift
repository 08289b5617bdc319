import Cases
import Catalog
import Engine
import Foundation
import Logging
@testable import Service
import Snapshots
import Testing

/// What a start makes of the snapshots that it finds.
@Suite struct SnapshotsAtStart {
    @Test func `where the newest is damaged the previous is used, it is said why, and the next snapshot spares it`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            let first = scores(run.engine)
            try run.snapshot()
            run.receive(10..<20)
            try run.snapshot()
            try self.damage(run.directory.newest)
            let state = run.restored()
            let (texts, fate) = (state.unusable.map(\.description), state.newestBecomes)
            #expect(texts.count == 1 && texts[0].hasPrefix(run.directory.newest + " is damaged at byte ") && fate == .gone)
            expect(state, 10, next: 10, scores: first, unusable: 1)
            // What a start after that does.
            run.keeper = SnapshotKeeper(run.directory, every: .seconds(60), newestBecomes: .gone, now: run.now, log: Logger(label: "test") { [heard = run.heard] _ in heard })
            run.receive(20..<30)
            try run.snapshot()
            let now = scores(run.engine)
            expect(run.restored(), 30, next: 30, scores: now)
            try self.damage(run.directory.newest)
            expect(run.restored(), 10, next: 10, scores: first, unusable: 1)
            try self.damage(run.directory.previous)
            let none = run.restored()
            let (isEmpty, problems) = (none.basis == nil, none.unusable.count)
            #expect(isEmpty && problems == 2)
        }
    }

    private func damage(_ path: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count / 2] ^= 0x10
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func `other entries than the configuration's are not used`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let state = run.restored(SmallCatalog.make([], lateBy: .instant))
            let (isEmpty, texts, fate) = (state.basis == nil, state.unusable.map(\.description), state.newestBecomes)
            #expect(isEmpty && fate == .refused && texts.count == 1 && texts[0].hasSuffix("set it back, or let the inputs be read again"))
        }
    }

    @Test func `another source's snapshot is not used, and the log says whose it is`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let state = run.restored(SmallCatalog.make([], source: "urn:parwatch:elsewhere"))
            let (isEmpty, texts) = (state.basis == nil, state.unusable.map(\.description))
            #expect(isEmpty && texts == [
                "\(run.directory.newest) is of source urn:parwatch:test, but the configuration says urn:parwatch:elsewhere: give each its own 'state.directory', or let the inputs be read again"
            ])
        }
    }

    @Test func `what was taken by a clock that was ahead is not used, what was taken before that is, and the next snapshot spares it`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            let first = scores(run.engine)
            try run.snapshot()
            // The clock leaps, and the year leaves.
            run.engine.step(now: SmallCatalog.instant("2024-06-01T00:00:00+07:00"))
            #expect(run.subjects == 0)
            run.receive(10..<20)
            try run.snapshot()
            let known = run.restored(now: "2024-05-31T23:50:00+07:00")
            let isUsed = known.basis?.positions.first?.next == 20 && known.newestBecomes == .previous
            #expect(isUsed, "max_ahead is not yet exceeded")
            let state = run.restored(now: "2021-06-01T01:00:00+07:00")
            let (texts, fate) = (state.unusable.map(\.description), state.newestBecomes)
            #expect(texts.count == 1 && fate == .refused)
            #expect(texts.first?.hasPrefix(run.directory.newest + " was taken when the clock said 2024-06-01T00:00:00+07:00, now it says 2021-06-01T01:00:00+07:00: ") == true, "\(texts)")
            expect(state, 10, next: 10, scores: first, unusable: 1)
            // Both were.
            run.receive(20..<30)
            try run.snapshot()
            let none = run.restored(now: "2024-05-31T23:49:59+07:00")
            let (isEmpty, problems) = (none.basis == nil, none.unusable.count)
            #expect(isEmpty && problems == 2)
        }
    }

    @Test func `what was taken by a clock that was but little ahead is not used until the year has left that had left by it`() throws {
        try withSnapshotRun { run in
            let departure = try #require(SnapshotRun.catalog.departures.years.first?.at), before = departure.advanced(by: .seconds(-1))
            run.receive(0..<10)
            run.engine.step(now: before)
            let first = scores(run.engine)
            try run.snapshot()
            run.engine.step(now: departure)
            #expect(run.subjects == 0)
            run.receive(10..<20)
            try run.snapshot()
            func restored(_ now: Instant) -> RestoredState { RestoredState(from: run.directory, catalog: SnapshotRun.catalog, inputs: ["par.status"], now: now) }
            expect(restored(before), 10, next: 10, scores: first, unusable: 1)
            let left = restored(departure)
            let (next, problems) = (left.basis?.positions.first?.next, left.unusable.count)
            #expect(next == 20 && problems == 0)
        }
    }
}
