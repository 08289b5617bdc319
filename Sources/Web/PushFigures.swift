import Synchronization

/// How pushing to Alertmanager goes.
package final class PushFigures: Sendable {
    struct Count {
        var succeeded = 0
        var failed = 0
        /// Alerts that Alertmanager was last told are firing.
        var alive = 0
        /// Seconds since 1970.
        var lastSuccess: Double?
    }

    private let count = Mutex(Count())

    package init() {}

    var now: Count { count.withLock { $0 } }

    func update(_ change: (inout Count) -> Void) { count.withLock { change(&$0) } }
}
