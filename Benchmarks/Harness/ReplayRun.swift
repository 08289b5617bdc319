import Foundation
import Glibc

/// `replay`: the command a user types, `parwatch replay --scores FILE`, from its start to its end.
struct ReplayRun {
    let plan: Plan

    private struct Line: Decodable {
        var key: String
        var numerator: Int64
        var denominator: Int64?
    }

    func measure(into figures: Figures) throws {
        guard plan.wants(.replay) else { return }
        let folder = try Scratch()
        let file = folder.path("messages.ndjson")
        _ = try Child.measure(Int.self, ["write", "--messages", "\(plan.messages)", "--file", file] + plan.catalog)
        // What replay prints must be what the engine says.
        let expected = try Child.measure(Outcome.self, ["core", "--one-step", "--messages", "\(plan.messages)"] + plan.catalog)
        var rates: [Double] = [], cpu: [Double] = [], peaks: [Double] = []
        for round in 1...plan.size(quick: 1, full: 3) {
            Say.step("replay, round \(round)")
            let start = monotonicSeconds()
            let child = try Child(["replay"] + plan.catalog + ["--scores", "--until", "2021-12-31T12:00:00+07:00", file], of: Self.parwatch)
            let output = try child.finish(within: 120)
            rates.append(Double(plan.messages) / (monotonicSeconds() - start))
            cpu.append((Meter.seconds(child.usage.ru_utime) + Meter.seconds(child.usage.ru_stime)) / Double(plan.messages) * 1e9)
            peaks.append(Double(child.usage.ru_maxrss) / 1_024)
            let lines = try output.split(separator: 0x0A).map { try JSONDecoder().decode(Line.self, from: Data($0)) }
            guard Digest.of(lines.map { ($0.key, $0.numerator, $0.denominator) }) == expected.state?.digest else { throw Problem("replay and core end in different scores") }
        }
        figures.begin("Replay of a file")
        figures.add("replay.messages_per_second", "replay: rate, start and end of the process included", "messages/s", rates)
        figures.add("replay.cpu_ns_per_message", "replay: CPU a message", "ns", cpu)
        figures.add("replay.peak_mib", "replay: peak memory", "MiB", peaks)
    }

    /// Built beside the harness.
    private static var parwatch: String { (Child.harness as NSString).deletingLastPathComponent + "/parwatch" }
}
