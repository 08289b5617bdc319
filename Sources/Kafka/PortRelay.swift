import Glibc

/// Passes TCP connections to one port of 127.0.0.1 on to another, so that the embedded broker can be found at a fixed port.
///
/// Only bootstrap connections come this way: the broker's metadata then leads clients to its own port. So one thread, a small buffer for
/// each direction and a bound on connections are enough.
package final class PortRelay: Sendable {
    /// Connections at a time; more are closed at once, and their clients try again.
    static let capacity = 256

    private let stopWriter: Int32
    private let thread: BackgroundThread

    /// Listens at once. Throws if the port is taken or not allowed.
    package init(from port: UInt16, to target: UInt16) throws(KafkaError) {
        let attempt = "listen on 127.0.0.1:\(port)"
        let listener = unblocking(socket(AF_INET, streamSocket, 0))
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withLoopback(port, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            let reason = switch errno {
            case EADDRINUSE: "the port is in use: stop the process that uses it, or choose another port"
            case let code: String(cString: strerror(code))
            }
            close(listener)
            throw KafkaError(.fail, attempt: attempt, reason: reason)
        }
        let stop = HangUp.pipe()
        let thread = stop.flatMap { stop in
            BackgroundThread {
                var loop = RelayLoop(listener: listener, stop: stop.reader, target: target)
                loop.run()
            }
        }
        guard let stop, let thread else {
            for descriptor in [listener, stop?.reader, stop?.writer] { _ = descriptor.map { close($0) } }
            throw KafkaError(.fail, attempt: attempt, reason: "the system has no thread or file descriptor left")
        }
        stopWriter = stop.writer
        self.thread = thread
    }

    /// Closes all connections. To be called once.
    package func stop() {
        close(stopWriter)
        _ = thread.join(within: 5_000)
    }
}

/// The thread of a `PortRelay`: owns the listener and every connection.
private struct RelayLoop {
    let listener: Int32
    let stop: Int32
    let target: UInt16
    var connections: [Connection] = []

    mutating func run() {
        while true {
            var polled = [pollfd(fd: stop, events: Int16(POLLIN), revents: 0), pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            for connection in connections { polled += connection.interests }
            let count = poll(&polled, nfds_t(polled.count), -1)
            if count < 0, errno == EINTR { continue }
            if count < 0 || polled[0].revents != 0 { break }
            for i in connections.indices { connections[i].move(client: polled[2 + 2 * i], server: polled[3 + 2 * i]) }
            for connection in connections where connection.isOver { connection.close() }
            connections.removeAll(where: \.isOver)
            if polled[1].revents != 0 { acceptOne() }
        }
        for connection in connections { connection.close() }
        close(listener)
        close(stop)
    }

    private mutating func acceptOne() {
        let client = unblocking(accept(listener, nil, nil))
        guard client >= 0 else {
            // Out of descriptors: the client stays in line, and asking again at once would only burn the processor.
            if errno == EMFILE || errno == ENFILE { _ = poll(nil, 0, 100) }
            return
        }
        let server = connections.count < PortRelay.capacity ? unblocking(socket(AF_INET, streamSocket, 0)) : -1
        let status = withLoopback(target) { connect(server, $0, $1) }
        guard server >= 0, status == 0 || errno == EINPROGRESS else {
            close(client)
            close(server)
            return
        }
        connections.append(Connection(client: client, server: server))
    }
}

private struct Connection {
    let client: Int32
    let server: Int32
    private(set) var isOver = false
    private var toServer = Pipe()
    private var toClient = Pipe()

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    /// A side is read only while there is room for what it says, and written only while there is something to say.
    var interests: [pollfd] {
        [
            pollfd(fd: client, events: events(from: toServer, to: toClient), revents: 0),
            pollfd(fd: server, events: events(from: toClient, to: toServer), revents: 0),
        ]
    }

    /// Kafka's clients never close half a connection, so the end of one side is the end of both.
    mutating func move(client: pollfd, server: pollfd) {
        let failure = Int16(POLLERR | POLLHUP | POLLNVAL)
        isOver = client.revents & failure != 0 || server.revents & failure != 0
            || !toServer.move(from: client, to: server) || !toClient.move(from: server, to: client)
    }

    func close() {
        Glibc.close(client)
        Glibc.close(server)
    }

    private func events(from incoming: Pipe, to outgoing: Pipe) -> Int16 {
        Int16((incoming.isEmpty ? POLLIN : 0) | (outgoing.isEmpty ? 0 : POLLOUT))
    }
}

/// One direction of a connection: read when empty, write until empty.
private struct Pipe {
    private var bytes = [UInt8](repeating: 0, count: 16_384)
    private var start = 0
    private var end = 0

    var isEmpty: Bool { start == end }

    /// False when the connection is over.
    mutating func move(from source: pollfd, to sink: pollfd) -> Bool {
        if isEmpty, source.revents & Int16(POLLIN) != 0 {
            let count = recv(source.fd, &bytes, bytes.count, 0)
            if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { return false }
            (start, end) = (0, max(0, count))
        } else if !isEmpty, sink.revents & Int16(POLLOUT) != 0 {
            let count = bytes.withUnsafeBytes { send(sink.fd, $0.baseAddress?.advanced(by: start), end - start, Int32(MSG_NOSIGNAL)) }
            if count < 0 && errno != EAGAIN && errno != EINTR { return false }
            start += max(0, count)
        }
        return true
    }
}

private let streamSocket = Int32(SOCK_STREAM.rawValue)

/// The descriptor, set not to block and not to be inherited; -1 stays -1.
private func unblocking(_ descriptor: Int32) -> Int32 {
    if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    return descriptor
}

private func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
