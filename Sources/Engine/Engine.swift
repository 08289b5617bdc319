public import Alerting
public import Catalog
public import Intake
import JSON
import Register
public import Scoreboard

/// The pure whole: records and a clock in, effects out. The daemon, `replay`, tests and backtests run the same engine; it reads no clock and does no I/O.
public struct Engine: ~Copyable {
    public private(set) var catalog: Catalog
    private let intake: Intake
    private let alertReader: JSONReader
    var register: Register
    public internal(set) var scoreboard: Scoreboard
    public private(set) var alerting: Alerting
    /// The judging clock. It never goes back.
    public internal(set) var clock = Instant.distantPast
    var turns: CatalogTurns
    /// The last `now`: ahead of the judging clock while that is held.
    var wall = Instant.distantPast
    /// When the next local day begins, by which windows move.
    private var midnight = Instant.distantPast
    private var judging = Judging.off
    private var group = Group()
    private var effects: [Effect] = []
    var reportedAgencies: Set<UInt32> = []
    /// How many catalogs were adopted.
    private(set) var catalogs = 0
    private var rejectionLimit: RejectionLimit?
    private var sourceBook: SourceBook
    /// By input.
    private let formats: [Format]
    /// By input, whether it is of another format than CloudEvents; empty if none is.
    private let bundles: [Bool]
    private let inputs: [String]
    /// Of the record that was rejected last: the parts of one have it in common.
    private var digest: (position: Cause, sha256: String)?
    public private(set) var counts = Counts()

    public enum Judging: Sendable {
        /// Catching up: no alert changes.
        case off
        /// The first step after catching up; `initial` when nothing was ever published.
        case first(initial: Bool)
        case on
    }

    /// Where alert records go that the engine wants published.
    public enum AlertTopic: Sendable {
        /// To a topic, from which they are read back.
        case outside
        /// Nowhere: what is written is published at once, as `replay` does.
        case loopback
    }

    public struct Counts: Sendable {
        public var received = 0
        /// Changed the register.
        public var accepted = 0
        public var rejected = 0
        /// Of the rejected: counted, but not told one by one.
        public var leftOut = 0
    }

    public struct OutOfMemory: Error {}

    private let alertTopic: AlertTopic
    /// In bytes; ours have about 1,500.
    private static let largestAlert = 1 << 20
    /// Of a rejection, in characters.
    private static let longestSource = 256

    /// `inputs`: the names of the input topics; positions name them by index. `formats`: what each speaks; empty: all speak CloudEvents. `rejections`: how many are told one by one; nil is all of them.
    public init(
        catalog: Catalog, inputs: [String], formats: [Format] = [], alertTopic: AlertTopic = .outside, maxSize: Int = Intake.defaultMaxSize, rejections: RejectionLimit? = nil
    ) throws(OutOfMemory) {
        guard let intake = Intake(maxSize: maxSize), let alertReader = JSONReader(capacity: Self.largestAlert) else { throw OutOfMemory() }
        self.intake = intake
        self.alertReader = alertReader
        self.catalog = catalog
        self.alertTopic = alertTopic
        rejectionLimit = rejections
        self.inputs = inputs
        self.formats = formats
        bundles = formats.contains { $0 != .cloudEvents } ? inputs.indices.map { formats.indices.contains($0) && formats[$0] != .cloudEvents } : []
        // Recorded messages come in files, not in topics.
        sourceBook = SourceBook(catalog, inputs: alertTopic == .loopback ? nil : inputs)
        register = Register(catalog: catalog)
        scoreboard = Scoreboard(catalog: catalog)
        // What is owed stands there before any message.
        scoreboard.add(register)
        alerting = Alerting(layout: scoreboard.layout, inputs: inputs)
        turns = CatalogTurns(layout: scoreboard.layout)
    }

    /// Whether records are to be handed in with their timestamps: some input's format says no time.
    public var readsTimestamps: Bool { !bundles.isEmpty }

    /// Every source that the catalog lists or that has spoken since the start.
    public var sources: [SourceReport] { sourceBook.reports }

    /// Subjects in the register.
    public var subjects: Int { register.count }

    // MARK: Steps

    /// Moves the clock to `now`, through every instant at which something changes by the clock alone, each in its turn; then judges what has changed since the last step.
    public mutating func step(now: Instant) {
        wall = max(wall, now)
        guard !isHeld else { return }
        advance(to: now)
        judge()
    }

