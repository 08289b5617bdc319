import Glibc

/// Memory for entries, by their numbers. They never move.
///
/// `@unchecked Sendable`: while several threads bring entries, each writes its own, and the list of blocks grows under `EntryTable.Room`'s lock.
struct EntryBlocks: @unchecked Sendable {
    private var blocks: [UnsafeMutablePointer<Entry>] = []

    /// Makes room for so many.
    mutating func grow(to count: Int) {
        while blocks.count << Self.bits < count { blocks.append(Memory.block(of: Entry.self, count: 1 << Self.bits)) }
    }

    @inline(__always)
    subscript(_ number: UInt32) -> UnsafeMutablePointer<Entry> { blocks[Int(number >> Self.bits)] + Int(number & (1 << Self.bits - 1)) }

    /// An entry and those behind it, as many as lie together.
    func entries(from number: Int) -> UnsafeMutableBufferPointer<Entry> {
        UnsafeMutableBufferPointer(start: self[UInt32(number)], count: 1 << Self.bits - number & (1 << Self.bits - 1))
    }

    func deallocate() { for block in blocks { block.deallocate() } }

    /// 2^17 entries are three large pages.
    private static let bits: UInt32 = 17
}

/// A dossier may lie anywhere; on large pages it is found without a walk through tables of small ones. What is never touched takes no room.
enum Memory {
    static func block<Element>(of type: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        let size = count * MemoryLayout<Element>.stride
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: size >= largePage ? largePage : 64)
        putOnLargePages(block, size)
        return block.bindMemory(to: type, capacity: count)
    }

    /// Of zeros; `free` gives it back. Nil: there is not so much.
    static func zeros(_ size: Int) -> UnsafeMutableRawPointer? {
        guard let block = calloc(size, 1) else { return nil }
        putOnLargePages(block, size)
        return block
    }

    private static func putOnLargePages(_ block: UnsafeMutableRawPointer, _ size: Int) {
        guard size >= largePage else { return }
        let first = block.alignedUp(toMultipleOf: page)
        madvise(first, block + size - first, MADV_HUGEPAGE)
    }

    private static let page = 4_096, largePage = 2 << 20
}
