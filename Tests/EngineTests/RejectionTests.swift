import Alerting
import Cases
import Catalog
import Engine
import Foundation
import Intake
import Scoreboard
import Testing

/// What the engine refuses, beyond what is wrong with a message in itself.
@Suite struct EngineRejections {
    private static let catalog = SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))])

    @Test func `an unknown agency is reported once, its statuses are kept, and they count as soon as a catalog knows it`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        scene.receive("1") { $0.at("X9") }
        scene.receive("2") { $0.at(" x9 ") }
        scene.receive("3") { $0.at("X8") }
        scene.receive("1") { $0.at("X9").field("state", "4") }
        scene.receive("4")
        #expect(scene.reasons() == ["unknown_agency agency", "unknown_agency agency"])
        #expect(scene.engine.subjects == 4 && scene.engine.counts.accepted == 5 && scene.engine.counts.rejected == 2)
        var agencies = SmallCatalog.agencies
        agencies.append(Agency(id: "X9", name: Bilingual(vi: "X9", en: "X9"), level: "department", parent: 0))
        var knowing = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))], agencies: agencies), now: "2021-06-01T00:00:00+07:00")
        knowing.receive("1") { $0.at("X9") }
        knowing.receive("2") { $0.at(" x9 ") }
        #expect(knowing.reasons() == [])
        #expect(knowing.score("F-2021/c/X9/2021") == "2")
    }

    @Test func `a deletion of an unknown agency's dossier is not worth a word`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        scene.receive("1") { $0.deleted() }
        #expect(scene.reasons() == [])
    }

    @Test func `a time further ahead of the clock than max_ahead is future_time, and does not freeze its subject`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        scene.receive("1", time: "2021-06-01T00:10:00.000001+07:00")
        #expect(scene.reasons() == ["future_time time"])
        scene.receive("1", time: "2021-06-01T00:09:00+07:00")
        scene.receive("2", time: "2021-06-01T00:10:00+07:00")
        scene.receive("3", time: "9999-12-31T23:59:59Z")
        #expect(scene.reasons() == ["future_time time"])
        #expect(scene.score("F-2021/c/D1/2021") == "2")
        scene.step("2021-06-01T00:00:01+07:00")
        scene.receive("1", time: "2021-06-01T00:10:00.000001+07:00")
        #expect(scene.reasons() == [])
    }

    @Test func `a status whose subjects have left the register is closed_period, a deletion is not while it guards against others`() throws {
        var scene = try Scene(SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))], closesAfter: .days(10), keepClosed: .days(20)), now: "2022-01-30T23:59:59+07:00")
        scene.receive("1")
        #expect(scene.reasons() == [])
        #expect(scene.score("F-2021/c/D1/2021") == "1")
        scene.step("2022-01-31T00:00:00+07:00")
        #expect(scene.score("F-2021/c/D1/2021") == "0" && scene.engine.subjects == 0)
        scene.receive("1")
        scene.receive("2")
        scene.receive("3") { $0.field("received", text: "2022-01-02T00:00:00+07:00") }
        scene.receive("4") { $0.deleted() }
        #expect(scene.reasons() == ["closed_period received", "closed_period received"])
        #expect(scene.engine.subjects == 2)
    }

    @Test func `what stands at the same place of a topic that was made anew is told with its own SHA-256`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        for text in ["{", "{}", "{"] {
            scene.engine.receive([Array(text.utf8)], from: 7)
            scene.step("2021-06-01T00:00:00+07:00")
        }
        #expect(scene.rejected.map(\.size) == [1, 2, 1])
        #expect(Set(scene.rejected.map(\.sha256)).count == 2)
        #expect(scene.rejected.first?.sha256 == scene.rejected.last?.sha256)
    }

    /// Records are read in groups: what is rejected late, when others have been read since, must still be told with its own place, source and payload.
    @Test func `among many records taken in at once each rejection speaks of its own record`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00"), values: [[UInt8]?] = [], expected: [String] = []
        for number in 0..<100 {
            let message = DossierMessage().attribute("subject", text: "S\(number)").attribute("source", text: "urn:\(number)").field("agency", text: number % 3 == 0 ? "X\(number)" : "D1")
            let fault: (DossierMessage, String)? = switch number % 5 {
            case 0: (message.attribute("time", text: "2030-01-01T00:00:00Z"), "future_time time")
            case 1: (message.field("state", "\"no\""), "bad_value state")
            default: number % 3 == 0 ? (message, "unknown_agency agency") : nil
            }
            values.append(number == 50 ? nil : Array((fault?.0 ?? message).json.utf8))
            if number == 50 { expected.append("50 tombstone – 0") } else if let fault { expected.append("\(number) \(fault.1) urn:\(number) \(values[number]?.count ?? 0)") }
        }
        scene.engine.receive(values, from: 0)
        _ = scene.step("2021-06-01T00:00:00+07:00")
        let told = scene.rejected.map { "\($0.position.offset) \($0.rejection.reason.rawValue) \($0.rejection.field.map { "\($0) " } ?? "")\($0.rejection.source ?? "–") \($0.size)" }
        #expect(told == expected)
        #expect(scene.engine.subjects == 100 - expected.count + expected.count { $0.contains("unknown_agency") })
    }

    @Test func `a rejection says where the record lies, how large it is and what it hashes to, and nothing of what it says`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        scene.engine.receive([nil], partition: 3, from: 17)
        scene.receive("secret", partition: 2) { $0.field("state", "\"secret\"") }
        let text = "abc"
        scene.engine.receive([text], from: 5)
        _ = scene.step("2021-06-01T00:00:00+07:00")
        #expect(scene.rejected.map { $0.key(topic: "par.status") } == ["par.status-3-17.0", "par.status-2-1.0", "par.status-0-5.0"])
        let lines = scene.rejected.map { String(decoding: $0.json(topic: "par.status", zone: SmallCatalog.vietnam), as: UTF8.self) }
        #expect(lines[0] == #"{"reason":"tombstone","field":null,"source":null,"topic":"par.status","partition":3,"offset":17,"index":0,"size":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","time":"2021-06-01T00:00:00+07:00"}"#)
        #expect(lines[2] == #"{"reason":"not_json","field":null,"source":null,"topic":"par.status","partition":0,"offset":5,"index":0,"size":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","time":"2021-06-01T00:00:00+07:00"}"#)
        #expect(lines[1].contains(#""reason":"bad_value","field":"state","source":"urn:test""#) && !lines[1].contains(ignoringCase: "secret"))
        #expect(scene.engine.counts.received == 3 && scene.engine.counts.accepted == 0 && scene.engine.counts.rejected == 3)
    }

    @Test func `a source of any length is told in a kilobyte at most, be it one character of many accents`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        for source in [String(repeating: "x", count: 400_000), "e" + String(repeating: "\u{301}", count: 200_000), String(repeating: "\u{1F3E2}", count: 100_000)] {
            scene.receive("1") { $0.attribute("source", text: source).field("state", "0") }
        }
        _ = scene.step("2021-06-01T00:00:00+07:00")
        #expect(scene.rejected.map { $0.rejection.source?.utf8.count } == [256, 511, 1_024])
    }

    @Test func `every record is counted: received, and accepted if it changed the register`() throws {
        var scene = try Scene(Self.catalog, now: "2021-06-01T00:00:00+07:00")
        for _ in 0..<3 { scene.receive("1", time: "2021-03-01T00:00:00Z") }
        scene.receive("1", time: "2021-02-01T00:00:00Z")
        scene.receive("1", time: "2021-04-01T00:00:00Z")
        #expect(scene.engine.counts.received == 5 && scene.engine.counts.accepted == 2 && scene.engine.counts.rejected == 0)
    }

    @Test func `each reason stands in the schemas and in docs/messages.md`() throws {
        func text(_ path: String) throws -> String { try String(contentsOf: Oracle.repository.appendingPathComponent("docs/\(path)"), encoding: .utf8) }
        let reasons = Set(RejectionReason.allCases.map(\.rawValue))
        for schema in ["rejected", "left-out", "replay-rejection"] {
            let list = try #require(try text("schemas/\(schema).v1.json").firstMatch(of: /"enum": \[([^\]]*)\]/)).output.1
            #expect(Set(list.matches(of: /"([^"]*)"/).map { String($0.output.1) }) == reasons, "\(schema)")
        }
        let table = try #require(try text("messages.md").firstMatch(of: /(?s)\| `reason` \| means \|.*?\n\n/)).output
        let explained = table.split(separator: "\n").dropFirst(2).compactMap { $0.split(separator: "|").first }.flatMap { $0.matches(of: /`([^`]*)`/).map { String($0.output.1) } }
        #expect(explained.sorted() == reasons.sorted())
    }
}

extension String {
    fileprivate func contains(ignoringCase part: String) -> Bool { lowercased().contains(part) }
}
