import Glibc

/// A snapshot's file, of which several threads may read blocks at once.
final class SnapshotFile: Sendable {
    let path: String
    /// In bytes.
    let size: Int
    private let file: File

    /// Nil: there is no such file.
    init?(_ path: String) throws(UnusableSnapshot) {
        self.path = path
        do throws(SystemError) {
            file = try File(path, O_RDONLY)
            size = try file.size()
        } catch {
            if error.code == ENOENT { return nil }
            throw UnusableSnapshot(file: path, .unreadable(error.text))
        }
    }

    /// Where a block begins, and the checksum of the one before it.
    struct Place {
        var offset: Int
        var checksum: UInt32
    }

    /// What stands before a block's payload.
    struct Head {
        let section: String
        /// Of the block.
        let start: Int
        /// Of the payload, in bytes.
        let length: Int
        /// Up to the payload.
        fileprivate let checksum: UInt32
        /// What it says of the checksum after the payload.
        fileprivate let expected: UInt32

        fileprivate var payload: Int { start + SnapshotFormat.blockHeadLength }
        /// If what it says is right.
        var next: Place { Place(offset: payload + length, checksum: expected) }
    }

    func damaged(at offset: Int) -> UnusableSnapshot { UnusableSnapshot(file: path, .damaged(at: offset)) }

    /// The place of the first block.
    func begin() throws(UnusableSnapshot) -> Place {
        guard SnapshotFormat.magic.starts(with: try bytes(min(size, SnapshotFormat.magic.count), at: 0)) else { throw UnusableSnapshot(file: path, .foreign) }
        let head = try bytes(SnapshotFormat.headLength, at: 0), version = head.number(at: SnapshotFormat.magic.count)
        guard SnapshotFormat.checksum(0, head.dropLast(4)) == head.number(at: SnapshotFormat.headLength - 4) else { throw damaged(at: 0) }
        guard version == SnapshotFormat.version else { throw UnusableSnapshot(file: path, .otherFormat(version)) }
        return Place(offset: SnapshotFormat.headLength, checksum: SnapshotFormat.checksum(0, head[...]))
    }

    func head(at place: Place) throws(UnusableSnapshot) -> Head {
        let bytes = try bytes(SnapshotFormat.blockHeadLength, at: place.offset), length = bytes.number(at: SnapshotFormat.nameLength)
        guard length <= SnapshotFormat.longestPayload else { throw damaged(at: place.offset) }
        guard Int(length) <= size - place.offset - SnapshotFormat.blockHeadLength else { throw UnusableSnapshot(file: path, .truncated) }
        return Head(
            section: String(decoding: bytes.prefix(SnapshotFormat.nameLength).prefix { $0 != 0 }, as: UTF8.self), start: place.offset, length: Int(length),
            checksum: SnapshotFormat.checksum(place.checksum, bytes.dropLast(4)), expected: bytes.number(at: SnapshotFormat.nameLength + 4))
    }

    /// Reads the payload of a block to where `room` says that its bytes from so many on belong, as many as there is room for. Nothing of it is to be believed before this has returned.
    func read(_ head: Head, into room: (Int) -> UnsafeMutableRawBufferPointer) throws(UnusableSnapshot) {
        var done = 0, checksum = head.checksum
        while done < head.length {
            let part = UnsafeMutableRawBufferPointer(rebasing: room(done).prefix(head.length - done))
            try read(part, at: head.payload + done)
            checksum = SnapshotFormat.checksum(checksum, UnsafeRawBufferPointer(part))
            done += part.count
        }
        guard checksum == head.expected else { throw damaged(at: head.start) }
    }

    private func bytes(_ count: Int, at offset: Int) throws(UnusableSnapshot) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        try read(buffer, at: offset)
        return Array(buffer)
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(UnusableSnapshot) {
        guard buffer.count <= size - offset else { throw UnusableSnapshot(file: path, .truncated) }
        let count: Int
        do throws(SystemError) {
            count = try file.read(into: buffer, at: offset)
        } catch {
            throw UnusableSnapshot(file: path, .unreadable(error.text))
        }
        guard count == buffer.count else { throw UnusableSnapshot(file: path, .truncated) }
    }
}

extension [UInt8] {
    fileprivate func number(at offset: Int) -> UInt32 { withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) } }
}
