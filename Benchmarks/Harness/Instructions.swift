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
            (key: "first", name: "the year's first statuses", arguments: ["core", "--messages", "\(half * 2)", "--year", "\(max(plan.messages, half * 2))"] + plan.catalog),
            (key: "known", name: "statuses of known dossiers", arguments: ["updates", "--sizes", "\(half)", "--messages", "\(half * 2)", "--slices", "1"] + plan.catalog),
        ]
        let allocationTitle = "heap allocations a message, \(kinds[1].name)"
        guard let tools = try Valgrind() else {
            for (key, name, _) in kinds { figures.add("instructions_per_message.\(key)", "instructions a message, \(name)", "instructions", missing: "install valgrind and binutils") }
            return figures.add("allocations_per_message.known", allocationTitle, "allocations", missing: "install valgrind and binutils")
        }
        for (key, name, arguments) in kinds {
            Say.step("callgrind: \(name)")
            figures.add("instructions_per_message.\(key)", "instructions a message, \(name)", "instructions", [try difference(half, tools.callgrind, arguments)])
        }
        Say.step("memcheck: allocations")
        figures.add("allocations_per_message.known", allocationTitle, "allocations", [try difference(half, tools.memcheck, kinds[1].arguments)])
    }

    /// Both runs at once: what is counted does not depend on what else the machine does.
    private func difference(_ half: Int, _ start: ([String]) throws -> Valgrind.Run, _ arguments: [String]) throws -> Double {
        let runs = try [half * 2, half].map { try start(arguments + ["--take", "\($0)"]) }
        let counts = try runs.map { try $0.count() }
        return Double(counts[0] - counts[1]) / Double(half)
    }
}

/// valgrind, with a copy of this program that it can read: its version 3.19 gives up on the debugging information that Swift writes.
private struct Valgrind {
    private let program: Scratch

    /// Nil where valgrind or strip is not installed.
    init?() throws {
        program = try Scratch()
        guard (try? Child(["--version"], of: "valgrind").finish(within: 20)) != nil,
              (try? Child(["--strip-debug", "-o", program.path("parwatch-bench"), Child.harness], of: "strip").finish(within: 60)) != nil
        else { return nil }
    }

    func callgrind(_ arguments: [String]) throws -> Run {
        // The sum stands in the profile: totals: 461236455
        try Run(["--tool=callgrind"], profile: "--callgrind-out-file=", program.path("parwatch-bench"), arguments, after: "\ntotals: ")
    }

    func memcheck(_ arguments: [String]) throws -> Run {
        // ==1== total heap usage: 1,234 allocs, 1,200 frees, 56,789 bytes allocated
        try Run(["--tool=memcheck", "--undef-value-errors=no", "--leak-check=no"], profile: "--log-file=", program.path("parwatch-bench"), arguments, after: "total heap usage: ")
    }

    /// A run under way, and where its count will stand.
    struct Run {
        private let scratch: Scratch
        private let child: Child
        private let words: String

        init(_ options: [String], profile: String, _ program: String, _ arguments: [String], after words: String) throws {
            scratch = try Scratch()
            self.words = words
            let log = profile.hasPrefix("--log-file") ? [] : ["--log-file=/dev/null"]
            child = try Child(options + log + [profile + scratch.path("profile"), program] + arguments, of: "valgrind")
        }

        func count() throws -> Int {
            _ = try child.finish(within: 180)
            let text = try String(contentsOfFile: scratch.path("profile"), encoding: .utf8)
            guard let place = text.firstRange(of: words), let count = Int(text[place.upperBound...].prefix { $0.isNumber || $0 == "," }.filter { $0 != "," }) else {
                throw Problem("valgrind told no count")
            }
            return count
        }
    }
}
