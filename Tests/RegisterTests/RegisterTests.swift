import Cases
import Catalog
import Intake
import Register
import Testing

/// The model: what a register is, written with a plain dictionary.
private struct Model {
    struct Subject {
        var status: Status
        var isOverdue: Bool
    }

    struct Status {
        var version: Version
        /// Nil: deleted.
        var content: Content?
        /// The local day whose year decides when it leaves.
        var yearDay: Int64 = 0
    }

    struct Content {
        var agency: String
        var procedure: String
        var sector: String?
        var state: Int
        var received: Instant
        var due: Instant?
        var finished: Instant
        var filing: String
        var returning: String?
        var level: Int?
        var supplements: Int
        var apologised: Bool
    }

    let catalog: Catalog
    var subjects: [String: Subject] = [:]
    /// In the order in which they were first seen.
    private var procedures: [String] = []

    init(catalog: Catalog) { self.catalog = catalog }

    mutating func set(_ subject: String, _ status: Status, isOverdue: Bool) -> Subject {
        if let procedure = status.content?.procedure, !procedures.contains(procedure) { procedures.append(procedure) }
        let new = Subject(status: status, isOverdue: isOverdue)
        subjects[subject] = new
        return new
    }

    /// Nil: deleted, or of an agency that the catalog does not know.
    func standing(_ subject: Subject) -> Standing? {
        guard let content = subject.status.content, let agency = catalog.agencies.firstIndex(where: { $0.id == content.agency }), let procedure = procedures.firstIndex(of: content.procedure) else { return nil }
        return Standing(
            seat: Int32(agency), procedure: UInt32(procedure), receivedOn: LocalDay(number: Int32(localDay(content.received))), decidedOn: decidedOn(subject),
            facts: facts(subject).union(content.sector == "S1" ? .sector(0) : []))
    }

    func overdueFrom(_ status: Status) -> Instant? {
        guard let content = status.content, content.state == 2 || content.state == 4, let due = content.due else { return nil }
        switch catalog.lateBy {
        case .instant: return Instant(microseconds: due.microseconds + 1)
        case .date:
            // Vietnam: UTC+7 all the year round.
            let day = (due.microseconds + 7 * 3_600_000_000) / 86_400_000_000
            return Instant(microseconds: (day + 1) * 86_400_000_000 - 7 * 3_600_000_000)
        }
    }

    func facts(_ subject: Subject) -> Facts {
        guard let content = subject.status.content else { return [] }
        let isFinished = content.state >= 9
        let isLate = isFinished ? content.due.map { due in
            catalog.lateBy == .instant ? content.finished > due : localDay(content.finished) > localDay(due)
        } ?? false : subject.isOverdue
        let held: [(Facts, Bool)] = [
            (.accepted, [2, 4, 5, 6, 8, 9, 10].contains(content.state)), (.open, [2, 4].contains(content.state)), (.finished, isFinished), (.late, isLate), (.onTime, isFinished && !isLate),
            (.overdue, subject.isOverdue), (.decided, isFinished || subject.isOverdue), (.filedOnline, content.filing == "online"), (.filedByPost, content.filing == "post"),
            (.returnedByPost, content.returning == "post"), (.level3, content.level == 3), (.level4, content.level == 4), (.apologised, content.apologised),
            (.supplementedTwice, content.supplements > 1),
        ]
        return Facts(held.filter(\.1).map(\.0))
    }

    /// A deletion is of the year after that in which it was said, or of that of what was there, if that is later.
    func yearDay(_ status: Status, _ before: Subject?) -> Int64 {
        if let content = status.content { return localDay(content.received) }
        let said = LocalDay(number: Int32(localDay(status.version.time))).civil.year
        return max(Int64(LocalDay(year: said + 1, month: 1, day: 1).number), before?.status.yearDay ?? 0)
    }

    /// Each year leaves so many days after its end as its framework says. A deletion goes with its year, or the next one that the catalog has, but after all years before; it stays where that
    /// is before the first year.
    func hasLeft(_ status: Status, by now: Instant) -> Bool {
        let year = LocalDay(number: Int32(status.yearDay)).civil.year
        func hasLeft(_ framework: Framework) -> Bool {
            guard case .days(let days) = framework.keepClosed else { return false }
            return localDay(now) >= Int64(LocalDay(year: framework.year + 1, month: 1, day: 1).number + 10 + Int32(days))
        }
        if status.content != nil { return catalog.frameworks.contains { $0.year == year && hasLeft($0) } }
        let years = catalog.frameworks.map(\.year)
        guard let with = years.filter({ $0 >= year }).min(), year >= years.min() ?? year else { return false }
        return catalog.frameworks.filter { $0.year <= with }.allSatisfy(hasLeft)
    }

