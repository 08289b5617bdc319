import Glibc

/// A system call that failed, in the system's words.
struct SystemError: Error {
    let code: Int32
    /// What was to be done: `write`.
    let action: String

    init(_ action: String) { (code, self.action) = (errno, action) }

    var text: String { "\(action): \(String(cString: strerror(code)))" }
}

/// An open file or directory; closed when it goes.
struct File: ~Copyable {
    let descriptor: Int32

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o640) throws(SystemError) {
        descriptor = open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemError("open") }
    }

    deinit { close(descriptor) }

    /// All of it.
    borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
        let descriptor = descriptor
        let failure: SystemError? = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if count < 0, errno != EINTR { return SystemError("write") }
                done += max(0, count)
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// As much as there is from an offset on, up to the buffer's size. Several threads may do so at once.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int = 0) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read")
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// What was written is on the disk when it returns.
    borrowing func sync() throws(SystemError) { guard fsync(descriptor) == 0 else { throw SystemError("fsync") } }

    /// In bytes.
    borrowing func size() throws(SystemError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("stat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            errno = EISDIR
            throw SystemError("open")
        }
        return Int(status.st_size)
    }

    /// The first bytes of a file, `most` at the most.
    static func beginning(of path: String, most: Int) throws(SystemError) -> [UInt8] {
        let file = try File(path, O_RDONLY), buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: most, alignment: 1)
        defer { buffer.deallocate() }
        return Array(buffer.prefix(try file.read(into: buffer)))
    }

    static func rename(_ from: String, to: String) throws(SystemError) { guard Glibc.rename(from, to) == 0 else { throw SystemError("rename") } }
    static func remove(_ path: String) { _ = unlink(path) }
}
