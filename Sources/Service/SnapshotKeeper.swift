package import Catalog
package import Engine
import Glibc
package import Logging
package import Snapshots

/// How the last snapshot stands.
package struct SnapshotHealth: Sendable, Equatable {
    /// Seconds since the moment whose statuses it holds; nil: this process has written none yet.
    package var age: Double?
    /// In bytes.
    package var size = 0
    /// From its first piece until it was on the disk, in seconds.
    package var took = 0.0
    /// Why the last attempt failed, or why none has come to its end for long; nil: all is well.
    package var error: String?
}

/// Takes a snapshot of an engine now and then: a piece a turn on the engine's thread, written by a thread of its own. If the disk is slow, it takes longer; if it
/// fails, it is tried again after the usual time. The engine is never held up.
package struct SnapshotKeeper: ~Copyable {
    /// Of the records that the engine wanted written: a snapshot becomes valid only when all have arrived that came of what is in it, or a crash would lose a
    /// rejection for good.
    package struct Delivery: Sendable {
        /// How many were ever handed to the producer.
        package var handedOver: Int
        /// How many of them, from the first on, have arrived without a gap.
        package var settled: Int

        package init(handedOver: Int, settled: Int) { (self.handedOver, self.settled) = (handedOver, settled) }
    }

    private enum Stage {
        case idle
        case copying(EngineCopy)
        /// All has been copied; waits until so many records have arrived.
        case settling(Int)
        case writing
        /// Nothing has come since the last was written: whether it still stands is being seen.
        case looking
    }

    private let scribe: SnapshotScribe
    private let every: Double
    private let log: Logger
    private var stage = Stage.idle
    private var due: Double
    /// Of the snapshot that is being taken.
    private var basis: SnapshotBasis?
    private var began = 0.0
    /// Of the last that was written.
    private var written: (basis: SnapshotBasis, at: Double, size: Int, took: Double)?
    private var error: String?
    private var patience = Patience<String>()
    private var newestBecomes: SnapshotWriter.Fate

    /// Entries a turn: 48 bytes each, so about a megabyte.
    private static let entries = 20_000
    /// Periods that a snapshot may take, and at least so many seconds, before it is told what holds it up.
    private static let overdue = (periods: 5.0, seconds: 60.0)

    /// `now`: seconds of the clock that `turn` is given. `newestBecomes`: when the first takes its place, by what was found of it at the start.
    package init(_ directory: StateDirectory, every: Instant.Duration, newestBecomes: SnapshotWriter.Fate = .previous, now: Double, log: Logger) {
        // A limit on the size of files is an error like a full disk, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        scribe = SnapshotScribe(directory)
        self.every = Double(every.microseconds) / 1e6
        self.log = log
        due = now + self.every
        self.newestBecomes = newestBecomes
    }

    /// Whether the next turn has work: then waiting for records holds it up.
    package var isCopying: Bool { if case .copying = stage { scribe.hasRoom } else { false } }

    /// Whether none is being taken.
    package var isIdle: Bool { if case .idle = stage { true } else { false } }

    /// Whether the turn of this instant begins a copy.
    package func begins(now: Double) -> Bool { if case .idle = stage { now >= due } else { false } }

    /// One turn: at most one piece. To be called when the engine's effects have been handed over. `now`: seconds of a clock that only runs forward. `basis` is
    /// asked when a copy begins: the next offsets of all that the engine has taken in, and nothing beyond.
    package mutating func turn(_ engine: inout Engine, now: Double, _ delivery: Delivery, basis: () -> SnapshotBasis) {
        let begins = begins(now: now)
        hear(now)
        if let reason = hindrance(now), let held = patience.hear(reason, now) {
            log.error("a snapshot has not come to its end for \(Int(now - began)) s: \(reason); a restart would read more of the inputs again", metadata: held > 0 ? ["repeated": "\(held)"] : [:])
        }
        switch stage {
        case .idle:
            guard begins else { return }
            due = now + every
            begin(&engine, now, basis())
        case .copying: copy(&engine, now, delivery)
        case .settling(let target): settle(target, delivery)
        case .writing, .looking: break
        }
    }

    /// The last snapshot: finishes the one that is being taken, and takes another if more has come since and there is time. True if what is on the disk then holds
    /// all that the engine has taken in. What is to be delivered must have been before.
    package mutating func finish(_ engine: inout Engine, within seconds: Double, _ delivery: Delivery, basis: () -> SnapshotBasis) -> Bool {
        let end = ServiceClock.monotonicSeconds + seconds
        for _ in 0..<2 {
            if case .idle = stage { begin(&engine, ServiceClock.monotonicSeconds, basis()) }
            while true {
                let now = ServiceClock.monotonicSeconds
                hear(now)
                if case .idle = stage { break }
                if now >= end { return giveUp() }
                if case .settling(let target) = stage {
                    guard settle(target, delivery) else { return giveUp() }
                } else if case .copying = stage, scribe.hasRoom {
                    copy(&engine, now, delivery)
                } else if !scribe.wait(seconds: end - now) {
                    return giveUp()
                }
            }
            if let written, error == nil, written.basis.holds(what: basis()) { return true }
            if error != nil { return false }
        }
        return false
    }

    package func health(now: Double) -> SnapshotHealth {
        SnapshotHealth(age: written.map { now - $0.at }, size: written?.size ?? 0, took: written?.took ?? 0, error: error ?? hindrance(now))
    }

    /// What holds up the snapshot that is being taken, if that takes too long; the failure of the one before it says more.
    private func hindrance(_ now: Double) -> String? {
        guard error == nil, now - began > max(Self.overdue.periods * every, Self.overdue.seconds) else { return nil }
        return switch stage {
        case .idle: nil
        case .settling: "rejections that came of what is in it have not been written: what the log says of the rejected topic is to be mended"
        case .copying where scribe.hasRoom: "the engine has not come to its end: too much comes"
        case .copying, .writing, .looking: "the disk has not taken it yet: it is slow, or hangs"
        }
    }

    // MARK: Steps

    private mutating func begin(_ engine: inout Engine, _ now: Double, _ basis: SnapshotBasis) {
        began = now
        if let written, written.basis.holds(what: basis), error == nil {
            scribe.look(for: written.size)
            stage = .looking
            return
        }
        self.basis = basis
        scribe.begin(basis)
        stage = .copying(engine.startCopy())
    }

    private mutating func copy(_ engine: inout Engine, _ now: Double, _ delivery: Delivery) {
        guard case .copying(var copy) = stage, scribe.hasRoom else { return }
        switch engine.step(&copy, atMost: Self.entries) {
        case .piece(let piece):
            if !piece.bytes.isEmpty { scribe.add(piece.section, piece.bytes) }
            stage = .copying(copy)
        case .whole: stage = .settling(delivery.handedOver)
        case .overtaken:
            scribe.abandon()
            stage = .idle
            due = now
        }
    }

    @discardableResult
    private mutating func settle(_ target: Int, _ delivery: Delivery) -> Bool {
        guard delivery.settled >= target else { return false }
        scribe.finish(newestBecomes: newestBecomes)
        stage = .writing
        return true
    }

    private mutating func giveUp() -> Bool {
        scribe.abandon()
        stage = .idle
        return false
    }

    private mutating func hear(_ now: Double) {
        switch scribe.takeOutcome() {
        case nil: return
        case .written(let size):
            guard let basis else { return }
            written = (basis, began, size, now - began)
            error = nil
            newestBecomes = .previous
            log.debug("snapshot written", metadata: ["bytes": "\(size)", "seconds": "\(((now - began) * 1_000).rounded() / 1_000)"])
        case .seen(true): written?.at = began
        case .seen(false):
            log.warning("the snapshot that was written last is gone: taking another")
            (written, newestBecomes, due) = (nil, .gone, now)
        case .failed(let failure):
            error = failure.description
            if let held = patience.hear(failure.description, now) { log.error("\(failure)", metadata: held > 0 ? ["repeated": "\(held)"] : [:]) }
        }
        stage = .idle
    }
}

extension SnapshotBasis {
    /// Whether it says of the inputs what the other says.
    fileprivate func holds(what other: SnapshotBasis) -> Bool { positions == other.positions && incomplete == other.incomplete }
}
