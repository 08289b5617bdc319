public import Catalog

/// Why a running engine cannot judge by another catalog.
public enum CannotAdopt: Error, Equatable, CustomStringConvertible {
    /// Entries of the register hold local days and due instants that rest on these two.
    case timeZone(from: String, to: String)
    case lateBy(from: Catalog.LateBy, to: Catalog.LateBy)
    /// Whose alerts are whose was decided by the old name when they were read from the topic.
    case source(from: String, to: String)
    /// Versions hold the ranks that were in force when they came.
    case rank(of: String, from: UInt8, to: UInt8)

    static func check(from old: Catalog, to new: Catalog) throws(CannotAdopt) {
        guard old.zone == new.zone else { throw .timeZone(from: old.zone.name, to: new.zone.name) }
        guard old.lateBy == new.lateBy else { throw .lateBy(from: old.lateBy, to: new.lateBy) }
        guard old.source == new.source else { throw .source(from: old.source, to: new.source) }
        for rule in (old.sources ?? []) + (old.sources == nil ? new.sources ?? [] : []) {
            // One that may no longer speak leaves its word as it weighed.
            guard let before = old.rank(of: rule.source), let after = new.rank(of: rule.source), before != after else { continue }
            throw .rank(of: rule.source, from: before, to: after)
        }
    }

    public var description: String {
        let change = switch self {
        // One name may stand for other rules, where the system's time zones were updated.
        case .timeZone(let from, let to) where from == to: "the rules of 'timezone' \(from) have changed"
        case .timeZone(let from, let to): "'timezone' has changed from \(from) to \(to)"
        case .lateBy(let from, let to): "'late_by' has changed from \(from.rawValue) to \(to.rawValue)"
        case .rank(let source, let from, let to): "the 'rank' of source \(source) has changed from \(from) to \(to)"
        case .source(let from, let to): "'source' has changed from \(from) to \(to)"
        }
        return "\(change), which a running daemon cannot take over: restart it, or set it back"
    }
}
