extension RandomCase {
    /// A framework of the same year that extends another and changes a few things.
    static func extending(_ name: String, _ base: String, _ random: inout Seeded) -> String {
        var text = "extends: \(name)\nframework: X-2021\n"
        if random.once(in: 2) { text += "period: {closes_after: \(random.one(of: ["5d", "70d"]))}\n" }
        if random.once(in: 2) { text += "remove: [c2]\n" }
        // Who owes a duty by its id must stay of a level that is counted.
        let levels = base.contains("agencies: [") ? [] : ["department", "district", "commune"].filter { level in base.split(separator: "\n").contains { $0.hasPrefix("    levels:") && $0.contains(level) } }
        if random.once(in: 2), let level = levels.randomElement(using: &random) { text += "levels: {\(level): \(random.one(of: ["department", "district", "commune"]))}\n" }
        text += "criteria:\n"
        text += "  - {code: c1, judge_at: [\(random.some(of: ["self", "parent", "root"]).joined(separator: ", "))], target: ~, points: ~}\n"
        if random.once(in: 2) { text += "  - {code: c9, name: {vi: c9, en: c9}, levels: [district], measure: {count: {of: dossier, among: [accepted]}}}\n" }
        return text
    }
}
