package import Alerting
package import Catalog
package import Engine
package import Intake
package import Scoreboard

/// How a daemon stands at one instant. It never changes: whoever reads it holds nobody up.
package struct View: Sendable {
    package struct Partition: Sendable {
        package var topic: String
        package var number: Int32
        /// The next offset to read.
        package var position: Int64
        /// Records that are known to be there and were not read yet.
        package var lag: Int64
        /// How old what was read of it is at most, in seconds.
        package var lagSeconds: Double
    }

    /// When it was made, by `ServiceClock.bootSeconds`.
    package var madeAt: Double
    package var health: Health
    /// With the catalog that is in force.
    package var layout: Layout
    /// Of the inputs.
    package var partitions: [Partition]
    /// The systems that speak there, or may.
    package var sources: [SourceReport]
    /// Records that lay there at the start, and how many of them have been read.
    package var backlog: Int64
    package var read: Int64
    package var counts: Engine.Counts
    package var rejections: [RejectionReason: Int]
    /// Records read, by topic.
    package var consumed: [(topic: String, records: Int)]
    package var alerts: [AlertCount]
    /// Goes up with every change of what the alert topic holds.
    package var alertChanges: Int
    package var writes: [Writes]
    /// Seconds since a record last arrived at the broker; nil: none has yet.
    package var sinceLastWrite: Double?
    /// Records on their way to the broker.
    package var outstanding: Int
    /// In the register.
    package var subjects: Int
    /// Input records a second, of late.
    package var rate: Double
    /// Why the last reload changed nothing.
    package var failedReload: String?
    /// Nil: none are taken.
    package var snapshot: SnapshotHealth?

    package struct AlertCount: Sendable {
        package var state: AlertState
        package var severity: Severity
        package var count: Int
    }

    /// What became of the records for one topic.
    package struct Writes: Sendable {
        package var topic: String
        package var written = 0
        /// Attempts that failed; each is made again or overtaken by a newer record.
        package var failed = 0
    }
}

/// The scores and alerts of a daemon, copied piecemeal.
package final class Board: Sendable {
    package let madeAt: Double
    package let layout: Layout
    /// The judging clock when the copy began: no score is older than this.
    package let asOf: Instant
    /// By cell.
    package let scores: [Score]
    /// What the alert topic holds under our own source, in order of the cells; then what the catalog no longer judges and has not ended.
    package let alerts: [AlertRecord]
    /// `View.alertChanges` when the copy began.
    package let alertChanges: Int

    init(madeAt: Double, layout: Layout, asOf: Instant, scores: [Score], alerts: [AlertRecord], alertChanges: Int) {
        self.madeAt = madeAt
        self.layout = layout
        self.asOf = asOf
        self.scores = scores
        self.alerts = alerts
        self.alertChanges = alertChanges
    }
}

/// Copies a board, a piece a turn: 10,000 scores take less than half a millisecond, 1,000 alerts one and a half.
struct BoardCopy {
    private let layout: Layout
    private let asOf: Instant
    private let alertChanges: Int
    private var scores: [Score] = []
    private var alerts: [AlertRecord] = []

    private static let cellsAtOnce = 1_000
    /// A turn ends with the first of these.
    private static let mostCells = 10_000
    private static let mostAlerts = 1_000

    init(_ engine: borrowing Engine) {
        layout = engine.scoreboard.layout
        asOf = engine.clock
        alertChanges = engine.alerting.changes
        scores.reserveCapacity(layout.cellCount)
        alerts.reserveCapacity(engine.alerting.recordCount)
    }

    enum Progress { case more, done(Board), overtaken }

    /// The next piece. Overtaken by another catalog, it has to begin anew.
    mutating func step(_ engine: borrowing Engine, _ now: Double) -> Progress {
        guard engine.scoreboard.layout === layout else { return .overtaken }
        let end = (cells: Swift.min(scores.count + Self.mostCells, layout.cellCount), alerts: alerts.count + Self.mostAlerts)
        while scores.count < end.cells, alerts.count < end.alerts {
            let cells = CellID(scores.count)..<CellID(Swift.min(scores.count + Self.cellsAtOnce, end.cells))
            scores += engine.scoreboard.scores(of: cells)
            alerts += engine.alerting.records(of: cells)
        }
        guard scores.count == layout.cellCount else { return .more }
        alerts += engine.alerting.unjudged
        return .done(Board(madeAt: now, layout: layout, asOf: asOf, scores: scores, alerts: alerts, alertChanges: alertChanges))
    }
}
