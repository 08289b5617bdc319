/// Why a snapshot's file cannot be used, and what follows or is to be done.
package struct UnusableSnapshot: Error, Equatable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// In the system's words.
        case unreadable(String)
        /// It does not begin as one.
        case foreign
        case otherFormat(UInt32)
        /// It ends before its end.
        case truncated
        /// A checksum is not right in the block that begins at this byte, or what stands there cannot be.
        case damaged(at: Int)
        case otherSource(was: String, now: String)
        case otherCalendar(was: String, now: String)
        /// It was taken by a clock that was further ahead than `max_ahead`, both as local times.
        case ahead(takenAt: String, now: String)
        /// Its checksums are right, but it does not make a register.
        case unfit(String)

        /// Whether it is whole, as far as it was read, and of use to another configuration, version or clock.
        package var isOfUseElsewhere: Bool {
            switch self {
            case .otherFormat, .otherSource, .otherCalendar, .ahead: true
            case .unreadable, .foreign, .truncated, .damaged, .unfit: false
            }
        }
    }

    package let file: String
    package let reason: Reason

    package init(file: String, _ reason: Reason) { (self.file, self.reason) = (file, reason) }

    package var description: String {
        let text = switch reason {
        case .unreadable(let words): "cannot be read (\(words)): let the daemon's user read it, or remove it"
        case .foreign: "is no snapshot of parwatch: remove it, or name another 'state.directory'"
        case .otherFormat(let version): "is of format \(version), this version of parwatch reads \(SnapshotFormat.version): run the version that wrote it, or let this one read the inputs again"
        case .truncated: "ends too early: it is of no use, and will be replaced"
        case .damaged(let place): "is damaged at byte \(place): it is of no use, and will be replaced; check the disk"
        case .otherSource(let was, let now): "is of source \(was), but the configuration says \(now): give each its own 'state.directory', or let the inputs be read again"
        case .otherCalendar(let was, let now) where was == now: "rests on \(was), whose rules have changed: the inputs must be read again"
        case .otherCalendar(let was, let now): "rests on \(was), but the configuration says \(now): set it back, or let the inputs be read again"
        case .ahead(let takenAt, let now):
            "was taken when the clock said \(takenAt), now it says \(now): what came due or left by that clock is not taken over. If the clock is wrong now, stop the daemon, set it right and start with this file"
        case .unfit(let why): "does not make a register (\(why)): it is of no use, and will be replaced; please report it"
        }
        return "\(file) \(text)"
    }
}

/// Why a snapshot could not be written.
package struct SnapshotNotWritten: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// In the system's words.
    package let words: String

    package var description: String { "no snapshot written, \(file): \(words); a restart would read more of the inputs again. Make room, or make the directory writable; trying again" }
}
