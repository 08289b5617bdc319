import Alerting
import Cases
import Catalog
import Engine
import Scoreboard
import Testing

/// An engine to which obligations and figures come, whose alerts are published as they are written.
struct Registry: ~Copyable {
    var engine: Engine
    private var count: Int64 = 0

    init(_ catalog: Catalog, now: String) throws {
        engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
        engine.step(now: SmallCatalog.instant(now))
        engine.startJudging()
        engine.step(now: SmallCatalog.instant(now))
        _ = engine.takeEffects()
    }

    /// Each message is newer than the one before.
    mutating func put(_ type: String, _ subject: String, _ data: String) {
        count += 1
        let time = Timestamp.utc(Instant(microseconds: 1_514_764_800_000_000 + count))
        engine.receive(["{\"specversion\":\"1.0\",\"id\":\"\(count)\",\"source\":\"urn:t\",\"type\":\"vn.par.\(type).v1\",\"subject\":\"\(subject)\",\"time\":\"\(time)\",\"data\":{\(data)}}"], from: count)
    }

    mutating func owe(_ subject: String, agency: String = "D1", criterion: String = "c", year: Int = 2021, due: String = "2021-01-01", done: String? = nil) {
        let done = done.map { ",\"done\":\"\($0)\"" } ?? ""
        put("obligation", subject, "\"framework\":\"F-\(year)\",\"criterion\":\"\(criterion)\",\"agency\":\"\(agency)\",\"due\":\"\(due)\"\(done)")
    }

    /// Moves the clock and returns what was written: `key since state severity threshold`.
    @discardableResult
    mutating func step(_ now: String) -> [String] {
        engine.step(now: SmallCatalog.instant(now))
        var lines: [String] = []
        for case .publish(let record) in engine.takeEffects() {
            lines.append("\(record.key.dropFirst(7)) \(Timestamp.text(record.time, in: engine.catalog.zone).prefix(16)) \(record.incident.state) \(record.incident.severity) \(record.threshold)")
        }
        return lines
    }

    func score(_ agency: String, _ criterion: String = "c", _ period: String = "2021", year: Int = 2021) -> String {
        guard let cell = engine.scoreboard.layout.cell(of: "F-\(year)/\(criterion)/\(agency)/\(period)") else { return "no such cell" }
        let score = engine.scoreboard.score(of: cell)
        return score.denominator.map { "\(score.numerator)/\($0)" } ?? "\(score.numerator)"
    }
}

/// What duties make due. The example of docs/clocks.md.
@Suite struct Owed {
    static func day(_ text: String) -> LocalDay { Zone.utc.day(of: SmallCatalog.instant(text + "T00:00:00Z")) }
    static let onTime = Measure.ratio(of: .obligation, among: FactMask(required: .decided), counting: FactMask(required: .onTime))

    static func catalog(_ duty: Duty?, measure: Measure = onTime, alert: AlertRule? = nil, periods: [PeriodKind] = [.year], lateBy: Catalog.LateBy = .date, zone: Zone = SmallCatalog.vietnam, years: [Int] = [2021]) -> Catalog {
        var criterion = SmallCatalog.criterion("c", measure, levels: ["department"], judgeAt: [.`self`, .root], periods: periods, alert: alert)
        criterion.duty = duty
        return SmallCatalog.make([criterion], zone: zone, lateBy: lateBy, years: years)
    }

    private static let thursdays = Duty(.week(on: [.thursday]), second: 15 * 3_600, agencies: [SmallCatalog.d1], from: day("2021-09-14"))

