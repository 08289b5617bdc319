import CatalogFiles
import HTTPTypes
import JSON

/// What goes back to a reader.
struct Answer {
    var status = HTTPResponse.Status.ok
    var headers = HTTPFields()
    var body: [UInt8]

    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.status = status
        headers[.contentType] = "application/json"
        body = json
    }

    init(text: String, type: String) {
        headers[.contentType] = type
        body = Array(text.utf8)
    }

    init(refusal: Refusal) {
        var writer = JSONWriter()
        writer.object {
            $0.object("error") {
                $0.integer("status", Int64(refusal.status.code))
                $0.string("message", refusal.message)
            }
        }
        self.init(json: writer.bytes, status: refusal.status)
        switch refusal {
        case .method: headers[.allow] = "GET, HEAD"
        case .unauthorized: headers[.wwwAuthenticate] = "Bearer realm=\"parwatch\""
        case .notYet: headers[.retryAfter] = "1"
        case .badRequest, .notFound: break
        }
    }
}

/// Why a reader gets nothing.
enum Refusal: Error {
    case badRequest(String)
    case unauthorized
    case notFound(String)
    case method
    /// There is no picture of the daemon yet; it waits for this, or has just begun.
    case notYet(String?)

    var status: HTTPResponse.Status {
        switch self {
        case .badRequest: .badRequest
        case .unauthorized: .unauthorized
        case .notFound: .notFound
        case .method: .methodNotAllowed
        case .notYet: .serviceUnavailable
        }
    }

    var message: String {
        switch self {
        case .badRequest(let text): text
        case .unauthorized: "a token is needed: send 'Authorization: Bearer TOKEN'"
        case .notFound(let path):
            "there is no '\(path.prefix(100))': \(Spelling.nearest(to: String(path.prefix(100)), among: Route.allCases.map(\.rawValue)).map { "did you mean '\($0)'?" } ?? "there are \(Route.allCases.map(\.rawValue).joined(separator: ", "))")"
        case .method: "everything here is read only: GET or HEAD"
        case .notYet(let cause): cause.map { "the daemon has not begun to read: \($0)" } ?? "the daemon has just begun: ask again"
        }
    }
}
