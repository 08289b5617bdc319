public import Alerting
public import Catalog
public import Intake
import JSON
import Register
public import Scoreboard

/// The pure whole: records and a clock in, effects out. The daemon, `replay`, tests and backtests run the same engine; it reads no clock and does no I/O.
public struct Engine: ~Copyable {
    public private(set) var catalog: Catalog
    let intake: Intake
    let alertReader: JSONReader
    var register: Register
    public internal(set) var scoreboard: Scoreboard
    public internal(set) var alerting: Alerting
    /// The judging clock. It never goes back.
    public internal(set) var clock = Instant.distantPast
    var turns: CatalogTurns
    /// The last `now`: ahead of the judging clock while that is held.
    var wall = Instant.distantPast
    /// When the next local day begins, by which windows move.
    var midnight = Instant.distantPast
    var judging = Judging.off
    /// So many alerts may be on their way at once. What else is to be judged waits until some have been read back, and the judging clock with it.
    public var mostUnderWay = Int.max
    /// Whether the last step has left something to be judged.
    public private(set) var isBehind = false
    var group = Group()
    var effects: [Effect] = []
    var reportedAgencies: Set<UInt32> = []
    /// How many catalogs were adopted.
    var catalogs = 0
    var rejectionLimit: RejectionLimit?
    var sourceBook: SourceBook
    /// By input.
    let formats: [Format]
    /// By input, whether it is of another format than CloudEvents; empty if none is.
    let bundles: [Bool]
    let inputs: [String]
    /// Of the record that was rejected last: the parts of one have it in common.
    var digest: (position: Cause, sha256: String)?
    public internal(set) var counts = Counts()

    public enum Judging: Sendable {
        /// Catching up: no alert changes.
        case off
        /// The first judging after catching up; `initial` when nothing was ever published. `left`: so many of the cells that are to be judged wait since then, the others have changed again.
        case first(initial: Bool, left: Int)
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

    let alertTopic: AlertTopic
    /// In bytes; ours have about 1,500.
    private static let largestAlert = 1 << 20

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

    /// Every source that the catalog lists or that has spoken, since the start or before the copy it was made of.
    public var sources: [SourceReport] { sourceBook.reports }

    /// Subjects in the register.
    public var subjects: Int { register.count }

    // MARK: Steps

    /// Moves the clock to `now`, through every instant at which something changes by the clock alone, each in its turn; then judges what has changed since the last step. It stops on the way where it `isBehind`.
    public mutating func step(now: Instant) {
        wall = max(wall, now)
        guard !isHeld else { return }
        // What the last one left is judged at the instant at which it was found.
        if isBehind { judge() }
        if !isBehind { advance(to: now) }
        if !isBehind { judge() }
    }

    /// What is to be done since it was last asked.
    public mutating func takeEffects() -> [Effect] {
        defer { effects.removeAll(keepingCapacity: true) }
        return effects
    }

    /// From the next step on, alerts are judged: every one at that step, then what changes. `stamp` nil: nobody else can lead.
    public mutating func startJudging(as stamp: Stamp? = nil, initial: Bool = false) {
        if let stamp { alerting.lead(as: stamp) }
        scoreboard.toJudge.insertAll()
        judging = .first(initial: initial, left: scoreboard.toJudge.count)
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
    /// are; if it has them again later, they are handed out, be there something to count or not.
    public mutating func adopt(_ catalog: Catalog) throws(CannotAdopt) {
        try CannotAdopt.check(from: self.catalog, to: catalog)
        self.catalog = catalog
        catalogs += 1
        sourceBook.adopt(catalog)
        register.adopt(catalog, now: clock)
        register.depart(by: clock)
        scoreboard = scoreboard.adopting(catalog, from: register)
        if case .first(let initial, _) = judging { judging = .first(initial: initial, left: scoreboard.toJudge.count) }
        alerting = alerting.adopting(scoreboard.layout)
        // What has passed is in the scores, or shows when every cell is judged.
        turns = CatalogTurns(layout: scoreboard.layout)
        _ = turns.take(by: clock)
        for agency in Array(reportedAgencies) where register.knows(agency: agency) { reportedAgencies.remove(agency) }
    }

    // MARK: What the topics hold

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

    /// A score record could not be written, or what the topic holds for this key is none: its cell counts as changed again.
    public mutating func scoreFailed(key: String) {
        if let cell = scoreboard.layout.cell(of: key) { scoreboard.toPublish.insert(cell) }
    }

    /// The score topic was made anew: every score that was ever handed out counts as changed again.
    public mutating func scoreTopicLost() {
        for cell in scoreboard.published.cells { scoreboard.toPublish.insert(cell) }
    }

    /// The score topic holds this for a key under our `source`, from another writer: if the score is another, it counts as changed again.
    public mutating func scoreRead(key: String, numerator: Double, denominator: Int64?, isApplicable: Bool) {
        guard let cell = scoreboard.layout.cell(of: key) else { return }
        let score = scoreboard.score(of: cell), written = Double(score.numerator) / Double(ExactDecimal.power(Int(score.places ?? 0)))
        if (written, score.denominator, score.isApplicable) != (numerator, denominator, isApplicable) { scoreboard.toPublish.insert(cell) }
    }

    // MARK: Judging

    mutating func judge() {
        isBehind = false
        var initial = false, left = 0
        switch judging {
        case .off: return
        case .first(let isInitial, let unjudged): (initial, left) = (isInitial, unjudged)
        case .on: break
        }
        var writes: [AlertRecord] = []
        while alerting.underWay < mostUnderWay, let cell = scoreboard.toJudge.popLast() {
            // What has changed again lies above what waits since the beginning, and is news.
            let isFirst = scoreboard.toJudge.count < left
            if isFirst { left -= 1 }
            // It is judged again when it has been read back.
            if alerting.isInFlight(cell) { continue }
            alerting.judge(cell, scoreboard.read(cell), now: clock, initial: initial && isFirst, into: &writes)
        }
        writes += alerting.endStrays(now: clock, atMost: mostUnderWay - alerting.underWay)
        isBehind = !scoreboard.toJudge.isEmpty || alerting.hasStraysToEnd
        judging = left > 0 ? .first(initial: initial, left: left) : .on
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
