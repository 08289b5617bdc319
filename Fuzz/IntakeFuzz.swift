import Catalog
import Intake

// libFuzzer calls this with one input after another; scripts/fuzz builds and runs it.
//
// The first byte chooses: bit 0 unset, the rest is the payload in structured mode. Bit 0 set, the rest is header, header, … payload,
// apart by 0xFF, which UTF-8 never uses; a header is `name=value`, and without `=` it has no value. Bit 1 gives the headers in reverse.
// `p`, `g` and `x` choose another format, of which the rest is a record: the national portal's, iGate's, edXML.

nonisolated(unsafe) private let intakes: (Intake, Intake)? = {
    guard let first = Intake(maxSize: 1 << 16), let second = Intake(maxSize: 1 << 16) else { return nil }
    return (first, second)
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafeRawPointer?, _ size: Int) -> CInt {
    guard let (intake, other) = intakes else { fatalError("not enough memory") }
    let input = UnsafeRawBufferPointer(start: start, count: size)
    guard let choice = input.first else { return 0 }
    if let format = formats[choice] {
        let message = Intake.Message(value: UnsafeRawBufferPointer(rebasing: input[1...]), timestamp: Instant(microseconds: 1_614_560_400_000_000))
        let once = bundle(intake, message, format)
        precondition(once == bundle(intake, message, format), "read twice, two results")
        other.disturb()
        precondition(once == bundle(other, message, format), "another intake, another result")
        return 0
    }
    let message = choice & 1 == 0 ? Intake.Message(value: UnsafeRawBufferPointer(rebasing: input[1...])) : binary(UnsafeRawBufferPointer(rebasing: input[1...]), reversed: choice & 2 != 0)
    let once = Reading(intake, message)
    once.check()
    // The same bytes say the same, also to an intake that has read other messages before.
    precondition(once == Reading(intake, message), "read twice, two results")
    other.disturb()
    precondition(once == Reading(other, message), "another intake, another result")
    return 0
}

private let formats: [UInt8: Format] = [
    UInt8(ascii: "p"): .dvcqg, UInt8(ascii: "g"): .igate(states: Format.usualIGateStates), UInt8(ascii: "x"): .edxml,
]

/// What became of each part of a record, copied.
private func bundle(_ intake: Intake, _ message: Intake.Message, _ format: Format) -> [Part] {
    do throws(Rejection) {
        let bundle = try intake.statuses(in: message, format, zone: zone, topic: "t")
        precondition(bundle.source.hasPrefix("urn:") && bundle.parts.count <= 10_000, "a bundle of no source, or too large")
        return bundle.parts.map { part in
            do throws(Rejection) {
                switch try part.get() {
                case .dossier(let status):
                    let reading = Reading(status)
                    reading.check()
                    return .dossier(reading)
                case .other(let status):
                    precondition(status.time >= Instant(microseconds: -62_167_305_600_000_000) && status.time <= Instant(microseconds: 253_402_387_200_000_000), "a time that cannot be written")
                    return .other("\(status)")
                }
            } catch {
                return .rejected(error)
            }
        }
    } catch {
        return [.rejected(error)]
    }
}

private enum Part: Equatable {
    case dossier(Reading)
    case other(String)
    case rejected(Rejection)
}

/// With a clock that is turned.
private let zone = Zone(name: "Z", initialOffset: 3_600, transitions: [
    .init(from: Instant(microseconds: 1_616_893_200_000_000), offset: 7_200), .init(from: Instant(microseconds: 1_635_642_000_000_000), offset: 3_600),
])

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
            take(try intake.read(message))
        } catch {
            rejection = error
        }
    }

    init(_ status: DossierStatus) { take(status) }

    private mutating func take(_ status: DossierStatus) {
        subject = status.subject
        version = status.version
        guard let content = status.content else { return }
        codes = [content.agency, content.procedure] + (content.sector.map { [$0] } ?? [])
        state = content.state
        numbers = [
            content.received.microseconds, content.due?.microseconds ?? 0, content.finished?.microseconds ?? 0, Int64(content.filing.rawValue), Int64(content.returning?.rawValue ?? 0),
            Int64(content.level ?? 0), Int64(content.supplements), content.apologised ? 1 : 0,
        ]
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
