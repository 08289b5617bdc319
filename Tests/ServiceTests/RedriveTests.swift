import Cases
import Catalog
import Foundation
import Intake
import Kafka
import Service
import Testing

/// Rejected originals go back to their topics, whatever happens on the way.
@Suite(.serialized) struct Redriving {
    @Test func `originals come back byte for byte, with key, headers and time, to their own partition, and a second redrive copies nothing`() throws {
        try withTopics { topics in
            let binary: [UInt8] = [0, 0xFF, 0x7B, 0]
            let headers = [(name: "ce_id", value: Array("x".utf8)), (name: "ce_id", value: []), (name: "traceparent", value: binary)]
            let first = try topics.put("one", key: "K", headers: headers, timestamp: 1_600_000_000_123, partition: 1)
            _ = try topics.put("right", partition: 1)
            let second = try topics.put(binary, key: nil, timestamp: 1_600_000_000_456, partition: 1)
            let third = try topics.put("", key: "", timestamp: 1_600_000_000_789, partition: 0)
            try topics.reject(at: first, in: 1, "one", reason: "bad_value")
            try topics.reject(at: second, in: 1, binary)
            try topics.reject(at: third, in: 0, "")
            let before = try topics.records("par.status")

            let outcome = try topics.redrive()
            #expect(outcome.copied == 3 && outcome.gone == 0 && outcome.failed == 0 && outcome.cleared == 3, "\(outcome)")
            let after = try topics.records("par.status"), copies = after.filter { copy in !before.contains { $0.partition == copy.partition && $0.offset == copy.offset } }
            #expect(after.count == before.count + 3)
            for (offset, partition) in [(first, Int32(1)), (second, 1), (third, 0)] {
                let original = try #require(before.first { $0.offset == offset && $0.partition == partition })
                #expect(copies.contains { $0.isCopy(of: original) }, "\(original) among \(copies)")
            }
            #expect(try topics.openRejections().isEmpty)
            #expect(try topics.redrive() == Redelivery.Outcome())
            #expect(try topics.records("par.status").count == after.count)
        }
    }

