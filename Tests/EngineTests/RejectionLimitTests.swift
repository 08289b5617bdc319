import Cases
import Catalog
import Engine
import Foundation
import Intake
import JSON
import Scoreboard
import Testing

/// A flood of garbage is told in part, and counted whole.
@Suite struct LimitedRejections {
    private static let catalog = SmallCatalog.make([SmallCatalog.criterion("c", .count(among: FactMask()))])
    private static let wrong = Array("wrong".utf8), unknown = Array(DossierMessage().attribute("type", text: "other").json.utf8), right = Array(DossierMessage().field("agency", text: "D1").json.utf8)

    private static func engine(_ limit: RejectionLimit?) throws -> Engine {
        var engine = try Engine(catalog: catalog, inputs: ["par.status"], rejections: limit)
        engine.step(now: SmallCatalog.instant("2021-06-01T00:00:00+07:00"))
        return engine
    }

    @Test func `beyond the burst rejections are left out, and each partition's are told by one record with an honest count`() throws {
        var engine = try Self.engine(RejectionLimit(perSecond: 2, burst: 3))
        _ = engine.takeLeftOut(now: 100)
        engine.receive([Self.wrong, Self.wrong, Self.right, Self.wrong, Self.unknown, Self.right, Self.wrong, nil, Self.right], partition: 1, from: 10)
        engine.receive([Self.unknown], partition: 0, from: 7)
        #expect(engine.takeEffects().count == 3)
        #expect(engine.counts.rejected == 7 && engine.counts.leftOut == 4 && engine.counts.accepted == 1)
        let told = engine.takeLeftOut(now: 100.5).map { ($0.key(topic: "par.status"), String(decoding: $0.json(topic: "par.status", zone: SmallCatalog.vietnam), as: UTF8.self)) }
        #expect(told.map(\.0) == ["par.status-1-14..17", "par.status-0-7..7"])
        #expect(told.first?.1 == #"{"reason":"left_out","count":3,"reasons":{"not_json":1,"tombstone":1,"unknown_type":1},"topic":"par.status","partition":1,"first_offset":14,"last_offset":17,"time":"2021-06-01T00:00:00+07:00"}"#)
        // Half a second has made room for one.
        engine.receive([Self.wrong, Self.wrong], from: 8)
        #expect(engine.takeEffects().count == 1 && engine.counts.leftOut == 5)
        #expect(engine.takeLeftOut(now: 101).isEmpty, "once a second")
        #expect(engine.takeLeftOut(now: 101.5).map(\.count) == [1])
        engine.receive([Self.wrong, Self.wrong, Self.wrong, Self.wrong], from: 10)
        #expect(engine.takeEffects().count == 2, "in a second room for two")
        #expect(engine.takeLeftOut(now: 101.9).isEmpty)
        #expect(engine.takeLeftOut(now: 101.9, atOnce: true).map(\.count) == [2], "at the end all is told")
    }

    @Test func `after what was left out has been told at once, for a snapshot, there is room again with time, and the next is told again`() throws {
        var engine = try Self.engine(RejectionLimit(perSecond: 2, burst: 3)), told: [Int] = []
        for second in 0..<20 {
            engine.receive([[UInt8]?](repeating: Self.wrong, count: 10), from: Int64(second) * 10)
            let left = engine.takeLeftOut(now: Double(second), atOnce: second % 3 == 1)
            told.append(engine.takeEffects().count)
            #expect(left.map(\.count) == [10 - (told.last ?? 0)], "in second \(second)")
        }
        #expect(told == [3, 0] + [Int](repeating: 2, count: 18))
    }

    @Test func `what is told of those that were left out is as its schema says`() throws {
        var engine = try Self.engine(RejectionLimit(perSecond: 1, burst: 1))
        engine.receive([Self.wrong, Self.wrong, Self.unknown, nil], partition: 2, from: 5)
        engine.receive([Self.wrong], from: 0)
        let lines = engine.takeLeftOut(now: 0, atOnce: true).map { String(decoding: $0.json(topic: "t", zone: SmallCatalog.vietnam), as: UTF8.self) }
        #expect(lines.count == 2)
        try Oracle.withFolder("left-out") { folder in
            let file = folder.appendingPathComponent("lines"), schema = Oracle.repository.appendingPathComponent("docs/schemas/left-out.v1.json").path
            try Data(lines.joined(separator: "\n").utf8).write(to: file)
            let verdict = try Oracle.run("validate.py", schema, file.path)
            #expect(verdict.status == 0, "\(verdict.output)")
            try Data(lines.joined(separator: "\n").replacing("not_json", with: "never").utf8).write(to: file)
            #expect(try Oracle.run("validate.py", schema, file.path).status == 1, "the judge can say no")
        }
    }

    @Test func `without a limit every rejection is told`() throws {
        var engine = try Self.engine(nil)
        engine.receive([[UInt8]?](repeating: Self.wrong, count: 5_000), from: 0)
        #expect(engine.takeEffects().count == 5_000 && engine.takeLeftOut(now: 0, atOnce: true).isEmpty)
    }

