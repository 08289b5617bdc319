import CatalogFiles
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends a request to Alertmanager and waits for the answer.
struct AlertmanagerClient: Sendable {
    let settings: AlertmanagerSettings
    let group: MultiThreadedEventLoopGroup

    enum Failure: Error, CustomStringConvertible {
        /// There was no answer.
        case unreachable(String)
        /// It said no; with the beginning of what it said.
        case refused(status: UInt, String)

        var description: String {
            switch self {
            case .unreachable(let why): "does not answer: \(why)"
            case .refused(let status, let text): "answers \(status): \(text)"
            }
        }
    }

    /// Of one request, in seconds.
    private static let timeout = TimeAmount.seconds(10)

    func post(_ json: [UInt8]) async throws(Failure) {
        let answer: Answer
        do {
            answer = try await send(json)
        } catch {
            throw .unreachable(Reason.text(error))
        }
        guard (200..<300).contains(answer.status) else { throw .refused(status: answer.status, String(decoding: answer.body.prefix(300), as: UTF8.self)) }
    }

    private func send(_ json: [UInt8]) async throws -> Answer {
        let promise = group.next().makePromise(of: Answer.self)
        let headers: HTTPHeaders = ["host": "\(settings.host):\(settings.port)", "content-type": "application/json", "content-length": "\(json.count)", "connection": "close", "user-agent": "parwatch"]
        let uri = settings.prefix + "/api/v2/alerts"
        let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(5)).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(AnswerReader(promise))
            }
        }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: settings.host, port: settings.port).get()
        } catch {
            promise.fail(error)
            throw error
        }
        let late = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
        defer { late.cancel() }
        channel.write(HTTPClientRequestPart.head(HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: headers)), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: json))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        defer { channel.close(promise: nil) }
        return try await promise.futureResult.get()
    }

    fileprivate struct Answer: Sendable {
        var status: UInt
        var body: [UInt8] = []
    }
}

/// Collects one answer, of which only the beginning is kept.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var promise: EventLoopPromise<AlertmanagerClient.Answer>?
    private var answer = AlertmanagerClient.Answer(status: 0)

    init(_ promise: EventLoopPromise<AlertmanagerClient.Answer>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = head.status.code
        case .body(let bytes): if answer.body.count < 1_024 { answer.body += bytes.readableBytesView }
        case .end: end(.success(answer))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(ChannelError.eof))
        context.fireChannelInactive()
    }

    private func end(_ result: Result<AlertmanagerClient.Answer, any Error>) {
        promise?.completeWith(result)
        promise = nil
    }
}
