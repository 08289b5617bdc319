package import Catalog

/// How a daemon is doing, for whoever watches it.
package struct DaemonStatus: Sendable {
    package var clock: Instant
    package var isCaughtUp: Bool
    package var isLeading: Bool
    /// Input records since the start.
    package var received: Int
    package var rejected: Int
    /// Dossiers in the register.
    package var subjects: Int
    /// Input records a second, of late.
    package var rate: Double
    /// Records on their way to the broker.
    package var outstanding: Int
}
