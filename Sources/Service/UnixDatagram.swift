import Glibc

/// A local address that takes datagrams: systemd's notification socket, the journal.
package struct UnixDatagram: Sendable {
    /// As `sun_path` holds it: an abstract name begins with a zero byte.
    private let path: [UInt8]

    /// `/path`, or `@name` for an abstract address; nil for anything else, and for what is longer than the system takes.
    package init?(_ address: String) {
        var path = Array(address.utf8)
        guard path.count > 1, path.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path), !path.contains(0) else { return nil }
        switch path[0] {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "@"): path[0] = 0
        default: return nil
        }
        self.path = path
    }

    /// False if nobody takes it: within a fifth of a second, if the receiver's queue is full.
    package func send(_ bytes: [UInt8]) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // A path counts with its terminating zero, an abstract name has none.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count + (path[0] == 0 ? 0 : 1))
        return withUnsafeBytes(of: &address) { raw in
            guard let address = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            while true {
                let count = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
                if count >= 0 { return true }
                guard errno == EINTR else { return false }
            }
        }
    }
}
