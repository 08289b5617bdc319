import CMalloc
import Glibc

/// Memory that was needed for a while (a backlog that waited in librdkafka, a catalog that is gone) and that the C library keeps in case it is needed again.
package struct HeapSlack {
    /// Bytes in memory beside what the heap has handed out: the least that was seen since memory was given back. Nil before the first look.
    private var least: Int?

    /// What is worth the trouble, in bytes.
    private static let worthwhile = 32 << 20

    package init() {}

    /// Gives it back to the system at the first look, and whenever so much more lies idle. What is in use does not count: a backlog that waits may come and go. Returns by how
    /// many bytes the process shrank; nil: there was nothing to do.
    package mutating func giveBack() -> Int? {
        guard let idle = Self.idle else { return nil }
        if let least, idle <= least + Self.worthwhile {
            self.least = min(least, idle)
            return nil
        }
        malloc_trim(0)
        least = Self.idle
        return least.map { idle - $0 }
    }

    private static var idle: Int? {
        let heap = mallinfo2()
        return Residence.bytes.map { $0 - Int(heap.uordblks) - Int(heap.hblkhd) }
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
