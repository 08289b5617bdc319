package import Catalog
import Glibc

/// Reads a snapshot block by block. What it hands out is what was written; whether the file is whole shows only at its end.
package final class SnapshotReader {
    package private(set) var basis: SnapshotBasis
    /// Of the file, in bytes.
    package let size: Int
    private let path: String
    private let file: File
    private let buffer: UnsafeMutableRawBufferPointer
    private var checksum: UInt32 = 0
    /// Where the next block begins.
    private var offset = 0

    /// Bytes of a section; valid until the next are asked for.
    package struct Block {
        package let section: String
        package let bytes: UnsafeRawBufferPointer
    }

    /// Opens a file and reads what it rests on, which must be the catalog's calendar. Nil: there is no such file.
    package init?(_ path: String, for catalog: Catalog) throws(UnusableSnapshot) {
        self.path = path
        do throws(SystemError) {
            file = try File(path, O_RDONLY)
            size = try file.size()
        } catch {
            if error.code == ENOENT { return nil }
            throw UnusableSnapshot(file: path, .unreadable(error.text))
        }
        basis = SnapshotBasis(positions: [], instant: .distantPast, program: "", catalog: catalog)
        buffer = .allocate(byteCount: SnapshotFormat.longestPayload, alignment: 4_096)
        try readHead()
        guard let block = try next(), block.section == SnapshotFormat.basis, let basis = SnapshotBasis(Array(block.bytes)) else { throw damaged(at: SnapshotFormat.headLength) }
        self.basis = basis
        let calendar = SnapshotBasis.Calendar(of: catalog)
        guard basis.calendar == calendar else { throw UnusableSnapshot(file: path, .otherCalendar(was: "\(basis.calendar)", now: "\(calendar)")) }
    }

    deinit { buffer.deallocate() }

    /// The next block; nil once the end has been found where it should be.
    package func next() throws(UnusableSnapshot) -> Block? {
        let start = offset
        let head = try take(SnapshotFormat.blockHeadLength)
        let name = head.prefix(SnapshotFormat.nameLength).prefix { $0 != 0 }
        let length = head.number(at: SnapshotFormat.nameLength), expected = head.number(at: SnapshotFormat.nameLength + 4)
        checksum = SnapshotFormat.checksum(checksum, UnsafeRawBufferPointer(rebasing: head.prefix(SnapshotFormat.nameLength + 4)))
        let section = String(decoding: name, as: UTF8.self)
        guard length <= SnapshotFormat.longestPayload else { throw damaged(at: start) }
        let bytes = try take(Int(length))
        checksum = SnapshotFormat.checksum(checksum, bytes)
        guard checksum == expected else { throw damaged(at: start) }
        guard section == SnapshotFormat.end else { return Block(section: section, bytes: bytes) }
        guard length == 0, offset == size else { throw damaged(at: start) }
        return nil
    }

    private func damaged(at place: Int) -> UnusableSnapshot { UnusableSnapshot(file: path, .damaged(at: place)) }

    private func readHead() throws(UnusableSnapshot) {
        let magic = try take(min(size, SnapshotFormat.magic.count))
        guard SnapshotFormat.magic.starts(with: magic) else { throw UnusableSnapshot(file: path, .foreign) }
        checksum = SnapshotFormat.checksum(0, magic)
        let rest = try take(SnapshotFormat.headLength - SnapshotFormat.magic.count)
        let version = rest.number(at: 0)
        guard SnapshotFormat.checksum(checksum, UnsafeRawBufferPointer(rebasing: rest.prefix(4))) == rest.number(at: 4) else { throw damaged(at: 0) }
        guard version == SnapshotFormat.version else { throw UnusableSnapshot(file: path, .otherFormat(version)) }
        checksum = SnapshotFormat.checksum(checksum, rest)
    }

    /// The next bytes, as many as are said; valid until the next are taken.
    private func take(_ count: Int) throws(UnusableSnapshot) -> UnsafeRawBufferPointer {
        guard count <= size - offset else { throw UnusableSnapshot(file: path, .truncated) }
        let buffer = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)), read: Int
        do throws(SystemError) {
            read = try file.read(into: buffer)
        } catch {
            throw UnusableSnapshot(file: path, .unreadable(error.text))
        }
        guard read == count else { throw UnusableSnapshot(file: path, .truncated) }
        offset += count
        return UnsafeRawBufferPointer(buffer)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number(at offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
}