    @Test(arguments: [Catalog.LateBy.date, .instant])
    func `reports of four Thursdays: in time, half an hour late, not yet come, and not yet due`(lateBy: Catalog.LateBy) throws {
        var registry = try Registry(Self.catalog(Self.thursdays, alert: .test(), lateBy: lateBy), now: "2021-09-15T00:00:00+07:00")
        registry.owe("F-2021/c/D1/2021-09-16T15:00", done: "2021-09-16T14:00:00+07:00")
        registry.owe("f-2021/c/d1/2021-09-23t15:00", due: "2021-12-31", done: "2021-09-23T15:30:00+07:00")
        #expect(registry.score("D1") == "1/2" && registry.score("D2") == "0/0")
        _ = registry.step("2021-09-30T15:00:00+07:00")
        #expect(registry.score("D1") == "1/2")
        _ = registry.step("2021-09-30T15:00:00.000001+07:00")
        #expect(registry.score("D1") == "1/3" && registry.score("P") == "1/3")
        registry.owe("F-2021/c/D1/2021-09-30T15:00", done: "2021-10-01T08:00:00+07:00")
        _ = registry.step("2021-10-07T15:00:00+07:00")
        #expect(registry.score("D1") == "1/3")
        // Exactly at 15:00 is in time; a day as a whole as well.
        registry.owe("F-2021/c/D1/2021-09-30T15:00", done: "2021-09-30T15:00:00+07:00")
        registry.owe("F-2021/c/D1/2021-09-23T15:00", done: "2021-09-23")
        #expect(registry.score("D1") == "3/3")
    }

    @Test func `what does not come is overdue by the clock alone, and the alert begins at that instant`() throws {
        var registry = try Registry(Self.catalog(Self.thursdays, alert: .test()), now: "2021-09-15T00:00:00+07:00")
        #expect(registry.step("2021-09-20T00:00:00+07:00") == ["c/D1/2021 2021-09-16T15:00 firing warning 0.9", "c/P/2021 2021-09-16T15:00 firing warning 0.9"])
        registry.owe("F-2021/c/D1/2021-09-16T15:00", done: "2021-09-16T14:59:59+07:00")
        #expect(registry.step("2021-09-20T01:00:00+07:00") == ["c/D1/2021 2021-09-20T01:00 resolved warning 0.9", "c/P/2021 2021-09-20T01:00 resolved warning 0.9"])
    }

    @Test func `a status of the slot's subject takes its place, a deletion waives it, another subject counts beside it`() throws {
        let all = Measure.ratio(of: .obligation, among: FactMask(), counting: FactMask(required: .overdue))
        var registry = try Registry(Self.catalog(Duty(.quarter(on: 31, isNext: false)), measure: all, periods: [.year, .quarter]), now: "2021-05-01T00:00:00+07:00")
        #expect(registry.score("D1") == "1/4" && registry.score("D1", "c", "2021-Q1") == "1/1" && registry.score("P") == "2/8")
        registry.put("obligation", "F-2021/c/D1/2021-03-31", "\"deleted\":true")
        #expect(registry.score("D1") == "0/3" && registry.score("P") == "1/7")
        // Said of another agency, it is that one's; said to be due later, it is due when the catalog says.
        registry.owe("F-2021/c/D1/2021-03-31", agency: "D2", due: "2021-12-31")
        #expect(registry.score("D1") == "0/3" && registry.score("D2") == "2/5" && registry.score("D2", "c", "2021-Q1") == "2/2")
        registry.owe("another", due: "2021-02-01")
        #expect(registry.score("D1") == "1/4")
        registry.put("obligation", "another", "\"deleted\":true")
        #expect(registry.score("D1") == "0/3")
        // Of an agency that nobody knows: it counts nowhere.
        registry.owe("F-2021/c/D1/2021-03-31", agency: "X9")
        #expect(registry.score("D1") == "0/3" && registry.score("D2") == "1/4")
    }

