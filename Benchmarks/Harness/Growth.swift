/// How the cost of a message grows with the register, the criteria and the agencies.
struct Growth {
    let plan: Plan

    func measure(into figures: Figures) throws {
        guard plan.wants(.growth) else { return }
        figures.begin("Growth: CPU a message, statuses of known dossiers")
        let messages = plan.size(quick: 6_000, full: 300_000)
        let sizes = plan.size(quick: [10_000, 20_000], full: [10_000, 100_000, 1_000_000, 10_000_000])
        Say.step("growth: dossiers \(sizes)")
        let answers = try updates(plan.config, sizes, messages)
        for (size, rounds) in zip(sizes, answers) { figures.add("growth.dossiers.\(size)", "\(Report.number(Double(size))) dossiers", "ns", rounds) }

        let known = plan.size(quick: 10_000, full: 100_000)
        for others in MadeCatalog.Others.allCases {
            for criteria in plan.size(quick: [10, 30], full: [10, 30, 100, 300]) {
                Say.step("growth: \(criteria) criteria, \(others.rawValue)")
                let scratch = try Scratch()
                let config = try MadeCatalog(criteria: criteria, others: others).write(to: scratch)
                figures.add("growth.criteria.\(others.rawValue).\(criteria)", "\(criteria) criteria, \(Self.words[others] ?? "")", "ns", try updates(config, [known], messages).first ?? [])
            }
        }
        for agencies in plan.size(quick: [300, 1_000], full: [300, 1_000, 3_000, 11_000]) {
            Say.step("growth: \(agencies) agencies")
            let scratch = try Scratch()
            let config = try MadeCatalog(agencies: agencies).write(to: scratch)
            figures.add("growth.agencies.\(agencies)", "\(Report.number(Double(agencies))) agencies, of which 80 send", "ns", try updates(config, [known], messages).first ?? [])
        }
    }

    private static let words: [MadeCatalog.Others: String] = [
        .elsewhere: "ten touched, the others of other levels", .never: "ten touched, the others never true", .touched: "all touched",
    ]

    private func updates(_ config: String, _ sizes: [Int], _ messages: Int) throws -> [[Double]] {
        try Child.measure([[Double]].self, ["updates", "--config", config, "--sizes", sizes.map(String.init).joined(separator: ","), "--messages", "\(messages)"])
    }
}
