import Glibc
import NIOCore
import NIOPosix

/// Why something about a connection failed, in the system's words.
enum Reason {
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError: error.connectionErrors.first.map { text($0.error) } ?? "\(error.host) has no address"
        case is ChannelError: "the connection ended without an answer"
        default: "\(error)"
        }
    }
}
