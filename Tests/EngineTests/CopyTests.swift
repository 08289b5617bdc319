import Cases
import Catalog
import Engine
import Intake
import Testing

@Suite struct Copies {
    private static let criteria = [
        SmallCatalog.criterion("ratio", SmallCatalog.onTime, judgeAt: [.`self`, .root], periods: [.year, .month, .window(days: 7)]),
        SmallCatalog.criterion("overdue", .count(among: FactMask(required: .overdue))),
        SmallCatalog.criterion("distinct", .distinct(among: FactMask(required: .accepted), outOf: .fixed(99))),
    ]
    private static let catalog = SmallCatalog.make(criteria, years: [2020, 2021], closesAfter: .days(0), keepClosed: .days(0), sectors: ["S1"])
    private static let june = SmallCatalog.instant("2021-06-01T00:00:00+07:00")

    private static func engine(now: Instant = june) throws -> Engine {
        var engine = try Engine(catalog: catalog, inputs: ["in"])
        engine.step(now: now)
        return engine
    }

    private static func message(_ subject: Int, version: Int = 0) -> String {
        let message = DossierMessage().attribute("subject", text: "S\(subject)").attribute("time", text: Timestamp.utc(Instant(microseconds: 1_609_459_200_000_000 + Int64(version))))
            .field("agency", text: ["D1", "D2", "C11", "X9"][subject % 4]).field("procedure", text: "P\(subject % 50)").field("sector", text: "S\(subject % 3)")
            .field("received", text: "2021-0\(subject % 5 + 1)-01T08:00:00+07:00").due("2021-0\(subject % 8 + 1)-15T00:00:00+07:00").field("level", "\(subject % 3 + 2)")
        return ((subject + version) % 3 == 0 ? message.field("state", "9").field("finished", text: "2021-05-30T00:00:00+07:00") : message).json
    }

