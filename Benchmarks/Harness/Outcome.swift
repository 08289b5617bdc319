import Foundation
import Glibc

/// What one pass over the messages took and where it ended.
struct Outcome: Codable {
    var messages: Int
    /// Bytes of the messages.
    var bytes = 0
    var taken: Meter
    /// The most memory this process held, in bytes; what the messages themselves took is left out.
    var peak: Int
    var state: FinalState?
    /// Alert changes.
    var alerts: Int?
    /// When it was done, on the machine's clock.
    var endedAt: Double?

    var perSecond: Double { Double(messages) / taken.at }
}

/// How a register and its scores stand: two ways over the same messages must end in the same.
struct FinalState: Codable, Equatable {
    var subjects: Int
    var accepted: Int
    var rejected: Int
    /// Over every score: key, numerator, denominator.
    var digest: String
}

enum Say {
    /// The one line with which a measuring process answers.
    static func answer(_ value: some Encodable) throws {
        print(String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
        flush()
    }

    static func flush() { fflush(nil) }

    /// Ends a measuring process at once: what librdkafka would still do is of no use.
    static func leave() -> Never {
        flush()
        _exit(0)
    }

    /// Progress, on standard error.
    static func step(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
