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
final class SnapshotRun {
    static let catalog = SmallCatalog.make([SmallCatalog.criterion("1", SmallCatalog.onTime, judgeAt: [.`self`, .root]), SmallCatalog.criterion("2", .count(among: FactMask(required: .overdue)))])

    let directory: StateDirectory
    let heard = Heard()
    var engine: Engine
    var keeper: SnapshotKeeper
    var next: Int64 = 0
    var now = 0.0
    var delivery = SnapshotKeeper.Delivery(handedOver: 0, settled: 0)

    init(_ directory: StateDirectory) throws {
        self.directory = directory
        engine = try Engine(catalog: Self.catalog, inputs: ["par.status"])
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

    var basis: SnapshotBasis { SnapshotBasis(positions: [.init(topic: "par.status", partition: 0, next: next)], instant: engine.clock, program: "test", catalog: Self.catalog) }

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

    func restored(_ catalog: Catalog = SnapshotRun.catalog, now: String? = nil) -> RestoredState {
        RestoredState(from: directory, catalog: catalog, inputs: ["par.status"], now: now.map(SmallCatalog.instant) ?? engine.clock)
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }
}

func scores(_ engine: borrowing Engine) -> [String] { engine.scores().map { "\($0.key) \($0.score)" } }

func withSnapshotRun(_ body: (SnapshotRun) throws -> Void) throws {
    try Oracle.withFolder("snapshots") { folder in
        try body(try SnapshotRun(try StateDirectory(folder.path)))
    }
}

/// Whether the state is the engine's, and from where it goes on.
func expect(_ state: consuming RestoredState, _ subjects: Int, next: Int64, scores expected: [String], unusable: Int = 0) {
    let basis = state.basis, problems = state.unusable
    #expect(basis?.positions.first?.next == next && problems.count == unusable)
    guard let engine = state.engine.take() else {
        Issue.record("nothing was restored")
        return
    }
    let found = (engine.subjects, scores(engine))
    #expect(found.0 == subjects && found.1 == expected)
}

/// What was logged: level and text.
final class Heard: LogHandler, Sendable {
    private let heard = Mutex<[String]>([])
    var lines: [String] { heard.withLock { $0 } }

    var metadata: Logger.Metadata { get { [:] } set {} }
    var logLevel: Logger.Level { get { .trace } set {} }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? { get { nil } set {} }
    func log(event: LogEvent) { heard.withLock { $0.append("\(event.level.rawValue) \(event.message)") } }
}
