import Catalog

/// Criteria and messages of every other kind than dossiers, for random cases.
extension RandomCase {
    /// A criterion that messages may name.
    struct Named {
        var framework: String
        var year: Int
        var code: String
        var takes: Takes
        /// What is owed by its duty: subjects and agencies.
        var owed: [(subject: String, agency: String)] = []
    }

    enum Takes { case obligations, events, figures }

    /// Criteria as YAML, and those that messages may name.
    static func otherCriteria(_ year: Int, _ rule: (_ isPart: Bool, inout Seeded) -> String, _ closings: [String?], lasting: Set<String>, _ random: inout Seeded) -> (yaml: String, named: [Named]) {
        var text = "", named: [Named] = []
        func add(_ code: String, _ measure: String, isPart: Bool = false, levels: String? = nil, judgeAt: String? = nil, periods: [String], duty: String? = nil, _ random: inout Seeded) {
            let levels = levels ?? random.some(of: ["department", "district", "commune"]).joined(separator: ", ")
            let judgeAt = judgeAt ?? random.some(of: ["self", "parent", "root"]).joined(separator: ", ")
            text += """
                  - code: \(code)
                    name: {vi: \(code), en: \(code)}
                    levels: [\(levels)]
                    judge_at: [\(judgeAt)]
                    periods: [\(periods.joined(separator: ", "))]
                    measure: {\(measure)}
                    alert: {\(rule(isPart, &random))}

                """
            if let duty { text += "    duty: {\(duty)}\n" }
            if let closing = random.one(of: closings) { text += "    closes_after: \(closing)\n" }
        }
        let calendar = ["year", "quarter", "month"], all = calendar + ["last-7d", "last-30d"]
        for number in 1...random.int(2...6) {
            let code = "k\(number)"
            switch random.int(0...9) {
            case 0:
                let measures = [
                    "ratio: {of: document, among: [electronic], counting: [signed, not_paper]}", "count: {of: document, among: [[refused, processed], addressed]}",
                    "ratio: {of: document, among: [acknowledged], counting: [received, not_recalled]}", "distinct: {of: document, among: [electronic], by: agency}",
                ]
                add(code, random.one(of: measures), isPart: true, periods: random.some(of: all), &random)
            case 1:
                let measures = [
                    "ratio: {of: procedure, among: [announced], counting: [internal_process]}", "count: {of: procedure, among: [linked_same_level]}",
                    "count: {of: procedure, among: [[linked_between_levels, national_portal], not_level_2]}",
                    "distinct: {of: dossier, among: [accepted, filed_online], by: procedure, out_of: {procedure: [[level_3, level_4]]}}",
                ]
                add(code, random.one(of: measures), isPart: true, periods: ["year"], &random)
            case 2:
                add(code, random.one(of: ["ratio: {of: announcement, among: [announced], counting: [announced_in_time]}", "ratio: {of: announcement, among: [], counting: [published_in_time]}"]),
                    isPart: true, periods: random.some(of: all), &random)
            case 3:
                let measures = ["ratio: {of: feedback, among: [decided], counting: [on_time]}", "ratio: {of: feedback, among: [answered], counting: [disclosed]}", "count: {of: feedback, among: [overdue]}"]
                add(code, random.one(of: measures), isPart: true, periods: random.some(of: all), &random)
            case 4:
                let measures = ["ratio: {of: rating, among: [scored], counting: [good_or_better]}", "mean: {of: rating, among: [not_weak]}", "ratio: {of: rating, among: [[satisfied, dissatisfied]], counting: [satisfied]}"]
                add(code, random.one(of: measures), isPart: true, periods: random.some(of: all), &random)
            case 5:
                let measures = [
                    "ratio: {of: obligation, among: [decided], counting: [on_time]}", "count: {of: obligation, among: [overdue]}", "distinct: {of: obligation, among: [done], by: item, out_of: 3}",
                    "distinct: {of: obligation, among: [open], by: item}",
                ]
                let levels = random.some(of: ["department", "district", "commune"]), duty = random.once(in: 2) ? duty(year, levels, lasting, &random) : nil
                add(code, random.one(of: measures), isPart: true, levels: levels.joined(separator: ", "), periods: random.some(of: all), duty: duty?.yaml, &random)
                let owed = duty?.owed.map { (subject: "F-\(year)/\(code)/\($0.agency)/\($0.due)", agency: $0.agency) } ?? []
                named.append(Named(framework: "F-\(year)", year: year, code: code, takes: .obligations, owed: owed))
            case 6:
                let events = random.once(in: 2)
                let measure = events ? random.one(of: ["checklist: {of: event, items: [I1, i2, [I3, I4]]}", "count: {of: event, among: []}"]) : "checklist: {of: obligation, among: [done], items: [[I1, I2], i3]}"
                add(code, measure, isPart: true, periods: random.some(of: calendar), &random)
                named.append(Named(framework: "F-\(year)", year: year, code: code, takes: events ? .events : .obligations))
            case 7:
                add(code, random.one(of: ["figure: {as: ratio}", "figure: {as: value}"]), periods: random.some(of: calendar), &random)
                named.append(Named(framework: "F-\(year)", year: year, code: code, takes: .figures))
            case 8:
                let from = random.one(of: ["0.5", "84.78", "{year: 2015}"])
                add(code, "growth: {as: \(random.one(of: ["ratio", "value"])), from: \(from), by: \(random.one(of: ["points", "relative"]))}", periods: random.some(of: calendar), &random)
                named.append(Named(framework: "F-\(year)", year: year, code: code, takes: .figures))
            default:
                let units = [
                    "ratio: {of: dossier, among: [decided], counting: [on_time]}", "count: {of: document, among: []}", "mean: {of: rating, among: []}",
                    "checklist: {of: event, items: [I1, i2]}", "figure: {as: ratio}", "figure: {as: value}",
                ]
                let unit = random.one(of: units), periods = random.some(of: calendar)
                add("\(code)u", unit, isPart: !unit.hasPrefix("figure"), levels: "department, district, commune", judgeAt: "self", periods: periods.shuffled(using: &random), &random)
                if unit.hasPrefix("checklist") { named.append(Named(framework: "F-\(year)", year: year, code: "\(code)u", takes: .events)) }
                if unit.hasPrefix("figure") { named.append(Named(framework: "F-\(year)", year: year, code: "\(code)u", takes: .figures)) }
                let reaching = random.one(of: ["{at_least: 0.5}", "{above: 1}", "{below: 60%}", "{department: {at_least: 1}, district: {at_most: 0.5}, commune: {above: 0}}"])
                add(code, "share: {of: \(code)u, reaching: \(reaching)}", isPart: true, periods: random.some(of: periods), &random)
            }
        }
        return (text, named)
    }

