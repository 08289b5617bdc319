/// A set of cells that is filled often and emptied at once.
public final class CellSet {
    private let isIn: FlatArray<Bool>
    /// The first `count` are in.
    private let list: FlatArray<CellID>
    public private(set) var count = 0

    init(capacity: Int) {
        isIn = FlatArray(repeating: false, count: capacity)
        list = FlatArray(repeating: 0, count: capacity)
    }

    public var isEmpty: Bool { count == 0 }

    func contains(_ cell: CellID) -> Bool { isIn[Int(cell)] }

    public func insert(_ cell: CellID) {
        guard !isIn[Int(cell)] else { return }
        isIn[Int(cell)] = true
        list[count] = cell
        count += 1
    }

    public func insertAll() { for cell in isIn.indices { insert(CellID(cell)) } }

    /// In the order in which they came.
    public var cells: [CellID] { (0..<count).map { list[$0] } }

    /// Takes out the cell that came last.
    public func popLast() -> CellID? {
        guard count > 0 else { return nil }
        count -= 1
        isIn[Int(list[count])] = false
        return list[count]
    }

    /// Takes out all cells, in the order in which they came.
    public func take() -> [CellID] {
        var cells: [CellID] = []
        cells.reserveCapacity(count)
        for place in 0..<count {
            isIn[Int(list[place])] = false
            cells.append(list[place])
        }
        count = 0
        return cells
    }
}
