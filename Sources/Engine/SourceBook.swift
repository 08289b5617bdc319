public import Catalog
import Intake

/// What is known of one source. Every part of a record counts once, from the start of the process; the newest word is known from before it, too, where there was a snapshot.
public struct SourceReport: Sendable, Equatable {
    /// Nil: all those together for which there was no room, and what was rejected before its source could be read.
    public var name: String?
    /// Whether the catalog names it; where the catalog names none, false.
    public var isListed: Bool
    public var rank: UInt8
    /// The greatest `time` of what was not rejected; nil: there was nothing yet.
    public var newest: Instant?
    /// Became the latest of their subjects; heartbeats too.
    public var accepted: Int
    /// Older than what was known, or the same.
    public var superseded: Int
    public var rejected: Int

    public init(name: String?, isListed: Bool, rank: UInt8, newest: Instant?, accepted: Int, superseded: Int, rejected: Int) {
        (self.name, self.isListed, self.rank, self.newest) = (name, isListed, rank, newest)
        (self.accepted, self.superseded, self.rejected) = (accepted, superseded, rejected)
    }
}

/// Everyone who has spoken, what each may say, and what became of it. Which source a message is of is asked for every one, so its number is found by a hash.
struct SourceBook: ~Copyable {
    typealias Number = Int32

    /// Sources that are known by name, those that the catalog lists not counted.
    static let mostStrangers = 256
    /// Of a name, in bytes; longer ones have no name.
    private static let longestName = 256
    /// All those without a name.
    static let nameless: Number = 0

    private struct Account {
        var name: String?
        var rule: Permission?
        var rank: UInt8 = 0
        /// Whether there is nothing to ask.
        var isFree: Bool
        var newest = Instant.distantPast
        var accepted = 0
        var superseded = 0
        var rejected = 0
    }

    private struct Permission {
        /// Indices of inputs.
        var topics: Set<Int32>?
        var agencies: Set<CodeKey>?
        var types: Set<MessageType>?
    }

    private var accounts: [Account]
    private var strangers = 0
    private var isClosed = false
    /// By a name's key: its number, or 0. Open addressing, at most half full.
    private var slots: [(key: CodeKey, number: Number)] = []
    /// Nil: topics are not asked for.
    private let inputs: [String]?

    init(_ catalog: Catalog, inputs: [String]?) {
        self.inputs = inputs
        accounts = [Account(isFree: true)]
        rebuild(slotCount: 1 << 10)
        adopt(catalog)
    }

    /// From now on another catalog says who may speak. What was counted stays.
    mutating func adopt(_ catalog: Catalog) {
        isClosed = catalog.sources != nil
        for number in accounts.indices {
            accounts[number].rule = nil
            accounts[number].rank = 0
            accounts[number].isFree = !isClosed
        }
        for rule in catalog.sources ?? [] {
            var name = rule.source
            let number = Int(name.withUTF8 { self.number(of: UnsafeRawBufferPointer($0), isListed: true) })
            var topics: Set<Int32>?
            if let inputs, let names = rule.topics { topics = Set(inputs.indices.filter { names.contains(inputs[$0]) }.map(Int32.init)) }
            let permission = Permission(topics: topics, agencies: rule.agencies.map { catalog.codes(below: $0) }, types: rule.types)
            accounts[number].rule = permission
            accounts[number].rank = rule.rank
            accounts[number].isFree = permission.topics == nil && permission.agencies == nil && permission.types == nil
        }
    }

    // MARK: Names

    @inline(__always)
    mutating func number(of name: UnsafeRawBufferPointer) -> Number {
        let key = CodeKey(code: name), slot = slot(of: key)
        return slots[slot].key == key ? slots[slot].number : add(name, key, isListed: false)
    }

    mutating func number(of name: String) -> Number {
        var name = name
        return name.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
    }

    private mutating func number(of name: UnsafeRawBufferPointer, isListed: Bool) -> Number {
        let key = CodeKey(code: name), slot = slot(of: key)
        return slots[slot].key == key ? slots[slot].number : add(name, key, isListed: isListed)
    }

