import CatalogFiles
import Logging
import Service
import Web

/// Who looks at the daemon from threads of their own: HTTP, and what pushes to Alertmanager.
struct Readers {
    private var tasks: [Task<Void, Never>] = []

    init(_ configuration: Configuration, _ gallery: Gallery, _ log: Logger) throws(Problems) {
        // A token that is named must be there: without it nobody would be asked for one.
        let token = try configuration.http?.resolvedToken(credentials: Credentials.directory)
        let push = configuration.alertmanager.map { AlertmanagerPush($0, gallery: gallery, log: log) }
        if let push { tasks.append(push.start()) }
        if let settings = configuration.http { tasks.append(WebServer(settings, token: token, gallery: gallery, pushes: push?.figures, log: log).start()) }
    }

    func end() { for task in tasks { task.cancel() } }
}
