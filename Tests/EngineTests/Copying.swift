import Catalog
import Dispatch
import Engine
import Scoreboard

/// A copy that was taken, and engines from it.
struct Pieces {
    var pieces: [EngineCopy.Piece] = []

    /// `beside`: several threads bring the entries, the last piece first.
    func restored(_ catalog: Catalog, now: Instant, beside: Bool = false) throws -> Engine {
        var restoration = EngineRestoration(catalog: catalog, now: now), rest = pieces[...]
        if beside {
            let entries = Array(pieces.prefix { $0.section == EngineRestoration.entries }.map(\.bytes))
            rest = pieces[entries.count...]
            let ends = entries.indices.map { entries[...$0].reduce(0) { $0 + $1.count } }
            restoration.takeEntries(atMost: ends.last ?? 0) { room, arrived in
                DispatchQueue.concurrentPerform(iterations: entries.count) { turn in
                    let number = entries.count - 1 - turn, bytes = entries[number], start = ends[number] - bytes.count
                    var done = 0
                    while done < bytes.count {
                        let place = room(start + done), count = min(place.count, bytes.count - done)
                        place.copyBytes(from: bytes[done..<done + count])
                        done += count
                    }
                    arrived(start..<ends[number])
                }
                return ends.last ?? 0
            }
        }
        for piece in rest { try piece.bytes.withUnsafeBytes { try restoration.take(section: piece.section, $0) } }
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
