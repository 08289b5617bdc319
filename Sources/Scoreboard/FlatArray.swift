/// As many elements as it is made with, in memory of its own. Like an array, but it cannot be copied, so that changing an element costs no question about owners.
struct FlatArray<Element: BitwiseCopyable>: ~Copyable {
    private let elements: UnsafeMutableBufferPointer<Element>

    init(repeating element: Element, count: Int) {
        // From the beginning of a line of memory on, so that what fits into one lies in one.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        elements = UnsafeMutableBufferPointer(start: memory.initializeMemory(as: Element.self, repeating: element, count: count), count: count)
    }

    deinit { elements.deallocate() }

    var indices: Range<Int> { elements.indices }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get { at(index).pointee }
        nonmutating set { at(index).pointee = newValue }
    }

    /// Where an element lies, as long as the array lives.
    @inline(__always)
    func at(_ index: Int) -> UnsafeMutablePointer<Element> {
        precondition(index >= 0 && index < elements.count, "index out of range")
        return elements.baseAddress.unsafelyUnwrapped + index   // there is an element, so there is an address
    }
}
