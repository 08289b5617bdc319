package import Catalog
package import Intake

/// The latest status of one dossier, in one slot of the table: 56 bytes.
package struct Entry: Sendable {
    /// `CodeKey.none` in an empty slot.
    package fileprivate(set) var key: CodeKey
    package fileprivate(set) var time: Instant
    fileprivate var tie: UInt64
    /// In states 9 and 10 when it was finished; before that when it is due, or `distantFuture`.
    fileprivate var instant: Instant
    package fileprivate(set) var agency: UInt32
    package fileprivate(set) var procedure: UInt32
    package fileprivate(set) var receivedOn: LocalDay
    /// 0: none.
    fileprivate var sectorNumber: UInt16
    fileprivate var bits: Bits

    fileprivate struct Bits: OptionSet {
        let rawValue: UInt16
        // Bits 0–3: the state number.
        static let stateMask = Bits(rawValue: 0xF)
        static let filedOnline = Bits(rawValue: 1 << 4)
        static let filedByPost = Bits(rawValue: 1 << 5)
        static let returnedByPost = Bits(rawValue: 1 << 6)
        static let level3 = Bits(rawValue: 1 << 7)
        static let level4 = Bits(rawValue: 1 << 8)
        static let apologised = Bits(rawValue: 1 << 9)
        static let supplementedTwice = Bits(rawValue: 1 << 10)
        static let deleted = Bits(rawValue: 1 << 11)
        /// Open, and the clock has passed its due instant.
        static let overdue = Bits(rawValue: 1 << 12)
        static let finishedLate = Bits(rawValue: 1 << 13)
    }
}

extension Entry {
    static let empty = Entry(key: .none, time: .distantPast, tie: 0, instant: .distantFuture, agency: 0, procedure: 0, receivedOn: LocalDay(number: 0), sectorNumber: 0, bits: [])

    var isEmpty: Bool { key.low == 0 }

    /// An entry for `status`; its clock-borne fact (`overdue`) is not set yet.
    init(_ status: DossierStatus, key: CodeKey, catalog: Catalog, agencies: inout CodeTable, procedures: inout CodeTable, sectors: inout CodeTable) {
        self.key = key
        time = status.version.time
        tie = status.version.tie
        bits = Bits(rawValue: UInt16(status.version.state))
        sectorNumber = 0
        guard let content = status.content else {
            bits.insert(.deleted)
            instant = .distantFuture
            (agency, procedure) = (0, 0)
            receivedOn = LocalDay(number: 0)
            return
        }
        agency = agencies.number(of: content.agency)
        procedure = procedures.number(of: content.procedure)
        // Beyond 65,534 sectors a further one is none: no catalog asks for so many.
        if let sector = content.sector { sectorNumber = UInt16(exactly: sectors.number(of: sector) + 1) ?? 0 }
        receivedOn = catalog.zone.day(of: content.received)
        switch content.filing {
        case .online: bits.insert(.filedOnline)
        case .post: bits.insert(.filedByPost)
        case .counter: break
        }
        if content.returning == .post { bits.insert(.returnedByPost) }
        if content.level == 3 { bits.insert(.level3) }
        if content.level == 4 { bits.insert(.level4) }
        if content.apologised { bits.insert(.apologised) }
        if content.supplements > 1 { bits.insert(.supplementedTwice) }
        if content.state == .finished || content.state == .returned {
            instant = content.finished
            if let due = content.due, catalog.isLate(finished: content.finished, due: due) { bits.insert(.finishedLate) }
        } else {
            instant = content.due ?? .distantFuture
        }
    }

    package var version: Version { Version(time: time, state: UInt8(bits.intersection(.stateMask).rawValue), tie: tie) }
    package var isDeleted: Bool { bits.contains(.deleted) }
    /// Index into the register's sectors; nil: none.
    package var sector: UInt32? { sectorNumber == 0 ? nil : UInt32(sectorNumber) - 1 }

    private var state: UInt16 { bits.intersection(.stateMask).rawValue }
    private var isOpen: Bool { !isDeleted && (state == 2 || state == 4) }
    private var isFinished: Bool { !isDeleted && (state == 9 || state == 10) }

    /// When it is open and has a due date: when it comes overdue.
    func comesOverdue(by catalog: Catalog) -> Instant? {
        isOpen && instant != .distantFuture ? catalog.overdueFrom(due: instant) : nil
    }

    var isOverdue: Bool { bits.contains(.overdue) }
    mutating func setOverdue() { bits.insert(.overdue) }

    /// The local day on which it was decided: finished, or came overdue. Nil while it is neither.
    package func decidedOn(by catalog: Catalog) -> LocalDay? {
        if isFinished { return catalog.zone.day(of: instant) }
        return isOverdue ? comesOverdue(by: catalog).map(catalog.zone.day(of:)) : nil
    }

    /// What is true of it, sectors aside.
    package var facts: Facts {
        guard !isDeleted else { return [] }
        var facts = Self.factsOfState[Int(state)]
        if isFinished { facts |= (bits.contains(.finishedLate) ? Facts.late : .onTime).rawValue }
        if isOverdue { facts |= Self.factsOfOverdue }
        for (bit, fact) in Self.factsOfBits where bits.rawValue & bit != 0 { facts |= fact }
        return Facts(rawValue: facts)
    }

    /// By state number.
    private static let factsOfState: [UInt64] = (UInt16(0)...15).map { state -> Facts in
        switch state {
        case 2, 4: [.accepted, .open]
        case 5, 6, 8: [.accepted]
        case 9, 10: [.accepted, .finished, .decided]
        default: []
        }
    }.map(\.rawValue)

    private static let factsOfOverdue = Facts([.overdue, .late, .decided]).rawValue

    private static let factsOfBits: [(bit: UInt16, fact: UInt64)] = [
        (Bits.filedOnline, Facts.filedOnline), (.filedByPost, .filedByPost), (.returnedByPost, .returnedByPost), (.level3, .level3), (.level4, .level4),
        (.apologised, .apologised), (.supplementedTwice, .supplementedTwice),
    ].map { ($0.rawValue, $1.rawValue) }
}
