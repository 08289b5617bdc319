package import Catalog

/// How a daemon is doing, for whoever watches it.
package struct DaemonStatus: Sendable {
    package var clock: Instant
    package var isCaughtUp: Bool
    package var isLeading: Bool
    /// Why no alert changes for now; nil: alerts change.
    package var standstill: String?
    /// Whether nothing is missing in the inputs.
    package var isComplete: Bool
    /// Alerts that are firing.
    package var firing: Int
    /// Records of the inputs that are known to be there and were not read yet.
    package var lag: Int64
    /// Why the last reload changed nothing.
    package var failedReload: String?
    /// Input records since the start.
    package var received: Int
    package var rejected: Int
    /// In the register.
    package var subjects: Int
    /// Input records a second, of late.
    package var rate: Double
    /// Records on their way to the broker.
    package var outstanding: Int

    /// For `systemctl status`.
    package var line: String {
        let counts = "\(subjects) subjects, \(received) records read, \(rejected) rejected, \(Int(rate.rounded()))/s"
        guard isCaughtUp else { return "catching up, \(lag) records to go: \(counts)" }
        let concerns = [standstill.map { "standing still: \($0)" }, isComplete ? nil : "INCOMPLETE", failedReload.map { "not reloaded: \($0)" }].compactMap(\.self)
        return (concerns + ["\(isLeading ? "leader" : "standby"), \(firing) alerts firing, lag \(lag)", counts]).joined(separator: "; ")
    }
}