    @Test func `what retention has taken, what is another record by now and what never was there is gone, and its rejection stays`() throws {
        try withTopics { topics in
            var random = Seeded(1)
            // Nothing that compresses.
            let large = (0..<900_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let lost = try topics.put("lost", partition: 0)
            // The embedded broker keeps 5 MiB of a partition.
            for _ in 0..<7 { _ = try topics.put(large, partition: 0) }
            let there = try topics.put("there", partition: 0), other = try topics.put("other", partition: 0)
            try topics.reject(at: lost, in: 0, "lost")
            try topics.reject(at: there, in: 0, "there")
            try topics.reject(at: other, in: 0, "another")
            try topics.reject(at: other + 1_000, in: 0, "beyond")
            try topics.reject(at: 3, in: 77, "no such partition")
            let outcome = try topics.redrive()
            #expect(outcome.copied == 1 && outcome.gone == 4 && outcome.cleared == 1, "\(outcome)")
            #expect(try topics.openRejections() == ["par.status-0-\(lost).0", "par.status-0-\(other).0", "par.status-0-\(other + 1_000).0", "par.status-77-3.0"])
        }
    }

    @Test func `tombstones, foreign topics and records that are no rejections are skipped`() throws {
        try withTopics { topics in
            let tombstone = try topics.put(nil, key: "K", partition: 0), right = try topics.put("x", partition: 0)
            try topics.reject(at: tombstone, in: 0, nil, reason: "tombstone")
            _ = try topics.put("{\"alert\":1}", topic: "par.alerts", partition: 0)
            try topics.reject(at: 0, in: 0, "{\"alert\":1}", topic: "par.alerts")
            _ = try topics.put("not a rejection", topic: "par.rejected", key: "par.status-0-\(right).0", partition: 0)
            let (work, skipped) = try topics.plan().stretches()
            #expect(work.isEmpty && skipped == [.tombstone: 1, .otherTopic: 1, .unreadable: 1], "\(skipped)")
            #expect(try topics.redrive() == Redelivery.Outcome())
            #expect(try topics.records("par.alerts").count == 1)
        }
    }

    @Test func `the parts of one record are one copy, and all their rejections are done with`() throws {
        try withTopics { topics in
            let offset = try topics.put("many", partition: 0)
            for index in [0, 3, 12] { try topics.reject(at: offset, in: 0, "many", index: index) }
            let outcome = try topics.redrive()
            #expect(outcome.copied == 1 && outcome.cleared == 3, "\(outcome)")
            #expect(try topics.records("par.status").count == 2)
        }
    }

    @Test func `a range of left out records is copied whole and once, with the rejections inside it, but for tombstones`() throws {
        try withTopics { topics in
            for number in 0..<20 { _ = try topics.put(number == 9 ? nil : Array("m\(number)".utf8), key: "k\(number)", partition: 0) }
            try topics.leaveOut(5...14, in: 0)
            try topics.leaveOut(12...16, in: 0)
            try topics.reject(at: 7, in: 0, "m7")
            try topics.reject(at: 18, in: 0, "m18")
            let outcome = try topics.redrive()
            #expect(outcome.copied == 12 && outcome.gone == 0 && outcome.cleared == 4, "\(outcome)")
            let copies = try topics.records("par.status").filter { $0.offset >= 20 }.compactMap { $0.value.map { String(decoding: $0, as: UTF8.self) } }
            #expect(copies == (5...18).filter { $0 != 9 && $0 != 17 }.map { "m\($0)" })
            #expect(try topics.openRejections().isEmpty)
        }
    }

    @Test func `a range longer than allowed is skipped, and no range is too long to say so`() throws {
        try withTopics { topics in
            try topics.leaveOut(0...99, in: 0)
            try topics.leaveOut(0...Int64.max, in: 0)
            #expect(try topics.plan(largestRange: 99).stretches().skipped == [.tooLong: 2])
            #expect(try topics.plan(largestRange: 100).stretches().skipped == [.tooLong: 1])
        }
    }

    @Test func `reasons, topic and time select, and of each key the latest record counts`() throws {
        try withTopics { topics in
            for number in 0..<6 { _ = try topics.put("m\(number)", partition: 0) }
            try topics.reject(at: 0, in: 0, "m0", reason: "bad_value", time: "2021-03-01T00:00:00Z")
            try topics.reject(at: 1, in: 0, "m1", reason: "future_time", time: "2021-03-02T00:00:00Z")
            try topics.reject(at: 2, in: 0, "m2", reason: "bad_value", time: "2021-03-03T00:00:00+07:00")
            try topics.reject(at: 0, in: 0, "m0", reason: "future_time", time: "2021-03-04T00:00:00Z")
            func offsets(_ reasons: Set<String> = [], since: String? = nil, topic: String? = nil) throws -> [Int64] {
                try topics.plan(reasons, since: since.map(SmallCatalog.instant), topic: topic).stretches().byPartition.values.flatMap { $0.map(\.offsets.lowerBound) }.sorted()
            }
            #expect(try offsets() == [0, 1, 2])
            #expect(try offsets(["bad_value"]) == [2])
            #expect(try offsets(["future_time"]) == [0, 1])
            #expect(try offsets(since: "2021-03-02T17:00:00Z") == [0, 2])
            #expect(try offsets(since: "2021-03-02T17:00:01Z") == [0])
            #expect(try offsets(topic: "par.status") == [0, 1, 2])
            #expect(try offsets(topic: "other").isEmpty)
            try topics.leaveOut(3...4, in: 0, reasons: ["not_json": 2])
            #expect(try offsets(["not_json"]) == [3])
            #expect(try offsets(["left_out"]) == [3])
        }
    }

    @Test func `what cannot be written is failed, and its rejection stays`() throws {
        try withTopics { topics in
            let large = [UInt8](repeating: 7, count: 5_000)
            let first = try topics.put(large, partition: 0), second = try topics.put("small", partition: 0)
            try topics.reject(at: first, in: 0, large)
            try topics.reject(at: second, in: 0, "small")
            let outcome = try topics.redrive(properties: [("message.max.bytes", "1000")])
            #expect(outcome.copied == 1 && outcome.failed == 1 && outcome.gone == 0 && outcome.cleared == 1 && outcome.failure?.contains("MSG_SIZE_TOO_LARGE") == true, "\(outcome)")
            #expect(try topics.openRejections() == ["par.status-0-\(first).0"])
        }
    }

    @Test func `asked to stop it ends between records, and the next run does the rest and nothing twice`() throws {
        try withTopics { topics in
            for number in 0..<3_000 { _ = try topics.put("m\(number)", partition: Int32(number % 2), wait: false) }
            try topics.flush()
            for number in 0..<3_000 { try topics.reject(at: Int64(number / 2), in: Int32(number % 2), "m\(number)", wait: false) }
            try topics.flush()
            let stop = StopSignal()
            let outcome = try topics.redrive(stop) { done in if done >= 500 { stop.request() } }
            #expect(outcome.isStopped && outcome.copied >= 500 && outcome.copied < 3_000 && outcome.cleared == outcome.copied, "\(outcome)")
            #expect(try topics.openRejections().count == 3_000 - outcome.cleared)
            let rest = try topics.redrive()
            #expect(rest.copied == 3_000 - outcome.copied && !rest.isStopped, "\(rest)")
            let values = try topics.records("par.status").compactMap { $0.value.map { String(decoding: $0, as: UTF8.self) } }
            #expect(values.count == 6_000 && Set(values).count == 3_000)
        }
    }

    /// The real program, killed while it copies: nothing is done with that has no copy, and run to its end everything has one.
    @Test func `killed at random instants and run again, every original has a copy and no rejection is left`() throws {
        let seed = Oracle.seed("redrive")
        var random = Seeded(seed)
        try withTopics { topics in
            let total = 4_000
            for number in 0..<total { _ = try topics.put("m\(number)", partition: Int32(number % 2), wait: false) }
            try topics.flush()
            for number in 0..<total { try topics.reject(at: Int64(number / 2), in: Int32(number % 2), "m\(number)", wait: false) }
            try topics.flush()
            try Oracle.withFolder("redrive") { folder in
                try topics.configure(folder)
                for _ in 0..<4 {
                    let redrive = try topics.start(["redrive"], folder)
                    let enough = try topics.ends("par.status") + random.int64(1...900)
                    _ = try eventually { try !redrive.isRunning || topics.ends("par.status") >= enough }
                    kill(redrive.processIdentifier, SIGKILL)
                    redrive.waitUntilExit()
                    let copied = Set(try topics.records("par.status").filter { $0.offset >= total / 2 }.compactMap { $0.value.map { String(decoding: $0, as: UTF8.self) } })
                    let open = try topics.openRejections()
                    for number in 0..<total where !open.contains("par.status-\(number % 2)-\(number / 2).0") {
                        #expect(copied.contains("m\(number)"), "done with, but never copied (seed \(seed))")
                    }
                }
                let last = try topics.start(["redrive"], folder)
                last.waitUntilExit()
                #expect(last.terminationStatus == 0)
                let copied = Set(try topics.records("par.status").filter { $0.offset >= total / 2 }.compactMap { $0.value.map { String(decoding: $0, as: UTF8.self) } })
                #expect(copied.count == total, "seed \(seed)")
                #expect(try topics.openRejections().isEmpty)
            }
        }
    }

    @Test func `the command tells what it did, and a dry run does nothing`() throws {
        try withTopics { topics in
            let offset = try topics.put("secret", partition: 0)
            try topics.reject(at: offset, in: 0, "secret", reason: "unknown_criterion")
            try topics.reject(at: offset + 5, in: 0, "gone")
            try topics.reject(at: 0, in: 0, "x", topic: "elsewhere")
            try Oracle.withFolder("redrive") { folder in
                try topics.configure(folder)
                func run(_ arguments: String...) throws -> (status: Int32, output: String) {
                    try Program.run(Parwatch.binary.path, ["redrive", "--config", folder.appendingPathComponent("parwatch.yaml").path] + arguments)
                }
                let dry = try run("--dry-run")
                #expect(dry.status == 0 && dry.output.contains("unknown_criterion 1\n") && dry.output.contains("would copy 1 records, 1 gone, 1 skipped (1 in a topic that is no input of this configuration)"), "\(dry.output)")
                #expect(try topics.records("par.status").count == 1 && topics.openRejections().count == 3)
                let none = try run("--reason", "too_large")
                #expect(none.status == 0 && none.output == "copied 0 records, 0 gone, 0 skipped; 0 rejections done with\n", "\(none.output)")
                let done = try run()
                #expect(done.status == 0 && done.output.contains("copied 1 records, 1 gone, 1 skipped") && done.output.contains("; 1 rejections done with"), "\(done.output)")
                #expect(!(dry.output + done.output).contains("secret"))
                #expect(try topics.records("par.status").count == 2 && topics.openRejections().count == 2)
                let usage = try run("--reason", "bad_vale"), topic = try run("--topic", "par.statu"), time = try run("--since", "today"), away = try run("--brokers", "127.0.0.1:1")
                #expect(usage.status == 2 && usage.output.contains("did you mean 'bad_value'?"))
                #expect(topic.status == 1 && topic.output.contains("did you mean 'par.status'?"))
                #expect(time.status == 2 && time.output.contains("--since 'today' is not a time"))
                #expect(away.status == 69, "\(away)")
            }
        }
    }

    private func withTopics(_ body: (RejectedTopics) throws -> Void) throws { try body(RejectedTopics()) }
}
