import ArgumentParser
import Glibc
import Kafka
import Service

/// Reads a topic from its beginning as any subscriber does, until its standard input ends; then says how many records came, and when the last did.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Reads a topic beside the daemon.", shouldDisplay: false)

    struct Seen: Codable {
        var records = 0
        var last: Double?
    }

    @OptionGroup var connection: Connection
    @Option var topic: String

    func run() throws {
        var reader = try TopicReader(settings: connection.settings, topic: topic)
        var seen = Seen()
        while !Input.hasEnded {
            try reader.poll(timeout: 50) { _ in
                seen.records += 1
                seen.last = monotonicSeconds()
            }
        }
        try Say.answer(seen)
        Say.leave()
    }
}

/// Standard input: when it ends, whoever started this process wants it to end, or is gone.
enum Input {
    static var hasEnded: Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, 0) > 0 else { return false }
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) <= 0
    }

    static func waitForEnd() {
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) > 0 {}
    }
}
