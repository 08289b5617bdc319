import Glibc

/// Writes a snapshot beside those that there are, and puts it in the place of the newest when it is whole and on the disk. Until then nothing has happened.
package struct SnapshotWriter: ~Copyable {
    private let directory: StateDirectory
    private let file: File
    private var checksum: UInt32
    /// In bytes, so far.
    package private(set) var size = 0

    private init(_ directory: StateDirectory, _ file: consuming File) {
        self.directory = directory
        self.file = file
        checksum = 0
    }

    package static func begin(in directory: StateDirectory, _ basis: SnapshotBasis) throws(SnapshotNotWritten) -> SnapshotWriter {
        var writer = SnapshotWriter(directory, try create(directory.unfinished))
        let head = SnapshotFormat.head()
        writer.checksum = head.withUnsafeBytes { SnapshotFormat.checksum(0, $0) }
        try writer.put(head)
        try writer.append(SnapshotFormat.basis, basis.bytes)
        return writer
    }

    private static func create(_ path: String) throws(SnapshotNotWritten) -> File {
        do throws(SystemError) {
            return try File(path, O_WRONLY | O_CREAT | O_TRUNC)
        } catch {
            throw SnapshotNotWritten(file: path, words: error.text)
        }
    }

    /// Puts bytes into a section. Those of one section may come in several calls.
    package mutating func append(_ section: String, _ bytes: [UInt8]) throws(SnapshotNotWritten) {
        var next = 0
        repeat {
            // Most often it is all of them, and nothing is copied.
            let payload = bytes.count <= SnapshotFormat.longestPayload ? bytes : Array(bytes[next...].prefix(SnapshotFormat.longestPayload))
            next += payload.count
            var head = SnapshotFormat.blockHead(section, length: payload.count)
            checksum = head.withUnsafeBytes { SnapshotFormat.checksum(checksum, $0) }
            checksum = payload.withUnsafeBytes { SnapshotFormat.checksum(checksum, $0) }
            head.append(little: checksum)
            try put(head)
            try put(payload)
        } while next < bytes.count
    }

    /// What becomes of the one whose place is taken.
    package enum Fate: Sendable {
        case previous
        /// It is set aside, in place of what was before; the previous stays.
        case refused
        /// It is of no use; the previous stays.
        case gone
    }

    /// Makes it the newest. Returns its size in bytes. If it fails, all is as it was, or the newest has met its fate.
    package consuming func finish(newestBecomes fate: Fate) throws(SnapshotNotWritten) -> Int {
        do throws(SnapshotNotWritten) {
            try append(SnapshotFormat.end, [])
            try takePlace(fate)
        } catch {
            File.remove(directory.unfinished)
            throw error
        }
        return size
    }

    private borrowing func takePlace(_ fate: Fate) throws(SnapshotNotWritten) {
        let place: String? = switch fate {
        case .previous: directory.previous
        case .refused: directory.refused
        case .gone: nil
        }
        do throws(SystemError) {
            try file.sync()
            if let place {
                // After a crash now there is no newest, and the previous is used.
                do throws(SystemError) {
                    try File.rename(directory.newest, to: place)
                } catch {
                    if error.code != ENOENT { throw error }
                }
            }
            try File.rename(directory.unfinished, to: directory.newest)
            try directory.sync()
        } catch {
            throw SnapshotNotWritten(file: directory.newest, words: error.text)
        }
    }

    /// Gives up: what was written goes.
    package consuming func abandon() { File.remove(directory.unfinished) }

    private mutating func put(_ bytes: [UInt8]) throws(SnapshotNotWritten) {
        do throws(SystemError) {
            try file.write(bytes)
        } catch {
            throw SnapshotNotWritten(file: directory.unfinished, words: error.text)
        }
        size += bytes.count
    }
}
