import Glibc

/// The lines of a file, or of standard input for `-`, whatever their length.
final class LineReader {
    private let path: String
    private let descriptor: Int32
    /// Of the file, in bytes; nil if it is no regular file.
    let size: Int?
    private(set) var bytesRead = 0
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
    /// What was read and not handed out yet lies at `first..<last`.
    private var first = 0
    private var last = 0
    private var isAtEnd = false

    init(path: String) throws {
        self.path = path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.input("\(path): cannot be read (\(String(cString: strerror(errno)))): check that the file exists and may be read") }
        var info = stat()
        let isRegular = fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        if fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFDIR { throw Failure.input("\(path): is a directory: name the file") }
        size = isRegular ? Int(info.st_size) : nil
    }

    deinit {
        buffer.deallocate()
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next lines without their ends: at least one, waiting for it if need be, and what else is there; none at the end. Valid until the next call.
    func next(atMost count: Int) throws -> [UnsafeRawBufferPointer] {
        var lines: [UnsafeRawBufferPointer] = []
        if let line = try next() { lines.append(line) }
        while !lines.isEmpty, lines.count < count, let line = lineAtHand(from: first) { lines.append(line) }
        return lines
    }

    private func next() throws -> UnsafeRawBufferPointer? {
        var scanned = first
        while true {
            if let line = lineAtHand(from: scanned) { return line }
            scanned = last
            if isAtEnd {
                guard first < last else { return nil }
                defer { first = last }
                return UnsafeRawBufferPointer(rebasing: buffer[first..<last])
            }
            scanned -= first
            try fill()
            scanned += first
        }
    }

    /// A whole line of what was read, of which the bytes before `scanned` hold no end; nil if there is none.
    private func lineAtHand(from scanned: Int) -> UnsafeRawBufferPointer? {
        guard let base = buffer.baseAddress, let end = memchr(base + scanned, 0x0A, last - scanned) else { return nil }
        let line = UnsafeRawBufferPointer(start: base + first, count: UnsafeRawPointer(end) - UnsafeRawPointer(base + first))
        first += line.count + 1
        return line
    }

    private func fill() throws {
        if first > 0 {
            if let base = buffer.baseAddress { memmove(base, base + first, last - first) }
            last -= first
            first = 0
        }
        if last == buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 1)
            larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
            buffer.deallocate()
            buffer = larger
        }
        let count = read(descriptor, buffer.baseAddress.map { $0 + last }, buffer.count - last)
        if count < 0, errno == EINTR { return }
        guard count >= 0 else { throw Failure.input("\(path): reading failed after \(bytesRead) bytes (\(String(cString: strerror(errno)))): copy it to a disk that is well, and replay the copy") }
        isAtEnd = count == 0
        last += count
        bytesRead += count
    }
}