    private mutating func add(_ name: UnsafeRawBufferPointer, _ key: CodeKey, isListed: Bool) -> Number {
        if !isListed {
            guard strangers < Self.mostStrangers, name.count <= Self.longestName else { return Self.nameless }
            strangers += 1
        }
        if (accounts.count + 1) * 2 > slots.count { rebuild(slotCount: slots.count * 2) }
        let number = Number(accounts.count)
        accounts.append(Account(name: String(decoding: name, as: UTF8.self), isFree: !isClosed))
        slots[slot(of: key)] = (key, number)
        return number
    }

    @inline(__always)
    private func slot(of key: CodeKey) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.high) & mask
        while slots[slot].key != key, slots[slot].key != .none { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func rebuild(slotCount: Int) {
        let old = slots
        slots = Array(repeating: (.none, 0), count: slotCount)
        for known in old where known.key != .none { slots[slot(of: known.key)] = known }
    }

    func name(of number: Number) -> String? { accounts[Int(number)].name }

    // MARK: What they may say, and what they have said

    @inline(__always)
    func rank(of number: Number) -> UInt8 { accounts[Int(number)].rank }

    /// What names no agency (progress, deletions) is not asked for which it is.
    @inline(__always)
    func check(_ number: Number, _ type: MessageType, agency: CodeKey?, topic: Int32) throws(Rejection) {
        if accounts[Int(number)].isFree { return }
        try checkRule(number, type, agency: agency, topic: topic)
    }

    private func checkRule(_ number: Number, _ type: MessageType, agency: CodeKey?, topic: Int32) throws(Rejection) {
        guard let rule = accounts[Int(number)].rule else { throw Rejection(.forbiddenSource, field: "source") }
        if let topics = rule.topics, !topics.contains(topic) { throw Rejection(.forbiddenSource, field: "topic") }
        if let types = rule.types, !types.contains(type) { throw Rejection(.forbiddenSource, field: "type") }
        if let agencies = rule.agencies, let agency, !agencies.contains(agency) { throw Rejection(.forbiddenSource, field: "agency") }
    }

    @inline(__always)
    mutating func count(_ number: Number, at time: Instant, isAccepted: Bool) {
        if isAccepted { accounts[Int(number)].accepted += 1 } else { accounts[Int(number)].superseded += 1 }
        note(time, of: number)
    }

    @inline(__always)
    mutating func note(_ time: Instant, of number: Number) {
        if time > accounts[Int(number)].newest { accounts[Int(number)].newest = time }
    }

    mutating func countRejected(_ number: Number) { accounts[Int(number)].rejected += 1 }

    var newestWords: [SourceWords.Word] {
        accounts.compactMap { $0.newest == .distantPast ? nil : SourceWords.Word(name: $0.name ?? "", newest: $0.newest) }
    }

    /// All that the catalog lists and all that have spoken, in order of their names; those without one come last.
    var reports: [SourceReport] {
        var reports: [SourceReport] = []
        for account in accounts where account.name != nil || account.newest > .distantPast || account.accepted + account.superseded + account.rejected > 0 {
            reports.append(SourceReport(
                name: account.name, isListed: account.rule != nil, rank: account.rank, newest: account.newest == .distantPast ? nil : account.newest,
                accepted: account.accepted, superseded: account.superseded, rejected: account.rejected))
        }
        return reports.sorted { a, b in
            guard let a = a.name, let b = b.name else { return a.name != nil && b.name == nil }
            return a.utf8.lexicographicallyPrecedes(b.utf8)
        }
    }
}

extension Catalog {
    /// The codes of these agencies and of all below them.
    fileprivate func codes(below tops: Set<Int>) -> Set<CodeKey> {
        var inside = tops
        while true {
            let more = agencies.indices.filter { !inside.contains($0) && (agencies[$0].parent.map(inside.contains) ?? false) }
            if more.isEmpty { return Set(inside.map { CodeKey(code: agencies[$0].id) }) }
            inside.formUnion(more)
        }
    }
}
