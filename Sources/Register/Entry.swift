import Catalog
import Intake

/// The latest status of one dossier: 48 bytes, without references. So it lies in snapshots, too: another layout is another format of theirs.
struct Entry: BitwiseCopyable {
    /// `CodeKey.none` where nothing is kept.
    var key: CodeKey
    /// Rank and time of its version.
    private var order: UInt64
    private var tie: UInt64
    /// From bit 12 on the microsecond from which it is overdue if it is open, counted from 1970, as far as 52 bits reach: to 2112. Below them its state and flags.
    private var word: UInt64
    /// Number of its profile; of no meaning in a deletion.
    private(set) var profile: UInt32
    /// The local days on which it was received (of a deletion its `yearDay`) and, in the upper half, finished, in whatever state that is said: 0 where nothing says it. Counted from
    /// 1970, to 2149; what is beyond either end stands at it, where nothing counts.
    private var days: UInt32

    // Bits 0–3: the state number. The lowest eight choose its facts.
    private static let apologised: UInt64 = 1 << 4
    private static let supplementedTwice: UInt64 = 1 << 5
    /// Finished late; or open, and the clock has passed its due instant.
    private static let late: UInt64 = 1 << 6
    private static let tracked: UInt64 = 1 << 7
    private static let deleted: UInt64 = 1 << 8
    /// There is a progress of it, which may decide its state; and it is not deleted.
    private static let progressed: UInt64 = 1 << 9
    /// Its own status says when it was finished, and that was late, in whatever state it is.
    private static let finishedLate: UInt64 = 1 << 10
    private static let dueShift: UInt64 = 12
    private static let never: UInt64 = 1 << 52 - 1

    static let none = Entry(key: .none, order: 0, tie: 0, word: never << dueShift | deleted, profile: 0, days: 0)

    /// `yearDay`: the local day on which it was received; of a deletion the one up to which it guards.
    init(_ status: DossierStatus, profile: UInt32, _ yearDay: LocalDay, _ lateness: borrowing Lateness) {
        key = status.subject
        order = status.version.order
        tie = status.version.tie
        self.profile = profile
        days = Self.short(yearDay)
        word = Self.never << Self.dueShift | UInt64(status.version.state)
        guard let content = status.content else {
            word |= Self.deleted
            return
        }
        let zone = lateness.zone, finished = content.finished.map { (at: $0, on: zone.day(of: $0)) }
        if let finished { days |= max(1, Self.short(finished.on)) << 16 }
        if let due = content.due {
            let (from, isLate) = lateness.judged(due: due, finished: finished)
            word = UInt64(status.version.state) | min(UInt64(max(from.microseconds, 0)), Self.never) << Self.dueShift
            if isLate { word |= isFinished ? Self.finishedLate | Self.late : Self.finishedLate }
        }
        if content.apologised { word |= Self.apologised }
        if content.supplements > 1 { word |= Self.supplementedTwice }
    }

    private init(key: CodeKey, order: UInt64, tie: UInt64, word: UInt64, profile: UInt32, days: UInt32) {
        (self.key, self.order, self.tie, self.word, self.profile, self.days) = (key, order, tie, word, profile, days)
    }

    private static func short(_ day: LocalDay) -> UInt32 { UInt32(min(max(day.number, 0), 0xFFFF)) }

    var version: Version { Version(order: order, state: UInt8(truncatingIfNeeded: word & 0xF), tie: tie) }
    var isNone: Bool { key.low == 0 }
    /// Also where nothing is kept.
    var isDeleted: Bool { word & Self.deleted != 0 }
    /// The day whose year decides when it leaves (`Departures`): that on which it was received; of a deletion the one up to which it guards.
    var yearDay: LocalDay { LocalDay(number: Int32(truncatingIfNeeded: days & 0xFFFF)) }
    /// A deletion guards at least up to this day.
    mutating func guardUp(to day: LocalDay) { days = max(days, Self.short(day)) }

    /// Whether it has left the register: its dossier, or the deletion.
    @inline(__always)
    func hasLeft(_ departures: Departures, by now: Instant) -> Bool {
        if isDeleted { !isNone && departures.guardsHaveLeft(yearDay, by: now) } else { departures.haveLeft(yearDay, by: now) }
    }

    /// Of what is not deleted.
    var receivedOn: LocalDay { yearDay }
    private var finishedOn: LocalDay? { days >> 16 == 0 ? nil : LocalDay(number: Int32(truncatingIfNeeded: days >> 16)) }
    /// From when on it is overdue if it is open.
    private var overdueFrom: Instant? { word >> Self.dueShift == Self.never ? nil : Instant(microseconds: Int64(word >> Self.dueShift)) }
    /// Its state may not be what its own status says: then its own version is asked of its `Progress`.
    var hasProgress: Bool { word & Self.progressed != 0 }

    private var state: UInt64 { word & 0xF }
    /// Whether there is such a state, or none.
    var isSound: Bool { !isNone && state <= 10 }
    private var isOpen: Bool { (state == 2 || state == 4) && !isDeleted }
    private var isFinished: Bool { state >= 9 && !isDeleted }

    var isOverdue: Bool { isOpen && word & Self.late != 0 }
    mutating func setOverdue() { word |= Self.late }

    /// Overdue or not, as the clock has it.
    mutating func setOverdue(by now: Instant) {
        guard isOpen else { return }
        if let overdueFrom, overdueFrom <= now { word |= Self.late } else { word &= ~Self.late }
    }

    /// When it comes overdue, if it waits for that.
    var waitsFor: Instant? { isOpen && word & Self.late == 0 ? overdueFrom : nil }

    /// The local day on which it was decided: finished, or came overdue. Nil while it is neither.
    func decidedOn(in zone: Zone) -> LocalDay? { isFinished ? finishedOn : isOverdue ? overdueFrom.map(zone.day) : nil }

    /// What is true of it apart from its profile.
    var facts: Facts { Facts(rawValue: Self.facts[Int(word & 0xFF)]) }

    // MARK: Progress

    /// As its own status says, without what the clock did.
    var own: Entry {
        var entry = self
        if isOpen { entry.word &= ~Self.late }
        return entry
    }

    mutating func mark(tracked: Bool) { word = word & ~Self.tracked | Self.progressed | (tracked ? Self.tracked : 0) }

    /// Takes the state that a newer progress says. What its own status says of its finishing stands; else it was when the step was taken.
    mutating func proceed(to state: DossierState, at time: Instant, _ lateness: Lateness) {
        word = word & ~(0xF | Self.late) | UInt64(state.rawValue)
        guard isFinished else { return }
        if finishedOn == nil {
            days |= max(1, Self.short(lateness.zone.day(of: time))) << 16
            if let overdueFrom, lateness.isLate(finished: time, overdueFrom: overdueFrom) { word |= Self.late }
        } else if word & Self.finishedLate != 0 {
            word |= Self.late
        }
    }

    private static let facts: [UInt64] = (UInt64(0)..<256).map { bits in
        let isLate = bits & late != 0
        var facts: Facts = switch bits & 0xF {
        case 2, 4: isLate ? [.accepted, .open, .overdue, .late, .decided] : [.accepted, .open]
        case 5, 6, 8: .accepted
        case 9, 10: [.accepted, .finished, .decided, isLate ? .late : .onTime]
        default: []
        }
        if bits & apologised != 0 { facts.insert(.apologised) }
        if bits & supplementedTwice != 0 { facts.insert(.supplementedTwice) }
        if bits & tracked != 0 { facts.insert(.tracked) }
        return facts.rawValue
    }
}
