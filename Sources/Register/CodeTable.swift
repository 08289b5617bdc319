public import Intake

/// Codes that recur (agencies, procedures, sectors) as small numbers, in the order in which they were first seen.
public struct CodeTable {
    private(set) var keys: [CodeKey] = []
    /// By a code's key: its number plus 1, or 0. Open addressing, at most half full.
    private var slots = [UInt32](repeating: 0, count: 64)
    private let seed = CodeKey.seed

    public init() {}

    /// With these codes, numbered in their order; nil if one stands there twice.
    init?(_ keys: [CodeKey]) {
        for key in keys where key == .none || number(of: key) != count - 1 { return nil }
        if count != keys.count { return nil }
    }

    public var count: Int { keys.count }

    /// The number of a code; a new one is `count`, as it was before.
    public mutating func number(of key: CodeKey) -> UInt32 {
        var slot = slot(of: key)
        if slots[slot] > 0 { return slots[slot] - 1 }
        if (keys.count + 1) * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 2)
            for (number, known) in keys.enumerated() { slots[self.slot(of: known)] = UInt32(number) + 1 }
            slot = self.slot(of: key)
        }
        keys.append(key)
        slots[slot] = UInt32(keys.count)
        return UInt32(keys.count) - 1
    }

    public func key(of number: UInt32) -> CodeKey { keys[Int(number)] }

    private func slot(of key: CodeKey) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.spread(by: seed)) & mask
        while slots[slot] > 0, keys[Int(slots[slot]) - 1] != key { slot = (slot + 1) & mask }
        return slot
    }
}
