import CPrefetch
import Catalog

/// Subjects that count alike in some of the criteria.
struct Crowd: BitwiseCopyable {
    /// The criteria in which they do.
    enum Part: UInt8 { case calendar, calendarByProcedure, windows, windowsByProcedure }

    struct Kind: Equatable, BitwiseCopyable {
        private let bits: UInt64
        private let seat: Int32
        private let group: Int32
        private let unit: UInt32
        private let dayNumber: Int32
        private let month: Int8
        let part: Part

        /// `day`: on which they were decided, where that matters.
        init(_ part: Part, spot: Scoreboard.Spot, facts: Facts, day: LocalDay?) {
            self.part = part
            bits = facts.rawValue
            (seat, group, unit, month) = (spot.seat, spot.group, spot.unit, Int8(truncatingIfNeeded: spot.month))
            dayNumber = day?.number ?? .min
        }

        var spot: Scoreboard.Spot { .init(group: group, seat: seat, month: Int32(month), unit: unit) }
        var facts: Facts { Facts(rawValue: bits) }
        var day: LocalDay? { dayNumber == .min ? nil : LocalDay(number: dayNumber) }

        fileprivate var hash: UInt64 {
            let place = UInt64(UInt32(bitPattern: seat)) << 32 | UInt64(UInt32(bitPattern: group)) << 4 ^ UInt64(UInt8(bitPattern: month)) ^ UInt64(unit) << 12
            let when = UInt64(UInt32(bitPattern: dayNumber)) << 2 | UInt64(part.rawValue)
            return ((bits &* 0x9e37_79b9_7f4a_7c15 ^ place) &* 0xd1b5_4a32_d192_ed03 ^ when) &* 0xa076_1d64_78bd_642f
        }

        fileprivate static let none = Kind(.calendar, spot: .init(group: -1, seat: -1, month: -1, unit: 0), facts: [], day: nil)
    }

    /// What they are to be counted apart for as well, because they count in other criteria by it.
    struct Also: OptionSet, BitwiseCopyable {
        let rawValue: UInt8

        static let byProcedure = Also(rawValue: 1), byDay = Also(rawValue: 2), byProcedureAndDay = Also(rawValue: 4)
    }

    // In this order 32 bytes, so that none lies in two lines of memory.
    let kind: Kind
    var also: Also = []
    var count: UInt32 = 0

    fileprivate static let none = Crowd(kind: .none)
}

/// Where subjects are counted before they are posted: a register holds many that count alike, and most often they came at about the same time. A crowd
/// gives way to the next that wants its slot; then it is posted, and may begin again.
///
/// Memory answers late. A subject is counted `delay` subjects after its slot was asked for.
struct Crowds: ~Copyable {
    struct Arrival: BitwiseCopyable {
        let kind: Crowd.Kind
        let slot: Int
        let procedure: UInt32
        let day: LocalDay?
    }

    static let delay = 16

    private let bits: UInt64
    private let slots: FlatArray<Crowd>
    private let arrivals = FlatArray<Arrival?>(repeating: nil, count: delay)
    private let turn = FlatArray(repeating: 0, count: 1)

    /// With 2^`bits` slots.
    init(bits: UInt64) {
        self.bits = bits
        slots = FlatArray(repeating: .none, count: 1 << bits)
    }

    /// Takes one in and hands out one whose slot has been asked for long enough. `procedure` and `day` go with it.
    @inline(__always)
    func exchange(_ kind: Crowd.Kind?, procedure: UInt32 = 0, day: LocalDay? = nil) -> Arrival? {
        let place = turn[0]
        turn[0] = (place + 1) % Self.delay
        let due = arrivals[place]
        arrivals[place] = kind.map { kind in
            let slot = Int(kind.hash >> (64 - bits))
            cprefetch(slots.at(slot))
            return Arrival(kind: kind, slot: slot, procedure: procedure, day: day)
        }
        return due
    }

    subscript(_ slot: Int) -> Crowd {
        @inline(__always) get { slots[slot] }
        @inline(__always) nonmutating set { slots[slot] = newValue }
    }

    func forEach(_ body: (Crowd) -> Void) { for slot in slots.indices { body(slots[slot]) } }
}
