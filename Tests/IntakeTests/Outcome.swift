import Cases
import Catalog
public import Intake
import Testing

/// What became of a message, copied out of the intake's memory.
enum Outcome: Equatable {
    case accepted(Status)
    case rejected(Rejection)

    struct Status: Equatable {
        var subject: CodeKey
        var version: Version
        var content: Content?

        struct Content: Equatable {
            var agency: CodeKey
            var procedure: CodeKey
            var sector: CodeKey?
            var state: DossierState
            var received: Instant
            var due: Instant?
            var finished: Instant?
            var filing: Channel
            var returning: Channel?
            var level: UInt8?
            var supplements: UInt8
            var apologised: Bool
        }
    }

    var status: Status? { if case .accepted(let status) = self { status } else { nil } }
    var content: Status.Content? { status?.content }
    /// `reason field`, where it was rejected.
    var fault: String? {
        guard case .rejected(let rejection) = self else { return nil }
        return rejection.reason.rawValue + (rejection.field.map { " " + $0 } ?? "")
    }
}

extension Intake {
    func outcome(_ bytes: [UInt8]?, headers: [(String, [UInt8]?)] = []) -> Outcome {
        guard let bytes else { return outcome(nil as UnsafeRawBufferPointer?, headers) }
        return bytes.withUnsafeBytes { outcome(UnsafeRawBufferPointer($0), headers) }
    }

    func outcome(_ text: String, headers: [(String, [UInt8]?)] = []) -> Outcome { outcome(Array(text.utf8), headers: headers) }

    private func outcome(_ value: UnsafeRawBufferPointer?, _ headers: [(String, [UInt8]?)]) -> Outcome {
        withHeaders(headers[...], []) { headers in
            do throws(Rejection) {
                return .accepted(Outcome.Status(try read(Message(value: value, headers: headers))))
            } catch {
                return .rejected(error)
            }
        }
    }

    /// Keeps the bytes of every header where they are while `body` runs.
    private func withHeaders(_ rest: ArraySlice<(String, [UInt8]?)>, _ made: [Message.Header], _ body: ([Message.Header]) -> Outcome) -> Outcome {
        guard let (name, value) = rest.first else { return body(made) }
        return Array(name.utf8).withUnsafeBytes { name in
            guard let value else { return withHeaders(rest.dropFirst(), made + [(name, nil)], body) }
            return value.withUnsafeBytes { withHeaders(rest.dropFirst(), made + [(name, $0)], body) }
        }
    }
}

extension Outcome.Status {
    init(_ status: DossierStatus) {
        subject = status.subject
        version = status.version
        content = status.content.map {
            Content(
                agency: $0.agency, procedure: $0.procedure, sector: $0.sector, state: $0.state, received: $0.received, due: $0.due, finished: $0.finished, filing: $0.filing,
                returning: $0.returning, level: $0.level, supplements: $0.supplements, apologised: $0.apologised)
        }
    }
}

/// An intake of its own for each test.
func withIntake(_ body: (Intake) throws -> Void) throws { try body(try #require(Intake())) }

/// What becomes of one message in structured mode.
func read(_ message: DossierMessage) throws -> Outcome { try #require(Intake()).outcome(message.json) }
func read(_ text: String) throws -> Outcome { try #require(Intake()).outcome(text) }

/// Codes are known by their keys: equal bytes in normal form, equal keys.
extension CodeKey: ExpressibleByStringLiteral {
    public init(stringLiteral code: String) { self.init(code: code) }
}

/// FNV-1a 64, written from its definition: the bytes in order, each first exclusive-or, then times the prime.
func fnv(_ text: String) -> UInt64 {
    text.utf8.reduce(14_695_981_039_346_656_037) { hash, byte in (hash ^ UInt64(byte)).multipliedReportingOverflow(by: 1_099_511_628_211).partialValue }
}
