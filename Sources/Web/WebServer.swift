package import CatalogFiles
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
package import Service
import Synchronization

/// Answers HTTP on a thread of its own. It sees the daemon's pictures alone, so no reader can hold the daemon up; and whatever becomes of it, the daemon goes on.
package final class WebServer: Sendable {
    private let settings: HTTPSettings
    private let site: Site
    private let log: Logger
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let bound = Mutex<Int?>(nil)

    /// Connections at a time; more wait until one ends.
    private static let mostConnections = 512
    /// Of all headers together, in bytes.
    private static let largestHead = 16_384

    /// `token`: what a reader must say; nil: nothing.
    package init(_ settings: HTTPSettings, token: String?, gallery: Gallery, pushes: PushFigures?, log: Logger) {
        self.settings = settings
        self.log = log
        site = Site(gallery: gallery, token: token.map { Array($0.utf8) }, pushes: pushes)
    }

    /// The port on which it answers; nil until it does.
    package var port: Int? { bound.withLock { $0 } }

    package func start() -> Task<Void, Never> { Task.detached { await self.run() } }

    /// Until the task is cancelled. An address that is in use is tried again every five seconds.
    private func run() async {
        if settings.token == nil, !settings.isLoopback { log.warning("HTTP: whoever reaches \(settings.address) may read: set http.token, or listen on 127.0.0.1") }
        var failures = 0
        while !Task.isCancelled {
            do {
                try await application().run()
                return
            } catch {
                if failures % 12 == 0 { log.error("HTTP: cannot listen on \(settings.address): \(Reason.text(error)); nobody gets an answer, the daemon goes on, trying again") }
                failures += 1
            }
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private func application() -> some ApplicationProtocol {
        // What single connections suffer is nobody's business.
        let quiet = Logger(label: "http", factory: { _ in SwiftLogNoOpLogHandler() })
        let connections = HTTP1Channel.Configuration(
            additionalChannelHandlers: [Deadline()],
            httpDecoderConfiguration: .init(maxHeaderFieldSize: Self.largestHead, maxHeaderListSize: Self.largestHead, maxHeaderFieldCount: 100))
        return Application(
            responder: site, server: .http1(configuration: connections),
            configuration: .init(address: .hostname(settings.host, port: settings.port), availableConnectionsDelegate: .maximum(Self.mostConnections, logger: quiet)),
            onServerRunning: { [self] channel in
                let port = channel.localAddress?.port ?? settings.port
                bound.withLock { $0 = port }
                var answering = settings
                answering.port = port
                log.info("HTTP answers", metadata: ["address": "\(answering.address)", "token": "\(settings.token == nil ? "none" : "required")"])
            },
            eventLoopGroupProvider: .shared(group), logger: quiet)
    }
}