    /// A duty as YAML, which names only agencies that are always there, and what is owed by it in a year without a holiday.
    private static func duty(_ year: Int, _ levels: [String], _ lasting: Set<String>, _ random: inout Seeded) -> (yaml: String, owed: [(agency: String, due: String)]) {
        var fields: [String] = [], duty: Duty
        let next = random.once(in: 3), ofNext = next ? ", of: next" : "", day = random.one(of: [1, 15, 28, 29, 30, 31])
        switch random.int(0...3) {
        case 0:
            let days = random.some(of: Array(Weekday.allCases.prefix(6))).prefix(2)
            duty = Duty(.week(on: Array(days)))
            fields.append("every: week, due: [\(days.map(\.rawValue).joined(separator: ", "))]")
        case 1:
            duty = Duty(.month(on: day, isNext: next))
            fields.append("every: month, due: \(day)\(ofNext)")
        case 2:
            duty = Duty(.quarter(on: day, isNext: next))
            fields.append("every: quarter, due: \(day)\(ofNext)")
        default:
            let month = random.one(of: [1, 2, 3, 12]), day = min(day, LocalDay.daysInMonth(month, year: 2000))
            duty = Duty(.year(on: DayOfYear(month: month, day: day, isOfNextYear: next)))
            fields.append("every: year, due: \(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)\(ofNext)")
        }
        if random.once(in: 2) {
            // 02:30 is skipped or comes twice where there is daylight saving.
            let (hour, minute) = random.one(of: [(15, 0), (14, 0), (0, 0), (2, 30), (23, 59)])
            duty.second = hour * 3_600 + minute * 60
            fields.append("at: \"\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)\"")
        }
        let shift = random.one(of: Duty.Shift.allCases)
        if shift != .none || random.once(in: 4) { fields.append("shift: \(shift.rawValue)") }
        duty.shift = shift
        var owing = offices.filter { levels.contains($0.value) }.map(\.key).sorted()
        if random.once(in: 2), !lasting.isDisjoint(with: owing) {
            owing = random.some(of: owing.filter(lasting.contains))
            fields.append("agencies: [\(owing.joined(separator: ", "))]")
        }
        var days = duty.days(in: year, by: WorkingCalendar())
        if days.count > 1, random.once(in: 4) {
            let from = days[1] + -1
            fields.append("from: \(Timestamp.utc(Zone.utc.start(of: from)).prefix(10))")
            days.removeFirst()
        }
        let names = days.map { duty.name(of: $0) }
        return (fields.joined(separator: ", "), owing.flatMap { agency in names.map { (agency, $0) } })
    }

