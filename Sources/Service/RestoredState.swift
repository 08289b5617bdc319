package import Catalog
package import Engine
package import Intake
package import Snapshots

/// What a start finds on the disk.
package struct RestoredState: ~Copyable {
    /// Nil: no file could be used, so the inputs are to be read from their beginning.
    package var engine: Engine?
    /// Of the snapshot that was used: from where the inputs are to be read on.
    package private(set) var basis: SnapshotBasis?
    /// The files that could not be used, the newest first, and why.
    package private(set) var unusable: [UnusableSnapshot] = []

    /// What is to become of the newest when the next takes its place.
    package private(set) var newestBecomes = SnapshotWriter.Fate.previous

    /// Makes an engine from the newest snapshot that can be used, of two and one that was set aside. `now`: what the judging clock says, simulated or not; the engine's stands there then.
    package init(from directory: StateDirectory, catalog: Catalog, inputs: [String], formats: [Format] = [], now: Instant) {
        for path in [directory.newest, directory.previous, directory.refused] where basis == nil {
            do throws(UnusableSnapshot) {
                try use(path, catalog, inputs, formats, now)
            } catch {
                unusable.append(error)
                if path == directory.newest { newestBecomes = error.reason.isOfUseElsewhere ? .refused : .gone }
            }
            // It is not to give way to one that is of no use now.
            if basis != nil, path == directory.refused { newestBecomes = .gone }
        }
    }

    private mutating func use(_ path: String, _ catalog: Catalog, _ inputs: [String], _ formats: [Format], _ now: Instant) throws(UnusableSnapshot) {
        guard let reader = try SnapshotReader(path, for: catalog) else { return }
        // Two of one source count alike; another's inputs are not ours.
        guard reader.basis.source == catalog.source else { throw UnusableSnapshot(file: path, .otherSource(was: reader.basis.source, now: catalog.source)) }
        let takenAt = reader.basis.instant
        // Subjects that left by a clock that was ahead are not in it, and it would be taken for complete.
        guard takenAt <= now.advanced(by: catalog.maxAhead), !catalog.departures.years.contains(where: { now < $0.at && $0.at <= takenAt }) else {
            throw UnusableSnapshot(file: path, .ahead(takenAt: takenAt.text(in: catalog.zone), now: now.text(in: catalog.zone)))
        }
        guard var engine = try? Engine(catalog: catalog, inputs: inputs, formats: formats, rejections: RejectionLimit()) else { throw UnusableSnapshot(file: path, .unreadable("not enough memory")) }
        var restoration = EngineRestoration(catalog: catalog, now: now)
        try restoration.takeEntries(atMost: reader.size) { (room, arrived) throws(UnusableSnapshot) in try reader.read(EngineRestoration.entries, into: room, arrived) }
        while let block = try reader.next() {
            do throws(CannotRestore) {
                try restoration.take(section: block.section, block.bytes)
            } catch {
                throw UnusableSnapshot(file: path, .unfit(error.description))
            }
        }
        do throws(CannotRestore) {
            try engine.restore(restoration)
        } catch {
            throw UnusableSnapshot(file: path, .unfit(error.description))
        }
        self.engine = consume engine
        basis = reader.basis
    }
}
