import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection on which a request or its answer takes too long, however steadily its bytes drip.
final class Deadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    /// From the opening of a connection, or the end of an answer, to the head of the next request.
    private static let ask = TimeAmount.seconds(10)
    /// From there until the answer has been taken.
    private static let answer = TimeAmount.seconds(30)

    private var running: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(Self.ask, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(Self.ask, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        running?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { running?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { begin(Self.answer, context) }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenSuccess { self.begin(Self.ask, context) }
        context.write(data, promise: written)
    }

    private func begin(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        running?.cancel()
        running = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }
}
