import Intake

/// What a row table holds: values without references that know whose they are.
protocol SubjectRow: BitwiseCopyable {
    var key: CodeKey { get }
    static var none: Self { get }
}

/// Rows by subject, for what is not as frequent as dossiers. They lie in blocks in the order in which they came and never move from their number; beside
/// them an index by the subject's key: open addressing with linear probing, at most two thirds full.
struct RowTable<Row: SubjectRow>: ~Copyable {
    private var blocks: [UnsafeMutablePointer<Row>] = []
    private var used = 0
    /// Numbers that were let go of and may be given again.
    private var free: [UInt32] = []
    /// How often numbers were let go of: until it changes, every subject keeps its number.
    private(set) var removals = 0
    /// A row's number plus 1; 0: empty.
    private var slots = [UInt32](repeating: 0, count: 64)
    private let seed = CodeKey.seed

    init() {}

    deinit { for block in blocks { block.deallocate() } }

    var count: Int { used - free.count }

    subscript(_ number: UInt32) -> Row {
        get { row(number).pointee }
        nonmutating set { row(number).pointee = newValue }
    }

    private func row(_ number: UInt32) -> UnsafeMutablePointer<Row> { blocks[Int(number >> Self.blockBits)] + Int(number & (1 << Self.blockBits - 1)) }

    /// The number of a subject's row; nil if there is none.
    func number(of key: CodeKey) -> UInt32? {
        let slot = slots[place(of: key)]
        return slot == 0 ? nil : slot - 1
    }

    /// Keeps a row of a subject that has none yet, and returns its number.
    mutating func insert(_ row: Row) -> UInt32 {
        if (count + 1) * 3 > slots.count * 2 { rebuildIndex(slotCount: slots.count * 2) }
        let number: UInt32
        if let known = free.popLast() {
            number = known
        } else {
            if used == blocks.count << Self.blockBits { blocks.append(.allocate(capacity: 1 << Self.blockBits)) }
            number = UInt32(used)
            used += 1
            self.row(number).initialize(to: row)
        }
        self[number] = row
        slots[place(of: row.key)] = number + 1
        return number
    }

    /// Every number that was ever given.
    var numbers: Range<UInt32> { 0..<UInt32(used) }

    /// Lets go of these rows.
    mutating func remove(_ numbers: [UInt32]) {
        guard !numbers.isEmpty else { return }
        for number in numbers { self[number] = .none }
        free += numbers
        removals += 1
        rebuildIndex(slotCount: slots.count)
    }

    /// The memory of the rows under these numbers, one after the other.
    func bytes(of numbers: Range<Int>) -> [UInt8] {
        var rows: [Row] = []
        for number in numbers where self[UInt32(number)].key != .none { rows.append(self[UInt32(number)]) }
        return Raw.bytes(of: rows[...])
    }

    private func place(of key: CodeKey) -> Int {
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: key.spread(by: seed)) & mask
        while slots[at] != 0, row(slots[at] - 1).pointee.key != key { at = (at + 1) & mask }
        return at
    }

    private mutating func rebuildIndex(slotCount: Int) {
        slots = [UInt32](repeating: 0, count: slotCount)
        for number in numbers where self[number].key != .none { slots[place(of: self[number].key)] = number + 1 }
    }

    /// 4,096 rows.
    private static var blockBits: UInt32 { 12 }
}
