import Glibc

/// What the kernel remembers of files.
enum PageCache {
    /// Has it forget a file that is on the disk, so that the next reader waits for the disk. False: it does not, as where the file system is in memory.
    static func forget(_ path: String) throws -> Bool {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw Problem("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        fsync(file)
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
        let size = Int(lseek(file, 0, SEEK_END)), pages = (size + 4_095) / 4_096
        guard let memory = mmap(nil, size, PROT_READ, MAP_SHARED, file, 0), memory != MAP_FAILED else { throw Problem("\(path): \(String(cString: strerror(errno)))") }
        defer { munmap(memory, size) }
        var isHeld = [UInt8](repeating: 0, count: pages)
        guard mincore(memory, size, &isHeld) == 0 else { return false }
        // A page or two may be another's.
        return isHeld.count { $0 & 1 == 1 } <= pages / 100
    }
}