    @Test func `an open status of a slot comes overdue with the slot, not by its own due`() throws {
        var registry = try Registry(Self.catalog(Self.thursdays, measure: .count(of: .obligation, among: FactMask(required: .overdue))), now: "2021-09-15T00:00:00+07:00")
        registry.owe("F-2021/c/D1/2021-09-16T15:00", due: "2021-09-15")
        registry.owe("F-2021/c/D1/2021-09-23T15:00", due: "2021-12-01")
        for (now, want) in [("2021-09-16T15:00:00+07:00", "0"), ("2021-09-16T15:00:00.000001+07:00", "1"), ("2021-09-23T15:00:00+07:00", "1"), ("2021-09-24T00:00:00+07:00", "2"), ("2021-09-29T00:00:00+07:00", "2")] {
            registry.step(now)
            #expect(registry.score("D1") == want, "\(now)")
        }
    }

    @Test func `over Tết a due day is shifted, and a day of the next year is one of this year's duties`() throws {
        var catalog = Self.catalog(Duty(.year(on: DayOfYear(month: 1, day: 31, isOfNextYear: true)), shift: .nextWorkingDay), measure: .count(of: .obligation, among: FactMask(required: .overdue)), periods: [.year, .month])
        catalog.calendar.cover(2022, holidays: ["2022-01-31", "2022-02-01", "2022-02-02", "2022-02-03", "2022-02-04"].map(Self.day), swapped: [Self.day("2022-02-05")])
        var registry = try Registry(catalog, now: "2021-12-31T00:00:00+07:00")
        for (now, want) in [("2022-02-05T23:59:59.999999+07:00", "0"), ("2022-02-06T00:00:00+07:00", "1")] {
            registry.step(now)
            #expect(registry.score("D1") == want, "\(now)")
        }
        #expect(registry.score("D1", "c", "2021-02") == "0")
        registry.owe("F-2021/c/D1/2022-02-05", done: "2022-02-05")
        #expect(registry.score("D1") == "0" && registry.score("P") == "1")
    }

    @Test func `on a leap day, and on days on which the clocks are turned, what is due is due by the local clock`() throws {
        let amsterdam = Zone(name: "Europe/Amsterdam", initialOffset: 3_600, transitions: [
            .init(from: SmallCatalog.instant("2020-03-29T01:00:00Z"), offset: 7_200), .init(from: SmallCatalog.instant("2020-10-25T01:00:00Z"), offset: 3_600),
        ])
        let duty = Duty(.week(on: [.saturday, .sunday]), second: 15 * 3_600, agencies: [SmallCatalog.d1])
        var registry = try Registry(Self.catalog(duty, measure: .count(of: .obligation, among: FactMask(required: .overdue)), zone: amsterdam, years: [2020]), now: "2020-02-29T14:59:00+01:00")
        var passed = 16
        #expect(registry.score("D1", "c", "2020", year: 2020) == "\(passed)")
        // 29 February; 28 March, and the 29th with 23 hours; 25 October with 25.
        for (now, more) in [
            ("2020-02-29T15:00:00+01:00", 0), ("2020-02-29T15:00:01+01:00", 1), ("2020-03-28T15:00:01+01:00", 8), ("2020-03-29T15:00:00+02:00", 0), ("2020-03-29T15:00:01+02:00", 1),
            ("2020-10-25T15:00:00+01:00", 59), ("2020-10-25T15:00:01+01:00", 1),
        ] {
            registry.step(now)
            passed += more
            #expect(registry.score("D1", "c", "2020", year: 2020) == "\(passed)", "\(now)")
        }
    }

    @Test func `who begins or ends within the year owes what is due on its own days`() throws {
        var agencies = SmallCatalog.agencies
        agencies[SmallCatalog.d1].until = Self.day("2021-06-29")
        agencies[SmallCatalog.d1].mergedInto = SmallCatalog.d2
        agencies[SmallCatalog.d2].from = Self.day("2021-06-30")
        var catalog = Self.catalog(Duty(.quarter(on: 31, isNext: false)), measure: .count(of: .obligation, among: FactMask()))
        catalog.agencies = agencies
        let registry = try Registry(catalog, now: "2021-01-01T00:00:00+07:00")
        #expect([registry.score("D1"), registry.score("D2"), registry.score("P")] == ["1", "3", "4"])
    }

