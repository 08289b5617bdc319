import Dispatch
import Snapshots
import Synchronization

/// Writes snapshots on a thread of its own, so that nobody waits for the disk: what is to be written lies on a desk with little room.
final class SnapshotScribe: Sendable {
    private let directory: StateDirectory
    private let thread = DispatchQueue(label: "parwatch.snapshots")
    private let underWay = DispatchGroup()
    /// Touched by its thread alone.
    private let writer = Mutex<SnapshotWriter?>(nil)
    private let desk = Mutex(Desk())

    private struct Desk {
        var pieces = 0
        var outcome: Outcome?
    }

    enum Outcome {
        case written(size: Int)
        case failed(SnapshotNotWritten)
        /// The newest still stands there, or does not.
        case seen(Bool)
    }

    /// Pieces that may lie on the desk, of about a megabyte each.
    private static let room = 4

    init(_ directory: StateDirectory) { self.directory = directory }

    /// Whether a piece may be given. Never waits.
    var hasRoom: Bool { desk.withLock { $0.pieces < Self.room } }

    /// What became of what was begun last, once.
    func takeOutcome() -> Outcome? { desk.withLock { $0.outcome.take() } }

    func begin(_ basis: SnapshotBasis) {
        desk.withLock { $0.outcome = nil }
        work { (slot, directory) throws(SnapshotNotWritten) in
            slot = try SnapshotWriter.begin(in: directory, basis)
            return nil
        }
    }

    func add(_ section: String, _ bytes: [UInt8]) {
        work { (slot, _) throws(SnapshotNotWritten) in
            try slot?.append(section, bytes)
            return nil
        }
    }

    func finish(newestBecomes fate: SnapshotWriter.Fate) {
        work { (slot, _) throws(SnapshotNotWritten) in
            guard let writer = slot.take() else { return nil }
            return .written(size: try writer.finish(newestBecomes: fate))
        }
    }

    /// Looks whether the newest is still there, of so many bytes.
    func look(for size: Int) {
        work { (_, directory) throws(SnapshotNotWritten) in .seen(directory.hasNewest(of: size)) }
    }

    func abandon() {
        work { (slot, _) throws(SnapshotNotWritten) in
            slot.take()?.abandon()
            return nil
        }
    }

    /// Waits until the desk is empty, for so long at most.
    func wait(seconds: Double) -> Bool { underWay.wait(timeout: .now() + max(0, seconds)) == .success }

    /// After a failure the rest of that snapshot comes to nothing.
    private func work(_ body: @escaping @Sendable (inout SnapshotWriter?, StateDirectory) throws(SnapshotNotWritten) -> Outcome?) {
        desk.withLock { $0.pieces += 1 }
        thread.async(group: underWay) { [self] in
            let outcome: Outcome? = writer.withLock { slot in
                do throws(SnapshotNotWritten) {
                    return try body(&slot, directory)
                } catch {
                    slot.take()?.abandon()
                    return .failed(error)
                }
            }
            desk.withLock {
                $0.pieces -= 1
                if let outcome { $0.outcome = outcome }
            }
        }
    }
}
