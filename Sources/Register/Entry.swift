import Catalog
import Intake

/// The latest status of one dossier: 48 bytes, without references. So it lies in snapshots, too: another layout is another format of theirs.
struct Entry: BitwiseCopyable {
    /// `CodeKey.none` where nothing is kept.
    var key: CodeKey
    /// Rank and time of its version.
    private var order: UInt64
    private var tie: UInt64
    /// In states 9 and 10 when it was finished; in all others from when on it is overdue if it is open, or `distantFuture`.
    private(set) var instant: Instant
    /// Number of its profile; of no meaning in a deletion.
    private(set) var profile: UInt32
    private var bits: UInt32

    // Bits 0–3: the state number. The lowest seven and the highest together choose its facts.
    private static let apologised: UInt32 = 1 << 4
    private static let supplementedTwice: UInt32 = 1 << 5
    /// Finished late; or open, and the clock has passed its due instant.
    private static let late: UInt32 = 1 << 6
    private static let deleted: UInt32 = 1 << 7
    // From bit 8 on: the local day on which it was received. 22 bits hold 9,999 years and a day on each side.
    private static let dayShift: UInt32 = 8
    private static let firstDay: Int32 = -719_529
    private static let dayMask: UInt32 = 1 << 22 - 1
    /// There is a progress of it, which may decide its state; and it is not deleted.
    private static let progressed: UInt32 = 1 << 30
    private static let tracked: UInt32 = 1 << 31

    static let none = Entry(key: .none, order: 0, tie: 0, instant: .distantFuture, profile: 0, bits: deleted)

    init(_ status: DossierStatus, profile: UInt32, _ lateness: Lateness) {
        key = status.subject
        order = status.version.order
        tie = status.version.tie
        self.profile = profile
        bits = UInt32(status.version.state)
        guard let content = status.content else {
            bits |= Self.deleted
            instant = .distantFuture
            return
        }
        bits |= UInt32(truncatingIfNeeded: lateness.zone.day(of: content.received).number &- Self.firstDay) << Self.dayShift
        if content.apologised { bits |= Self.apologised }
        if content.supplements > 1 { bits |= Self.supplementedTwice }
        if content.state == .finished || content.state == .returned {
            instant = content.finished
            if let due = content.due, lateness.isLate(finished: content.finished, due: due) { bits |= Self.late }
        } else {
            instant = content.due.map(lateness.overdueFrom) ?? .distantFuture
        }
    }

    private init(key: CodeKey, order: UInt64, tie: UInt64, instant: Instant, profile: UInt32, bits: UInt32) {
        (self.key, self.order, self.tie, self.instant, self.profile, self.bits) = (key, order, tie, instant, profile, bits)
    }

    var version: Version { Version(order: order, state: UInt8(truncatingIfNeeded: bits & 0xF), tie: tie) }
    var isNone: Bool { key.low == 0 }
    /// Also where nothing is kept.
    var isDeleted: Bool { bits & Self.deleted != 0 }
    var receivedOn: LocalDay { LocalDay(number: Int32(truncatingIfNeeded: bits >> Self.dayShift & Self.dayMask) &+ Self.firstDay) }
    /// Its state may not be what its own status says: then its own version is asked of its `Progress`.
    var hasProgress: Bool { bits & Self.progressed != 0 }

    private var state: UInt32 { bits & 0xF }
    /// Whether there is such a state, or none.
    var isSound: Bool { !isNone && state <= 10 }
    private var isOpen: Bool { (state == 2 || state == 4) && !isDeleted }
    private var isFinished: Bool { state >= 9 && !isDeleted }

    var isOverdue: Bool { isOpen && bits & Self.late != 0 }
    mutating func setOverdue() { bits |= Self.late }

    /// Overdue or not, as the clock has it.
    mutating func setOverdue(by now: Instant) {
        guard isOpen else { return }
        if instant <= now { bits |= Self.late } else { bits &= ~Self.late }
    }

    /// When it comes overdue, if it waits for that.
    var waitsFor: Instant? { isOpen && bits & Self.late == 0 && instant != .distantFuture ? instant : nil }

    /// The local day on which it was decided: finished, or came overdue. Nil while it is neither.
    func decidedOn(in zone: Zone) -> LocalDay? { isFinished || isOverdue ? zone.day(of: instant) : nil }

    /// What is true of it apart from its profile.
    var facts: Facts { Facts(rawValue: Self.facts[Int(bits & 0x7F | bits >> 24 & 0x80)]) }

    // MARK: Progress

    /// As its own status says, without what the clock did.
    var own: Entry {
        var entry = self
        if isOpen { entry.bits &= ~Self.late }
        return entry
    }

    mutating func mark(tracked: Bool) { bits = bits & ~Self.tracked | Self.progressed | (tracked ? Self.tracked : 0) }

    /// Takes the state that a newer progress says. Of what is kept, the due instant can be told only while it is not finished.
    mutating func proceed(to state: DossierState, at time: Instant, _ lateness: Lateness) {
        let wasFinished = isFinished
        bits = bits & ~0xF | UInt32(state.rawValue)
        guard isFinished else {
            if wasFinished {
                instant = .distantFuture
                bits &= ~Self.late
            }
            return
        }
        if wasFinished { return }
        if instant != .distantFuture, lateness.isLate(finished: time, overdueFrom: instant) { bits |= Self.late }
        instant = time
    }

    private static let facts: [UInt64] = (UInt32(0)..<256).map { bits in
        let isLate = bits & late != 0
        var facts: Facts = switch bits & 0xF {
        case 2, 4: isLate ? [.accepted, .open, .overdue, .late, .decided] : [.accepted, .open]
        case 5, 6, 8: .accepted
        case 9, 10: [.accepted, .finished, .decided, isLate ? .late : .onTime]
        default: []
        }
        if bits & apologised != 0 { facts.insert(.apologised) }
        if bits & supplementedTwice != 0 { facts.insert(.supplementedTwice) }
        if bits & 0x80 != 0 { facts.insert(.tracked) }
        return facts.rawValue
    }
}
