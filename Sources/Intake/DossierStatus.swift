package import Catalog
import JSON

/// The state of a dossier, as the national portal numbers it.
package enum DossierState: UInt8, Sendable, CaseIterable {
    case registered = 1, accepted, declined, processing, supplement, payment, withdrawn, stopped, finished, returned

    package init?(name: UnsafeRawBufferPointer) {
        for (state, spelling) in zip(Self.allCases, Self.names) where name.equals(spelling) {
            self = state
            return
        }
        return nil
    }

    private static let names: [StaticString] = [
        "registered", "accepted", "declined", "processing", "supplement", "payment", "withdrawn", "stopped", "finished", "returned",
    ]
}

package enum Channel: UInt8, Sendable {
    case counter = 1, online, post

    init?(name: UnsafeRawBufferPointer) {
        if name.equals("counter") { self = .counter } else if name.equals("online") { self = .online } else if name.equals("post") { self = .post } else { return nil }
    }
}

/// Decides which of two statuses of one subject is the latest: time, then state number, then the tie-breaking hash. Greater wins; equal is a duplicate.
package struct Version: Comparable, Sendable {
    package var time: Instant
    /// 1–10, or 0 where a status says none.
    package var state: UInt8
    /// FNV-1a 64 of `id`, a zero byte, `source`.
    package var tie: UInt64

    package init(time: Instant, state: UInt8, tie: UInt64) {
        self.time = time
        self.state = state
        self.tie = tie
    }

    package static func < (a: Version, b: Version) -> Bool {
        if a.time != b.time { return a.time < b.time }
        return a.state != b.state ? a.state < b.state : a.tie < b.tie
    }
}

/// What one `vn.par.dossier.v1` says. Codes point into the memory of the `Intake` that made it and are valid until its next message.
package struct DossierStatus {
    /// The CloudEvent's `source`.
    package var source: UnsafeRawBufferPointer
    package var subject: UnsafeRawBufferPointer
    package var version: Version
    package var sourceText: String { source.text }

    /// Nil: the subject is deleted and counts nowhere.
    package var content: Content?

    package struct Content {
        package var agency: UnsafeRawBufferPointer
        package var procedure: UnsafeRawBufferPointer
        package var sector: UnsafeRawBufferPointer?
        package var state: DossierState
        package var received: Instant
        package var due: Instant?
        /// `finished`, else `returned`, else the message's time; of use only in states 9 and 10.
        package var finished: Instant
        package var filing: Channel
        package var returning: Channel?
        /// 2, 3 or 4.
        package var level: UInt8?
        package var supplements: UInt8
        package var apologised: Bool
    }
}
