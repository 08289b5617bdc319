import Engine
import Synchronization

/// Where readers on other threads find how the daemon stands. The engine's thread makes a picture when somebody has asked for one, at most once a second; it waits for nobody.
package final class Gallery: Sendable {
    private struct Shown {
        var view: View?
        var board: Board?
        /// The one before: readers let go of it, because that takes long where there are many alerts.
        var retired: Board?
        /// What the daemon waits for before it can read.
        var waiting: String? = "starting"
    }

    private let shown = Mutex(Shown())
    private let wantsView = Atomic<Bool>(false)
    private let wantsBoard = Atomic<Bool>(false)
    /// Microseconds of the boot clock; 0: no turn yet.
    private let lastTurn = Atomic<Int64>(0)

    /// How old a picture may be, in seconds.
    package static let freshness = 1.0
    /// How long a reader waits for a new one, in seconds.
    package static let patience = 3.0

    package init() {}

    // MARK: The engine's thread

    /// The engine's thread turns.
    func beat(_ now: Double) { lastTurn.store(Int64(now * 1e6), ordering: .relaxed) }
    var isViewWanted: Bool { wantsView.load(ordering: .relaxed) }
    var isBoardWanted: Bool { wantsBoard.load(ordering: .relaxed) }

    /// False: a reader is just looking; then it is to be shown at a later turn.
    func show(_ view: View) -> Bool {
        let isShown: Void? = shown.withLockIfAvailable {
            $0.view = view
            $0.waiting = nil
        }
        if isShown != nil { wantsView.store(false, ordering: .relaxed) }
        return isShown != nil
    }

    func show(_ board: Board) -> Bool {
        let isShown: Void? = shown.withLockIfAvailable {
            $0.retired = $0.board
            $0.board = board
        }
        if isShown != nil { wantsBoard.store(false, ordering: .relaxed) }
        return isShown != nil
    }

    /// Before it can read, the daemon waits for this.
    func wait(for text: String) { shown.withLock { $0.waiting = text } }

    // MARK: Readers

    /// Seconds since the engine's thread last turned; nil: it has not begun.
    package var sinceLastTurn: Double? {
        let last = lastTurn.load(ordering: .relaxed)
        return last == 0 ? nil : max(0, ServiceClock.bootSeconds - Double(last) / 1e6)
    }

    /// Why there is no view yet.
    package var waiting: String? { shown.withLock { $0.waiting } }

    /// How the daemon stands, as of a second ago at most; older if the engine's thread does not come round to it, and nil if it has never begun.
    package func view() async -> View? {
        await fresh(wantsView, madeAt: \.madeAt) { $0.view }
    }

    package func board() async -> Board? {
        await fresh(wantsBoard, madeAt: \.madeAt) {
            $0.retired = nil
            return $0.board
        }
    }

    private func fresh<Picture>(_ wish: borrowing Atomic<Bool>, madeAt: (Picture) -> Double, _ look: (inout sending Shown) -> Picture?) async -> Picture? {
        let end = ServiceClock.bootSeconds + Self.patience
        while true {
            let picture = shown.withLock { look(&$0) }
            let now = ServiceClock.bootSeconds
            if let picture, now - madeAt(picture) <= Self.freshness { return picture }
            if picture == nil, sinceLastTurn == nil { return nil }
            wish.store(true, ordering: .relaxed)
            // The engine's thread is not to wake anybody, so we look again.
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return picture }
            if now >= end { return picture }
        }
    }
}

/// The engine's side of a gallery.
struct Painter {
    private var copy: BoardCopy?
    private var finished: Board?
    private var viewed = -Double.infinity
    private var copied = -Double.infinity

    /// Whether the next turn has work.
    var isPainting: Bool { copy != nil }

    func isViewDue(_ gallery: Gallery, _ now: Double) -> Bool { gallery.isViewWanted && now - viewed >= Gallery.freshness }

    mutating func show(_ view: View, _ gallery: Gallery) {
        if gallery.show(view) { viewed = view.madeAt }
    }

    /// At most one piece of a board, if one is wanted.
    mutating func paint(_ gallery: Gallery, _ engine: borrowing Engine, _ now: Double) {
        if let board = finished {
            if gallery.show(board) { finished = nil }
            return
        }
        if copy == nil, gallery.isBoardWanted, now - copied >= Gallery.freshness {
            copy = BoardCopy(engine)
            copied = now
        }
        switch copy?.step(engine, now) {
        case nil, .more: return
        case .overtaken: copy = BoardCopy(engine)
        case .done(let board):
            copy = nil
            finished = gallery.show(board) ? nil : board
        }
    }
}
