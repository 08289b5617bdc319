package import Catalog
package import Foundation

/// A random catalog with random messages, as files that the program and the oracles both read.
package struct RandomCase {
    package var files: [String: String]
    /// CloudEvents, one a line, in the order in which they were made: repeated and late ones included.
    package var messages: [String]
    /// Records of other formats.
    package var records: [FormatRecord] = []
    /// The clock at the end.
    package var until: Instant

    package struct Options {
        /// `for` and `keep_firing_for` in the rules.
        package var delays = true
        /// The clock may run so far that the subjects leave the register.
        package var departures = true
        /// Periods may be closed at the end.
        package var closings = true
        package var subjects = 3...25
        /// Every kind of message and every measure, not dossiers alone.
        package var kinds = false
        /// Agencies begin, end and are merged.
        package var mergers = false
        /// The sources have ranks.
        package var ranks = false
        /// Some inputs are of other formats than CloudEvents.
        package var formats = false

        package init() {}

        /// What a province lives through: several systems, some of which weigh more, and another tree.
        package static var everything: Options {
            var options = everyKind
            (options.mergers, options.ranks, options.formats) = (true, true, true)
            return options
        }

        package static var everyKind: Options {
            var options = Options()
            options.kinds = true
            return options
        }

        /// Alerts change by messages alone, and there are enough of them: for runs whose clock stands still.
        package static var steady: Options {
            var options = Options()
            (options.delays, options.departures, options.closings) = (false, false, false)
            options.subjects = 60...90
            return options
        }
    }

    package init(seed: UInt64, _ options: Options = Options()) {
        var random = Seeded(seed)
        let zone = random.one(of: ["Asia/Ho_Chi_Minh", "Europe/Amsterdam"])
        var years = [2021]
        if random.once(in: 3) { years.append(2020) }
        files = [
            "parwatch.yaml": """
                source: urn:parwatch:test
                agencies: agencies.yaml
                criteria: [\(years.map { "criteria-\($0).yaml" }.joined(separator: ", "))]
                late_by: \(random.one(of: ["date", "instant"]))
                max_ahead: 1000000d
                calendar: [calendar-2019.yaml, calendar-2020.yaml, calendar-2021.yaml, calendar-2022.yaml, calendar-2023.yaml]
                """,
            "agencies.yaml": Self.agencies(zone, options.mergers, &random),
        ]
        for year in 2019...2023 { files["calendar-\(year).yaml"] = Self.calendar(year, &random) }
        if options.kinds, random.once(in: 2) { files["parwatch.yaml"]? += "\nterms: {feedback: {\(random.one(of: ["days: 3", "days: 15", "working_days: 1", "working_days: 5"]))}}" }
        if options.formats {
            files["parwatch.yaml"]? += "\ninputs: [{topic: in}, {topic: in-dvcqg, format: dvcqg}, {topic: in-igate, format: igate}, {topic: in-edxml, format: edxml}]"
            let first = Zone(name: zone, initialOffset: zone.hasPrefix("Asia") ? 25_200 : 3_600)
            records = Self.records(first, &random)
            for record in records where random.once(in: 5) { records.append(record) }
            records.shuffle(using: &random)
        }
        if options.ranks, random.once(in: 2) {
            files["parwatch.yaml"]? += "\nsources: sources.yaml"
            files["sources.yaml"] = "sources:\n" + (["urn:a", "urn:b"] + Self.formatSources).map { "  - {source: \"\($0)\", rank: \(random.one(of: [0, 0, 1, 31]))}\n" }.joined()
        }
        let changing = files["agencies.yaml"]?.split(separator: "\n").filter { $0.contains("from:") || $0.contains("until:") } ?? []
        let lasting = Set(Self.offices.keys.filter { id in !changing.contains { $0.contains("id: \(id),") } })
        var named: [Named] = []
        for year in years {
            var text = Self.criteria(year, options, &random)
            if options.kinds {
                let others = Self.otherCriteria(year, { isPart, random in Self.rule(isCount: !isPart, options, &random, hasSample: isPart) }, Self.closings(options), lasting: lasting, &random)
                text += others.yaml
                named += others.named
            }
            files["criteria-\(year).yaml"] = Self.withPoints(text, &random)
        }
        if options.kinds, random.once(in: 3) {
            files["parwatch.yaml"]?.replace("criteria: [", with: "criteria: [extending.yaml, ")
            files["extending.yaml"] = Self.extending("criteria-2021.yaml", files["criteria-2021.yaml"] ?? "", &random)
            named += named.filter { $0.year == 2021 }.map { Named(framework: "X-2021", year: 2021, code: $0.code, takes: $0.takes) }
        }

        var made: [String] = []
        var last = records.map(\.time).max() ?? Int64.min
        let dossiers = random.int(options.subjects)
        for subject in 0..<(options.kinds ? random.int(10...60) : 0) {
            for (time, json) in Self.otherLife(of: subject, dossiers: dossiers, named, &random) {
                made.append(json)
                last = max(last, time)
                if random.once(in: 5) { made.append(json) }
            }
        }
        for subject in 0..<dossiers {
            for (time, json) in Self.life(of: subject, &random) {
                made.append(json)
                last = max(last, time)
                if random.once(in: 5) { made.append(json) }
            }
        }
        messages = made.shuffled(using: &random)
        let day: Int64 = 86_400_000_000
        let later = options.departures && random.once(in: 12) ? 500 * day : random.one(of: [0, 0, random.int64(1...day), random.int64(1...50) * day])
        until = Instant(microseconds: last + later)
    }

    /// Writes everything that the oracles read.
    package func write(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        try Data(messages.map { $0 + "\n" }.joined().utf8).write(to: folder.appendingPathComponent("messages.ndjson"))
        if !records.isEmpty { try Data(records.map { $0.json + "\n" }.joined().utf8).write(to: folder.appendingPathComponent("records.ndjson")) }
        try Data(until.text(in: .utc).utf8).write(to: folder.appendingPathComponent("until"))
    }

    // MARK: Catalog

    static let offices = ["D1": "department", "D2": "department", "Q1": "district", "Q2": "district", "C11": "commune", "C12": "commune", "C21": "commune"]

    private static func agencies(_ zone: String, _ mergers: Bool, _ random: inout Seeded) -> String {
        var lives: [String: String] = [:]
        if mergers {
            for id in offices.keys.sorted() where random.once(in: 3) {
                let day = "2021-\(random.one(of: ["01", "02", "03", "07", "12"]))-\(random.int(10...28))"
                switch random.int(0...3) {
                case 0: lives[id] = "from: \(day), "
                case 1: lives[id] = "until: \(day), "
                // Always into one that comes before it, so that it never runs in a circle.
                default: lives[id] = "until: \(day), merged_into: \(random.one(of: ["P"] + offices.keys.filter { $0 < id }.sorted())), "
                }
            }
        }
        let parents = ["C11": "Q1", "C12": "Q1", "C21": "Q2"]
        return "timezone: \(zone)\nagencies:\n  - {id: P, level: province, name: {vi: P, en: P}}\n"
            + offices.sorted { ($0.value == "commune" ? 1 : 0, $0.key) < ($1.value == "commune" ? 1 : 0, $1.key) }
                .map { "  - {id: \($0.key), level: \($0.value), \(lives[$0.key] ?? "")parent: \(parents[$0.key] ?? "P"), name: {vi: \($0.key), en: \($0.key)}}\n" }.joined()
    }

    private static func criteria(_ year: Int, _ options: Options, _ random: inout Seeded) -> String {
        let measures = [
            "ratio: {of: dossier, among: [decided], counting: [on_time]}",
            "ratio: {of: dossier, among: [accepted], counting: [filed_online, [level_3, level_4]]}",
            "ratio: {of: dossier, among: [finished], counting: [returned_by_post, not_late]}",
            "ratio: {of: dossier, among: [\"sector:đất đai\"], counting: [late]}",
            "ratio: {of: dossier, among: [late], counting: [apologised]}",
            "count: {of: dossier, among: [overdue]}",
            "count: {of: dossier, among: [accepted, supplemented_twice]}",
            "count: {of: dossier, among: []}",
            "distinct: {of: dossier, among: [accepted, filed_online], by: procedure, out_of: 4}",
            "distinct: {of: dossier, among: [[filed_by_post, returned_by_post]], by: procedure, out_of: 3}",
        ]
        var text = "framework: F-\(year)\ntitle: {vi: t, en: t}\nperiod: {year: \(year), closes_after: \(options.closings ? random.one(of: ["10d", "60d", "36h"]) : "400d")}\ncriteria:\n"
        for number in 1...random.int(2...5) {
            let measure = random.one(of: measures), isStepped = random.once(in: 5)
            let periods = isStepped ? "year" : random.some(of: ["year", "quarter", "month", "last-7d", "last-30d"]).joined(separator: ", ")
            let rule = isStepped ? stepped(isCount: measure.hasPrefix("count"), options, &random) : rule(isCount: measure.hasPrefix("count"), options, &random)
            text += """
                  - code: c\(number)
                    name: {vi: c\(number), en: c\(number)}
                    levels: [\(random.some(of: ["department", "district", "commune"]).joined(separator: ", "))]
                    judge_at: [\(random.some(of: ["self", "parent", "root"]).joined(separator: ", "))]
                    periods: [\(periods)]
                    measure: {\(measure)}
                    target: {at_least: 95%}
                    alert: {\(rule)}

                """
            if let closing = random.one(of: closings(options)) { text += "    closes_after: \(closing)\n" }
        }
        return text
    }

    /// What a criterion's own `closes_after` may be.
    private static func closings(_ options: Options) -> [String?] { options.closings ? [nil, nil, nil, "5d", "90d", "30h"] : [nil] }

    /// Holidays and swapped days as a year has them, more of them than anyone grants.
    private static func calendar(_ year: Int, _ random: inout Seeded) -> String {
        let first = LocalDay(year: year, month: 1, day: 1)
        var off: Set<LocalDay> = [first], swapped: Set<LocalDay> = []
        for _ in 0..<12 {
            let day = first + Int32(random.int(0...364))
            if day.weekday.isWeekend, random.once(in: 2) { swapped.insert(day) } else { for more in 0...Int32(random.int(0...3)) where (day + more).civil.year == year { off.insert(day + more) } }
        }
        func text(_ day: LocalDay) -> String { Timestamp.utc(Zone.utc.start(of: day)).prefix(10).description }
        return "year: \(year)\nsource: none\nholidays:\n" + off.subtracting(swapped).sorted().map { "  - {day: \(text($0)), name: {vi: n, en: n}}\n" }.joined()
            + "swapped: [" + swapped.sorted().map { "{day: \(text($0)), for: \(year)-06-0\((1...7).first { !LocalDay(year: year, month: 6, day: $0).weekday.isWeekend } ?? 1)}" }.joined(separator: ", ") + "]\n"
    }

    /// Thresholds that change by the day.
    private static func stepped(isCount: Bool, _ options: Options, _ random: inout Seeded) -> String {
        let side = isCount ? "at_most" : random.one(of: ["at_least", "at_most"])
        var days: Set<String> = []
        for _ in 0..<random.int(1...4) { days.insert(random.one(of: ["01-0\(random.int(1...9))", "0\(random.int(2...9))-\(random.int(10...28))", "12-31"])) }
        let milestones = days.sorted().map { "{by: \($0), \(side): \(isCount ? "\(random.int(0...5))" : "\(random.int(5...95))%")}" }.joined(separator: ", ")
        let line = days.count > 1 && random.once(in: 2) ? ", early_warning: line" : ""
        let delays = options.delays ? ", for: \(random.one(of: ["0s", "0s", "1h", "3d"])), keep_firing_for: \(random.one(of: ["0s", "0s", "2h", "5d"]))" : ""
        return "milestones: [\(milestones)]\(line), min_sample: \(random.int(1...4))\(delays)"
    }

    private static func rule(isCount: Bool, _ options: Options, _ random: inout Seeded, hasSample: Bool = true) -> String {
        let thresholds: String
        if isCount {
            thresholds = random.one(of: ["warning: {above: 0, clear: 0}", "warning: {above: 2, clear: 1}, critical: {above: 3, clear: 3}"])
        } else {
            thresholds = random.one(of: [
                "warning: {below: 90%, clear: 92.5%}, critical: {below: 50%, clear: 60%}", "critical: {below: 66.6%, clear: 70%}",
                "warning: {above: 10%, clear: 5%}, critical: {above: 0.5, clear: 0.4}", "warning: {below: 0.5, clear: 0.5}",
            ])
        }
        let sample = hasSample ? ", min_sample: \(random.int(1...4))" : ""
        guard options.delays else { return thresholds + sample }
        return thresholds + "\(sample), for: \(random.one(of: ["0s", "0s", "1h", "3d"])), keep_firing_for: \(random.one(of: ["0s", "0s", "2h", "5d"]))"
    }

    // MARK: Messages

    /// The statuses of one dossier: of a few, times and ids come twice, and versions decide.
    private static func life(of subject: Int, _ random: inout Seeded) -> [(time: Int64, json: String)] {
        let day: Int64 = 86_400_000_000
        let newYear: Int64 = 1_609_459_200_000_000   // 2021-01-01T00:00:00Z
        let received = newYear + random.one(of: [random.int64(-2 * day...10 * day), random.int64(60 * day...90 * day), random.int64(0...364 * day), random.int64(355 * day...366 * day)])
        let due = received + random.int64(0...20) * day + random.one(of: [0, 0, 3_600_000_000 * 5])
        let instants = (0..<3).map { _ in received + random.int64(0...25 * day) }
        return (0..<random.int(1...6)).map { _ in
            let time = random.one(of: [random.one(of: instants), random.one(of: instants), received + random.int64(0...40 * day)])
            return (time, status(subject, at: time, received: received, due: due, &random))
        }
    }

    private static func status(_ subject: Int, at time: Int64, received: Int64, due: Int64, _ random: inout Seeded) -> String {
        let day: Int64 = 86_400_000_000
        let envelope = "\"specversion\":\"1.0\",\"id\":\"\(random.int(1...9))-\(random.next())\",\"source\":\"\(random.one(of: ["urn:a", "urn:b"]))\",\"type\":\"vn.par.dossier.v1\","
            + "\"subject\":\"\(random.one(of: ["S", "s", " S"]))-\(subject)\",\"time\":\"\(spelled(time, &random))\""
        if random.once(in: 15) { return "{\(envelope),\"data\":{\"deleted\":true}}" }
        var fields: [String] = []
        fields.append("\"agency\":\"\(random.once(in: 12) ? "X9" : random.one(of: offices.keys.sorted()))\"")
        fields.append("\"procedure\":\"P\(random.int(1...4))\"")
        let state = random.one(of: [1, 2, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 9, 9, 9, 10, 10])
        let names = ["registered", "accepted", "declined", "processing", "supplement", "payment", "withdrawn", "stopped", "finished", "returned"]
        fields.append("\"state\":" + (random.once(in: 3) ? "\"\(names[state - 1])\"" : "\(state)"))
        fields.append("\"received\":\"\(spelled(received, &random))\"")
        fields.append("\"filing\":\"\(random.one(of: ["counter", "online", "post"]))\"")
        if !random.once(in: 6) {
            let moved = random.once(in: 8) ? due + random.int64(-3...9) * day : due
            fields.append("\"due\":\"\(spelled(moved, &random))\"")
        } else if random.once(in: 2) {
            fields.append("\"due\":null")
        }
        if state >= 9, !random.once(in: 5) { fields.append("\"finished\":\"\(spelled(random.one(of: [due, due + 1, due - 1, received + random.int64(0...30 * day)]), &random))\"") }
        if state == 10, random.once(in: 2) { fields.append("\"returned\":\"\(spelled(received + random.int64(0...30 * day), &random))\"") }
        if random.once(in: 2) { fields.append("\"return\":\"\(random.one(of: ["counter", "online", "post"]))\"") }
        if random.once(in: 2) { fields.append("\"level\":\(random.int(2...4))") }
        if random.once(in: 3) { fields.append("\"supplements\":\(random.int(0...3))") }
        if random.once(in: 3) { fields.append("\"apologised\":\(random.once(in: 2))") }
        if random.once(in: 2) { fields.append("\"sector\":\"\(random.one(of: ["Đất đai", "ĐẤT ĐAI ", "Hộ tịch"]))\"") }
        return "{\(envelope),\"data\":{\(fields.shuffled(using: &random).joined(separator: ","))}}"
    }

    /// One instant in one of its many spellings.
    static func spelled(_ time: Int64, _ random: inout Seeded) -> String {
        let offset = random.one(of: [0, 420, 60, -210])
        let text = Timestamp.utc(Instant(microseconds: time + Int64(offset) * 60_000_000)).dropLast()
        let extra = random.once(in: 4) ? "9" : ""
        let minutes = abs(offset)
        let zone = offset == 0 && random.once(in: 2) ? "Z" : "\(offset < 0 ? "-" : "+")\(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
        return text + extra + zone
    }
}
