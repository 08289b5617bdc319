import Catalog

/// Subjects that count alike: whatever their procedures, or of one procedure where that matters.
struct Crowd: BitwiseCopyable {
    struct Kind: Equatable, BitwiseCopyable {
        let spot: Scoreboard.Spot
        private let bits: UInt64
        private let day: Int32

        /// `decidedOn` nil: on a day that no window holds.
        init(spot: Scoreboard.Spot, facts: Facts, decidedOn: LocalDay?) {
            self.spot = spot
            bits = facts.rawValue
            day = decidedOn?.number ?? .min
        }

        var facts: Facts { Facts(rawValue: bits) }
        var decidedOn: LocalDay? { day == .min ? nil : LocalDay(number: day) }

        fileprivate var hash: UInt64 {
            let place = UInt64(UInt32(bitPattern: spot.agency)) << 32 | UInt64(UInt32(bitPattern: spot.group)) << 4 ^ UInt64(UInt32(bitPattern: spot.month)) ^ UInt64(spot.procedure) << 12
            return ((bits &* 0x9e37_79b9_7f4a_7c15 ^ place) &* 0xd1b5_4a32_d192_ed03 ^ UInt64(UInt32(bitPattern: day))) &* 0xa076_1d64_78bd_642f
        }

        fileprivate static let none = Kind(spot: .init(group: -1, agency: -1, month: -1, procedure: 0), facts: [], decidedOn: nil)
    }

    let kind: Kind
    /// Whether something in them counts by procedure, and has to be posted by that.
    let hasProcedures: Bool
    var count: Int64 = 0

    fileprivate static let none = Crowd(kind: .none, hasProcedures: false)
}

/// Where subjects are counted before they are posted: a register holds many that count alike, and most often they came at about the same time. A crowd
/// gives way to the next that wants its slot; then it is posted, and may begin again.
struct Crowds: ~Copyable {
    private let bits: UInt64
    private let slots: FlatArray<Crowd>

    /// With 2^`bits` slots.
    init(bits: UInt64) {
        self.bits = bits
        slots = FlatArray(repeating: .none, count: 1 << bits)
    }

    func slot(of kind: Crowd.Kind) -> Int { Int(kind.hash >> (64 - bits)) }

    subscript(_ slot: Int) -> Crowd {
        @inline(__always) get { slots[slot] }
        @inline(__always) nonmutating set { slots[slot] = newValue }
    }

    func forEach(_ body: (Crowd) -> Void) { for slot in slots.indices { body(slots[slot]) } }
}
