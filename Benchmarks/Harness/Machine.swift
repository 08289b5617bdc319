import CRdKafka
import Foundation
import Glibc

/// Where and with what it was measured.
struct Machine: Codable {
    var cpu: String
    var cores: Int
    var memoryGiB: Double
    var kernel: String
    var swift: String
    var librdkafka: String
    var simdjson: String
    var commit: String
    var date: String

    static func look() -> Machine {
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n").first { $0.hasPrefix("model name") }
        let commit = said("git", ["rev-parse", "--short=12", "HEAD"])
        let isClean = said("git", ["status", "--porcelain", "--untracked-files=no"]).isEmpty
        return Machine(
            cpu: cpu.map { String($0.drop { $0 != ":" }.dropFirst(2)) } ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryGiB: (Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824 * 10).rounded() / 10, kernel: said("uname", ["-sr"]),
            swift: said("swift", ["--version"]), librdkafka: String(cString: rd_kafka_version_str()), simdjson: said("pkg-config", ["--modversion", "simdjson"]),
            commit: isClean ? commit : commit + " with changes", date: Date.now.formatted(.iso8601))
    }

    /// The first line that a program says; empty if it says none.
    private static func said(_ program: String, _ arguments: [String]) -> String {
        guard let child = try? Child(arguments, of: program), let bytes = try? child.finish(within: 20) else { return "" }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}
