package import Catalog
import Dispatch
import Synchronization

/// Reads a snapshot block by block. What it hands out is what was written; whether the file is whole shows only at its end.
package final class SnapshotReader {
    package private(set) var basis: SnapshotBasis
    /// Of the file, in bytes.
    package var size: Int { file.size }
    private let file: SnapshotFile
    private let buffer: UnsafeMutableRawBufferPointer
    /// Of the next block.
    private var place: SnapshotFile.Place

    /// Bytes of a section; valid until the next are asked for.
    package struct Block {
        package let section: String
        package let bytes: UnsafeRawBufferPointer
    }

    /// Opens a file and reads what it rests on, which must be the catalog's calendar. Nil: there is no such file.
    package init?(_ path: String, for catalog: Catalog) throws(UnusableSnapshot) {
        guard let file = try SnapshotFile(path) else { return nil }
        self.file = file
        basis = SnapshotBasis(positions: [], instant: .distantPast, program: "", catalog: catalog)
        place = try file.begin()
        buffer = .allocate(byteCount: SnapshotFormat.longestPayload, alignment: 4_096)
        guard let block = try next(), block.section == SnapshotFormat.basis, let basis = SnapshotBasis(Array(block.bytes)) else { throw file.damaged(at: SnapshotFormat.headLength) }
        self.basis = basis
        let calendar = SnapshotBasis.Calendar(of: catalog)
        guard basis.calendar == calendar else { throw UnusableSnapshot(file: path, .otherCalendar(was: "\(basis.calendar)", now: "\(calendar)")) }
    }

    deinit { buffer.deallocate() }

    /// The next block; nil once the end has been found where it should be.
    package func next() throws(UnusableSnapshot) -> Block? {
        let head = try file.head(at: place), buffer = buffer
        try file.read(head) { UnsafeMutableRawBufferPointer(rebasing: buffer[$0...]) }
        place = head.next
        guard head.section == SnapshotFormat.end else { return Block(section: head.section, bytes: UnsafeRawBufferPointer(rebasing: buffer.prefix(head.length))) }
        guard head.length == 0, place.offset == size else { throw file.damaged(at: head.start) }
        return nil
    }

    /// Reads the blocks of a section that come next, several threads at once, and returns how many bytes of it there were. `room` says where its bytes from so many on
    /// belong, as many as there is room for; `arrived` is told which bytes stand there as they were written.
    package func read(_ section: String, into room: @Sendable (Int) -> UnsafeMutableRawBufferPointer, _ arrived: @Sendable (Range<Int>) -> Void) throws(UnusableSnapshot) -> Int {
        let file = file, run = Mutex(Run(place: place))
        DispatchQueue.concurrentPerform(iterations: Self.threads) { _ in
            while let (head, first) = run.withLock({ $0.next(of: section, in: file) }) {
                do throws(UnusableSnapshot) {
                    try file.read(head) { room(first + $0) }
                    arrived(first..<first + head.length)
                } catch {
                    run.withLock { $0.fail(at: head.start, error) }
                }
            }
        }
        let end = run.withLock { $0 }
        if let failure = end.failure { throw failure.reason }
        place = end.place
        return end.length
    }

    /// Blocks of one section, one after the other. Each rests on the checksum that the one before it says of itself, and that is asked as well: if all are right, the file is.
    private struct Run {
        var place: SnapshotFile.Place
        /// In bytes, so far.
        var length = 0
        /// The first in the file.
        var failure: (start: Int, reason: UnusableSnapshot)?

        /// A block for a thread to read, and how many bytes of the section stand before it; nil: there is none left, or one was of no use.
        mutating func next(of section: String, in file: SnapshotFile) -> (SnapshotFile.Head, first: Int)? {
            guard failure == nil else { return nil }
            do throws(UnusableSnapshot) {
                let head = try file.head(at: place)
                guard head.section == section else { return nil }
                defer { length += head.length }
                place = head.next
                return (head, length)
            } catch {
                fail(at: place.offset, error)
                return nil
            }
        }

        mutating func fail(at start: Int, _ reason: UnusableSnapshot) {
            if failure.map({ start < $0.start }) ?? true { failure = (start, reason) }
        }
    }

    /// There may be fewer processors.
    private static let threads = 4
}
