import Foundation

/// Instructions and heap allocations a message, counted by valgrind: the same on every run, whatever else the machine does. Each is the difference between
/// two runs that make the same messages and take in all or half of them, so that the start and the making fall out.
struct Instructions {
    let plan: Plan

    func measure(into figures: Figures) throws {
        guard plan.wants(.instructions) else { return }
        figures.begin("Instructions and allocations")
        let half = plan.size(quick: 1_000, full: 20_000)
        let kinds = [
            (name: "a working year's statuses", arguments: ["core", "--messages", "\(half * 2)"] + plan.catalog),
            (name: "statuses of known dossiers", arguments: ["updates", "--sizes", "\(half)", "--messages", "\(half * 2)", "--slices", "1"] + plan.catalog),
        ]
        let hasValgrind = (try? Child(["--version"], of: "valgrind").finish(within: 20)) != nil
        for (name, arguments) in kinds {
            let title = "instructions a message, \(name)"
            guard hasValgrind else {
                figures.add(title, "instructions", missing: "install valgrind")
                continue
            }
            Say.step("callgrind: \(name)")
            let counts = try [half * 2, half].map { try instructions(arguments + ["--take", "\($0)"]) }
            figures.add(title, "instructions", [Double(counts[0] - counts[1]) / Double(half)])
        }
        let title = "heap allocations a message, \(kinds[1].name)"
        guard hasValgrind else { return figures.add(title, "allocations", missing: "install valgrind") }
        Say.step("memcheck: allocations")
        let counts = try [half * 2, half].map { try allocations(kinds[1].arguments + ["--take", "\($0)"]) }
        figures.add(title, "allocations", [Double(counts[0] - counts[1]) / Double(half)])
    }

    private func instructions(_ arguments: [String]) throws -> Int {
        let scratch = try Scratch()
        let file = scratch.path("callgrind")
        try valgrind(["--tool=callgrind", "--callgrind-out-file=\(file)"], scratch, arguments)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("totals:") || $0.hasPrefix("summary:") }), let count = Int(line.split(separator: " ").dropFirst().first ?? "") else {
            throw Problem("callgrind told no sum of instructions")
        }
        return count
    }

    private func allocations(_ arguments: [String]) throws -> Int {
        let scratch = try Scratch()
        try valgrind(["--tool=memcheck", "--undef-value-errors=no", "--leak-check=no"], scratch, arguments)
        let text = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
        // ==1== total heap usage: 1,234 allocs, 1,200 frees, 56,789 bytes allocated
        guard let usage = text.firstRange(of: "total heap usage: "), let count = Int(text[usage.upperBound...].prefix { $0 != " " }.filter { $0 != "," }) else {
            throw Problem("valgrind told no number of allocations")
        }
        return count
    }

    private func valgrind(_ options: [String], _ scratch: Scratch, _ arguments: [String]) throws {
        _ = try Child(options + ["--log-file=\(scratch.path("log"))", Child.harness] + arguments, of: "valgrind").finish(within: 180)
    }
}
