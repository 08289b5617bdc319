import Register
import Scoreboard

/// How far a piecemeal copy of an engine has come: of its register, and of what it has said to the world and nobody else remembers. Scores are not in it: they
/// follow from the register. What the alert topic holds is not in it either: it is read from there.
public struct EngineCopy: Sendable {
    fileprivate var register: RegisterCopy
    /// Of when the copy began, so that their codes are in it.
    fileprivate var reported: [UInt32]?
    /// Of when the copy began, too: what came later comes by the replay.
    fileprivate var sources: SourceWords?
    /// Nil until it is their turn.
    fileprivate var scores: ArraySlice<CellID>?
    fileprivate let catalogs: Int

    /// Bytes that belong to a section. The bytes of one section follow each other.
    public struct Piece: Sendable {
        public let section: String
        public let bytes: [UInt8]

        public init(section: String, bytes: [UInt8]) { (self.section, self.bytes) = (section, bytes) }
    }

    public enum Step: Sendable {
        case piece(Piece)
        case whole
        /// Something has happened since it began that it cannot follow: it is of no use any more.
        case overtaken
    }

    /// The sections that are the engine's own; the others are the register's, by the names of its parts.
    enum Section: String {
        /// Numbers of agencies that the catalog does not know.
        case reported
        /// How new the newest word of each source is, as `SourceWords` says.
        case sources
        /// Keys of the scores that have been handed out, a line each.
        case scores
    }
}

extension Engine {
    /// Begins a copy. It is taken step by step, between which the engine goes on.
    public mutating func startCopy() -> EngineCopy { 
        EngineCopy(register: register.startCopy(), reported: reportedAgencies.sorted(), sources: sourceBook.words, catalogs: catalogs)
    }

    /// The next piece of a copy: of at most so many entries of the register, which is about 1 MiB where there are 20,000.
    public mutating func step(_ copy: inout EngineCopy, atMost count: Int) -> EngineCopy.Step {
        guard copy.catalogs == catalogs else { return .overtaken }
        switch register.step(&copy.register, atMost: count) {
        case .bytes(let part, let bytes): return .piece(.init(section: part.rawValue, bytes: bytes))
        case .overtaken: return .overtaken
        case .whole: break
        }
        if let reported = copy.reported {
            copy.reported = nil
            return .piece(.init(section: EngineCopy.Section.reported.rawValue, bytes: reported.withUnsafeBytes { [UInt8]($0) }))
        }
        if let sources = copy.sources.take() { return .piece(.init(section: EngineCopy.Section.sources.rawValue, bytes: sources.bytes)) }
        var scores = copy.scores ?? scoreboard.published.cells[...]
        // A key takes longer than an entry.
        let now = scores.prefix(max(1, count / 16))
        scores.removeFirst(now.count)
        copy.scores = scores
        guard !now.isEmpty else { return .whole }
        var text = ""
        for cell in now { text += scoreboard.layout.key(of: cell) + "\n" }
        return .piece(.init(section: EngineCopy.Section.scores.rawValue, bytes: Array(text.utf8)))
    }
}
