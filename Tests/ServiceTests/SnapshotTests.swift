import Cases
import Catalog
import Engine
import Foundation
import Intake
import Logging
import Scoreboard
@testable import Service
import Snapshots
import Synchronization
import Testing

/// An engine and its keeper, as the daemon's loop drives them; disks that fail are made with what the system has for it.
@Suite struct Snapshotting {
    static let catalog = SmallCatalog.make([SmallCatalog.criterion("1", SmallCatalog.onTime, judgeAt: [.`self`, .root]), SmallCatalog.criterion("2", .count(among: FactMask(required: .overdue)))])

    private final class Run {
        let directory: StateDirectory
        let heard = Heard()
        var engine: Engine
        var keeper: SnapshotKeeper
        var next: Int64 = 0
        var now = 0.0
        var delivery = SnapshotKeeper.Delivery(handedOver: 0, settled: 0)

        init(_ directory: StateDirectory) throws {
            self.directory = directory
            engine = try Engine(catalog: catalog, inputs: ["par.status"])
            engine.step(now: SmallCatalog.instant("2021-06-01T00:00:00+07:00"))
            let heard = heard
            keeper = SnapshotKeeper(directory, every: .seconds(60), now: 0, log: Logger(label: "test") { _ in heard })
        }

        func receive(_ subjects: Range<Int>) {
            let messages = subjects.map { subject in
                let message = DossierMessage().attribute("subject", text: "S\(subject)").field("agency", text: "D1").field("due", text: "2021-0\(subject % 9 + 1)-01T00:00:00+07:00")
                return Array((subject % 2 == 0 ? message : message.field("state", "9")).json.utf8)
            }
            for message in messages {
                let offset = next
                message.withUnsafeBytes { bytes in engine.receive(1) { _ in Engine.Record(Intake.Message(value: bytes), at: Cause(topic: 0, partition: 0, offset: offset)) } }
                next += 1
            }
        }

        var health: SnapshotHealth { keeper.health(now: now) }
        var isCopying: Bool { keeper.isCopying }
        var subjects: Int { engine.subjects }

        var basis: SnapshotBasis { SnapshotBasis(positions: [.init(topic: "par.status", partition: 0, next: next)], instant: engine.clock, program: "test", catalog: catalog) }

        func turn() {
            let basis = basis
            keeper.turn(&engine, now: now, delivery) { basis }
        }

        func finish(within seconds: Double) -> Bool {
            let basis = basis
            return keeper.finish(&engine, within: seconds, delivery) { basis }
        }

        /// After so many seconds it is not yet overdue; then it is, and the log says so once a minute.
        func tell(after seconds: Double, _ reason: String) {
            now += seconds
            turn()
            #expect(heard.lines == [] && health.error == nil, "five periods are not yet over")
            now += 1
            for _ in 0..<590 {
                turn()
                now += 0.1
            }
            #expect(heard.lines == ["error a snapshot has not come to its end for 301 s: \(reason); a restart would read more of the inputs again"])
            #expect(health.error == reason)
            now += 2
            for _ in 0..<590 {
                turn()
                now += 0.1
            }
            #expect(heard.lines.count == 2)
        }

        /// Turns, a minute later, until what comes of it is there and nothing is under way any more.
        func snapshot(until isDone: (SnapshotHealth) -> Bool = { $0.age == 0 && $0.error == nil }) throws {
            now += 60
            let deadline = ContinuousClock.now + .seconds(20)
            while true {
                turn()
                if keeper.isIdle, isDone(keeper.health(now: now)) { return }
                if ContinuousClock.now > deadline { throw Failure("nothing came of the snapshot: \(keeper.health(now: now))") }
                sched_yield()
            }
        }