    /// What is to be done since it was last asked.
    public mutating func takeEffects() -> [Effect] {
        defer { effects.removeAll(keepingCapacity: true) }
        return effects
    }

    /// From the next step on, alerts are judged: every one at that step, then what changes. `stamp` nil: nobody else can lead.
    public mutating func startJudging(as stamp: Stamp? = nil, initial: Bool = false) {
        if let stamp { alerting.lead(as: stamp) }
        judging = .first(initial: initial)
        scoreboard.toJudge.insertAll()
    }

    /// From now on no alert changes. The clock and the scores go on.
    public mutating func stopJudging() {
        judging = .off
        alerting.stepDown()
    }

    /// While it is held the judging clock stands still and no alert changes; records are taken in.
    public var isHeld = false

    /// Whether all there is has been counted; while that is not certain, alerts may begin and grow worse, and nothing ends.
    public var isComplete: Bool {
        get { alerting.isComplete }
        set {
            alerting.isComplete = newValue
            if newValue { scoreboard.toJudge.insertAll() }
        }
    }

    public var isJudging: Bool { if case .off = judging { false } else { true } }

    // MARK: Another catalog

    /// Judges by another catalog from now on. Nothing is read again: scores are derived from the register, of which the subjects leave whose year has departed
    /// under the new catalog. What follows from it shows at the next step, at which every cell is judged. It is refused before anything has changed, or succeeds.
    ///
    /// What stays: the clock and its midnight, as the time zone is the same; what the clock has brought upon dossiers; the days in the windows; what the alert
    /// topic holds and the writes on their way to it; effects not yet taken, for what was decided was decided. An unknown agency that was reported is not
    /// reported again until the catalog has known it in between. What left or was rejected under the old catalog does not come back.
    ///
    /// `takeChangedCells` hands out the cells whose score record now says something else, and those that it owed already. Cells are numbered anew: those that were
    /// taken before and not yet written are to be handed back first (`scoreFailed`). Records of scores that the catalog no longer has stay on the topic as they
    /// are; if it has them again later, it is as after a start: they are handed out if there is something to count.
    public mutating func adopt(_ catalog: Catalog) throws(CannotAdopt) {
        try CannotAdopt.check(from: self.catalog, to: catalog)
        self.catalog = catalog
        catalogs += 1
        sourceBook.adopt(catalog)
        register.adopt(catalog, now: clock)
        register.depart(by: clock) { _, _ in }
        _ = register.departItems(by: clock)
        scoreboard = scoreboard.adopting(catalog, from: register)
        alerting = alerting.adopting(scoreboard.layout)
        // What has passed is in the scores, or shows when every cell is judged.
        turns = CatalogTurns(layout: scoreboard.layout)
        _ = turns.take(by: clock)
        for agency in Array(reportedAgencies) where register.knows(agency: agency) { reportedAgencies.remove(agency) }
    }

    // MARK: Records in

    /// Takes in `count` input records in their order; `record` hands them out by number. The clock must stand where they should be judged.
    public mutating func receive(_ count: Int, _ record: (Int) -> Record) {
        for first in stride(from: 0, to: count, by: Group.size) {
            read(first..<min(count, first + Group.size), record)
            for place in group.records.indices { receive(place, isReplay: false) }
        }
    }

    /// Takes in input records by event time, each as a step of its own: the clock is the greatest `time` so far. Judging must be on.
    public mutating func replay(_ count: Int, _ record: (Int) -> Record) {
        for first in stride(from: 0, to: count, by: Group.size) {
            read(first..<min(count, first + Group.size), record)
            for place in group.records.indices { receive(place, isReplay: true) }
        }
    }

    private mutating func read(_ numbers: Range<Int>, _ record: (Int) -> Record) {
        group.read(numbers, record, by: intake, for: register, of: &sourceBook, bundles: bundles)
        counts.received += numbers.count
    }

    /// Takes in the record at a place of the group.
    @inline(__always)
    private mutating func receive(_ place: Int, isReplay: Bool) {
        let part = Part(source: group.source(at: place))
        do throws(Rejection) {
            switch group.other(at: place) {
            case nil: try receive(try group.status(at: place), group.records[place], part, isReplay)
            case .status(let status)?: try receive(status, group.records[place], part, isReplay)
            case .bundle?: receiveBundle(group.records[place], isReplay)
            }
        } catch {
            reject(error, group.records[place], part)
        }
    }