    @Test func `when the year leaves the register nothing is owed any more, whatever was said of it`() throws {
        var registry = try Registry(Self.catalog(Duty(.quarter(on: 31, isNext: false)), measure: .count(of: .obligation, among: FactMask())), now: "2021-01-01T00:00:00+07:00")
        registry.owe("F-2021/c/D1/2021-03-31", done: "2021-03-30")
        registry.put("obligation", "F-2021/c/D1/2021-06-30", "\"deleted\":true")
        #expect([registry.score("D1"), registry.score("P")] == ["3", "7"])
        registry.step("2023-03-01T23:59:59+07:00")
        #expect(registry.score("P") == "7")
        registry.step("2023-03-02T00:00:00+07:00")
        #expect([registry.score("D1"), registry.score("P")] == ["0", "0"])
        let late = try Registry(Self.catalog(Duty(.quarter(on: 31, isNext: false)), measure: .count(of: .obligation, among: FactMask())), now: "2024-01-01T00:00:00+07:00")
        #expect(late.score("P") == "0")
    }

    @Test func `another catalog and a snapshot derive anew what is owed, and by which calendar`() throws {
        var dice = Seeded(Oracle.seed("owed"))
        let names = ["2021-03-31", "2021-03-30", "2021-06-30", "2021-07-01", "2021-09-30T15:00", "2021-12-31"]
        func duty() -> Duty? {
            let shift = dice.one(of: Duty.Shift.allCases), agencies = dice.once(in: 3) ? [SmallCatalog.d1] : nil
            return dice.one(of: [
                nil, Duty(.quarter(on: dice.one(of: [30, 31]), isNext: false), shift: shift, agencies: agencies), Duty(.quarter(on: 1, isNext: true), shift: shift, agencies: agencies),
                Duty(.month(on: 30, isNext: false), second: 15 * 3_600, agencies: agencies), Duty(.year(on: DayOfYear(month: 12, day: 31)), shift: shift),
            ])
        }
        func catalog(_ hash: Int) -> Catalog {
            var catalog = Self.catalog(duty(), alert: .test(), periods: [.year, .quarter, .window(days: 30)])
            let announced = Measure.ratio(of: .announcement, among: FactMask(), counting: FactMask(required: dice.one(of: [.announcedInTime, .publishedInTime])))
            catalog.frameworks[0].criteria.append(SmallCatalog.criterion("p", announced, levels: ["department"]))
            catalog.calendar.cover(2021, holidays: ["2021-03-31", "2021-06-30", "2021-12-31", "2021-04-01"].map(Self.day).shuffled(using: &dice).prefix(dice.int(0...4)), swapped: [])
            catalog.hash = "sha256:\(hash)"
            return catalog
        }
        for round in 0..<200 {
            let first = catalog(0), last = catalog(1), clock = 1_609_459_200_000_000 + dice.int64(0...400 * 86_400_000_000)
            var adopting = try Registry(first, now: "2021-01-01T00:00:00+07:00"), settled = try Registry(last, now: "2021-01-01T00:00:00+07:00")
            let turn = dice.int(0...12)
            for number in 0..<12 {
                if number == turn { try adopting.engine.adopt(last) }
                if dice.once(in: 3) {
                    let now = Instant(microseconds: dice.int64(1_609_459_200_000_000...clock))
                    adopting.engine.step(now: now)
                    settled.engine.step(now: now)
                }
                let subject = "F-2021/c/\(dice.one(of: ["D1", "D2"]))/\(dice.one(of: names))", agency = dice.one(of: ["D1", "D1", "D2"])
                let done = dice.one(of: [nil, "2021-03-31", "2021-03-30T23:00:00+07:00", "2021-06-30T15:00:00+07:00", "2021-07-01", "2021-12-31T16:00:00+07:00"])
                let due = dice.one(of: names).prefix(10), isDeleted = dice.once(in: 6)
                let effective = "2021-0\(dice.int(3...7))-\(dice.int(10...28))", published = "2021-04-0\(dice.int(1...9))"
                func say(_ registry: inout Registry) {
                    if isDeleted { registry.put("obligation", subject, "\"deleted\":true") } else { registry.owe(subject, agency: agency, due: String(due), done: done) }
                    let fields = "\"level\":3,\"national_portal\":true,\"one_stop\":true,\"internal_process\":true,\"linked\":\"none\""
                    registry.put("procedure", "\(number)", "\"agency\":\"D1\",\"announced\":\"2021-03-30\",\"effective\":\"\(effective)\",\"published\":\"\(published)\",\(fields)")
                }
                say(&adopting)
                say(&settled)
            }
            if turn == 12 { try adopting.engine.adopt(last) }
            adopting.engine.step(now: Instant(microseconds: clock))
            settled.engine.step(now: Instant(microseconds: clock))
            func all(_ engine: borrowing Engine) -> [String] { engine.scores().map { "\($0.key) \($0.score.numerator)/\($0.score.denominator ?? -1)" } }
            let want = all(settled.engine)
            if all(adopting.engine) != want { Issue.record("round \(round): \(all(adopting.engine)) instead of \(want)") }
            let restored = try Pieces(of: &adopting.engine).restored(last, now: Instant(microseconds: clock))
            if all(restored) != want { Issue.record("round \(round), restored: \(all(restored)) instead of \(want)") }
        }
    }
}

