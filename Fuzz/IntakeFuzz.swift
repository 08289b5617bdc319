import Catalog
import Intake

// libFuzzer calls this with one input after another; scripts/fuzz builds and runs it.
//
// The first byte chooses: bit 0 unset, the rest is the payload in structured mode. Bit 0 set, the rest is header, header, … payload,
// apart by 0xFF, which UTF-8 never uses; a header is `name=value`, and without `=` it has no value. Bit 1 gives the headers in reverse.

nonisolated(unsafe) private let intakes: (Intake, Intake)? = {
    guard let first = Intake(maxSize: 1 << 16), let second = Intake(maxSize: 1 << 16) else { return nil }
    return (first, second)
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ size: Int) -> CInt {
    guard let (intake, other) = intakes else { fatalError("not enough memory") }
    let input = UnsafeRawBufferPointer(start: start, count: size)
    guard let choice = input.first else { return 0 }
    let message = choice & 1 == 0 ? Intake.Message(value: UnsafeRawBufferPointer(rebasing: input[1...])) : binary(UnsafeRawBufferPointer(rebasing: input[1...]), reversed: choice & 2 != 0)
    let once = Reading(intake, message)
    once.check()
    // The same bytes say the same, also to an intake that has read other messages before.
    precondition(once == Reading(intake, message), "read twice, two results")
    other.disturb()
    precondition(once == Reading(other, message), "another intake, another result")
    return 0
}

private func binary(_ input: UnsafeRawBufferPointer, reversed: Bool) -> Intake.Message {
    var parts = input.split(separator: 0xFF, maxSplits: 32, omittingEmptySubsequences: false).map { UnsafeRawBufferPointer(rebasing: $0) }
    let value = parts.popLast()
    let headers = parts.map { part -> Intake.Message.Header in
        guard let sign = part.firstIndex(of: UInt8(ascii: "=")) else { return (part, nil) }
        return (UnsafeRawBufferPointer(rebasing: part[..<sign]), UnsafeRawBufferPointer(rebasing: part[(sign + 1)...]))
    }
    return Intake.Message(value: value, headers: reversed ? headers.reversed() : headers)
}

/// What became of a message, copied.
private struct Reading: Equatable {
    var rejection: Rejection?
    var subject: CodeKey?
    var version: Version?
    var codes: [CodeKey] = []
    var state: DossierState?
    var numbers: [Int64] = []

    init(_ intake: Intake, _ message: Intake.Message) {
        do throws(Rejection) {
            let status = try intake.read(message)
            subject = status.subject
            version = status.version
            guard let content = status.content else { return }
            codes = [content.agency, content.procedure] + (content.sector.map { [$0] } ?? [])
            state = content.state
            numbers = [
                content.received.microseconds, content.due?.microseconds ?? 0, content.finished.microseconds, Int64(content.filing.rawValue), Int64(content.returning?.rawValue ?? 0),
                Int64(content.level ?? 0), Int64(content.supplements), content.apologised ? 1 : 0,
            ]
        } catch {
            rejection = error
        }
    }

    func check() {
        guard rejection == nil, let version else { return }
        guard let subject else { preconditionFailure("a status of nothing") }
        for code in [subject] + codes { precondition(code != .none && code != CodeKey(code: ""), "an empty code") }
        precondition(version.state <= 10 && (state == nil || version.state == state?.rawValue), "a version of another state")
        // Years 0000 to 9999, and a day for the offset.
        for instant in [version.time.microseconds] + numbers.prefix(3) { precondition((-62_167_305_600_000_000...253_402_387_200_000_000).contains(instant), "an instant that cannot be written") }
        if !numbers.isEmpty { precondition([0, 2, 3, 4].contains(numbers[5]), "a level that there is not") }
    }
}

extension Intake {
    fileprivate func disturb() {
        for text in [#"{"specversion":"1.0","id":"x","source":"x","type":"vn.par.dossier.v1","subject":" đ ","time":"2021-01-01T00:00:00Z","data":{"deleted":true}}"#, "[1e999,{", "\"\u{1}"] {
            _ = Array(text.utf8).withUnsafeBytes { try? read(Message(value: $0)) }
        }
    }
}
