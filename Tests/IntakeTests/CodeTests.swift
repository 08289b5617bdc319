import Cases
import Foundation
import Intake
import Testing

@Suite struct Codes {
    /// ASCII without lower case takes a short way through the intake; it must lead to the same place.
    @Test func `a code in normal form stays as it is, and the normal form of a normal form is itself`() throws {
        var random = Seeded(Oracle.seed("codes"))
        let intake = try #require(Intake())
        let scalars: [Unicode.Scalar] = Array("AZaz09.-/ _~\u{7F}\u{85}\u{A0}đĐếỀ\u{300}ǆßŉ".unicodeScalars)
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<random.int(1...8) { text.unicodeScalars.append(random.one(of: scalars)) }
            let data = try JSONSerialization.data(withJSONObject: [text]), quoted = String(decoding: data.dropFirst().dropLast(), as: UTF8.self)
            let read = intake.outcome(DossierMessage().attribute("subject", quoted).json).status?.subject, normalized = Code.normalized(text)
            guard read == normalized.map({ CodeKey(code: $0) }), normalized.map({ Code.normalized($0) == $0 }) ?? true else {
                Issue.record("\(text.debugDescription): read as \(String(describing: read)), normal form \(String(describing: normalized))")
                return
            }
        }
    }

    @Test func `payloads are known by their SHA-256`() {
        #expect([UInt8]().withUnsafeBytes { Digest.sha256($0) } == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(Digest.sha256(UnsafeRawBufferPointer(start: nil, count: 0)) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(Array("abc".utf8).withUnsafeBytes { Digest.sha256($0) } == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
