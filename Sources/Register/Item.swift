import Catalog
import Intake

/// The latest status of one subject other than a dossier: 80 bytes, without references. So it lies in snapshots, too: another layout is another format of theirs.
struct Item: SubjectRow {
    /// `CodeKey.none` where nothing is kept.
    private(set) var key: CodeKey
    /// Rank and time of its version.
    private var order: UInt64
    private var tie: UInt64
    /// What is true of it apart from the clock and the catalog. Of a figure the numerator.
    private var bits: UInt64
    /// When it comes overdue, or `distantFuture`. Of a figure its `as_of`.
    private(set) var instant: Instant = .distantFuture
    /// Of a figure the denominator; `noDenominator` in an amount. Of a procedure the days on which it was announced and published, `noDay` where it was not; of what
    /// was answered or done the instant, or `noInstant` where only the day is known.
    private var denominator: Int64 = 0
    /// Its day, or `noDay`; of a deletion the one up to which it guards. Of a figure its period.
    private var day: Int32 = Self.noDay
    /// The day on which it was answered or done, or `noDay`. Of a procedure that on which its legal document takes effect.
    private var settledOn: Int32 = Self.noDay
    /// Number of the agency's code.
    private(set) var agency: UInt32 = 0
    /// Number of the criterion that it names.
    private(set) var criterion: UInt32 = 0
    /// Number of its item.
    private(set) var item: UInt32 = 0
    /// 0 where nothing is kept.
    private let kindNumber: UInt8
    private let state: UInt8
    private let deleted: UInt8
    var isDeleted: Bool { deleted != 0 }
    /// Of a figure: the two numbers are multiplied by 10 to this power.
    private var places: UInt8 = 0

    private static let noDay = Int32.min
    private static let noDenominator = Int64.min
    private static let noInstant = Int64.min

    static let none = Item()

    private init() {
        (key, order, tie, bits, kindNumber, state, deleted) = (.none, 0, 0, 0, 0, 0, 1)
    }

    /// `agency`, `criterion`, `item`: the numbers of the codes that it names.
    init(_ status: ItemStatus, _ lateness: Lateness, agency: UInt32, criterion: UInt32, item: UInt32) {
        key = status.key
        order = status.version.order
        tie = status.version.tie
        state = status.version.state
        kindNumber = status.kind.rawValue
        deleted = status.content == nil ? 1 : 0
        bits = status.content?.facts.rawValue ?? 0
        guard let content = status.content else {
            day = Departures.guardDay(saidOn: lateness.zone.day(of: status.version.time)).number
            return
        }
        (self.agency, self.criterion, self.item) = (agency, criterion, item)
        let zone = lateness.zone
        switch content.detail {
        case .document(let sent): day = zone.day(of: sent).number
        case .rating(let given): day = zone.day(of: given).number
        case .event(_, _, let occurred): day = zone.day(of: occurred).number
        case .procedure(let announced, let effective, let published):
            if let date = effective ?? announced { day = zone.day(of: date).number }
            if let effective { settledOn = zone.day(of: effective).number }
            let days = [announced, published].map { $0.map { zone.day(of: $0).number } ?? Self.noDay }
            denominator = Int64(days[0]) << 32 | Int64(UInt32(bitPattern: days[1]))
        case .feedback(let received, let due, let answered):
            day = zone.day(of: received).number
            if due != nil { bits |= Facts.hasDue.rawValue }
            settle(answered, due: due, lateness)
        case .obligation(_, _, let due, let done):
            day = zone.day(of: due).number
            settle(done, due: due, lateness)
        case .figure(_, let declared):
            day = Int32(clamping: declared.year) * 32 + declared.period.number
            instant = zone.start(of: declared.asOf)
            bits = UInt64(bitPattern: declared.numerator)
            denominator = declared.denominator ?? Self.noDenominator
            places = declared.places
        }
    }

    private mutating func settle(_ settled: Moment?, due: Moment?, _ lateness: Lateness) {
        guard let settled else {
            bits |= Facts.open.rawValue
            if let due { instant = lateness.overdueFrom(due: due) }
            return
        }
        settledOn = lateness.zone.day(of: settled).number
        if case .instant(let instant) = settled { denominator = instant.microseconds } else { denominator = Self.noInstant }
        let isLate = due.map { lateness.isLate(settled: settled, due: $0) } ?? false
        bits |= Facts([.finished, .decided, isLate ? .late : .onTime]).rawValue
    }

    /// Feedback of which no message says when it is due has the catalog's term. Whether it is overdue is to be asked anew then.
    mutating func setDue(by term: Term?, _ calendar: WorkingCalendar, _ lateness: Lateness) {
        guard kindNumber == ItemKind.feedback.rawValue, !isDeleted, !facts.contains(.hasDue) else { return }
        let due = term.map { $0.end(after: LocalDay(number: day), by: calendar) }
        bits &= ~Facts([.overdue, .late, .onTime, .decided]).rawValue
        if facts.contains(.open) {
            instant = due.map { lateness.overdueFrom(due: .day($0)) } ?? .distantFuture
        } else {
            let isLate = due.map { LocalDay(number: settledOn) > $0 } ?? false
            bits |= Facts([.decided, isLate ? .late : .onTime]).rawValue
        }
    }

    var version: Version { Version(order: order, state: state, tie: tie) }
    /// Nil where nothing is kept.
    var kind: ItemKind? { ItemKind(rawValue: kindNumber) }
    var isFigure: Bool { kindNumber == ItemKind.figure.rawValue }

    /// The facts of anything but a figure, but for those of a procedure that rest on working days.
    var facts: Facts { Facts(rawValue: bits) }

