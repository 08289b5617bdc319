import CMalloc
import Glibc

/// Memory that was needed for a while (a backlog that waited in librdkafka, a catalog that is gone) and that the C library keeps in case it is needed again.
package struct HeapSlack {
    /// Resident bytes when memory was given back last.
    private var least = 0

    /// What is worth the trouble, in bytes.
    private static let worthwhile = 32 << 20

    package init() {}

    /// Gives it back to the system where the process has grown by that much since the last time and that much lies idle. Returns by how many bytes the process
    /// shrank; nil: there was nothing to do.
    package mutating func giveBack() -> Int? {
        guard let before = Residence.bytes, before > least + Self.worthwhile, mallinfo2().fordblks > Self.worthwhile else { return nil }
        malloc_trim(0)
        least = Residence.bytes ?? before
        return before - least
    }
}

/// How much of this process is in memory.
package enum Residence {
    /// In bytes; nil where the system does not say.
    package static var bytes: Int? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let words = text[..<fread(&text, 1, text.count, file)].split(separator: UInt8(ascii: " "))
        guard words.count > 1, let pages = Int(String(decoding: words[1], as: UTF8.self)) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
