extension RandomCase {
    /// The criteria of a file, some of which earn points.
    static func withPoints(_ criteria: String, _ random: inout Seeded) -> String {
        criteria.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.hasPrefix("    measure: "), random.once(in: 2) else { return String(line) }
            return line + "\n    points: {\(points(&random))}"
        }.joined(separator: "\n")
    }

    private static func points(_ random: inout Seeded) -> String {
        let maximum = random.one(of: ["1", "0.5", "1.5", "12", "0.0003", "1000", "2.6667"])
        if random.once(in: 3) {
            return "max: 12, steps: " + random.one(of: ["[[80%, 12], [60%, 0.5], [0, 0.25]]", "[[0, 3], [5%, 1.5], [2, 0]]", "[[50%, 0.1234]]", "[[3, 12], [1, 1]]"])
        }
        let line = random.one(of: [
            ("10%", nil), ("100%", nil), ("15%", "0"), ("100%", "50%"), ("0", "30%"), ("0.1", "0.7"), ("95%", "-5%"), ("3", "1"), ("0", "7"), ("84.78", "0.000000001"), ("-1", "1"),
        ] as [(String, String?)])
        return "max: \(maximum), full_at: \(line.0)" + (line.1.map { ", floor: \($0)" } ?? "") + random.one(of: ["", ", by: linear", ", by: step"])
    }
}