    /// The statuses of one subject of any other kind, or the progress of a dossier.
    static func otherLife(of subject: Int, dossiers: Int, _ named: [Named], _ random: inout Seeded) -> [(time: Int64, json: String)] {
        let day: Int64 = 86_400_000_000, newYear: Int64 = 1_609_459_200_000_000
        let begins = newYear + random.one(of: [random.int64(-2 * day...10 * day), random.int64(60 * day...90 * day), random.int64(0...364 * day), random.int64(355 * day...366 * day)])
        let instants = (0..<3).map { _ in begins + random.int64(0...25 * day) }
        let kind = random.one(of: ["dossier.progress", "dossier.progress", "document", "procedure", "feedback", "obligation", "event", "rating", "figure", "figure", "heartbeat"])
        // The same id in two kinds is two subjects; one subject stays in its year, as after that year has left it could not go back.
        let id = kind == "dossier.progress" ? random.int(0...dossiers) : subject
        let year = random.one(of: named.map(\.year) + [2021]), named = named.filter { $0.year == year }
        let duties = kind == "obligation" ? named.filter { !$0.owed.isEmpty } : []
        if !duties.isEmpty, !random.once(in: 3) { return owedLife(random.one(of: duties), named, begins: begins, &random) }
        return (0..<random.int(1...5)).compactMap { _ in
            let time = random.one(of: [random.one(of: instants), begins + random.int64(0...40 * day)])
            guard let data = data(kind, begins: begins, named, &random) else { return nil }
            let envelope = "\"specversion\":\"1.0\",\"id\":\"\(random.int(1...9))-\(random.next())\",\"source\":\"\(random.one(of: ["urn:a", "urn:b"]))\",\"type\":\"vn.par.\(kind).v1\","
                + "\"subject\":\"\(random.one(of: ["S", "s", " S"]))-\(id)\",\"time\":\"\(spelled(time, &random))\""
            return (time, "{\(envelope),\"data\":{\(random.once(in: 12) ? "\"deleted\":true" : data)}}")
        }
    }

    /// The statuses of something that a duty makes due: most name its criterion and its agency, and some say that it was done about when it was due.
    private static func owedLife(_ duty: Named, _ named: [Named], begins: Int64, _ random: inout Seeded) -> [(time: Int64, json: String)] {
        let day: Int64 = 86_400_000_000, (subject, agency) = random.one(of: duty.owed), others = named
        let parts = subject.split(separator: "/").last.map(String.init) ?? ""
        let hour: Int64 = parts.count > 10 ? Int64(parts.dropFirst(11).prefix(2)) ?? 0 : 12
        let due = SmallCatalog.instant(parts.prefix(10) + "T00:00:00Z").microseconds + hour * 3_600_000_000
        return (0..<random.int(1...3)).map { _ in
            let done = due + random.one(of: [random.int64(-9 * 3_600_000_000...3_600_000_000), random.int64(-3 * day...3 * day), -7 * 3_600_000_000, -7 * 3_600_000_000 + 1])
            let time = random.one(of: [begins, max(begins, done)])
            let one = random.once(in: 9) ? random.one(of: others) : duty
            var fields = ["\"framework\":\"\(one.framework)\",\"criterion\":\"\(one.code)\"", "\"agency\":\"\(random.once(in: 6) ? random.one(of: offices.keys.sorted() + ["X9"]) : agency)\""]
            fields.append("\"due\":\"\(Timestamp.utc(Instant(microseconds: due + random.one(of: [0, 20 * day]))).prefix(random.once(in: 2) ? 10 : 27))\"")
            if !random.once(in: 4) { fields.append("\"done\":\"\(Timestamp.utc(Instant(microseconds: done)).prefix(random.once(in: 3) ? 10 : 27))\"") }
            if random.once(in: 3) { fields.append("\"item\":\"I\(random.int(1...4))\"") }
            let envelope = "\"specversion\":\"1.0\",\"id\":\"\(random.int(1...9))-\(random.next())\",\"source\":\"urn:a\",\"type\":\"vn.par.obligation.v1\","
                + "\"subject\":\"\(random.once(in: 2) ? subject : subject.lowercased())\",\"time\":\"\(spelled(time, &random))\""
            return (time, "{\(envelope),\"data\":{\(random.once(in: 8) ? "\"deleted\":true" : fields.joined(separator: ","))}}")
        }
    }

    /// Fields of `data`; nil if the catalog has no criterion that such a message could name.
    private static func data(_ kind: String, begins: Int64, _ named: [Named], _ random: inout Seeded) -> String? {
        let day: Int64 = 86_400_000_000
        var fields: [String] = []
        func later(_ random: inout Seeded) -> Int64 { begins + random.one(of: [0, 5 * day, 5 * day + 1, random.int64(0...25 * day)]) }
        func time(_ name: String, _ time: Int64, _ random: inout Seeded) { fields.append("\"\(name)\":\"\(spelled(time, &random))\"") }
        func moment(_ name: String, _ at: Int64, _ random: inout Seeded) {
            if random.once(in: 2) { fields.append("\"\(name)\":\"\(Timestamp.utc(Instant(microseconds: at)).prefix(10))\"") } else { time(name, at, &random) }
        }
        func flag(_ name: String, _ random: inout Seeded) { fields.append("\"\(name)\":\(random.once(in: 2))") }
        func criterion(_ takes: [Takes], _ random: inout Seeded) -> Named? {
            let fitting = named.filter { takes.contains($0.takes) }
            guard !fitting.isEmpty else { return nil }
            // Some name a criterion that counts other things.
            let one = random.once(in: 12) ? random.one(of: named) : random.one(of: fitting)
            fields.append("\"framework\":\"\(one.framework)\",\"criterion\":\"\(one.code)\"")
            return one
        }
        if kind != "dossier.progress" { fields.append("\"agency\":\"\(random.once(in: 12) ? "X9" : random.one(of: offices.keys.sorted()))\"") }
        switch kind {
        case "dossier.progress": fields.append("\"state\":\(random.one(of: ["2", "4", "\"processing\"", "5", "7", "9", "\"finished\"", "10"]))")
        case "document":
            time("sent", begins, &random)
            for name in ["electronic", "paper", "signed"] { flag(name, &random) }
            if random.once(in: 2) { fields.append("\"to\":\"D1\"") }
            if !random.once(in: 4) { fields.append("\"state\":\(random.one(of: ["\"01\"", "2", "\"03\"", "4", "\"06\"", "6", "13", "\"15\"", "16"]))") }
        case "procedure":
            fields.append("\"level\":\(random.int(2...4)),\"linked\":\"\(random.one(of: ["none", "same_level", "between_levels"]))\"")
            for name in ["national_portal", "one_stop", "internal_process"] { flag(name, &random) }
            if random.once(in: 3) { flag("shortened", &random) }
            for name in ["announced", "effective", "published"] where !random.once(in: 3) { moment(name, begins + random.int64(0...12) * day, &random) }
        case "feedback":
            time("received", begins, &random)
            if !random.once(in: 4) { moment("due", later(&random), &random) }
            if random.once(in: 2) { moment("answered", later(&random), &random) }
            if random.once(in: 2) { fields.append("\"disclosed\":\(random.one(of: ["true", "false", "null", "\"2021-03-01\""]))") }
        case "obligation":
            guard criterion([.obligations], &random) != nil else { return nil }
            moment("due", later(&random), &random)
            if random.once(in: 2) { moment("done", later(&random), &random) }
            if !random.once(in: 4) { fields.append("\"item\":\"\(random.one(of: ["I1", " i2", "I3", "i4", "I5"]))\"") }
        case "event":
            guard criterion([.events], &random) != nil else { return nil }
            moment("occurred", begins, &random)
            if !random.once(in: 4) { fields.append("\"item\":\"\(random.one(of: ["I1", " i2", "I3", "i4", "I5"]))\"") }
        case "rating":
            time("given", begins, &random)
            let least = random.int(0...1)
            let scores = (0..<9).map { _ in "\(random.int(least...2))" }.joined(separator: ",")
            if !random.once(in: 3) { fields.append("\"scores\":[\(scores)]") } else { flag("satisfied", &random) }
        case "figure":
            guard let one = criterion([.figures], &random) else { return nil }
            let year = random.once(in: 5) ? 2015 : one.year
            let period = year == 2015 ? "2015" : random.one(of: ["\(year)", "\(year)", "\(year)-Q\(random.int(1...4))", "\(year)-0\(random.int(1...9))"])
            fields.append("\"period\":\"\(period)\"")
            moment("as_of", random.one(of: [begins, later(&random)]), &random)
            switch random.int(0...5) {
            case 0: fields.append("\"numerator\":0,\"denominator\":0")
            case 1, 2: fields.append("\"numerator\":\(random.one(of: ["3", "12.5", "0.125", "-1.5", "250000"])),\"denominator\":\(random.one(of: ["20", "40", "0.5", "1000000"]))")
            default: fields.append("\"value\":\(random.one(of: ["0", "84.78", "86.28", "-2.5", "0.999", "7", "1234567890"]))")
            }
        default: fields.append("\"system\":\"one-stop\"")
        }
        return fields.shuffled(using: &random).joined(separator: ",")
    }
}
