import Cases
import Catalog
import Engine
import Testing

/// How new every source's newest word is outlives the process; what became of its words is counted from the start.
@Suite struct CopiedSources {
    private static let june = SmallCatalog.instant("2021-06-01T00:00:00+07:00")

    private static func catalog(_ listed: [String]? = nil) -> Catalog {
        var catalog = SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))])
        catalog.sources = listed?.map { SourceRule(source: $0) }
        return catalog
    }

    private static func engine(_ catalog: Catalog = catalog()) throws -> Engine {
        var engine = try Engine(catalog: catalog, inputs: ["in"])
        engine.step(now: june)
        return engine
    }

    /// Said on a day of May.
    private static func word(of source: String, _ day: Int, subject: String = "S") -> String {
        DossierMessage().attribute("source", text: source).attribute("subject", text: subject).attribute("time", text: may(day)).field("agency", text: "D1").json
    }

    private static func may(_ day: Int) -> String { "2021-05-\(day < 10 ? "0" : "")\(day)T00:00:00Z" }

    private static func lines(_ engine: borrowing Engine) -> [String] {
        engine.sources.map { "\($0.name ?? "nameless") \($0.newest.map { Timestamp.utc($0).prefix(10) } ?? "never") \($0.accepted) \($0.superseded) \($0.rejected)" }
    }

    @Test func `a source that fell silent before a restart is as old after it, and counts begin anew`() throws {
        var engine = try Self.engine()
        engine.receive(
            [Self.word(of: "urn:silent", 1), Self.word(of: "urn:silent", 3), Self.word(of: "urn:silent", 2), Self.word(of: "urn:busy", 4), DossierMessage().attribute("source", text: "urn:wrong").field("agency", nil).json], from: 0)
        #expect(Self.lines(engine) == ["urn:busy 2021-05-04 1 0 0", "urn:silent 2021-05-03 2 1 0", "urn:wrong never 0 0 1"])
        let pieces = Pieces(of: &engine)
        // Said after the copy began: it comes by the replay.
        engine.receive([Self.word(of: "urn:busy", 9)], from: 5)
        var restored = try pieces.restored(Self.catalog(), now: Self.june)
        #expect(Self.lines(restored) == ["urn:busy 2021-05-04 0 0 0", "urn:silent 2021-05-03 0 0 0"])
        // The record before the copy's offset is read once more; an older word takes nothing back.
        restored.receive([Self.word(of: "urn:busy", 4), Self.word(of: "urn:busy", 9), Self.word(of: "urn:silent", 1)], from: 4)
        #expect(Self.lines(restored) == ["urn:busy 2021-05-09 1 1 0", "urn:silent 2021-05-03 0 1 0"])
        #expect(Self.lines(try Pieces(of: &restored).restored(Self.catalog(), now: Self.june)) == ["urn:busy 2021-05-09 0 0 0", "urn:silent 2021-05-03 0 0 0"], "and once more")
    }

    @Test func `who is listed now has its newest word of before, and who is so no longer as well`() throws {
        var engine = try Self.engine(Self.catalog(["urn:a", "urn:b", "urn:mute"]))
        engine.receive([Self.word(of: "urn:a", 1), Self.word(of: "urn:b", 2), Self.word(of: "urn:stranger", 3)], from: 0)
        let restored = try Pieces(of: &engine).restored(Self.catalog(["urn:b", "urn:c"]), now: Self.june)
        #expect(Self.lines(restored) == ["urn:a 2021-05-01 0 0 0", "urn:b 2021-05-02 0 0 0", "urn:c never 0 0 0"])
        let listed = restored.sources.filter(\.isListed).map(\.name)
        #expect(listed == ["urn:b", "urn:c"])
    }

    @Test func `of too many strangers those that spoke last keep their names, and the others one newest word together`() throws {
        let strangers = (0..<300).map { "urn:\($0)" }, long = "urn:" + String(repeating: "x", count: 300)
        // All of them are listed, so all have names.
        var engine = try Self.engine(Self.catalog(strangers + [long]))
        engine.receive(strangers.enumerated().map { Self.word(of: $1, $0 < 44 ? 1 + $0 % 5 : 10, subject: $1) } + [Self.word(of: long, 20)], from: 0)
        var restored = try Pieces(of: &engine).restored(Self.catalog(), now: Self.june)
        func check(_ engine: borrowing Engine, _ what: String) {
            let all = engine.sources
            #expect(all.count == 257 && all.dropLast().allSatisfy { $0.newest == SmallCatalog.instant(Self.may(10)) && $0.name != nil }, "\(what)")
            #expect(all.last?.name == nil && all.last?.newest == SmallCatalog.instant(Self.may(20)), "\(what)")
        }
        check(restored, "after the catalog lists nobody any more")
        check(try Pieces(of: &restored).restored(Self.catalog(), now: Self.june), "and once more")
        restored.receive([Self.word(of: "urn:new", 25)], from: 0)
        #expect(Self.lines(restored).last == "nameless 2021-05-25 1 0 0", "there is no more room than before")
    }

    /// The right section, with another piece in its place.
    private func refusal(_ change: ([UInt8]) -> [UInt8]) throws -> String? {
        var engine = try Self.engine()
        engine.receive([Self.word(of: "urn:a", 1), Self.word(of: "urn:b", 2)], from: 0)
        var restoration = EngineRestoration(catalog: Self.catalog(), now: Self.june)
        for piece in Pieces(of: &engine).pieces {
            let bytes = piece.section == "sources" ? change(piece.bytes) : piece.bytes
            try bytes.withUnsafeBytes { try restoration.take(section: piece.section, $0) }
        }
        var restored = try Self.engine()
        do {
            try restored.restore(restoration)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `words that nobody can have said are refused with a reason`() throws {
        #expect(try refusal { $0 } == nil && refusal { _ in [] } == nil)
        #expect(try refusal { Array($0.dropLast()) } == "a part of a source is missing")
        #expect(try refusal { $0 + [0] } == "a part of a source is missing")
        #expect(try refusal { Array($0.prefix(8)) + [0xFF, 0xFF, 0xFF, 0xFF] + $0.dropFirst(12) } == "a part of a source is missing")
        #expect(try refusal { Array($0.dropLast()) + [0xFF] } == "a source's name is no text")
        #expect(try refusal { [0, 0, 0, 0, 0, 0, 0, 0x80] + $0.dropFirst(8) } == "a source spoke at no time")
        #expect(try refusal { $0.dropFirst(0).prefix(7) + [0x7F] + $0.dropFirst(8) } == "a source spoke at no time")
    }
}
