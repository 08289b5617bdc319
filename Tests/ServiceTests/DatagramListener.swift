import Foundation

/// What systemd and the journal are to a service: a local socket that takes datagrams.
final class DatagramListener {
    /// As NOTIFY_SOCKET would have it.
    let address: String
    private let descriptor: Int32

    init(abstract: Bool = false) throws {
        let name = "parwatch-\(UInt64.random(in: 0...UInt64.max))"
        address = abstract ? "@\(name)" : FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var path = Array(address.utf8)
        if abstract { path[0] = 0 }
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(2 + path.count + (abstract ? 0 : 1))
        let result = withUnsafePointer(to: &place) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) } }
        guard result == 0 else { throw Missing(what: "a socket at \(address): \(String(cString: strerror(errno)))") }
    }

    deinit {
        close(descriptor)
        if address.hasPrefix("/") { unlink(address) }
    }

    /// The next message that waits; nil if none does. A datagram is there as soon as it was sent.
    func bytes() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : Array(buffer.prefix(count))
    }

    func text() -> String? { bytes().map { String(decoding: $0, as: UTF8.self) } }

    /// Sends to it until it takes nothing more.
    func fill() throws {
        let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(sender) }
        var path = Array(address.utf8)
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(2 + path.count)
        let result = withUnsafePointer(to: &place) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(sender, $0, length) } }
        guard result == 0 else { throw Missing(what: "a connection to \(address): \(String(cString: strerror(errno)))") }
        while send(sender, "x", 1, Int32(MSG_DONTWAIT)) == 1 {}
    }

    func drain() { while bytes() != nil {} }
}