        func restored(_ catalog: Catalog = Snapshotting.catalog, now: String? = nil) -> RestoredState {
            RestoredState(from: directory, catalog: catalog, inputs: ["par.status"], now: now.map(SmallCatalog.instant) ?? engine.clock)
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    private func scores(_ engine: borrowing Engine) -> [String] { engine.scores().map { "\($0.key) \($0.score)" } }

    private func withRun(_ body: (Run) throws -> Void) throws {
        try Oracle.withFolder("snapshots") { folder in
            try body(try Run(try StateDirectory(folder.path)))
        }
    }

    /// Whether the state is the engine's, and from where it goes on.
    private func check(_ state: consuming RestoredState, _ subjects: Int, next: Int64, scores expected: [String], unusable: Int = 0) {
        let basis = state.basis, problems = state.unusable
        #expect(basis?.positions.first?.next == next && problems.count == unusable)
        guard let engine = state.engine.take() else {
            Issue.record("nothing was restored")
            return
        }
        let found = (engine.subjects, scores(engine))
        #expect(found.0 == subjects && found.1 == expected)
    }

    @Test func `a snapshot is taken while messages come, and a restart goes on from it`() throws {
        try withRun { run in
            run.turn()
            #expect(run.health == SnapshotHealth())
            // More than a piece.
            run.receive(0..<45_000)
            let expected = scores(run.engine)
            try run.snapshot()
            check(run.restored(), 45_000, next: 45_000, scores: expected)
            let health = run.keeper.health(now: run.now + 5)
            #expect(health.age == 5 && health.size > 45_000 * 48 && health.size < 46_000 * 48)
            #expect(run.heard.lines == ["debug snapshot written"])
            run.receive(45_000..<45_100)
            try run.snapshot()
            let now = scores(run.engine)
            check(run.restored(), 45_100, next: 45_100, scores: now)
        }
    }

    @Test func `where nothing has come nothing is written, and the snapshot is as young as if it had been`() throws {
        try withRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let before = try FileManager.default.attributesOfItem(atPath: run.directory.newest)[.systemFileNumber] as? Int
            try run.snapshot()
            let after = try FileManager.default.attributesOfItem(atPath: run.directory.newest)[.systemFileNumber] as? Int
            #expect(before == after && run.heard.lines.count == 1)
        }
    }

    @Test func `a snapshot that was taken away, or replaced, while nothing came is noticed when the next is due, told of, and taken again`() throws {
        try withRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let expected = scores(run.engine), said = "warning the snapshot that was written last is gone: taking another"
            for loss in 1...2 {
                if loss == 1 { try FileManager.default.removeItem(atPath: run.directory.newest) } else { try Data("x".utf8).write(to: URL(fileURLWithPath: run.directory.newest)) }
                try run.snapshot { _ in run.heard.lines.count { $0 == said } == loss }
                run.now -= 60
                try run.snapshot()
                check(run.restored(), 10, next: 10, scores: expected)
                #expect(!FileManager.default.fileExists(atPath: run.directory.previous), "what was none does not become the previous")
            }
            try FileManager.default.removeItem(atPath: run.directory.newest)
            #expect(run.finish(within: 10))
            check(run.restored(), 10, next: 10, scores: expected)
        }
    }

    @Test func `where the newest is damaged the previous is used, it is said why, and the next snapshot spares it`() throws {
        try withRun { run in
            run.receive(0..<10)
            let first = scores(run.engine)
            try run.snapshot()
            run.receive(10..<20)
            try run.snapshot()
            try self.damage(run.directory.newest)
            let state = run.restored()
            let (texts, fate) = (state.unusable.map(\.description), state.newestBecomes)
            #expect(texts.count == 1 && texts[0].hasPrefix(run.directory.newest + " is damaged at byte ") && fate == .gone)
            check(state, 10, next: 10, scores: first, unusable: 1)
            // What a start after that does.
            run.keeper = SnapshotKeeper(run.directory, every: .seconds(60), newestBecomes: .gone, now: run.now, log: Logger(label: "test") { [heard = run.heard] _ in heard })
            run.receive(20..<30)
            try run.snapshot()
            let now = scores(run.engine)
            check(run.restored(), 30, next: 30, scores: now)
            try self.damage(run.directory.newest)
            check(run.restored(), 10, next: 10, scores: first, unusable: 1)
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
        try withRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let state = run.restored(SmallCatalog.make([], lateBy: .instant))
            let (isEmpty, texts, fate) = (state.basis == nil, state.unusable.map(\.description), state.newestBecomes)
            #expect(isEmpty && fate == .refused && texts.count == 1 && texts[0].hasSuffix("set it back, or let the inputs be read again"))
        }
    }

