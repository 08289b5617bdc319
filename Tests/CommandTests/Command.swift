import Cases
import Foundation
import Testing

/// The built program, run to its end.
enum Command {
    struct Result {
        var status: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
        var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
    }

    /// It lies where the tests lie.
    static let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("parwatch")

    static func run(_ arguments: String..., input: String = "", in folder: URL) throws -> Result { try run(arguments, input: input, in: folder) }

    static func run(_ arguments: [String], input: String = "", in folder: URL) throws -> Result {
        // Files instead of pipes: whatever is written, nobody waits for a reader.
        let names = ["in", "out", "err"].map { folder.appendingPathComponent(".\($0)-\(UInt64.random(in: 0...UInt64.max))") }
        defer { for name in names { try? FileManager.default.removeItem(at: name) } }
        try Data(input.utf8).write(to: names[0])
        for name in names.dropFirst() { try Data().write(to: name) }
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try process.run()
        process.waitUntilExit()
        func read(_ name: URL) throws -> String { try String(decoding: Data(contentsOf: name), as: UTF8.self) }
        return Result(status: process.terminationReason == .exit ? process.terminationStatus : -1, output: try read(names[1]), errors: try read(names[2]))
    }

    /// A folder with a small configuration in it.
    static func withCase(_ body: (URL) throws -> Void) throws {
        try Oracle.withFolder("command") { folder in
            try write("source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n", "parwatch.yaml", folder)
            try write("timezone: Asia/Ho_Chi_Minh\nagencies:\n  - {id: P, level: province, name: {vi: Tỉnh, en: Province}}\n  - {id: D1, level: department, parent: P, name: {vi: Sở, en: Department}}\n", "agencies.yaml", folder)
            try write("""
                framework: F
                title: {vi: t, en: t}
                period: {year: 2021}
                criteria:
                  - code: c
                    name: {vi: Đúng hạn, en: On time}
                    levels: [department]
                    judge_at: [self, root]
                    periods: [year, last-7d]
                    measure: {ratio: {of: dossier, among: [decided], counting: [on_time]}}
                    target: {at_least: 95%}
                    alert: {warning: {below: 90%, clear: 95%}, critical: {below: 50%, clear: 60%}, for: 1h, keep_firing_for: 1d}
                  - code: n
                    name: {vi: Quá hạn, en: Overdue}
                    levels: [department]
                    measure: {count: {of: dossier, among: [overdue]}}
                    alert: {warning: {above: 0, clear: 0}}

                """, "criteria.yaml", folder)
            try body(folder)
        }
    }

    static func write(_ text: String, _ name: String, _ folder: URL) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }

    /// Messages of three dossiers of D1: settled in time, late, and open past its due date.
    static let messages: [DossierMessage] = [
        message("1").field("state", "9").field("due", text: "2021-03-05T00:00:00+07:00").field("finished", text: "2021-03-04T00:00:00+07:00"),
        message("2").field("state", "9").field("due", text: "2021-03-01T00:00:00+07:00").field("finished", text: "2021-03-04T00:00:00+07:00"),
        message("3").field("due", text: "2021-03-06T00:00:00+07:00"),
    ]

    static func message(_ subject: String) -> DossierMessage {
        DossierMessage().field("agency", text: "D1").attribute("subject", text: subject).attribute("time", text: "2021-03-04T1\(subject):00:00+07:00")
    }
}
