/// A set of cells that is filled often and emptied at once.
package struct CellSet: Sendable {
    private var isIn: [Bool]
    private var list: [CellID] = []

    init(capacity: Int) { isIn = Array(repeating: false, count: capacity) }

    package var isEmpty: Bool { list.isEmpty }

    package mutating func insert(_ cell: CellID) {
        guard !isIn[Int(cell)] else { return }
        isIn[Int(cell)] = true
        list.append(cell)
    }

    package mutating func insertAll() { for cell in isIn.indices { insert(CellID(cell)) } }

    /// Takes out all cells, in the order in which they came.
    package mutating func take() -> [CellID] {
        defer { list.removeAll(keepingCapacity: true) }
        for cell in list { isIn[Int(cell)] = false }
        return list
    }
}
