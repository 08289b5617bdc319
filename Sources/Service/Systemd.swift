import Glibc
import Synchronization

/// What the service manager is told, as sd_notify(3) and systemd 252 have it. Where there is none (a terminal, a container without systemd), every call does nothing.
/// From any thread; times are seconds of `ServiceClock.bootSeconds`.
package final class Systemd: Sendable {
    private let socket: UnixDatagram?
    /// Seconds between two signs of life; nil where the manager has no watchdog.
    private let signEvery: Double?
    private let state = Mutex(State())

    private struct State {
        /// The last change of state, until it has been delivered.
        var change: String?
        var isReady = false
        var status = ""
        var nextStatus = -Double.infinity
        var nextSign = -Double.infinity
    }

    /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as systemd sets them.
    package convenience init() {
        self.init { name in getenv(name).map { String(cString: $0) } }
    }

    package init(environment: (String) -> String?) {
        socket = environment("NOTIFY_SOCKET").flatMap(UnixDatagram.init)
        let isOurs = environment("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        // A third of the patience: a sign may be lost and another late.
        signEvery = isOurs ? environment("WATCHDOG_USEC").flatMap(Double.init).flatMap { $0 > 0 ? $0 / 3e6 : nil } : nil
    }

    /// It does its work: at the end of the start, and of a reload. From the first time on the watchdog counts.
    package func ready(_ status: String) {
        enter("READY=1", status) { $0.isReady = true }
    }

    /// A reload begins; `ready` ends it, whatever came of it.
    package func reloading(_ status: String) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        enter("RELOADING=1\nMONOTONIC_USEC=\(Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1_000)", status)
    }

    /// It ends, in order.
    package func stopping(_ status: String) {
        enter("STOPPING=1", status)
    }

    /// One line for `systemctl status`: told if it is new, and at most once a second, so call it as often as you like.
    package func status(_ text: String, now: Double) {
        guard socket != nil else { return }
        state.withLock { state in
            guard now >= state.nextStatus, state.status != Self.oneLine(text) || state.change != nil else { return }
            state.nextStatus = now + 1
            send(state: &state, status: text)
        }
    }

    /// It got on, or there was nothing to do: a turn of the loop came to its end. Not called while something is stuck: then the manager ends the process and starts it anew.
    /// Before `ready` it asks for another minute, so that a long catching-up is not taken for a start that hangs. Costs little: call it every turn.
    package func progress(now: Double) {
        guard socket != nil else { return }
        state.withLock { state in
            guard now >= state.nextSign else { return }
            if state.isReady {
                guard let signEvery else { return }
                state.nextSign = now + signEvery
                send("WATCHDOG=1", state: &state)
            } else {
                state.nextSign = now + 20
                send("EXTEND_TIMEOUT_USEC=60000000", state: &state)
            }
        }
    }

    private func enter(_ change: String, _ status: String, _ note: (inout State) -> Void = { _ in }) {
        guard socket != nil else { return }
        state.withLock { state in
            note(&state)
            state.change = change
            state.nextSign = -.infinity
            send(state: &state, status: status)
        }
    }

    /// Sends a message, with the last change of state if that has not been delivered yet.
    private func send(_ line: String? = nil, state: inout State, status: String? = nil) {
        let status = status.map(Self.oneLine)
        let message = [state.change, line, status.map { "STATUS=\($0)" }].compactMap(\.self).joined(separator: "\n")
        guard socket?.send(Array(message.utf8)) == true else { return }
        state.change = nil
        if let status { state.status = status }
    }

    private static func oneLine(_ text: String) -> String { text.contains(where: \.isNewline) ? text.split(whereSeparator: \.isNewline).joined(separator: " ") : text }
}
