import Alerting
import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Testing

@Suite struct LawTwo {
    /// Random cases with crashes between any two writes; the judge is Tests/Oracles/alerts.py.
    @Test func `the alert topic ends right after crashes at any write, and no id names two contents`() throws {
        let seed = Oracle.seed("law 2")
        try Oracle.withFolder("law2") { root in
            for number in 0..<200 {
                let folder = root.appendingPathComponent("case-\(number)")
                let random = RandomCase(seed: seed &+ UInt64(number), number % 2 == 0 ? RandomCase.Options() : .everyKind)
                try random.write(to: folder)
                let catalog = try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
                var run = CrashingRun(random, catalog, seed: seed &+ UInt64(number))
                try run.toTheEnd()
                try Data(run.topic.dump.utf8).write(to: folder.appendingPathComponent("alerts.ndjson"))
            }
            let verdict = try Oracle.run("alerts.py", "--all", root.path)
            #expect(verdict.status == 0, "\(verdict.output.suffix(3_000))\n(seed \(seed))")
            #expect(verdict.output.contains("200 passed, 0 failed"))
        }
    }
}

/// The alert topic as a list: what was written, and what is still on its way.
private struct Topic {
    var records: [(key: String, value: [UInt8])] = []
    var underWay: [(key: String, value: [UInt8])] = []

    var dump: String {
        records.enumerated().map { "{\"key\":\"\($1.key)\",\"value\":\(String(decoding: $1.value, as: UTF8.self)),\"offset\":\($0)}\n" }.joined()
    }
}

/// One case, run by an engine that dies now and then: what was on its way is lost from some point on.
private struct CrashingRun {
    let random: RandomCase
    let catalog: Catalog
    var dice: Seeded
    var topic = Topic()

    init(_ random: RandomCase, _ catalog: Catalog, seed: UInt64) {
        self.random = random
        self.catalog = catalog
        dice = Seeded(seed ^ 0x1234)
    }

    mutating func toTheEnd() throws {
        var clock = random.until.microseconds - dice.int64(0...60 * 86_400_000_000)
        var received = 0
        var engine = try start(clock, received)
        while received < random.messages.count {
            let batch = Array(random.messages[received...].prefix(dice.int(1...5)))
            engine.receive(batch, from: Int64(received))
            received += batch.count
            clock = min(random.until.microseconds, clock + dice.one(of: [0, 1, dice.int64(0...3_600_000_000), dice.int64(0...10 * 86_400_000_000)]))
            engine.step(now: Instant(microseconds: clock))
            collect(&engine)
            land(dice.int(0...topic.underWay.count), &engine)
            if dice.once(in: 6) {
                // Some writes reach the topic, though nobody lives to hear of it; the rest is lost.
                let survivors = dice.int(0...topic.underWay.count)
                topic.records += topic.underWay.prefix(survivors)
                topic.underWay = []
                engine = try start(clock, received)
            }
        }
        for now in [clock, random.until.microseconds] {
            engine.step(now: Instant(microseconds: now))
            collect(&engine)
            while !topic.underWay.isEmpty || engine.isBehind {
                land(topic.underWay.count, &engine)
                engine.step(now: Instant(microseconds: now))
                collect(&engine)
            }
        }
    }

    private mutating func start(_ clock: Int64, _ received: Int) throws -> Engine {
        var engine = try Engine(catalog: catalog, inputs: ["in"])
        engine.step(now: Instant(microseconds: clock))
        for (offset, record) in topic.records.enumerated() { engine.readBack(record, at: Int64(offset)) }
        engine.receive(Array(random.messages[..<received]), from: 0)
        engine.startJudging(initial: topic.records.isEmpty)
        engine.mostUnderWay = dice.one(of: [.max, 1, 3])
        engine.step(now: Instant(microseconds: clock))
        collect(&engine)
        return engine
    }

    private mutating func collect(_ engine: inout Engine) {
        for case .publish(let record) in engine.takeEffects() { topic.underWay.append((record.key, record.json(in: catalog.zone))) }
    }

    private mutating func land(_ count: Int, _ engine: inout Engine) {
        for _ in 0..<count {
            let record = topic.underWay.removeFirst()
            topic.records.append(record)
            engine.readBack(record, at: Int64(topic.records.count - 1))
        }
    }
}

extension Engine {
    fileprivate mutating func readBack(_ record: (key: String, value: [UInt8]), at offset: Int64) {
        _ = record.value.withUnsafeBytes { alertRead(key: record.key, value: $0, offset: offset) }
    }
}
