/// True/false properties of a subject, one bit each, from which every criterion is counted. Those here are a dossier's; `Kind.swift` has the other kinds'.
public struct Facts: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// States 2, 4, 5, 6, 8, 9, 10.
    public static let accepted = Facts(rawValue: 1 << 0)
    /// States 2, 4.
    public static let open = Facts(rawValue: 1 << 1)
    /// States 9, 10.
    public static let finished = Facts(rawValue: 1 << 2)
    /// Finished after due, or open past due.
    public static let late = Facts(rawValue: 1 << 3)
    /// Finished and not late.
    public static let onTime = Facts(rawValue: 1 << 4)
    /// Open past due: comes true by the clock, without a message.
    public static let overdue = Facts(rawValue: 1 << 5)
    /// Finished or overdue.
    public static let decided = Facts(rawValue: 1 << 6)
    public static let filedOnline = Facts(rawValue: 1 << 7)
    public static let filedByPost = Facts(rawValue: 1 << 8)
    public static let returnedByPost = Facts(rawValue: 1 << 9)
    public static let level3 = Facts(rawValue: 1 << 10)
    public static let level4 = Facts(rawValue: 1 << 11)
    public static let apologised = Facts(rawValue: 1 << 12)
    /// More than one request for supplements.
    public static let supplementedTwice = Facts(rawValue: 1 << 13)
    /// A progress step has come.
    public static let tracked = Facts(rawValue: 1 << 14)

    /// The facts of a dossier by the names that a catalog uses.
    public static let named: [(name: String, fact: Facts)] = [
        ("accepted", .accepted), ("open", .open), ("finished", .finished), ("late", .late), ("on_time", .onTime), ("overdue", .overdue),
        ("decided", .decided), ("filed_online", .filedOnline), ("filed_by_post", .filedByPost), ("returned_by_post", .returnedByPost),
        ("level_3", .level3), ("level_4", .level4), ("apologised", .apologised), ("supplemented_twice", .supplementedTwice), ("tracked", .tracked),
    ]

    /// Bits from here on are sectors that the catalog's criteria ask for (`sector:ĐẤT ĐAI`), in the order of `Catalog.sectors`.
    public static let firstSectorBit = 16
    public static let maxSectors = 64 - firstSectorBit

    public static func sector(_ index: Int) -> Facts { Facts(rawValue: 1 << (firstSectorBit + index)) }
}

/// A condition on facts, compiled: all of `required`, none of `forbidden`, and of each clause at least one.
public struct FactMask: Hashable, Sendable {
    public struct Clause: Hashable, Sendable {
        public var anyOf: Facts
        public var anyAbsent: Facts

        public init(anyOf: Facts = [], anyAbsent: Facts = []) {
            self.anyOf = anyOf
            self.anyAbsent = anyAbsent
        }
    }

    public var required: Facts = []
    public var forbidden: Facts = []
    public var clauses: [Clause] = []

    public init(required: Facts = [], forbidden: Facts = [], clauses: [Clause] = []) {
        self.required = required
        self.forbidden = forbidden
        self.clauses = clauses
    }

    /// Whether any of these facts is asked for, true or false.
    public func asks(about facts: Facts) -> Bool {
        !required.union(forbidden).isDisjoint(with: facts) || clauses.contains { !$0.anyOf.union($0.anyAbsent).isDisjoint(with: facts) }
    }

    public func matches(_ facts: Facts) -> Bool {
        guard facts.isSuperset(of: required), facts.isDisjoint(with: forbidden) else { return false }
        return clauses.isEmpty || clauses.allSatisfy { !facts.isDisjoint(with: $0.anyOf) || !facts.isSuperset(of: $0.anyAbsent) }
    }
}