    func localDay(_ instant: Instant) -> Int64 { (instant.microseconds + 7 * 3_600_000_000) / 86_400_000_000 }

    func decidedOn(_ subject: Subject) -> LocalDay? {
        guard let content = subject.status.content else { return nil }
        if content.state >= 9 { return LocalDay(number: Int32(localDay(content.finished))) }
        return subject.isOverdue ? overdueFrom(subject.status).map { LocalDay(number: Int32(localDay($0))) } : nil
    }
}

@Suite struct RegisterModel {
    private static let day: Int64 = 86_400_000_000
    private static let newYear: Int64 = 1_609_434_000_000_000   // 2021-01-01T00:00:00+07:00

    @Test func `after any statuses, deletions, dues and departures it holds what a dictionary of the latest statuses holds`() throws {
        var random = Seeded(Oracle.seed("register"))
        for _ in 0..<60 { try run(&random) }
    }

    private func run(_ random: inout Seeded) throws {
        var catalog = SmallCatalog.make(
            [], lateBy: random.one(of: [.date, .instant]), years: random.one(of: [[2021], [2021, 2022], [2022, 2020, 2021], [2020, 2023], []]), closesAfter: .days(10), sectors: ["S1"])
        for framework in catalog.frameworks.indices { catalog.frameworks[framework].keepClosed = .days(random.one(of: [0, 0, 400, 800])) }
        let intake = try #require(Intake())
        var model = Model(catalog: catalog)
        var register = Register(catalog: catalog)
        var now = Instant(microseconds: Self.newYear + random.int64(0...360) * Self.day)
        var names: [CodeKey: String] = [:]
        for step in 0..<random.int(50...400) {
            if random.once(in: 6) {
                now = Instant(microseconds: now.microseconds + random.one(of: [0, 1, random.int64(0...Self.day), random.int64(0...9 * Self.day), random.once(in: 3) ? random.int64(0...400 * Self.day) : 2]))
                try comeDue(&register, &model, now, names)
                if random.once(in: 3) { depart(&register, &model, now, names) }
                continue
            }
            let subject = "S\(random.int(0...25))"
            names[key(subject)] = subject
            var (message, status) = make(subject, step, &random)
            status.yearDay = model.yearDay(status, model.subjects[subject])
            try withStatus(intake, message) { read in
                #expect(read.version == status.version)
                let before = model.subjects[subject]
                let change = register.accept(read, now: now)
                if let before, before.status.version >= status.version {
                    guard case .superseded = change else { throw Failure("step \(step): \(subject) was not superseded") }
                    // It might have come before the deletion as well.
                    if before.status.content == nil { model.subjects[subject]?.status.yearDay = max(before.status.yearDay, status.yearDay) }
                } else if model.hasLeft(status, by: now), status.content != nil || before?.status.content == nil {
                    guard case .departed = change else { throw Failure("step \(step): \(subject) has left, but was taken in") }
                } else {
                    guard case .replaced(let old, let new, _) = change else { throw Failure("step \(step): \(subject) was not taken in") }
                    let overdueFrom = model.overdueFrom(status)
                    let after = model.set(subject, status, isOverdue: overdueFrom.map { $0 <= now } ?? false)
                    same(old, before, model)
                    same(new, after, model)
                }
            }
            #expect(register.count == model.subjects.count)
        }
        var seen = 0
        register.forEach { key, standing in
            seen += 1
            guard let name = names[key], let subject = model.subjects[name] else {
                Issue.record("an entry that nobody knows")
                return
            }
            same(standing, subject, model)
        }
        #expect(seen == model.subjects.count)
    }

