import Cases
import Foundation
import Testing

@Suite(.serialized) struct SimulatingIntoKafka {
    /// As fast as possible, what waits for the broker grows until there is no room; at a pace it waits for what is on its way.
    @Test(.enabled(if: TestCluster.real == nil), arguments: [[], ["--speed", "1000000", "--days", "20"]])
    func `an interrupt ends simulate --produce within seconds, also while the broker is away, and it says what has not arrived`(options: [String]) throws {
        let cluster = try TestCluster()
        defer { cluster.remove() }
        try Oracle.withFolder("simulate") { folder in
            var random = RandomCase(seed: 1)
            random.files["parwatch.yaml"]? += cluster.configuration
            try random.write(to: folder)
            let log = folder.appendingPathComponent("log")
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
            let process = Process()
            process.executableURL = Parwatch.binary
            process.arguments = ["simulate", "--produce", "--dossiers-per-day", "20000", "--config", folder.appendingPathComponent("parwatch.yaml").path] + options
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try FileHandle(forWritingTo: log)
            try process.run()
            defer {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            try #require(try eventually { try !cluster.dump(cluster.inputs).isEmpty })
            let broker = try #require(cluster.broker)
            kill(broker.processIdentifier, SIGKILL)
            broker.waitUntilExit()
            sleep(4)
            try #require(process.isRunning)
            kill(process.processIdentifier, SIGINT)
            try #require(eventually(within: 20) { !process.isRunning })
            let said = try String(contentsOf: log, encoding: .utf8)
            #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(said)")
            #expect(said.contains("simulate: stopped; ") && said.contains(" messages arrived in \(cluster.inputs)"), "\(said)")
        }
    }
}