    @Test func `another source's snapshot is not used, and the log says whose it is`() throws {
        try withRun { run in
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
        try withRun { run in
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
            check(state, 10, next: 10, scores: first, unusable: 1)
            // Both were.
            run.receive(20..<30)
            try run.snapshot()
            let none = run.restored(now: "2024-05-31T23:49:59+07:00")
            let (isEmpty, problems) = (none.basis == nil, none.unusable.count)
            #expect(isEmpty && problems == 2)
        }
    }

    @Test func `what was taken by a clock that was but little ahead is not used until the year has left that had left by it`() throws {
        try withRun { run in
            let departure = try #require(Self.catalog.departures.years.first?.at), before = departure.advanced(by: .seconds(-1))
            run.receive(0..<10)
            run.engine.step(now: before)
            let first = scores(run.engine)
            try run.snapshot()
            run.engine.step(now: departure)
            #expect(run.subjects == 0)
            run.receive(10..<20)
            try run.snapshot()
            func restored(_ now: Instant) -> RestoredState { RestoredState(from: run.directory, catalog: Self.catalog, inputs: ["par.status"], now: now) }
            check(restored(before), 10, next: 10, scores: first, unusable: 1)
            let left = restored(departure)
            let (next, problems) = (left.basis?.positions.first?.next, left.unusable.count)
            #expect(next == 20 && problems == 0)
        }
    }

    @Test func `on a full disk the last snapshot stays, it is said once a minute, and the next one comes when there is room`() throws {
        try withRun { run in
            run.receive(0..<30_000)
            let first = scores(run.engine)
            try run.snapshot()
            for _ in 0..<2 {
                run.receive(Int(run.next)..<Int(run.next) + 10)
                let unfinished = run.directory.path + "/register.snapshot.unfinished"
                try FileManager.default.createSymbolicLink(atPath: unfinished, withDestinationPath: "/dev/full")
                run.keeper = SnapshotKeeper(run.directory, every: .seconds(1), now: run.now, log: Logger(label: "test") { [heard = run.heard] _ in heard })
                for _ in 0..<3 {
                    run.now += -59 + 1
                    try run.snapshot { $0.error != nil }
                    try? FileManager.default.createSymbolicLink(atPath: unfinished, withDestinationPath: "/dev/full")
                }
                try? FileManager.default.removeItem(atPath: unfinished)
            }
            #expect(run.health.error?.contains("No space left on device") == true)
            let errors = run.heard.lines.filter { $0.hasPrefix("error") }
            #expect(errors.count == 2 && errors[0].contains("register.snapshot.unfinished: write: No space left on device; a restart would read more of the inputs again"))
            check(run.restored(), 30_000, next: 30_000, scores: first)
            try run.snapshot()
            let now = scores(run.engine)
            check(run.restored(), 30_020, next: 30_020, scores: now)
        }
    }

    @Test func `where nothing can be written the engine goes on and the reason is said`() throws {
        // Nobody writes there, not even root.
        let run = try Run(try StateDirectory("/sys"))
        run.receive(0..<10)
        try run.snapshot { $0.error != nil }
        run.receive(10..<20)
        #expect(run.subjects == 20)
        #expect(run.heard.lines.count == 1 && run.heard.lines[0].hasPrefix("error no snapshot written, /sys/register.snapshot.unfinished: open: "))
        #expect(InstanceID(in: run.directory).concern?.contains("/sys/instance cannot be written") == true)
    }

    @Test func `a disk that hangs holds up nobody, and the end of the daemon for no longer than it allows`() throws {
        try withRun { run in
            let unfinished = run.directory.path + "/register.snapshot.unfinished"
            signal(SIGPIPE, SIG_IGN)
            // To open a pipe for writing waits until somebody reads it.
            #expect(mkfifo(unfinished, 0o600) == 0)
            run.receive(0..<200_000)
            run.now += 60
            for _ in 0..<1_000 { run.turn() }
            #expect(!run.isCopying)
            run.receive(200_000..<200_010)
            #expect(run.subjects == 200_010)
            #expect(run.heard.lines == [] && run.health.error == nil)
            run.tell(after: 300, "the disk has not taken it yet: it is slow, or hangs")
            #expect(!run.finish(within: 0.2))
            let reader = open(unfinished, O_RDONLY | O_NONBLOCK)
            #expect(reader >= 0)
            close(reader)
        }
    }

    @Test func `a snapshot becomes valid only when all rejections that it knows of have arrived`() throws {
        try withRun { run in
            run.receive(0..<10)
            run.delivery = .init(handedOver: 3, settled: 2)
            run.now += 60
            // The thread that writes must keep up, or the copy is not whole yet.
            for _ in 0..<1_000 {
                run.turn()
                usleep(2_000)
            }
            #expect(!FileManager.default.fileExists(atPath: run.directory.newest))
            run.tell(after: 300, "rejections that came of what is in it have not been written: what the log says of the rejected topic is to be mended")
            // What was handed over later does not matter.
            run.delivery = .init(handedOver: 5, settled: 3)
            try run.snapshot { $0.age != nil }
            #expect(run.health.error == nil)
            run.turn()
            #expect(run.health.error == nil, "the next has only begun")
            #expect(FileManager.default.fileExists(atPath: run.directory.newest))
            run.receive(10..<20)
            #expect(!run.finish(within: 5))
            run.delivery.settled = 5
            #expect(run.finish(within: 5))
        }
    }

    @Test func `the last snapshot holds everything, also where one was being taken`() throws {
        try withRun { run in
            run.receive(0..<10)
            #expect(run.finish(within: 10))
            let first = scores(run.engine)
            check(run.restored(), 10, next: 10, scores: first)
            run.receive(10..<60_000)
            run.now += 60
            run.turn()
            run.turn()
            #expect(run.isCopying)
            run.receive(60_000..<60_500)
            #expect(run.finish(within: 20))
            let last = scores(run.engine)
            check(run.restored(), 60_500, next: 60_500, scores: last)
            #expect(run.finish(within: 5), "nothing to do")
            run.receive(60_500..<60_501)
            #expect(!run.finish(within: 0))
            check(run.restored(), 60_500, next: 60_500, scores: last)
        }
    }

    @Test func `a copy that another catalog has overtaken is begun again`() throws {
        try withRun { run in
            run.receive(0..<45_000)
            run.now += 60
            run.turn()
            run.turn()
            var other = Self.catalog
            other.hash = "sha256:1"
            other.frameworks[0].criteria.removeLast()
            try run.engine.adopt(other)
            run.now -= 60
            try run.snapshot()
            let expected = scores(run.engine)
            check(run.restored(other), 45_000, next: 45_000, scores: expected)
        }
    }
}

/// What was logged: level and text.
private final class Heard: LogHandler, Sendable {
    private let heard = Mutex<[String]>([])
    var lines: [String] { heard.withLock { $0 } }

    var metadata: Logger.Metadata { get { [:] } set {} }
    var logLevel: Logger.Level { get { .trace } set {} }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? { get { nil } set {} }
    func log(event: LogEvent) { heard.withLock { $0.append("\(event.level.rawValue) \(event.message)") } }
}