    /// Everything that waits and is due, each once, in order; nothing else.
    private func comeDue(_ register: inout Register, _ model: inout Model, _ now: Instant, _ names: [CodeKey: String]) throws {
        let waiting = model.subjects.filter { !$0.value.isOverdue }.compactMap { name, subject in model.overdueFrom(subject.status).map { (name, $0) } }
        if let first = waiting.map(\.1).min() {
            guard let next = register.nextDue, next <= first else { throw Failure("the next due instant is missed") }
        }
        let due = waiting.filter { $0.1 <= now }
        var came: [(String, Standing?, Standing?)] = []
        register.comeDue(by: now) { came.append((names[$0] ?? "?", $1, $2)) }
        #expect(Set(came.map(\.0)) == Set(due.map(\.0)) && came.count == due.count)
        let instants = Dictionary(uniqueKeysWithValues: due)
        #expect(came.compactMap { instants[$0.0] } == due.map(\.1).sorted())
        for (name, old, new) in came {
            guard var subject = model.subjects[name] else { continue }
            same(old, subject, model)
            subject.isOverdue = true
            model.subjects[name] = subject
            same(new, subject, model)
        }
        if let next = register.nextDue { #expect(next > now) }
    }

    private func depart(_ register: inout Register, _ model: inout Model, _ now: Instant, _ names: [CodeKey: String]) {
        let before = model.subjects.count
        model.subjects = model.subjects.filter { !model.hasLeft($0.value.status, by: now) }
        let gone = register.depart(by: now)
        #expect(gone == before - model.subjects.count)
        var stayed: [String] = []
        register.forEach { key, _ in stayed.append(names[key] ?? "?") }
        #expect(stayed.sorted() == model.subjects.keys.sorted())
    }

    private func same(_ standing: Standing?, _ subject: Model.Subject?, _ model: Model) {
        #expect(standing == subject.flatMap { model.standing($0) })
    }

    /// A message and what it says. Few times and ids, so that versions are equal now and then.
    private func make(_ subject: String, _ step: Int, _ random: inout Seeded) -> (DossierMessage, Model.Status) {
        let time = Instant(microseconds: Self.newYear + random.int64(0...12) * Self.day)
        let id = random.int(0...3)
        var message = DossierMessage().attribute("subject", text: subject).attribute("time", text: Timestamp.utc(time)).attribute("id", text: "\(id)")
        let state = random.one(of: [1, 2, 2, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10])
        let tie = fnv("\(id)\0urn:test")
        if random.once(in: 8) {
            message = message.deleted()
            return (message, Model.Status(version: Version(time: time, state: 0, tie: tie), content: nil))
        }
        let received = Instant(microseconds: Self.newYear + random.one(of: [-1, 0, 800 * Self.day, 365 * Self.day - 1, 365 * Self.day, random.int64(0...364) * Self.day]))
        let content = Model.Content(
            agency: random.one(of: ["D1", "C21", "X9"]), procedure: random.one(of: ["P1", "P2"]), sector: random.one(of: [nil, "S1", "S2"]), state: state, received: received,
            due: random.once(in: 5) ? nil : Instant(microseconds: Self.newYear + random.int64(0...400) * Self.day + random.one(of: [0, -1, 1, 3_600_000_000])),
            finished: Instant(microseconds: Self.newYear + random.int64(0...400) * Self.day + random.one(of: [0, -1, 1])), filing: random.one(of: ["counter", "online", "post"]),
            returning: random.one(of: [nil, "counter", "post"]), level: random.one(of: [nil, 2, 3, 4]), supplements: random.int(0...3), apologised: random.once(in: 2))
        message = message.field("agency", text: content.agency).field("procedure", text: content.procedure).field("state", "\(state)").field("received", text: Timestamp.utc(received))
            .field("filing", text: content.filing).field("finished", text: Timestamp.utc(content.finished)).field("supplements", "\(content.supplements)").field("apologised", "\(content.apologised)")
        if let due = content.due { message = message.field("due", text: Timestamp.utc(due)) }
        if let sector = content.sector { message = message.field("sector", text: sector) }
        if let returning = content.returning { message = message.field("return", text: returning) }
        if let level = content.level { message = message.field("level", "\(level)") }
        return (message, Model.Status(version: Version(time: time, state: UInt8(state), tie: tie), content: content))
    }

    private func fnv(_ text: String) -> UInt64 {
        text.utf8.reduce(14_695_981_039_346_656_037) { hash, byte in (hash ^ UInt64(byte)).multipliedReportingOverflow(by: 1_099_511_628_211).partialValue }
    }
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

func key(_ code: String) -> CodeKey {
    var code = code
    return code.withUTF8 { CodeKey(code: UnsafeRawBufferPointer($0)) }
}

func withStatus(_ intake: Intake, _ message: DossierMessage, _ body: (DossierStatus) throws -> Void) throws {
    try Array(message.json.utf8).withUnsafeBytes { try body(try intake.read(Intake.Message(value: $0))) }
}