    /// Random floods: whatever comes in which order, told and left out add up, every silent offset lies within a range, and no second tells more than it may.
    @Test func `told and left out add up, and every rejected offset is told or lies within a range that is`() throws {
        let seed = Oracle.seed("rejections")
        for number in 0..<200 {
            var random = Seeded(seed &+ UInt64(number))
            let perSecond = random.int(1...20), burst = random.int(1...40)
            var engine = try Self.engine(RejectionLimit(perSecond: perSecond, burst: burst))
            var next: [Int32: Int64] = [:], rejected: [Int32: Set<Int64>] = [:], told: [Int32: Set<Int64>] = [:], ranges: [Int32: [ClosedRange<Int64>]] = [:]
            var now = 0.0, singles = 0, counted = 0, tellings: [Int32: [Double]] = [:]
            func take(_ engine: inout Engine, atOnce: Bool = false) {
                for case .reject(let record) in engine.takeEffects() {
                    singles += 1
                    told[record.position.partition, default: []].insert(record.position.offset)
                }
                for record in engine.takeLeftOut(now: now, atOnce: atOnce) {
                    counted += record.count
                    ranges[record.partition, default: []].append(record.offsets)
                    if !atOnce { tellings[record.partition, default: []].append(now) }
                }
            }
            for _ in 0..<random.int(1...60) {
                let partition = Int32(random.int(0...3)), first = next[partition] ?? 0
                let isWrong = (0..<random.int(1...30)).map { _ in random.once(in: 2) }
                engine.receive(isWrong.map { $0 ? Self.wrong : Self.right }, partition: partition, from: first)
                for (index, wrong) in isWrong.enumerated() where wrong { rejected[partition, default: []].insert(first + Int64(index)) }
                next[partition] = first + Int64(isWrong.count)
                take(&engine, atOnce: random.once(in: 8))
                now += Double(random.int(0...15)) / 10
            }
            #expect(Double(singles) <= Double(burst) + now * Double(perSecond), "seed \(seed), case \(number)")
            for times in tellings.values { #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 1 }) }
            take(&engine, atOnce: true)
            #expect(singles + counted == rejected.values.reduce(0) { $0 + $1.count } && counted == engine.counts.leftOut, "seed \(seed), case \(number)")
            for (partition, offsets) in rejected {
                let silent = offsets.subtracting(told[partition] ?? [])
                #expect(silent.allSatisfy { offset in ranges[partition]?.contains { $0.contains(offset) } == true }, "seed \(seed), case \(number)")
            }
        }
    }

    @Test func `an unknown agency that was left out is told with its next status`() throws {
        var engine = try Self.engine(RejectionLimit(perSecond: 1, burst: 1))
        func status(_ subject: String) -> [UInt8] { Array(DossierMessage().field("agency", text: "X9").attribute("subject", text: subject).json.utf8) }
        _ = engine.takeLeftOut(now: 0)
        engine.receive([Self.wrong, status("1")], from: 0)
        #expect(engine.takeEffects().count == 1 && engine.subjects == 1)
        _ = engine.takeLeftOut(now: 5)
        engine.receive([status("2"), status("3")], from: 2)
        #expect(engine.takeEffects().count == 1)
        #expect(engine.counts.leftOut == 1)
    }

    @Test func `what was told is read back, and nothing else is`() throws {
        let reader = try #require(JSONReader(capacity: 1 << 16))
        func read(_ key: String, _ json: String) -> ToldRejection? {
            var json = json
            return json.withUTF8 { ToldRejection(key: key, json: UnsafeRawBufferPointer($0), reader: reader) }
        }
        var engine = try Self.engine(RejectionLimit(perSecond: 1, burst: 1))
        engine.receive([Self.wrong, Self.wrong, Self.unknown], partition: 2, from: 5)
        for case .reject(let record) in engine.takeEffects() {
            let json = String(decoding: record.json(topic: "a.b-c", zone: .utc), as: UTF8.self), key = record.key(topic: "a.b-c")
            let told = try #require(read(key, json))
            #expect(told.topic == "a.b-c" && told.partition == 2 && told.offsets == 5...5 && told.reasons == ["not_json"] && told.original?.size == 5)
            #expect(read("a.b-c-2-6.0", json) == nil, "another key")
            for (part, other) in [("\"partition\":2", "\"partition\":-2"), ("\"offset\":5", "\"offset\":5.5"), ("\"size\":5", "\"size\":null"), ("\"time\":\"2021", "\"time\":\"soon"), ("\"reason\"", "\"rison\"")] {
                #expect(read(key, json.replacing(part, with: other)) == nil, "\(other)")
            }
        }
        let range = try #require(engine.takeLeftOut(now: 0, atOnce: true).first), key = range.key(topic: "t"), json = String(decoding: range.json(topic: "t", zone: .utc), as: UTF8.self)
        let told = try #require(read(key, json))
        #expect(told.offsets == 6...7 && Set(told.reasons) == ["left_out", "not_json", "unknown_type"] && told.original == nil)
        #expect(read("t-2-6..8", json) == nil && read(key, json.replacing("\"first_offset\":6", with: "\"first_offset\":8")) == nil)
        #expect(read("t-2-6..7", "garbage") == nil && read("t-2-6..7", "[]") == nil && read("t-2-6..7", "{}") == nil)
    }
}
