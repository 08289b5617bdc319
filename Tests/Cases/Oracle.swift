package import Foundation

/// The independent oracles, in Python: they share nothing with the program.
package enum Oracle {
    package static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a script of `Tests/Oracles`; returns its exit status and everything it printed.
    package static func run(_ script: String, _ arguments: String...) throws -> (status: Int32, output: String) { try run(script, arguments) }

    package static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        try Program.run("/usr/bin/env", [ProcessInfo.processInfo.environment["PARWATCH_PYTHON"] ?? "python3", repository.appendingPathComponent("Tests/Oracles/\(script)").path] + arguments)
    }

    /// A folder that is removed afterwards, unless `body` throws or `PARWATCH_KEEP` is set.
    package static func withFolder<Result>(_ name: String, _ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parwatch-\(name)-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let result = try body(folder)
        // A thread that the test has left behind may take a file away meanwhile; then once more.
        if ProcessInfo.processInfo.environment["PARWATCH_KEEP"] == nil, (try? FileManager.default.removeItem(at: folder)) == nil, FileManager.default.fileExists(atPath: folder.path) {
            try FileManager.default.removeItem(at: folder)
        }
        return result
    }

    /// From `PARWATCH_SEED`, or a new one each run; printed, so that a failure can be repeated.
    package static func seed(_ law: String) -> UInt64 {
        let seed = ProcessInfo.processInfo.environment["PARWATCH_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999_999)
        print("\(law): seed \(seed) (repeat with PARWATCH_SEED=\(seed))")
        return seed
    }
}

/// A program that runs to its end.
package enum Program {
    package static func run(_ path: String, _ arguments: [String], input: String? = nil) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        if let input {
            let pipe = Pipe()
            process.standardInput = pipe
            try process.run()
            pipe.fileHandleForWriting.write(Data(input.utf8))
            try pipe.fileHandleForWriting.close()
        } else {
            process.standardInput = FileHandle.nullDevice
            try process.run()
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
