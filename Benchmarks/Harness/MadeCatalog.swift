import Catalog

/// Catalogs that are made for one measurement, as the YAML files that a user would write.
struct MadeCatalog {
    /// What the criteria beyond the first ten are like.
    enum Others: String, CaseIterable {
        /// They are of levels of agencies that send nothing.
        case elsewhere
        /// They count what no message ever is.
        case never
        /// Every message touches every one of them.
        case touched
    }

    var agencies = 300
    var criteria = 10
    var others = Others.touched
    var year = 2021
    /// Agencies with an alert that each status of theirs flips; the other criteria then alert of nothing.
    var probes = 0

    static func probe(_ number: Int) -> String { "PROBE.\(number).T01" }

    /// Writes it and returns the path of its `parwatch.yaml`.
    func write(to scratch: Scratch) throws -> String {
        try scratch.write(agenciesFile, to: "agencies.yaml")
        try scratch.write(criteriaFile, to: "criteria.yaml")
        try scratch.write("source: urn:parwatch:bench\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n", to: "parwatch.yaml")
        return scratch.path("parwatch.yaml")
    }

    private var agenciesFile: String {
        var text = "timezone: Asia/Ho_Chi_Minh\nagencies:\n"
        func add(_ id: String, _ level: String, parent: String? = nil) {
            text += "  - {id: \"\(id)\", level: \(level), \(parent.map { "parent: \"\($0)\", " } ?? "")name: {vi: \"\(id)\", en: \"\(id)\"}}\n"
        }
        // One level sends nothing.
        add("T01", "province")
        add("SCHOOL.T01", "school", parent: "T01")
        for number in 0..<probes { add(Self.probe(number), "probe", parent: "T01") }
        for number in 1...20 { add("000.00.\(100 + number).T01", "department", parent: "T01") }
        let districts = max(17, (agencies - 22) / 15), communes = agencies - 22 - districts
        for number in 0..<districts { add("000.00.\(200 + number).T01", "district", parent: "T01") }
        for number in 0..<communes { add("000.\(100 + number / districts).\(200 + number % districts).T01", "commune", parent: "000.00.\(200 + number % districts).T01") }
        return text
    }

    private var criteriaFile: String {
        var text = "framework: BENCH\ntitle: {vi: bench, en: bench}\nperiod: {year: \(year)}\ncriteria:\n"
        for number in 0..<criteria {
            let isOther = number >= 10
            let levels = isOther && others == .elsewhere ? "[school]" : "[department, district, commune]"
            let ratio = Self.ratios[number % Self.ratios.count]
            let among = isOther && others == .never ? ratio.among + ", \"sector:KHÔNG CÓ\"" : ratio.among
            text += """
                  - code: c\(number)
                    name: {vi: c\(number), en: c\(number)}
                    levels: \(levels)
                    judge_at: [self, root]
                    periods: \(number % 5 == 0 ? "[year, last-30d]" : "[year]")
                    measure: {ratio: {of: dossier, among: [\(among)], counting: [\(ratio.counting)]}}
                    alert: {warning: {below: \(number % 3 == 0 ? 90 : 10)%, clear: \(number % 3 == 0 ? 91 : 12)%}, min_sample: \(probes > 0 ? 1_000_000_000 : 20)}

                """
        }
        if probes > 0 {
            text += """
                  - code: flip
                    name: {vi: flip, en: flip}
                    levels: [probe]
                    measure: {ratio: {of: dossier, among: [finished], counting: [on_time]}}
                    alert: {critical: {below: 50%, clear: 50%}, min_sample: 1}

                """
        }
        return text
    }

    /// Every status of a dossier changes some of them, none changes all.
    private static let ratios = [
        (among: "decided", counting: "on_time"), (among: "finished", counting: "filed_online"), (among: "accepted", counting: "filed_online"),
        (among: "accepted", counting: "late"), (among: "finished", counting: "returned_by_post"),
    ]
}
