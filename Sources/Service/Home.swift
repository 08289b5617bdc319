import Catalog
import CatalogFiles
import Engine
import Logging
import Snapshots

/// What a daemon keeps through its restarts, if it is given a directory for it: a snapshot of the register, and its own name.
struct Home {
    /// Nil: nothing is kept, and every start reads the inputs from their beginning.
    let directory: StateDirectory?
    /// This daemon, through all its restarts.
    let instance: InstanceID

    init(_ configuration: Configuration, _ log: Logger) throws(Fault) {
        guard let state = configuration.state else {
            (directory, instance) = (nil, .passing)
            return
        }
        do throws(StateDirectory.Refusal) {
            let directory = try StateDirectory(state.directory)
            self.directory = directory
            instance = InstanceID(in: directory)
        } catch {
            throw .state(error.description)
        }
        if let concern = instance.concern { log.warning("\(concern)") }
    }

    /// What a start found.
    struct Found {
        /// Nil: no snapshot that could be used.
        var basis: SnapshotBasis?
        /// What is to become of the newest when the next takes its place.
        var newestBecomes = SnapshotWriter.Fate.previous
    }

    /// Makes an engine, from the newest snapshot that can be used, else with an empty register.
    func restore(_ engine: inout Engine?, _ configuration: Configuration, now: Instant, _ log: Logger) throws(Fault) -> Found {
        var found = Found()
        if let directory {
            let startedAt = ServiceClock.monotonicSeconds
            var restored = RestoredState(from: directory, catalog: configuration.catalog, inputs: configuration.inputs, formats: configuration.formats, now: now)
            for file in restored.unusable { log.error("\(file)") }
            found = Found(basis: restored.basis, newestBecomes: restored.newestBecomes)
            if found.newestBecomes == .refused { log.warning("\(directory.newest) stays as \(directory.refused) when the next is written: a start whose configuration it fits again can go on from it") }
            if let basis = restored.basis {
                engine = restored.engine.take()
                log.info("snapshot loaded", metadata: [
                    "as_of": "\(basis.instant.text(in: configuration.catalog.zone))", "subjects": "\(engine?.subjects ?? 0)",
                    "seconds": "\(((ServiceClock.monotonicSeconds - startedAt) * 10).rounded() / 10)",
                ])
                return found
            }
            log.info("no snapshot: reading the inputs from their beginning", metadata: ["directory": "\(directory.path)"])
        }
        guard let new = try? Engine(catalog: configuration.catalog, inputs: configuration.inputs, formats: configuration.formats, rejections: RejectionLimit()) else { throw .outOfMemory }
        engine = consume new
        return found
    }
}
