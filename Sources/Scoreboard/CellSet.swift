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

    /// Takes out up to `limit` cells, in no particular order.
    package mutating func take(_ limit: Int = .max) -> [CellID] {
        let taken = limit >= list.count ? list : Array(list.suffix(limit))
        list.removeLast(taken.count)
        for cell in taken { isIn[Int(cell)] = false }
        return taken
    }
}
