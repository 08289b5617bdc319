import Glibc
import Service

/// What the kernel says of this process.
struct ProcessFigures {
    let cpuSeconds: Double
    let residentBytes: Int?
    let openFiles: Int?
    /// Nil: no limit.
    let mostFiles: Int?
    /// Seconds since 1970.
    let startedAt: Double?

    init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        residentBytes = Residence.bytes
        openFiles = Self.countEntries(of: "/proc/self/fd")
        var limit = rlimit()
        mostFiles = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(exactly: limit.rlim_cur) : nil
        startedAt = Self.startedAt
    }

    /// The 22nd field of `stat`, in ticks since the machine started; the second may hold spaces and parentheses.
    private static var startedAt: Double? {
        let stat = text(of: "/proc/self/stat")
        guard let end = stat.lastIndex(of: ")"), let ticks = stat[end...].split(separator: " ").dropFirst(20).first.flatMap({ Double($0) }) else { return nil }
        return ServiceClock.wallSeconds - ServiceClock.bootSeconds + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func text(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            let count = read(file, buffer.baseAddress, buffer.count)
            return count > 0 ? String(decoding: UnsafeRawBufferPointer(rebasing: buffer[..<count]), as: UTF8.self) : ""
        }
    }

    private static func countEntries(of path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the folder itself.
        return count - 3
    }
}