    /// All facts of a procedure. The terms are those of GL-2021 3.2.1 and 3.2.2: its announcement at least five working days before its legal document takes effect, of
    /// one that was made by the shortened procedure at most three days after; its publication within five working days, of such a one within two.
    func facts(by calendar: WorkingCalendar) -> Facts {
        var facts = facts
        guard facts.contains(.announced) else { return facts }
        let announced = LocalDay(number: Int32(truncatingIfNeeded: denominator >> 32)), published = LocalDay(number: Int32(truncatingIfNeeded: denominator))
        let effective = LocalDay(number: settledOn), isShortened = facts.contains(.shortened)
        if settledOn != Self.noDay, isShortened ? announced <= effective + 3 : calendar.day(5, after: announced) <= effective { facts.insert(.announcedInTime) }
        if facts.contains(.published), published <= calendar.day(isShortened ? 2 : 5, after: announced) { facts.insert(.publishedInTime) }
        return facts
    }
    var localDay: LocalDay? { day == Self.noDay ? nil : LocalDay(number: day) }

    private var isOverdue: Bool { facts.contains(.overdue) && hasDeadline }
    private var hasDeadline: Bool { kindNumber == ItemKind.feedback.rawValue || kindNumber == ItemKind.obligation.rawValue }
    mutating func setOverdue() { bits |= Facts([.overdue, .late, .decided]).rawValue }

    /// Overdue or not, as the clock has it.
    mutating func setOverdue(by now: Instant) {
        guard hasDeadline, !isDeleted, facts.contains(.open) else { return }
        bits &= ~Facts([.overdue, .late, .decided]).rawValue
        if instant <= now { setOverdue() }
    }

    /// A deletion guards at least up to this day.
    mutating func guardUp(to other: LocalDay) { day = max(day, other.number) }

    /// Whether it is of a kind that there is, and of a day or a period that a message can have named.
    var isSound: Bool {
        guard key != .none, kind != nil else { return false }
        if isDeleted { return true }
        if isFigure { return places <= ExactDecimal.maxScale && day & 31 <= 16 && (0...9_999).contains(day >> 5) }
        return [day, settledOn].allSatisfy { $0 == Self.noDay || Self.possibleDays.contains($0) }
    }

    /// The years 0 to 9999, and what working days, terms and time zones make of their ends.
    private static let possibleDays: ClosedRange<Int32> = -730_000...3_000_000

    /// When it comes overdue, if it waits for that.
    var waitsFor: Instant? { hasDeadline && !isDeleted && instant != .distantFuture && !isOverdue ? instant : nil }

    /// Answered or done, or come overdue; what has no deadline is decided on its day.
    func decidedOn(in zone: Zone) -> LocalDay? {
        guard hasDeadline else { return localDay }
        return settledOn != Self.noDay ? LocalDay(number: settledOn) : isOverdue ? zone.day(of: instant) : nil
    }

    /// Takes in what the receiver of a document said of its state: it counts if it is newer than what the sender said, or the sender said nothing.
    mutating func take(_ acknowledgement: Acknowledgement) {
        guard kindNumber == ItemKind.document.rawValue, state == 0 || acknowledgement.version > version else { return }
        bits = bits & ~Facts.documentStates.rawValue | Facts.document(inState: acknowledgement.version.state).rawValue
    }

    /// When an obligation was done.
    var done: Moment? {
        guard settledOn != Self.noDay else { return nil }
        return denominator == Self.noInstant ? .day(LocalDay(number: settledOn)) : .instant(Instant(microseconds: denominator))
    }

    // MARK: Figures

    struct Slot: Hashable {
        var criterion: UInt32
        var agency: UInt32
        var period: Int32
    }

    /// For what a figure speaks; nil: for nothing.
    var slot: Slot? { isFigure && !isDeleted ? Slot(criterion: criterion, agency: agency, period: day) : nil }

    /// Of the period of a figure.
    var firstDay: LocalDay { Period(number: day & 31).days(in: Int(day >> 5)).lowerBound }

    func figure(criterion: Int32, agency: Int32) -> Figure {
        Figure(
            criterion: criterion, agency: agency, year: Int(day >> 5), period: Period(number: day & 31), numerator: Int64(bitPattern: bits),
            denominator: denominator == Self.noDenominator ? nil : denominator, places: Int(places))
    }
}

extension Period {
    /// 0 the year, 1–4 a quarter, 5–16 a month.
    fileprivate var number: Int32 {
        switch self {
        case .year, .window: 0
        case .quarter(let quarter): Int32(quarter)
        case .month(let month): Int32(month) + 4
        }
    }

    fileprivate init(number: Int32) { self = number == 0 ? .year : number <= 4 ? .quarter(Int(number)) : .month(Int(number) - 4) }
}

extension Zone {
    func day(of moment: Moment) -> LocalDay {
        switch moment {
        case .instant(let instant): day(of: instant)
        case .day(let day): day
        }
    }

    func start(of moment: Moment) -> Instant {
        switch moment {
        case .instant(let instant): instant
        case .day(let day): start(of: day)
        }
    }
}

extension Lateness {
    func overdueFrom(due: Moment) -> Instant {
        switch due {
        case .instant(let instant): overdueFrom(due: instant)
        case .day(let day): zone.start(of: day + 1)
        }
    }

    /// Where either is a whole day, days are compared.
    func isLate(settled: Moment, due: Moment) -> Bool {
        if case .instant(let settled) = settled, case .instant(let due) = due { return isLate(finished: settled, due: due) }
        return zone.day(of: settled) > zone.day(of: due)
    }
}
