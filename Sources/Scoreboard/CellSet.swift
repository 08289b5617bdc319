/// A set of cells that is filled often and emptied at once.
public struct CellSet: Sendable {
    @usableFromInline var isIn: [Bool]
    @usableFromInline var list: [CellID] = []

    init(capacity: Int) { isIn = Array(repeating: false, count: capacity) }

    public var isEmpty: Bool { list.isEmpty }

    public mutating func insert(_ cell: CellID) {
        guard !isIn[Int(cell)] else { return }
        isIn[Int(cell)] = true
        list.append(cell)
    }

    public mutating func insertAll() { for cell in isIn.indices { insert(CellID(cell)) } }

    /// Takes out one cell.
    @inlinable
    public mutating func popLast() -> CellID? {
        guard let cell = list.popLast() else { return nil }
        isIn[Int(cell)] = false
        return cell
    }

    /// Takes out all cells, in the order in which they came.
    public mutating func take() -> [CellID] {
        defer { list.removeAll(keepingCapacity: true) }
        for cell in list { isIn[Int(cell)] = false }
        return list
    }
}