/// By when feedback is to be answered whose message does not say it.
@Suite struct Terms {
    private static func catalog(_ term: Term?, hash: Int = 0) -> Catalog {
        let criteria = ["overdue": Facts.overdue, "on_time": .onTime, "late": .late].sorted { $0.key < $1.key }.map { SmallCatalog.criterion($0.key, .count(of: .feedback, among: FactMask(required: $0.value))) }
        var catalog = SmallCatalog.make(criteria, years: [2019], hash: "sha256:\(hash)")
        catalog.calendar.cover(2019, holidays: (4...8).map { Owed.day("2019-02-0\($0)") }, swapped: [])
        catalog.feedbackTerm = term
        return catalog
    }

    private static func feedback(_ more: String) -> String { "\"agency\":\"D1\",\"received\":\"2019-02-01T09:00:00+07:00\"\(more)" }

    private static func all(_ registry: borrowing Registry) -> [String] {
        var scores: [String] = []
        for code in ["overdue", "on_time", "late"] { scores.append(registry.score("D1", code, "2019", year: 2019)) }
        return scores
    }

    @Test func `feedback of a Friday before Tết is overdue after the first working day, by its own due where it has one, and answered in time or not`() throws {
        var registry = try Registry(Self.catalog(.workingDays(1)), now: "2019-02-01T12:00:00+07:00")
        registry.put("feedback", "1", Self.feedback(""))
        registry.put("feedback", "2", Self.feedback(",\"due\":\"2019-02-02\""))
        for (now, want) in [("2019-02-02T23:59:59+07:00", "0"), ("2019-02-03T00:00:00+07:00", "1"), ("2019-02-11T23:59:59+07:00", "1"), ("2019-02-12T00:00:00+07:00", "2")] {
            registry.step(now)
            #expect(Self.all(registry)[0] == want, "\(now)")
        }
        registry.put("feedback", "1", Self.feedback(",\"answered\":\"2019-02-11T23:00:00+07:00\""))
        registry.put("feedback", "2", Self.feedback(",\"answered\":\"2019-02-12\""))
        #expect(Self.all(registry) == ["0", "1", "1"])
    }

