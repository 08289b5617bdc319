package import CatalogFiles
import JSON
package import Logging
import NIOPosix
import Scoreboard
package import Service

/// Keeps an Alertmanager told of what the alert topic says, while this daemon leads. It looks at the daemon's pictures as any reader does, so a slow Alertmanager delays nothing; what could
/// not be told is worked out anew, so nothing piles up while it is away.
package final class AlertmanagerPush: Sendable {
    private let client: AlertmanagerClient
    private let gallery: Gallery
    private let log: Logger
    package let figures = PushFigures()

    /// Alerts a request.
    private static let batch = 200
    /// A picture that is older says nothing of who leads now, in seconds.
    private static let oldest = 10.0

    package init(_ settings: AlertmanagerSettings, gallery: Gallery, log: Logger) {
        client = AlertmanagerClient(settings: settings, group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        self.gallery = gallery
        self.log = log
    }

    package func start() -> Task<Void, Never> { Task.detached { await self.run() } }

    private func run() async {
        var book = AlertBook(), seen: Int?, failures = 0, refusals = Rhythm(seconds: 60)
        while !Task.isCancelled {
            // After a failure it waits longer and longer, up to half a minute.
            try? await Task.sleep(for: .seconds(failures == 0 ? 1 : min(30, 1 << min(failures, 5))))
            guard let view = await gallery.view(), ServiceClock.bootSeconds - view.madeAt < Self.oldest else { continue }
            guard view.health.role == .leader else {
                // Whoever leads next begins by telling it everything.
                (book, seen, failures) = (AlertBook(), nil, 0)
                figures.update { $0.alive = 0 }
                continue
            }
            guard seen != view.alertChanges || failures > 0 || book.nextRepetition.map({ $0 <= ServiceClock.wallSeconds }) ?? false else { continue }
            guard let board = await gallery.board() else { continue }
            if let failure = await tell(board, &book, &refusals) {
                // At once, then about twice in an hour.
                if failures % 64 == 0 { log.error("Alertmanager \(failure); the alert topic is not concerned, trying again", metadata: ["url": "\(client.settings.url)"]) }
                failures += 1
                figures.update { $0.failed += 1 }
            } else {
                if failures > 0 { log.info("Alertmanager answers again", metadata: ["url": "\(client.settings.url)"]) }
                (seen, failures) = (board.alertChanges, 0)
            }
        }
    }

    /// Nil: it has taken everything that it understands.
    private func tell(_ board: Board, _ book: inout AlertBook, _ refusals: inout Rhythm) async -> AlertmanagerClient.Failure? {
        var rest = book.posts(for: board.alerts, board.layout.catalog, now: ServiceClock.wallSeconds, clock: board.asOf)[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batch)
            var writer = JSONWriter()
            writer.array { for post in batch { post.json(into: &$0) } }
            var isTaken = true
            do throws(AlertmanagerClient.Failure) {
                try await client.post(writer.bytes)
            } catch {
                // It has taken what it can of this batch; the rest it would not take another time either.
                guard case .refused(status: 400, _) = error else { return error }
                isTaken = false
                if refusals.isDue(ServiceClock.bootSeconds) { log.error("Alertmanager \(error): it leaves out what it does not understand", metadata: ["url": "\(client.settings.url)"]) }
            }
            for post in batch { book.took(post, now: ServiceClock.wallSeconds) }
            rest = rest.dropFirst(Self.batch)
            let alive = book.aliveCount, wasTaken = isTaken
            figures.update {
                $0.alive = alive
                if wasTaken {
                    $0.succeeded += 1
                    $0.lastSuccess = ServiceClock.wallSeconds
                } else {
                    $0.failed += 1
                }
            }
        }
        book.finishedRound()
        return nil
    }
}
