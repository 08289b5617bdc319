import Cases
import Foundation
import Testing

/// What a supervisor asks, and that nobody who asks can hold up the daemon.
@Suite(.serialized) struct Probes {
    @Test func `it is ready when it has caught up, and says why not before`() throws {
        let port = try Monitoring.freePort()
        try Served.with("kafka: {bootstrap: \"127.0.0.1:\(port)\"}") { served in
            let live = try served.get("/livez")
            #expect(live.status == 200 && live.json["live"] as? Bool == true)
            #expect(try eventually { try served.get("/readyz").body.contains("no broker answers") }, "\(served.text)")
            let ready = try served.get("/readyz")
            #expect(ready.status == 503 && ready.json["ready"] as? Bool == false)
            let scores = try served.get("/api/v1/scores")
            #expect(scores.status == 503 && scores.headers.contains("Retry-After: 1") && scores.body.contains("has not begun to read"))
            #expect(try served.metric("parwatch_caught_up") == 0)
        }
        try Served.with { served in
            #expect(try eventually { try served.get("/readyz").status == 200 }, "\(served.text)")
            try #require(served.leads())
            #expect(try eventually { try served.get("/readyz").json["role"] as? String == "leader" })
        }
    }

    @Test func `while judging stands still it is not ready, and says why`() throws {
        // Without its broker nothing tells how far behind it is.
        try Served.with("max_lag: 1s") { served in
            try #require(served.leads())
            #expect(try served.get("/readyz").status == 200)
            // Frozen for longer than it may lag: the picture that follows is of a daemon that does not know.
            served.signal(SIGSTOP)
            let until = Date().addingTimeInterval(3)
            #expect(eventually { Date() > until })
            served.signal(SIGCONT)
            // It stands still until the cluster has told where partitions end, which is soon; the log keeps it.
            #expect(served.says("judging stands still"), "\(served.text)")
            #expect(try eventually { try served.get("/readyz").status == 200 })
        }
    }

    @Test func `a port in use does not stop the daemon, and it answers as soon as the port is free`() throws {
        let port = try Monitoring.freePort()
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        other.arguments = ["python3", "-c", "import socket, time\ns = socket.socket(); s.bind(('127.0.0.1', \(port))); s.listen(); print(1, flush=True); time.sleep(600)"]
        let listening = Pipe()
        other.standardOutput = listening
        try other.run()
        defer { kill(other.processIdentifier, SIGKILL) }
        #expect(!listening.fileHandleForReading.availableData.isEmpty)
        try Served.with("http: {listen: \"127.0.0.1:\(port)\"}") { served in
            #expect(served.says("HTTP: cannot listen on 127.0.0.1:\(port): Address already in use"), "\(served.text)")
            try #require(served.leads() && served.isRunning)
            kill(other.processIdentifier, SIGKILL)
            other.waitUntilExit()
            #expect(served.says("HTTP answers"), "\(served.text)")
            #expect(try served.get("/readyz").status == 200)
        }
    }

    @Test func `without a token there is neither metrics nor API, and the probes tell little`() throws {
        let token = "0123456789abcdef0123456789abcdef"
        try Served.with("http: {listen: \"127.0.0.1:0\", token: {file: token}}", files: ["token": token + "\n"]) { served in
            try #require(served.leads())
            for path in ["/metrics", "/api/v1/agencies"] {
                for arguments in [[], ["-H", "Authorization: Bearer 0123456789abcdef0123456789abcdeX"], ["-H", "Authorization: Bearer "], ["-H", "Authorization: Basic \(token)"], ["-H", "Authorization: Bearer \(token)0"]] {
                    let reply = try Served.get("http://\(try served.address)\(path)", arguments)
                    #expect(reply.status == 401 && reply.headers.contains("WWW-Authenticate: Bearer"), "\(path) \(arguments): \(reply)")
                    #expect(!reply.body.contains(token))
                }
                #expect(try served.get(path, "-H", "Authorization: Bearer \(token)").status == 200)
            }
            #expect(try served.get("/livez").status == 200)
            #expect(try served.get("/readyz").status == 200)
            #expect(!served.text.contains(token))
        }
    }

    @Test(.enabled(if: (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains("00000000000000000000000000000001") == true, "this machine has no ::1"))
    func `an address of IPv6 is told as one writes it in a URL`() throws {
        try Served.with("http: {listen: \"[::1]:0\"}") { served in
            let address = try served.address, live = try served.get("/livez", "-g")
            #expect(address.hasPrefix("[::1]:") && live.status == 200, "\(served.text)")
        }
    }

    @Test func `it can be turned off`() throws {
        try Served.with("http: off") { served in
            try #require(served.leads())
            #expect(!served.text.contains("HTTP"))
        }
    }

    // MARK: Readers that misbehave

    @Test func `a head beyond the limits is refused`() throws {
        try Served.with { served in
            let long = try served.get("/livez", "-H", "X: \(String(repeating: "a", count: 20_000))")
            #expect(long.status == 400, "\(long)")
            let many = try Served.get("http://\(try served.address)/livez", (0..<150).flatMap { ["-H", "X-\($0): a"] })
            #expect(many.status == 400, "\(many)")
            #expect(try served.get("/livez").status == 200)
        }
    }

    @Test func `a request that drips is closed, however steadily it does`() throws {
        try Served.with { served in
            let address = try served.address
            let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
            let slow = try Connection(port: port)
            slow.write("GET /livez HTTP/1.1\r\nHost: x\r\nX: ")
            // Far from the limits of a head: it is the time that ends it.
            var drips = 0
            let isClosed = eventually(within: 40) {
                drips += 1
                slow.write("y")
                return slow.isClosed
            }
            #expect(isClosed && drips > 20, "\(drips)")
        }
    }

    @Test func `two hundred readers that do not take their answers change nothing for the daemon and for others`() throws {
        try Served.with { served in
            try #require(served.leads())
            try served.send(at: "D2", late: true)
            let address = try served.address
            let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
            // Each asks for far more than its connection holds.
            let request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
            let readers = try (0..<200).map { _ in try Connection(port: port) }
            for reader in readers { reader.write(String(repeating: request, count: 100)) }
            try served.send(3, late: true)
            #expect(try eventually(within: 30) { try served.get("/api/v1/alerts?agency=D1&state=firing&period=2021").items.count == 1 }, "\(served.text)")
            #expect(try served.get("/readyz").status == 200)
            #expect(readers.count == 200)
        }
    }
}

/// A connection whose other end is read only on request.
private final class Connection {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        // Little room, so that answers stay where they are.
        var room: Int32 = 4_096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        let result = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } }
        try #require(result == 0)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    func write(_ text: String) { _ = text.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) } }

    /// The other end has closed it.
    var isClosed: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || count < 0 && errno != EAGAIN && errno != EWOULDBLOCK
    }
}