    @Test(arguments: [
        // Friday 1 February, then Tết: the first working day is the 11th, the second the 12th, the fifth the 15th.
        ("2019-02-15", "2019-02-15", "", "announced published"), ("2019-02-14", "2019-02-16", "", ""), ("2019-02-15", "2019-02-16", "", "announced"),
        (#""shortened":true"#, "2019-02-12", "2019-02-01", "announced published"), (#""shortened":true"#, "2019-02-13", "2019-01-29", "announced"), (#""shortened":true"#, "2019-02-12", "2019-01-28", "published"),
    ])
    func `a procedure is announced and published in time by working days, of the shortened kind by its own terms`(first: String, published: String, last: String, want: String) throws {
        let isShortened = first.hasPrefix("\""), effective = isShortened ? last : first
        var catalog = Self.catalog(nil)
        catalog.frameworks[0].criteria = [("announced", Facts.announcedInTime), ("published", .publishedInTime)].map {
            SmallCatalog.criterion($0.0, .count(of: .procedure, among: FactMask(required: $0.1)))
        }
        var registry = try Registry(catalog, now: "2019-03-01T12:00:00+07:00")
        let fields = "\"level\":3,\"national_portal\":true,\"one_stop\":true,\"internal_process\":true,\"linked\":\"none\"" + (isShortened ? "," + first : "")
        registry.put("procedure", "P", "\"agency\":\"D1\",\"announced\":\"2019-02-01\",\"effective\":\"\(effective)\",\"published\":\"\(published)\",\(fields)")
        var found: [String] = []
        for code in ["announced", "published"] where registry.score("D1", code, "2019", year: 2019) == "1" { found.append(code) }
        #expect(found.joined(separator: " ") == want)
    }

    @Test func `without a term it is never late`() throws {
        var registry = try Registry(Self.catalog(nil), now: "2019-02-01T12:00:00+07:00")
        registry.put("feedback", "1", Self.feedback(""))
        registry.put("feedback", "2", Self.feedback(",\"answered\":\"2019-12-01\""))
        registry.step("2019-12-31T00:00:00+07:00")
        #expect(Self.all(registry) == ["0", "1", "0"])
    }

    @Test func `another term is taken over, and a snapshot is read by the term of its reader`() throws {
        var dice = Seeded(Oracle.seed("terms"))
        let terms: [Term?] = [nil, .days(3), .days(10), .workingDays(1), .workingDays(5)]
        for round in 0..<100 {
            let last = Self.catalog(dice.one(of: terms), hash: 1), now = Instant(microseconds: SmallCatalog.instant("2019-02-01T12:00:00+07:00").microseconds + dice.int64(0...20 * 86_400_000_000))
            var adopting = try Registry(Self.catalog(dice.one(of: terms)), now: "2019-02-01T12:00:00+07:00"), settled = try Registry(last, now: "2019-02-01T12:00:00+07:00")
            if dice.once(in: 2) { adopting.engine.step(now: Instant(microseconds: dice.int64(SmallCatalog.instant("2019-02-01T12:00:00+07:00").microseconds...now.microseconds))) }
            for number in 0..<6 {
                let due = dice.one(of: ["", "", ",\"due\":\"2019-02-05\""]), answered = dice.one(of: ["", ",\"answered\":\"2019-02-0\(dice.int(4...9))\"", ",\"answered\":\"2019-02-12\""])
                adopting.put("feedback", "\(number)", Self.feedback(due + answered))
                settled.put("feedback", "\(number)", Self.feedback(due + answered))
            }
            var before = try Pieces(of: &adopting.engine).restored(last, now: now)
            try adopting.engine.adopt(last)
            for time in [now, Instant(microseconds: now.microseconds + 30 * 86_400_000_000)] {
                adopting.engine.step(now: time)
                settled.engine.step(now: time)
                before.step(now: time)
                let want = scores(settled.engine)
                if scores(adopting.engine) != want { Issue.record("round \(round): \(scores(adopting.engine)) instead of \(want)") }
                if scores(before) != want { Issue.record("round \(round), restored: \(scores(before)) instead of \(want)") }
            }
        }
    }
}
