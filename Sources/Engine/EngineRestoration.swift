public import Catalog
import Register
import Scoreboard

/// Why the pieces of a copy do not make an engine.
public struct CannotRestore: Error, CustomStringConvertible {
    public let description: String
}

/// The pieces of a copy on their way into an engine, in the order in which they were taken.
public struct EngineRestoration: ~Copyable {
    fileprivate let now: Instant
    fileprivate var register: RegisterRestoration
    fileprivate var reported: [UInt32] = []
    fileprivate var sources: [UInt8] = []
    fileprivate var scores: [UInt8] = []

    public init(catalog: Catalog, now: Instant) {
        self.now = now
        register = RegisterRestoration(catalog: catalog, now: now)
    }

    /// The section of entries, by far the largest.
    public static let entries = RegisterPart.entries.rawValue

    /// Takes in entries that several threads may bring, as `RegisterRestoration` does.
    public mutating func takeEntries<Failure>(
        atMost most: Int, _ bring: (_ room: @Sendable (Int) -> UnsafeMutableRawBufferPointer, _ arrived: @Sendable (Range<Int>) -> Void) throws(Failure) -> Int
    ) throws(Failure) { try register.takeEntries(atMost: most, bring) }

    public mutating func take(section name: String, _ bytes: UnsafeRawBufferPointer) throws(CannotRestore) {
        if let part = RegisterPart(rawValue: name) {
            do throws(RegisterMisfit) {
                try register.take(part, bytes)
            } catch {
                throw CannotRestore(description: error.description)
            }
            return
        }
        switch EngineCopy.Section(rawValue: name) {
        case .reported: for offset in stride(from: 0, to: bytes.count - 3, by: 4) { reported.append(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        case .sources: sources += bytes
        case .scores: scores += bytes
        case nil: throw CannotRestore(description: "there is a section '\(name)' that this version does not know")
        }
    }

    fileprivate consuming func finish() throws(CannotRestore) -> (Register) {
        do throws(RegisterMisfit) {
            return try register.finish()
        } catch {
            throw CannotRestore(description: error.description)
        }
    }
}

extension Engine {
    /// Takes over what a copy held, in an engine that has seen nothing yet and has the restoration's catalog; its clock then stands at the restoration's. Scores
    /// are derived in one pass. Every score that there is, or that had been handed out before, is to be published: the topic may say something else.
    public mutating func restore(_ restoration: consuming EngineRestoration) throws(CannotRestore) {
        let now = restoration.now, reported = restoration.reported, scores = restoration.scores, said = try SourceWords(restoration.sources)
        register = try restoration.finish()
        scoreboard = Scoreboard(layout: scoreboard.layout)
        (clock, wall) = (now, now)
        beginDay(now)
        scoreboard.add(register)
        scoreboard.toJudge.insertAll()
        // What has passed is in the scores, or shows when every cell is judged.
        _ = turns.take(by: now)
        for agency in reported where !register.knows(agency: agency) { reportedAgencies.insert(agency) }
        sourceBook.take(said)
        for key in scores.split(separator: UInt8(ascii: "\n")) {
            guard let cell = scoreboard.layout.cell(of: String(decoding: key, as: UTF8.self)) else { continue }
            scoreboard.published.insert(cell)
            scoreboard.toPublish.insert(cell)
        }
    }
}
