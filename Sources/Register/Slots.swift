import Catalog
import Intake

/// What is owed under the duties of the catalog: one slot for each agency and due instant. A slot is a status that the catalog implies: of the obligation with the
/// subject `framework/criterion/agency/due` it says that it is open, and any status of this subject is newer. So slots are never kept: catalog and clock say them anew.
struct Slots {
    struct Slot {
        var key: CodeKey
        /// Number in the catalog.
        var criterion: Int32
        /// Of its agency on the due day.
        var seat: Int32
        var day: LocalDay
        var overdueFrom: Instant
        /// Due at a time of day, not by the end of the day.
        var isTimed: Bool
    }

    typealias Number = Int

    /// In order of the instants from which they are overdue.
    private var slots: [Slot] = []
    private var numbers: [CodeKey: Number] = [:]
    /// Those before it are past their due.
    private var passed: Number = 0

    init() {}

    init(_ catalog: Catalog, _ tree: AgencyTree, now: Instant) {
        for (number, (framework, criterion)) in catalog.criteria.enumerated() {
            guard let duty = criterion.duty else { continue }
            let days = duty.days(in: framework.year, by: catalog.calendar), owing = duty.agencies ?? Array(catalog.agencies.indices)
            for index in owing where criterion.levels.contains(catalog.agencies[index].level) {
                let agency = catalog.agencies[index], subject = "\(framework.id)/\(criterion.code)/\(agency.id)/"
                for day in days where agency.exists(within: day..<day + 1) {
                    guard let seat = tree.seat(of: Int32(index), on: day), let code = Code.normalized(subject + duty.name(of: day)) else { continue }
                    slots.append(Slot(
                        key: ItemKind.obligation.key(of: CodeKey(code: code)), criterion: Int32(number), seat: seat, day: day,
                        overdueFrom: duty.overdueFrom(day, in: catalog.zone), isTimed: duty.second != nil))
                }
            }
        }
        slots.sort { ($0.overdueFrom, $0.key.high, $0.key.low) < ($1.overdueFrom, $1.key.high, $1.key.low) }
        index()
        while next.map({ $0 <= now }) ?? false { pass() }
    }

    private mutating func index() { numbers = Dictionary(slots.indices.map { (slots[$0].key, $0) }) { first, _ in first } }

    var all: Range<Number> { slots.indices }

    subscript(_ number: Number) -> Slot { slots[number] }

    // Inlined, because they are asked with every message.

    @inline(__always)
    func number(of key: CodeKey) -> Number? { numbers.isEmpty ? nil : numbers[key] }

    /// The next instant at which one comes due.
    var next: Instant? {
        @inline(__always) get { passed < slots.count ? slots[passed].overdueFrom : nil }
    }

    /// The one that comes due next.
    var upcoming: Number { passed }

    mutating func pass() { passed += 1 }

    /// Lets go of those of other numbers than `stays` says.
    mutating func keep(_ stays: (Number) -> Bool) {
        let kept = slots.indices.filter(stays)
        passed = kept.count { $0 < passed }
        slots = kept.map { slots[$0] }
        index()
    }

    /// What it adds by itself, while nothing was said of it.
    func standing(_ number: Number, in zone: Zone) -> ItemStanding {
        let slot = slots[number]
        return ItemStanding(
            stream: .criterion(slot.criterion), agency: slot.seat, unit: 0, day: slot.day, decidedOn: decidedOn(number, done: nil, in: zone), facts: facts(number, done: nil, in: zone))
    }

    func decidedOn(_ number: Number, done: Moment?, in zone: Zone) -> LocalDay? {
        done.map { zone.day(of: $0) } ?? (number < passed ? zone.day(of: slots[number].overdueFrom) : nil)
    }

    /// The facts of its obligation by when that was done, as far as they rest on its due.
    func facts(_ number: Number, done: Moment?, in zone: Zone) -> Facts {
        guard let done else { return number < passed ? [.open, .overdue, .late, .decided] : .open }
        let slot = slots[number], isLate: Bool
        if slot.isTimed, case .instant(let instant) = done { isLate = instant >= slot.overdueFrom } else { isLate = zone.day(of: done) > slot.day }
        return [.finished, .decided, isLate ? .late : .onTime]
    }
}
