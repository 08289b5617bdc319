import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Service

/// Which answer belongs to which path.
struct Site: HTTPResponder {
    typealias Context = BasicRequestContext

    let gallery: Gallery
    /// What a reader must say; nil: nothing.
    let token: [UInt8]?
    let pushes: PushFigures?

    func respond(to request: Request, context: BasicRequestContext) async -> Response {
        var answer: Answer
        do throws(Refusal) {
            answer = try await self.answer(to: request)
        } catch {
            answer = Answer(refusal: error)
        }
        answer.headers[.cacheControl] = "no-store"
        answer.headers[.xContentTypeOptions] = "nosniff"
        let response = Response(status: answer.status, headers: answer.headers, body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(to request: Request) async throws(Refusal) -> Answer {
        let target = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let route = Route(rawValue: String(target[0])) else { throw .notFound(String(target[0])) }
        guard request.method == .get || request.method == .head else { throw .method }
        // Probes have no token, and tell little.
        if let token, route.needsToken, !Self.isAllowed(request.headers[.authorization], token) { throw .unauthorized }
        let query = target.count > 1 ? target[1] : ""
        switch route {
        case .livez: return Probes.live(gallery)
        case .readyz: return Probes.ready(gallery, await gallery.view())
        case .metrics: return Answer(text: MetricsPage.text(await gallery.view(), pushes: pushes?.now), type: "text/plain; version=0.0.4; charset=utf-8")
        case .scores, .alerts, .points:
            let filters = try Filters(query, of: route)
            guard let board = await gallery.board() else { throw .notYet(gallery.waiting) }
            switch route {
            case .scores: return Answer(json: Lists.scores(board, filters))
            case .points: return Answer(json: Lists.points(board, filters))
            default: return Answer(json: Lists.alerts(board, filters))
            }
        case .frameworks, .criteria, .agencies, .sources, .partitions:
            let filters = try Filters(query, of: route)
            guard let view = await gallery.view() else { throw .notYet(gallery.waiting) }
            switch route {
            case .frameworks: return Answer(json: Lists.frameworks(view, filters))
            case .criteria: return Answer(json: Lists.criteria(view, filters))
            case .agencies: return Answer(json: Lists.agencies(view, filters))
            case .sources: return Answer(json: Lists.sources(view, filters))
            default: return Answer(json: Lists.partitions(view, filters))
            }
        }
    }

    /// In a time that does not tell how much of the token was right.
    private static func isAllowed(_ header: String?, _ token: [UInt8]) -> Bool {
        guard let header, header.prefix(7).lowercased() == "bearer " else { return false }
        let said = Array(header.dropFirst(7).utf8)
        var difference: UInt8 = said.count == token.count ? 0 : 1
        for (index, byte) in said.enumerated() { difference |= byte ^ token[index % token.count] }
        return difference == 0
    }
}

enum Route: String, CaseIterable {
    case livez = "/livez", readyz = "/readyz", metrics = "/metrics"
    case frameworks = "/api/v1/frameworks", criteria = "/api/v1/criteria", agencies = "/api/v1/agencies"
    case scores = "/api/v1/scores", points = "/api/v1/points", alerts = "/api/v1/alerts", sources = "/api/v1/sources", partitions = "/api/v1/partitions"

    var needsToken: Bool { self != .livez && self != .readyz }
}
