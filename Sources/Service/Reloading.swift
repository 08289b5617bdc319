import Catalog
package import CatalogFiles
import Engine
import Logging
import Scoreboard

/// What a daemon does when it is asked to read its configuration anew.
package struct Reloading {
    /// Reads and checks everything; called on the daemon's thread, which does nothing else meanwhile.
    let load: () throws(Problems) -> Configuration
    /// What came of it: nil, or why the old configuration stays in force.
    let done: (String?) -> Void

    package init(load: @escaping () throws(Problems) -> Configuration, done: @escaping (String?) -> Void) {
        self.load = load
        self.done = done
    }
}

/// Why a configuration cannot be taken over; the old one runs on.
enum NotReloaded: Error, CustomStringConvertible {
    case wrong(Problems)
    /// What a running daemon cannot change.
    case fixed([String])
    case catalog(CannotAdopt)

    var description: String {
        switch self {
        case .wrong(let problems): problems.description.split(separator: "\n").joined(separator: "; ")
        case .fixed(let keys): "\(keys.joined(separator: ", ")) changed, which needs a restart"
        case .catalog(let reason): reason.description
        }
    }
}

extension Configuration {
    /// Keys that differ and need a restart.
    func fixed(comparedTo other: Configuration) -> [String] {
        var keys: [String] = []
        if inputs != other.inputs || formats != other.formats { keys.append("'inputs'") }
        if outputs != other.outputs { keys.append("'outputs'") }
        if kafka.bootstrap != other.kafka.bootstrap || !kafka.properties.elementsEqual(other.kafka.properties, by: { ($0.name, $0.value) == ($1.name, $1.value) }) { keys.append("'kafka'") }
        if state != other.state { keys.append("'state'") }
        if clock != other.clock { keys.append("'clock'") }
        if http != other.http { keys.append("'http'") }
        if alertmanager != other.alertmanager { keys.append("'alertmanager'") }
        return keys
    }
}

/// Another configuration, without a restart.
extension Session {
    /// All or nothing: what can fail is done before anything that lives is touched.
    mutating func reload() {
        guard let reloading = daemon.reloading else { return }
        do throws(NotReloaded) {
            let old = daemon.configuration.catalog.hash
            let next = try Self.next(reloading, after: daemon.configuration)
            // Cells are numbered anew.
            for cell in scoresToPublish { engine.scoreFailed(cell) }
            scoresToPublish = []
            do throws(CannotAdopt) {
                try engine.adopt(next.catalog)
            } catch {
                throw .catalog(error)
            }
            daemon.configuration = next
            publishing = Rhythm(seconds: Double(next.publishEvery.microseconds) / 1e6)
            if leadership.adopt(next.catalog.hash) { engine.stopJudging() }
            failedReload = nil
            daemon.log.info("reloaded", metadata: ["catalog": "\(next.catalog.hash)", "changed": "\(next.catalog.hash != old)"])
        } catch {
            failedReload = error.description
            daemon.log.error("not reloaded, the old configuration stays in force: \(error)")
        }
        reloading.done(failedReload)
    }

    static func next(_ reloading: Reloading, after old: Configuration) throws(NotReloaded) -> Configuration {
        let next: Configuration
        do throws(Problems) {
            next = try reloading.load()
        } catch {
            throw .wrong(error)
        }
        let fixed = next.fixed(comparedTo: old)
        guard fixed.isEmpty else { throw .fixed(fixed) }
        return next
    }
}
