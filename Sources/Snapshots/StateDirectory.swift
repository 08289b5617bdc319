import Glibc

/// Where a daemon keeps what it must not lose. One process has it at a time.
package final class StateDirectory: Sendable {
    package let path: String
    private let descriptor: Int32

    package enum Refusal: Error, Equatable, CustomStringConvertible {
        case notUsable(path: String, words: String)
        case inUse(path: String)

        package var description: String {
            switch self {
            case .notUsable(let path, let words): "'state.directory' \(path) cannot be used: \(words); make it a directory of the daemon's user"
            case .inUse(let path): "'state.directory' \(path) is in use by another parwatch: end that one, or give each its own"
            }
        }
    }

    /// Makes the directory if only its last part is missing, and takes it for this process as long as this object lives.
    package init(_ path: String) throws(Refusal) {
        self.path = path
        _ = mkdir(path, 0o750)
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notUsable(path: path, words: String(cString: strerror(errno))) }
        // Where the file system has no locks, there are none.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw .inUse(path: path)
        }
    }

    deinit { close(descriptor) }

    package var newest: String { path + "/register.snapshot" }
    package var previous: String { path + "/register.snapshot.previous" }
    /// A whole one that was of no use to the configuration by then.
    package var refused: String { path + "/register.snapshot.refused" }
    var unfinished: String { path + "/register.snapshot.unfinished" }
    var instance: String { path + "/instance" }

    /// Whether there is a newest snapshot, of so many bytes.
    package func hasNewest(of size: Int) -> Bool {
        let found = try? File(newest, O_RDONLY).size()
        return found == size
    }

    /// What was renamed in it is on the disk when it returns.
    func sync() throws(SystemError) { guard fsync(descriptor) == 0 else { throw SystemError("fsync of \(path)") } }
}