    @Test func `thousands that come while it is copied entry by entry are in it or come by the replay`() throws {
        var dice = Seeded(Oracle.seed("growing copy"))
        var engine = try Self.engine(), log: [String] = []
        func receive(_ message: String) {
            log.append(message)
            engine.receive([message], from: 0)
        }
        // The index is rebuilt at 820, 1,229, 1,844, …
        for subject in 0..<700 { receive(Self.message(subject)) }
        var copy = engine.startCopy(), pieces = Pieces(), next = 700
        while case .piece(let piece) = engine.step(&copy, atMost: 1) {
            pieces.pieces.append(piece)
            if next < 3_000 {
                receive(Self.message(next))
                next += dice.int(0...2)
            }
            receive(Self.message(dice.int(0...next), version: log.count))
        }
        var restored = try pieces.restored(Self.catalog, now: Self.june, beside: true)
        restored.receive(log.suffix(log.count - 700), from: 0)
        #expect(scores(restored) == scores(engine) && restored.subjects == engine.subjects)
        for day in 1...100 {
            let now = Instant(microseconds: Self.june.microseconds + Int64(day) * 86_400_000_000)
            restored.step(now: now)
            engine.step(now: now)
            if day % 10 == 1 { #expect(scores(restored) == scores(engine), "day \(day)") }
        }
    }

    @Test func `a departure or another catalog overtakes a copy`() throws {
        for isDeparture in [true, false] {
            var engine = try Self.engine(now: SmallCatalog.instant("2020-12-31T00:00:00+07:00"))
            engine.receive([DossierMessage().field("agency", text: "D1").field("received", text: "2020-05-01T00:00:00+07:00").attribute("time", text: "2020-05-01T00:00:00Z").json], from: 0)
            var copy = engine.startCopy()
            guard case .piece = engine.step(&copy, atMost: 1) else { throw Missing() }
            if isDeparture { engine.step(now: Self.june) } else { try engine.adopt(Self.catalog) }
            guard case .overtaken = engine.step(&copy, atMost: 1) else { throw Missing() }
            var again = engine.startCopy()
            guard case .piece = engine.step(&again, atMost: 1) else { throw Missing() }
        }
    }

    private struct Missing: Error {}

    @Test func `a clock that stands earlier at the next start finds overdue what is overdue then, and a later one as well`() throws {
        var engine = try Self.engine()
        let messages = (0..<200).map { Self.message($0) }
        engine.receive(messages, from: 0)
        engine.step(now: Self.june)
        let pieces = Pieces(of: &engine)
        for month in 1...9 {
            let now = SmallCatalog.instant("2021-0\(month)-20T00:00:00+07:00")
            var restored = try pieces.restored(Self.catalog, now: now), settled = try Self.engine(now: now)
            settled.receive(messages, from: 0)
            settled.step(now: now)
            // Before May their own times lie ahead of the clock.
            if month >= 2 { #expect(scores(restored) == scores(settled), "month \(month)") }
            restored.step(now: SmallCatalog.instant("2021-12-01T00:00:00+07:00"))
            settled.step(now: SmallCatalog.instant("2021-12-01T00:00:00+07:00"))
            if month >= 2 { #expect(scores(restored) == scores(settled), "month \(month)") }
        }
    }

    @Test func `years that have departed since the copy are not in the register again, deletions of the last of them are`() throws {
        var engine = try Self.engine()
        let deletions = [("S1", "2021-02-01T00:00:00Z"), ("OLD", "2020-02-01T00:00:00Z")].map { DossierMessage().attribute("subject", text: $0).attribute("time", text: $1).deleted().json }
        let progress = ["2021", "2020"].map { year in
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"urn:t\",\"type\":\"vn.par.dossier.progress.v1\",\"subject\":\"ALONE-\(year)\",\"time\":\"\(year)-02-01T00:00:00Z\",\"data\":{\"state\":4}}"
        }
        engine.receive((0..<20).map { Self.message($0) } + deletions + progress, from: 0)
        #expect(engine.counts.rejected == 1 && engine.subjects == 21, "an unknown agency")
        var restored = try Pieces(of: &engine).restored(Self.catalog, now: SmallCatalog.instant("2022-01-01T00:00:00+07:00"))
        #expect(restored.subjects == 1 && scores(restored) == [])
        func progressBytes(_ pieces: Pieces) -> Int { pieces.pieces.filter { $0.section == "progress" }.reduce(0) { $0 + $1.bytes.count } }
        #expect(progressBytes(Pieces(of: &restored)) * 2 == progressBytes(Pieces(of: &engine)))
    }

    @Test func `an unknown agency that was reported is not reported again after a restart`() throws {
        var engine = try Self.engine(), reports: [Int] = []
        engine.receive([Self.message(3)], from: 0)
        reports.append(engine.takeEffects().count)
        var restored = try Pieces(of: &engine).restored(Self.catalog, now: Self.june)
        restored.receive([Self.message(7)], from: 0)
        reports.append(restored.takeEffects().count)
        var known = Self.catalog
        known.agencies.append(Agency(id: "X9", name: Bilingual(vi: "X9", en: "X9"), level: "department", parent: 0))
        // The catalog has known it in between.
        var between = try Pieces(of: &restored).restored(known, now: Self.june)
        var again = try Pieces(of: &between).restored(Self.catalog, now: Self.june)
        again.receive([Self.message(11)], from: 0)
        reports.append(again.takeEffects().count)
        #expect(reports == [1, 0, 1])
    }

    @Test func `a score that has become empty is handed out again after a restart, and one that was never there is not`() throws {
        var engine = try Self.engine()
        engine.receive([Self.message(0)], from: 0)
        _ = engine.takeChangedCells()
        engine.receive([DossierMessage().attribute("subject", text: "S0").attribute("time", text: "2021-02-01T00:00:00Z").deleted().json], from: 1)
        #expect(scores(engine) == [])
        var restored = try Pieces(of: &engine).restored(Self.catalog, now: Self.june), keys: [String] = []
        for cell in restored.takeChangedCells() { keys.append(restored.score(of: cell).key) }
        #expect(keys.contains("F-2021/ratio/D1/2021") && keys.contains("F-2021/ratio/P/2021") && !keys.contains { $0.contains("C11") || $0.contains("F-2020") })
        // And once more, though it was not touched meanwhile.
        var again = try Pieces(of: &restored).restored(Self.catalog, now: Self.june), more: [String] = []
        for cell in again.takeChangedCells() { more.append(again.score(of: cell).key) }
        #expect(Set(more) == Set(keys))
    }

    /// If this fails, the bytes of a section are others than they were: then `SnapshotFormat.version` must be another, too, and these lines with it.
    @Test func `the bytes of every section are those of format 7`() throws {
        var engine = try Self.engine()
        engine.receive([Self.message(3), Self.message(1), DossierMessage().attribute("subject", text: "GONE").deleted().json], from: 0)
        _ = engine.takeChangedCells()
        let pieces = Pieces(of: &engine).pieces
        #expect(pieces.last?.section == "scores" && pieces.last.map { String(decoding: $0.bytes, as: UTF8.self).hasPrefix("F-2021/ratio/D2/2021\nF-2021/ratio/P/2021\n") } == true)
        let found = pieces.dropLast().map { piece in
            "\(piece.section) " + piece.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(found == Self.format7)
    }

    private static let format7: [String] = [
        "entries 280e80ca279a69ba6fb0496443d389db0080e56bcbb705049af0e46f8363408549044026b35c005c000000001e495949"
            + "12eb00fee76f7c6b6d709573fd78ee9d0080e56bcbb705049af0e46f83634085420040f4a82eb65b01000000e3480000"
            + "8312ae5c6e924464d34a24a069e0152300e8aff96fbc05049af0e46f8363408500f1ffffffffffff00000000314a0000",
        "profiles 03d672805f5ec2c8eff127fff235b73608000000000000000200000000000000"
            + "6f9f63549ad9c8f5ff6e08ee2d70b8a602000000010000000100000008000000",
        "agencies 4b987afd2c208a644f39f83e954833b3b8fcaefe79e346649d72171dec84e732"
            + "49cdc4e35d1455f1d50d2302312e0db0afd2e2d582563a731fb6c5dd47ddcc9d"
            + "434e79834f23cdb6d7399e7587fd635854c7ae8650d90c9f3f8ec761d2880fb5"
            + "b1f5c3c3ff4f2611bfccaa64a7dfa35f05e48f77f8f27db13f17dfe2b9a87897"
            + "14aab37f9bd2ca250f25c134579f8f59",
        "procedures acc8ffa97505e8cc417eaf43e91ad09b6e053ce6da582ff1f330de2af3af4ebf",
        "sectors 12eb00fee76f7c6b6d709573fd78ee9d0fb502d3f9251652278dfe5cba5d632e",
        "reported 08000000",
        "sources 00e8aff96fbc05000800000075726e3a74657374",
    ]

    // MARK: What cannot be

    private func refusal(_ pieces: [(String, [UInt8])]) -> String? {
        var restoration = EngineRestoration(catalog: Self.catalog, now: Self.june)
        do {
            for (section, bytes) in pieces { try bytes.withUnsafeBytes { try restoration.take(section: section, $0) } }
            var engine = try Engine(catalog: Self.catalog, inputs: ["in"])
            try engine.restore(restoration)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `an item that no message can have made is refused, whatever its bytes are`() throws {
        let catalog = SmallCatalog.make([SmallCatalog.criterion("f", .figure(as: .value)), SmallCatalog.criterion("o", .ratio(of: .feedback, among: FactMask(), counting: FactMask(required: .late)))])
        var engine = try Engine(catalog: catalog, inputs: ["in"])
        engine.step(now: Self.june)
        let figure = #""framework":"F-2021","criterion":"f","period":"2021","as_of":"2021-03-01","value":5"#
        for (type, data) in [("figure", figure), ("feedback", #""received":"2021-03-01T00:00:00Z","answered":"2021-03-02""#)] {
            engine.receive([#"{"specversion":"1.0","id":"1","source":"urn:t","type":"vn.par.\#(type).v1","subject":"S","time":"2021-03-03T00:00:00Z","data":{"agency":"D1",\#(data)}}"#], from: 0)
        }
        let pieces = Pieces(of: &engine)
        #expect(try scores(pieces.restored(catalog, now: Self.june)) == scores(engine))
        let place = try #require(pieces.pieces.firstIndex { $0.section == "items" })
        var dice = Seeded(Oracle.seed("bytes of items")), refused = 0
        for turn in 0..<4_000 {
            var bytes = pieces.pieces[place].bytes, made = pieces
            // All of it but the subject: each byte alone, then several.
            for _ in 0..<(turn < 2_000 ? 1 : 4) { bytes[dice.int(0...1) * 80 + dice.int(16...79)] = UInt8(truncatingIfNeeded: dice.next()) }
            made.pieces[place] = .init(section: "items", bytes: bytes)
            do {
                let restored = try made.restored(catalog, now: Self.june)
                _ = scores(restored)
            } catch is CannotRestore {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test func `bytes that make no register are refused with a reason`() throws {
        var engine = try Self.engine()
        engine.receive((0..<6).map { Self.message($0) }, from: 0)
        let right = Pieces(of: &engine).pieces.map { ($0.section, $0.bytes) }
        #expect(refusal(right) == nil && refusal([]) == nil)
        func with(_ section: String, _ change: ([UInt8]) -> [UInt8]) -> String? { refusal(right.map { ($0.0, $0.0 == section ? change($0.1) : $0.1) }) }
        #expect(with("entries") { Array($0.dropLast()) } == "a part of an entry is missing")
        #expect(with("entries") { $0 + $0.prefix(48) } == "a subject stands there twice")
        #expect(with("entries") { [UInt8](repeating: 0, count: 48) + $0 } == "an entry is of no subject, or in no state")
        #expect(with("profiles") { _ in [] } == "an entry is of profile 5, but there are only 0")
        #expect(with("profiles") { Array($0.dropLast(3)) } == "a part of a record is missing")
        #expect(with("procedures") { Array($0.dropLast(16)) } == "a profile is of a code that is not there")
        #expect(with("agencies") { $0 + $0.suffix(16) } == "a code stands there twice")
        #expect(refusal(right + [("later", [1])]) == "there is a section 'later' that this version does not know")
    }

    @Test func `a subject that stands there twice is found, however far apart and by however many threads`() throws {
        var dice = Seeded(Oracle.seed("twice"))
        // Deletions: they need no profile, and guard up to 2149. The key's halves come first, the state and its flags fifth.
        let entries = (0..<120_000).map { _ in
            let words: [UInt64] = [dice.next(), dice.next() | 1, 0, 0, 0x102, 0xFFFF << 32]
            return words.withUnsafeBytes { [UInt8]($0) }
        }
        #expect(refusal([("entries", Array(entries.joined()))]) == nil)
        for _ in 0..<10 {
            var wrong = entries
            let one = dice.int(0...wrong.count - 1), other = dice.int(0...wrong.count - 2)
            wrong[one] = wrong[other < one ? other : other + 1]
            #expect(refusal([("entries", Array(wrong.joined()))]) == "a subject stands there twice", "\(one) and \(other)")
        }
    }

    @Test func `whatever the bytes are, they are refused or make an engine that runs`() throws {
        var dice = Seeded(Oracle.seed("wrong bytes"))
        var engine = try Self.engine()
        engine.receive((0..<40).map { Self.message($0) } + [DossierMessage().deleted().json], from: 0)
        let right = Pieces(of: &engine, atMost: 17).pieces.map { ($0.section, $0.bytes) }
        var refused = 0
        for _ in 0..<1_000 {
            var wrong = right
            for _ in 0..<dice.int(1...3) {
                let piece = dice.int(0...wrong.count - 1)
                guard !wrong[piece].1.isEmpty else { continue }
                let place = dice.int(0...wrong[piece].1.count - 1)
                wrong[piece].1[place] = dice.one(of: [0, 0xFF, 0x80, UInt8(truncatingIfNeeded: dice.next())])
                if dice.once(in: 5) { wrong[piece].1.removeLast(dice.int(0...wrong[piece].1.count)) }
                if dice.once(in: 10) { wrong.swapAt(piece, dice.int(0...wrong.count - 1)) }
            }
            var restoration = EngineRestoration(catalog: Self.catalog, now: Self.june)
            do {
                for (section, bytes) in wrong { try bytes.withUnsafeBytes { try restoration.take(section: section, $0) } }
                var engine = try Engine(catalog: Self.catalog, inputs: ["in"])
                try engine.restore(restoration)
                engine.startJudging()
                engine.step(now: SmallCatalog.instant("2021-09-01T00:00:00+07:00"))
                engine.receive((0..<50).map { Self.message($0, version: $0 % 2 * 7) }, from: 0)
                engine.step(now: SmallCatalog.instant("2025-01-01T00:00:00+07:00"))
            } catch {
                refused += 1
            }
        }
        #expect(refused > 30 && refused < 1_000)
    }
}
