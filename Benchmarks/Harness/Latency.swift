import BenchmarkMessages
import Foundation

/// From produce to alert, beside from produce to consume, at 10,000 messages a second.
struct Latency {
    let plan: Plan

    func measure(into figures: Figures) throws {
        guard plan.wants(.latency) else { return }
        let year = Calendar(identifier: .gregorian).component(.year, from: Date.now.addingTimeInterval(Double(Province.timezoneOffset)))
        let scratch = try Scratch()
        let config = try MadeCatalog(year: year, probes: Probe.probes).write(to: scratch)
        var bare: [Probe.Answer] = [], alerts: [Probe.Answer] = []
        for round in 1...plan.size(quick: 1, full: 2) {
            Say.step("latency, round \(round): bare")
            bare.append(try probe(config, isBare: true))
            Say.step("latency, round \(round): alerts")
            alerts.append(try probe(config, isBare: false))
        }
        figures.begin("Latency at 10,000 messages a second")
        for (key, name, answers) in [("latency.bare", "produce to consume (bare)", bare), ("latency.alert", "produce to alert", alerts)] {
            figures.add("\(key).p50_ms", "\(name): p50", "ms", answers.map(\.median))
            figures.add("\(key).p99_ms", "\(name): p99", "ms", answers.map(\.p99))
            figures.add("\(key).max_ms", "\(name): max", "ms", answers.map(\.max))
            figures.add("\(key).samples", "\(name): samples", "records", answers.map { Double($0.samples) })
            figures.add("\(key).late_ms", "\(name): sent late by at most", "ms", answers.map(\.behind))
        }
        figures.add("latency.alert_over_bare.p50", "alert ÷ bare: p50", "×", zip(alerts, bare).map { $0.median / $1.median })
        figures.add("latency.alert_over_bare.p99", "alert ÷ bare: p99", "×", zip(alerts, bare).map { $0.p99 / $1.p99 })
    }

    private func probe(_ config: String, isBare: Bool) throws -> Probe.Answer {
        let cluster = try plan.cluster([
            .init(name: "status", partitions: 4), .init(name: "alerts", partitions: 1, isCompacted: true), .init(name: "scores", partitions: 1, isCompacted: true),
            .init(name: "rejected", partitions: 1),
        ] + TopicNames.beside("alerts"))
        let seconds = plan.size(quick: 2.0, full: 20), warmUp = plan.size(quick: 1.0, full: 3)
        let arguments = ["probe", "--config", config, "--input", cluster.name("status"), "--output", cluster.name(isBare ? "status" : "alerts"),
                         "--seconds", "\(seconds)", "--warm-up", "\(warmUp)"] + (isBare ? ["--bare"] : []) + cluster.connection
        guard !isBare else { return try Child.measure(Probe.Answer.self, arguments) }
        let daemon = try Child(
            ["serve", "--config", config, "--input", cluster.name("status"), "--alerts", cluster.name("alerts"), "--scores", cluster.name("scores"),
             "--rejected", cluster.name("rejected")] + cluster.connection)
        guard try daemon.line(within: 20) == "ready" else { throw Problem("latency: the daemon did not start") }
        let answer = try Child.measure(Probe.Answer.self, arguments)
        daemon.release()
        _ = try daemon.finish(within: 15)
        return answer
    }
}