    @inline(__always)
    private mutating func receive(_ status: DossierStatus, _ record: Record, _ part: Part, _ isReplay: Bool) throws(Rejection) {
        var status = status
        try sourceBook.check(part.source, .dossier, agency: status.content?.agency, topic: record.position.topic)
        let rank = sourceBook.rank(of: part.source)
        if rank > 0 { status.version.rank = rank }
        if isReplay {
            advance(to: status.version.time)
            // A status that comes too late for its period still moves the clock: the step is judged with it or without.
            defer { judge() }
            try accept(status, record, part)
        } else {
            try checkTime(status.version.time, part)
            try accept(status, record, part)
        }
    }

    private mutating func receive(_ status: OtherStatus, _ record: Record, _ part: Part, _ isReplay: Bool) throws(Rejection) {
        var status = status
        try sourceBook.check(part.source, status.type, agency: status.agency, topic: record.position.topic)
        status.setRank(sourceBook.rank(of: part.source))
        if isReplay {
            try checkCriterion(status)
            advance(to: status.time)
            defer { judge() }
            try accept(status, record, part)
        } else {
            try checkTime(status.time, part)
            try checkCriterion(status)
            try accept(status, record, part)
        }
    }

    /// Takes in a record of another format than CloudEvents: each of its statuses counts or is rejected on its own.
    private mutating func receiveBundle(_ record: Record, _ isReplay: Bool) {
        let topic = Int(record.position.topic), format = formats[topic]
        do throws(Rejection) {
            let bundle = try intake.statuses(in: record.message, format, zone: catalog.zone, topic: inputs[topic]), source = sourceBook.number(of: bundle.source)
            for (index, status) in bundle.parts.enumerated() {
                let part = Part(index: index, source: source, timeField: format.timeField)
                do throws(Rejection) {
                    switch try status.get() {
                    case .dossier(let status): try receive(status, record, part, isReplay)
                    case .other(let status): try receive(status, record, part, isReplay)
                    }
                } catch {
                    reject(Rejection(error.reason, field: error.field, source: bundle.source), record, part)
                }
            }
        } catch {
            reject(error, record, Part(source: SourceBook.nameless))
        }
    }

    /// What is needed of where a status stood and who said it.
    private struct Part {
        var index = 0
        var source: SourceBook.Number
        /// Where its time stood.
        var timeField = "time"
    }

    /// Takes in a record of the alert topic, ours or another's. `value` nil: a tombstone. Returns whether it is an alert under our `source`.
    @discardableResult
    public mutating func alertRead(key: String, value: UnsafeRawBufferPointer?, by stamp: Stamp = .none, offset: Int64) -> Bool {
        let record = value.flatMap { AlertRecord(key: key, json: $0, reader: alertReader) }
        if let cell = alerting.read(key: key, record: record, by: stamp, offset: offset) { scoreboard.toJudge.insert(cell) }
        return record?.source == catalog.source
    }

    /// The alert topic was made anew: what is alive is written again.
    public mutating func alertTopicLost() {
        alerting.lostTopic()
        scoreboard.toJudge.insertAll()
    }

    public mutating func alertAcknowledged(key: String, id: String, offset: Int64) { alerting.acknowledged(key: key, id: id, offset: offset) }

    public mutating func alertFailed(key: String, id: String) {
        if let cell = alerting.failed(key: key, id: id) { scoreboard.toJudge.insert(cell) }
    }

    /// The score of a cell was taken but not written: it counts as changed again.
    public mutating func scoreFailed(_ cell: CellID) { scoreboard.toPublish.insert(cell) }

    /// A score record could not be written: its cell counts as changed again.
    public mutating func scoreFailed(key: String) {
        if let cell = scoreboard.layout.cell(of: key) { scoreboard.toPublish.insert(cell) }
    }

    /// The score topic holds this for a key under our `source`, from another writer: if the score is another, it counts as changed again.
    public mutating func scoreRead(key: String, numerator: Double, denominator: Int64?, isApplicable: Bool) {
        guard let cell = scoreboard.layout.cell(of: key) else { return }
        let score = scoreboard.score(of: cell), written = Double(score.numerator) / Double(ExactDecimal.power(Int(score.places ?? 0)))
        if (written, score.denominator, score.isApplicable) != (numerator, denominator, isApplicable) { scoreboard.toPublish.insert(cell) }
    }

