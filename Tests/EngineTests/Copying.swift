import Catalog
import Engine
import Scoreboard

/// A copy that was taken, and engines from it.
struct Pieces {
    var pieces: [EngineCopy.Piece] = []

    func restored(_ catalog: Catalog, now: Instant) throws -> Engine {
        var restoration = EngineRestoration(catalog: catalog, now: now)
        for piece in pieces { try piece.bytes.withUnsafeBytes { try restoration.take(section: piece.section, $0) } }
        var engine = try Engine(catalog: catalog, inputs: ["in"])
        try engine.restore(restoration)
        return engine
    }

    /// A copy in one go, in steps of so many entries.
    init(of engine: inout Engine, atMost count: Int = 1_000) {
        var copy = engine.startCopy()
        while case .piece(let piece) = engine.step(&copy, atMost: count) { pieces.append(piece) }
    }

    init() {}
}

func scores(_ engine: borrowing Engine) -> [String] { engine.scores().map { "\($0.key) \($0.score.numerator)/\($0.score.denominator.map(String.init) ?? "")" } }
