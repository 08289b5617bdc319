import Cases

/// Messages that cannot be counted, of every kind that a broken system sends.
enum Poison {
    /// Nil: a tombstone.
    static func message(_ random: inout Seeded, like message: String) -> [UInt8]? {
        let bytes = Array(message.utf8)
        switch random.int(0...7) {
        case 0: return nil
        case 1: return []
        case 2: return (0..<random.int(1...400)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 3: return Array(bytes.prefix(random.int(1...bytes.count - 1)))
        case 4: return Array("{}".utf8)
        case 5: return Array(message.replacing("vn.par.dossier.v1", with: "vn.par.unheard.v1").utf8)
        case 6: return Array(message.replacing("\"time\":", with: "\"tïme\":").utf8)
        default: return [UInt8](repeating: UInt8(ascii: "["), count: random.int(1...5_000))
        }
    }
}