    @inline(__always)
    private func checkTime(_ time: Instant, _ part: Part) throws(Rejection) {
        guard time <= max(clock, wall).advanced(by: catalog.maxAhead) else { throw Rejection(.futureTime, field: part.timeField) }
    }

    private func checkCriterion(_ status: OtherStatus) throws(Rejection) {
        guard case .item(let item) = status, let criterion = item.criterion, !register.knows(criterion: criterion) else { return }
        throw Rejection(.unknownCriterion, field: "criterion")
    }

    @inline(__always)
    private mutating func accept(_ status: DossierStatus, _ record: Record, _ part: Part) throws(Rejection) {
        try accepted(register.accept(status, now: clock), status.version.time, record, part)
    }

    @inline(__always)
    private mutating func accepted(_ change: Register.Change, _ time: Instant, _ record: Record, _ part: Part) throws(Rejection) {
        switch change {
        case .superseded: sourceBook.count(part.source, at: time, isAccepted: false)
        case .departed: throw Rejection(.closedPeriod, field: "received")
        case .replaced(let old, let new, let unknownAgency):
            counts.accepted += 1
            sourceBook.count(part.source, at: time, isAccepted: true)
            scoreboard.replace(old, by: new, cause: record.position)
            report(unknownAgency, record, part)
        }
    }

    private mutating func accept(_ status: OtherStatus, _ record: Record, _ part: Part) throws(Rejection) {
        switch status {
        case .heartbeat(let time): sourceBook.count(part.source, at: time, isAccepted: true)
        case .progress(let progress): try accepted(register.accept(progress, now: clock), status.time, record, part)
        case .item(let item): try accepted(register.accept(item, now: clock), dateField: item.kind.dateField, status.time, record, part)
        case .acknowledgement(let word): try accepted(register.accept(word, now: clock), dateField: part.timeField, status.time, record, part)
        }
    }

    private mutating func accepted(_ outcome: Register.ItemOutcome, dateField: String, _ time: Instant, _ record: Record, _ part: Part) throws(Rejection) {
        switch outcome {
        case .superseded: sourceBook.count(part.source, at: time, isAccepted: false)
        case .departed: throw Rejection(.closedPeriod, field: dateField)
        case .replaced(let change, let unknownAgency):
            counts.accepted += 1
            sourceBook.count(part.source, at: time, isAccepted: true)
            scoreboard.replace(change, cause: record.position)
            report(unknownAgency, record, part)
        }
    }

    @inline(__always)
    private mutating func report(_ unknownAgency: UInt32?, _ record: Record, _ part: Part) {
        // One that was left out is told with the agency's next status.
        guard let unknownAgency, !reportedAgencies.contains(unknownAgency), reject(Rejection(.unknownAgency, field: "agency"), record, part) else { return }
        reportedAgencies.insert(unknownAgency)
    }

    /// False: left out. Only what is told is worth a second look at the message and its SHA-256.
    @discardableResult
    private mutating func reject(_ rejection: Rejection, _ record: Record, _ part: Part) -> Bool {
        counts.rejected += 1
        // What has a fault was not asked whose it is.
        if rejection.reason != .unknownAgency { sourceBook.countRejected(rejection.source.map { sourceBook.number(of: $0) } ?? part.source) }
        guard rejectionLimit?.admits(rejection.reason, at: record.position) ?? true else {
            counts.leftOut += 1
            return false
        }
        var rejection = rejection
        // A source of any length must fit into a record.
        rejection.source = (rejection.source ?? sourceBook.name(of: part.source) ?? intake.source(of: record.message)).map { String($0.prefix(Self.longestSource)) }
        let payload = record.message.value ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if digest?.position != record.position { digest = (record.position, Digest.sha256(payload)) }
        effects.append(.reject(RejectedRecord(
            rejection: rejection, position: record.position, index: part.index, size: payload.count, sha256: digest?.sha256 ?? "", time: max(clock, wall))))
        return true
    }

    /// What the limit of rejections left out since it was last told: once a second at most, and at the end with `now` infinite. To be called with every turn,
    /// because it also says how much time has passed. `now`: seconds of a clock that only runs forward.
    public mutating func takeLeftOut(now: Double) -> [LeftOutRecord] {
        rejectionLimit?.take(now: now).map { LeftOutRecord($0, time: max(clock, wall)) } ?? []
    }

