/// Values in numbered slots that are used again, so that the agenda's entries stay small.
struct Slab<Value: Sendable>: Sendable {
    typealias Slot = UInt32

    private var values: [Value?] = []
    private var free: [Slot] = []

    var count: Int { values.count - free.count }

    subscript(slot: Slot) -> Value? {
        get { values[Int(slot)] }
        set { values[Int(slot)] = newValue }
    }

    mutating func insert(_ value: Value) -> Slot {
        if let slot = free.popLast() {
            values[Int(slot)] = value
            return slot
        }
        values.append(value)
        return Slot(values.count - 1)
    }

    @discardableResult
    mutating func remove(_ slot: Slot) -> Value? {
        let value = values[Int(slot)].take()
        if value != nil { free.append(slot) }
        return value
    }
}
