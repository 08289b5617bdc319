package import Catalog
package import CatalogFiles
import Glibc

/// The judging clock of a daemon: this machine's, or a simulated one for drills.
package struct ServiceClock: Sendable {
    private let setting: Configuration.ClockSetting
    private let startedAt: Int64

    package init(_ setting: Configuration.ClockSetting) {
        self.setting = setting
        startedAt = Self.read(CLOCK_MONOTONIC)
    }

    package var now: Instant {
        switch setting {
        case .wall: return Instant(microseconds: Self.read(CLOCK_REALTIME))
        case .simulated(let start, let speed):
            return start.advanced(by: Instant.Duration(microseconds: Int64(Double(Self.read(CLOCK_MONOTONIC) - startedAt) * speed)))
        }
    }

    package var isSimulated: Bool { if case .simulated = setting { true } else { false } }

    /// Seconds of a clock that only runs forward, for intervals.
    package static var monotonicSeconds: Double { Double(read(CLOCK_MONOTONIC)) / 1e6 }

    /// The same, but it counts the time in which the machine was suspended, too.
    package static var bootSeconds: Double { Double(read(CLOCK_BOOTTIME)) / 1e6 }

    /// Seconds since 1970.
    package static var wallSeconds: Double { Double(read(CLOCK_REALTIME)) / 1e6 }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