    // MARK: The clock

    private mutating func advance(to now: Instant) {
        guard clock != .distantPast else {
            clock = now
            turn()
            return
        }
        // While nothing is judged there is no need to stop on the way.
        while isJudging, let next = nextWake, next <= now {
            clock = max(clock, next)
            turn()
            judge()
        }
        clock = max(clock, now)
        turn()
    }

    /// The next instant at which something may change by the clock alone.
    @inline(__always)
    private var nextWake: Instant? {
        var next = turns.next ?? .distantFuture
        if let due = register.nextDue { next = min(next, due) }
        if scoreboard.nextTurn != nil { next = min(next, midnight) }
        if let timer = alerting.nextTimer { next = min(next, timer) }
        return next == .distantFuture ? nil : next
    }

    /// Lets everything happen that is due at the clock's instant.
    private mutating func turn() {
        let now = clock
        // A window turns before dossiers come due: what comes overdue at midnight belongs to the new day.
        if now >= midnight { beginDay(now) }
        if let due = register.nextDue, due <= now {
            var came: [(Standing?, Standing?)] = []
            register.comeDue(by: now) { came.append(($1, $2)) }
            for (old, new) in came { scoreboard.replace(old, by: new, cause: nil) }
            for change in register.itemsComeDue(by: now) { scoreboard.replace(change, cause: nil) }
        }
        for cell in alerting.takeTimers(by: now) { scoreboard.toJudge.insert(cell) }
        for turn in turns.take(by: now) {
            switch turn.kind {
            case .opening:
                let plan = scoreboard.layout.plans[turn.index]
                for cell in scoreboard.layout.cells(of: plan) {
                    scoreboard.toJudge.insert(cell)
                    if plan.measure.beginsWithPeriod { scoreboard.toPublish.insert(cell) }
                }
            case .threshold: for cell in scoreboard.layout.cells(of: scoreboard.layout.plans[turn.index]) { scoreboard.toJudge.insert(cell) }
            case .closing: for cell in alerting.active(in: scoreboard.layout.plans[turn.index]) { scoreboard.toJudge.insert(cell) }
            case .agency: for cell in scoreboard.layout.cells(ofAgency: turn.index) { scoreboard.toJudge.insert(cell) }
            case .departure:
                var gone: [Standing?] = []
                register.depart(by: now) { gone.append($1) }
                for standing in gone { scoreboard.replace(standing, by: nil, cause: nil) }
                for change in register.departItems(by: now) { scoreboard.replace(change, cause: nil) }
            }
        }
    }

    mutating func beginDay(_ now: Instant) {
        let zone = catalog.zone, day = zone.day(of: now)
        // Where midnight comes twice, a day that has begun does not end again.
        let today = zone.start(of: day + 1) <= now ? day + 1 : day
        scoreboard.move(to: today)
        midnight = zone.start(of: today + 1)
    }

    // MARK: Judging

    private mutating func judge() {
        var initial = false
        switch judging {
        case .off: return
        case .first(let isInitial):
            initial = isInitial
            judging = .on
        case .on: break
        }
        var writes: [AlertRecord] = []
        while let cell = scoreboard.toJudge.popLast() {
            // It is judged again when it has been read back.
            if alerting.isInFlight(cell) { continue }
            alerting.judge(cell, scoreboard.read(cell), now: clock, initial: initial, into: &writes)
        }
        writes += alerting.endStrays(now: clock)
        guard !writes.isEmpty else { return }
        writes.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for write in writes {
            effects.append(.publish(write))
            if alertTopic == .loopback { _ = alerting.read(key: write.key, record: write, by: .none, offset: 0) }
        }
    }

    // MARK: Scores out

    /// Every cell that changed since the last call; `score(of:)` tells how it stands when its turn comes.
    public mutating func takeChangedCells() -> [CellID] { scoreboard.takeToPublish() }

    /// Every score that there is, in order of the keys' bytes.
    public func scores() -> [ScoreRecord] {
        (0..<CellID(scoreboard.layout.cellCount)).filter { scoreboard.score(of: $0).isPresent }.map { score(of: $0) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    public func score(of cell: CellID) -> ScoreRecord { scoreboard.layout.record(of: cell, scoreboard.score(of: cell), asOf: clock) }
}
