package import Catalog

/// What a snapshot rests on: from where the inputs are to be read again, and what its entries take for granted.
package struct SnapshotBasis: Equatable, Sendable {
    /// Of a partition of an input, noted before the copy began.
    package struct Position: Equatable, Sendable {
        package var topic: String
        package var partition: Int32
        /// The next offset to read.
        package var next: Int64
        /// Of the last record that was read, if there was one: tells whether the topic is still the same.
        package var fingerprint: UInt64?

        package init(topic: String, partition: Int32, next: Int64, fingerprint: UInt64? = nil) {
            (self.topic, self.partition, self.next, self.fingerprint) = (topic, partition, next, fingerprint)
        }
    }

    /// The daemon's `source`.
    package let source: String
    /// The cluster whose offsets these are, by its own id; nil: not known.
    package var cluster: String?
    package var positions: [Position]
    /// The judging clock when the copy began.
    package var instant: Instant
    /// The program that wrote it.
    package var program: String
    /// Why statuses may be missing in it; nil: nothing is.
    package var incomplete: String?
    /// Entries hold local days, due instants and versions that rest on these.
    package let calendar: Calendar

    package struct Calendar: Equatable, Sendable, CustomStringConvertible {
        let lateBy: String
        let zone: String
        /// Of the zone's rules: one name may stand for others where the system's time zones were updated.
        let rules: UInt64
        /// The sources that have a rank, and which.
        let ranks: String

        package init(of catalog: Catalog) {
            (lateBy, zone, rules) = (catalog.lateBy.rawValue, catalog.zone.name, catalog.zone.fingerprint)
            ranks = (catalog.sources ?? []).filter { $0.rank > 0 }.map { "\($0.source) \($0.rank)" }.sorted().joined(separator: ", ")
        }

        fileprivate init(lateBy: String, zone: String, rules: UInt64, ranks: String) { (self.lateBy, self.zone, self.rules, self.ranks) = (lateBy, zone, rules, ranks) }

        package var description: String { "late_by \(lateBy) in \(zone), " + (ranks.isEmpty ? "no ranks of sources" : "ranks \(ranks)") }
    }

    package init(cluster: String? = nil, positions: [Position], instant: Instant, program: String, incomplete: String? = nil, catalog: Catalog) {
        (self.cluster, self.positions, self.instant, self.program, self.incomplete) = (cluster, positions, instant, program, incomplete)
        source = catalog.source
        calendar = Calendar(of: catalog)
    }

    // MARK: Bytes

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: instant.microseconds)
        bytes.append(text: program)
        bytes.append(text: source)
        bytes.append(text: cluster ?? "")
        bytes.append(text: incomplete ?? "")
        bytes.append(text: calendar.lateBy)
        bytes.append(text: calendar.zone)
        bytes.append(little: calendar.rules)
        bytes.append(text: calendar.ranks)
        bytes.append(little: UInt32(truncatingIfNeeded: positions.count))
        for position in positions {
            bytes.append(text: position.topic)
            bytes.append(little: position.partition)
            bytes.append(little: position.next)
            bytes.append(little: position.fingerprint == nil ? UInt8(0) : 1)
            bytes.append(little: position.fingerprint ?? 0)
        }
        return bytes
    }

    /// Nil if they are not what `bytes` makes.
    init?(_ bytes: [UInt8]) {
        var fields = FieldReader(bytes)
        guard let microseconds = fields.number(Int64.self), let program = fields.text(), let source = fields.text(), let cluster = fields.text(), let incomplete = fields.text(),
            let lateBy = fields.text(), let zone = fields.text(), let rules = fields.number(UInt64.self), let ranks = fields.text(), let count = fields.number(UInt32.self)
        else { return nil }
        (instant, self.program, self.source) = (Instant(microseconds: microseconds), program, source)
        (self.cluster, self.incomplete) = (cluster.isEmpty ? nil : cluster, incomplete.isEmpty ? nil : incomplete)
        calendar = Calendar(lateBy: lateBy, zone: zone, rules: rules, ranks: ranks)
        positions = []
        for _ in 0..<count {
            guard let topic = fields.text(), let partition = fields.number(Int32.self), let next = fields.number(Int64.self), let isKnown = fields.number(UInt8.self),
                let fingerprint = fields.number(UInt64.self)
            else { return nil }
            positions.append(Position(topic: topic, partition: partition, next: next, fingerprint: isKnown == 0 ? nil : fingerprint))
        }
        guard fields.isAtEnd else { return nil }
    }
}
