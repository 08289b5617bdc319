import Cases
import Foundation
import Kafka
import Testing

@Suite(.serialized) struct BrokerOutOfReach {
    private func withDaemon(_ bootstrap: String, _ body: (Process, URL) throws -> Void) throws {
        try Oracle.withFolder("away") { folder in
            var random = RandomCase(seed: 1)
            random.files["parwatch.yaml"]? += "\nkafka: {bootstrap: \"\(bootstrap)\"}\n"
            try random.write(to: folder)
            let log = folder.appendingPathComponent("log")
            let daemon = try Parwatch.run(folder.appendingPathComponent("parwatch.yaml"), log: log)
            defer {
                kill(daemon.processIdentifier, SIGKILL)
                daemon.waitUntilExit()
            }
            try body(daemon, log)
        }
    }

    private func text(_ log: URL) -> String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Seconds of processor time that a process has used.
    private func processorSeconds(_ process: Process) throws -> Double {
        let fields = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8).split(separator: ")").last?.split(separator: " ") ?? []
        return Double((Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    @Test func `a broker that is not there is told of, waited for without spinning, and used when it comes`() throws {
        // A port that was free a moment ago.
        var probe: EmbeddedBroker? = try EmbeddedBroker()
        let port = try #require(UInt16(probe?.bootstrap.split(separator: ":").last ?? ""))
        probe = nil
        try withDaemon("127.0.0.1:\(port)") { daemon, log in
            #expect(eventually(within: 20) { text(log).contains("trying again") })
            let told = Date()
            #expect(eventually(within: 30) { Date().timeIntervalSince(told) > 5 })
            let used = try processorSeconds(daemon)
            #expect(used < 2.5, "it waits; half of one core would be spinning")
            let complaints = text(log).components(separatedBy: "trying again").count - 1
            #expect(complaints < 6, "one cause, one line a minute")

            let broker = try EmbeddedBroker(port: port, topics: [("par.status", 2), ("par.alerts", 1), ("par.scores", 1), ("par.rejected", 1)])
            #expect(eventually { text(log).contains("caught up") })
            withExtendedLifetime(broker) {}
        }
    }

    @Test func `SIGTERM ends the daemon with status 0, with a broker and without`() throws {
        try withDaemon("127.0.0.1:1") { daemon, log in
            #expect(eventually(within: 20) { text(log).contains("trying again") })
            daemon.terminate()
            try #require(eventually(within: 20) { !daemon.isRunning }, "\(text(log))")
            #expect(daemon.terminationStatus == 0)
            #expect(text(log).contains("stopped before anything was read"))
        }
        let broker = try EmbeddedBroker(topics: [("par.status", 2), ("par.alerts", 1), ("par.scores", 1), ("par.rejected", 1)])
        try withDaemon(broker.bootstrap) { daemon, log in
            #expect(eventually { text(log).contains("caught up") })
            daemon.terminate()
            try #require(eventually(within: 20) { !daemon.isRunning }, "\(text(log))")
            #expect(daemon.terminationStatus == 0)
            #expect(text(log).contains("stopped"))
        }
        withExtendedLifetime(broker) {}
    }

    private static let topics = [("par.status", 2), ("par.alerts", 1), ("par.scores", 1), ("par.rejected", 1)]

    /// Ends it, as librdkafka's own minute for such a broker is not yet over.
    private func endsInTime(_ daemon: Process, _ log: URL) throws {
        daemon.terminate()
        try #require(eventually(within: 20) { !daemon.isRunning }, "\(text(log))")
        #expect(daemon.terminationStatus == 0)
    }

    @Test func `a broker that takes a start's questions and does not answer is told of, and SIGTERM ends the daemon`() throws {
        let broker = try EmbeddedBroker(topics: Self.topics)
        broker.delay(next: 1_000, .listOffsets, milliseconds: 600_000)
        try withDaemon(broker.bootstrap) { daemon, log in
            #expect(eventually(within: 30) { text(log).contains("first offset of par.status [0]: ") && text(log).contains("trying again") }, "\(text(log))")
            try endsInTime(daemon, log)
        }
    }

    @Test func `a broker that no longer answers where a partition is to be read on does not keep the daemon from ending`() throws {
        let broker = try EmbeddedBroker(topics: Self.topics)
        try withDaemon(broker.bootstrap) { daemon, log in
            try #require(eventually { text(log).contains(" info leading ") }, "\(text(log))")
            broker.delay(next: 1_000, .listOffsets, milliseconds: 600_000)
            broker.fail(.fetch, with: Array(repeating: KafkaError.Code(rawValue: 1), count: 20))   // offset out of range
            try #require(eventually { text(log).contains("Offset out of range") }, "\(text(log))")
            try endsInTime(daemon, log)
            #expect(text(log).contains("stopped"))
        }
    }

    @Test func `an input that was made anew is read from its beginning`() throws {
        let topics = [("par.status", 1), ("par.alerts", 1), ("par.scores", 1), ("par.rejected", 1)]
        var broker: EmbeddedBroker? = try EmbeddedBroker(topics: topics)
        let bootstrap = try #require(broker?.bootstrap), port = try #require(UInt16(bootstrap.split(separator: ":").last ?? ""))
        try withDaemon(bootstrap) { daemon, log in
            let producer = try Producer(settings: KafkaSettings(bootstrap: bootstrap, clientID: "test"))
            _ = try producer.partitionCount(of: "par.status", timeout: 10_000)
            for token in 0..<10 { try producer.produce(topic: "par.status", partition: 0, key: nil, value: Array("{}".utf8), token: UInt64(token)) }
            #expect(producer.flush(timeout: 10_000))
            let isRejected = { (offset: Int) in
                try Program.run("/usr/bin/env", ["timeout", "20", "kcat", "-C", "-e", "-q", "-b", bootstrap, "-t", "par.rejected", "-f", "%k\n"]).output.contains("par.status-0-\(offset).0")
            }
            // What is still on its way would come to the new one.
            try #require(try eventually { try isRejected(9) }, "\(text(log))")
            producer.close(timeout: 1_000)
            broker = nil
            let anew = try EmbeddedBroker(port: port, topics: topics)
            let again = try Producer(settings: KafkaSettings(bootstrap: bootstrap, clientID: "test"))
            _ = try again.partitionCount(of: "par.status", timeout: 10_000)
            try again.produce(topic: "par.status", partition: 0, key: nil, value: Array("{}".utf8), token: 0)
            #expect(again.flush(timeout: 10_000))
            let isRead = try eventually { try isRejected(0) }
            #expect(isRead && daemon.isRunning && text(log).contains("made anew"), "\(text(log))")
            withExtendedLifetime(anew) {}
        }
    }

    @Test func `an alert topic with more than one partition is refused with the command that mends it`() throws {
        let broker = try EmbeddedBroker(topics: [("par.status", 2), ("par.alerts", 3), ("par.scores", 1), ("par.rejected", 1)])
        try withDaemon(broker.bootstrap) { daemon, log in
            try #require(eventually(within: 20) { !daemon.isRunning }, "\(text(log))")
            #expect(daemon.terminationStatus == 1)
            #expect(text(log).contains("has 3 partitions, but alerts need exactly one") && text(log).contains("`parwatch topics`"))
        }
        withExtendedLifetime(broker) {}
    }
}
