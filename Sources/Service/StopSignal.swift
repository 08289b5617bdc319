import Glibc
import Synchronization

/// A request to end, from SIGTERM, SIGINT, SIGHUP where that does not ask to reload, or another thread. A second signal ends the process at once.
package final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)
    private let listens = Atomic<Bool>(false)
    /// Of the process: how many signals to end have come, and how many to reload since that was last asked.
    private static let signals = Atomic<Int>(0)
    private static let reloads = Atomic<Int>(0)

    package init() {}

    package var isRequested: Bool { requested.load(ordering: .relaxed) || (listens.load(ordering: .relaxed) && Self.signals.load(ordering: .relaxed) > 0) }

    package func request() { requested.store(true, ordering: .relaxed) }

    /// Whether SIGHUP has come since this was last asked: the configuration is to be read anew.
    package func takeReload() -> Bool { listens.load(ordering: .relaxed) && Self.reloads.exchange(0, ordering: .relaxed) > 0 }

    /// From now on SIGTERM, SIGINT and SIGHUP of this process count. `reloads`: SIGHUP asks to reload; else it says that the terminal has gone, unless nobody is to
    /// mind that (nohup(1)).
    package func listen(reloads: Bool = false) {
        // Made before a signal can come.
        _ = Self.signals.load(ordering: .relaxed)
        _ = Self.reloads.load(ordering: .relaxed)
        listens.store(true, ordering: .relaxed)
        // Whoever started this process may have left them blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in (reloads || Self.ignoresHangUp ? [] : [SIGHUP]) + [SIGTERM, SIGINT] {
            sigaddset(&signals, signal)
            Glibc.signal(signal) { number in
                if StopSignal.signals.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
            }
        }
        if reloads {
            sigaddset(&signals, SIGHUP)
            Glibc.signal(SIGHUP) { _ in _ = StopSignal.reloads.add(1, ordering: .relaxed) }
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    private static var ignoresHangUp: Bool {
        var action = sigaction()
        return sigaction(SIGHUP, nil, &action) == 0 && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Sleeps, but not beyond a request to end.
    package func sleep(seconds: Double) {
        let end = ServiceClock.monotonicSeconds + seconds
        while !isRequested, ServiceClock.monotonicSeconds < end { usleep(20_000) }
    }
}
