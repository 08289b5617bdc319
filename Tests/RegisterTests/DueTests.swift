import Cases
import Catalog
import Intake
import Register
import Testing

/// What comes due when, for many dossiers whose due instants move; through the register.
@Suite struct DueInstants {
    private static let day: Int64 = 86_400_000_000
    private static let newYear: Int64 = 1_609_434_000_000_000   // 2021-01-01T00:00:00+07:00

    /// A register beside a dictionary of what waits for when.
    private struct Waiting: ~Copyable {
        private let intake: Intake
        var register: Register
        var now: Instant
        private var version: Int64 = 0
        private(set) var waits: [CodeKey: Instant] = [:]

        init(_ catalog: Catalog, now: Int64) throws {
            intake = try #require(Intake())
            register = Register(catalog: catalog)
            self.now = Instant(microseconds: now)
        }

        /// Nothing waits any more: it has left.
        mutating func begin(at instant: Instant) {
            now = instant
            waits = [:]
        }

        /// A newer status of a dossier: open and due then, or nil: finished.
        mutating func put(_ subject: String, due: Instant?, received: String = "2021-01-01T08:00:00+07:00") throws {
            version += 1
            var message = DossierMessage().attribute("subject", text: subject).attribute("time", text: Timestamp.utc(Instant(microseconds: newYear + version))).field("agency", text: "D1").field("received", text: received)
            message = if let due { message.field("due", text: Timestamp.utc(due)) } else { message.field("state", "9") }
            try withStatus(intake, message) { status in
                guard case .replaced(_, let new, _) = register.accept(status, now: now) else { throw Failure("\(subject) was not taken in") }
                // Overdue is the microsecond after.
                let from = due.map { $0.advanced(by: Instant.Duration(microseconds: 1)) }
                waits[key(subject)] = from.flatMap { $0 > now ? $0 : nil }
                #expect(new?.facts.contains(.overdue) == from.map { $0 <= now } ?? false)
            }
        }

        /// Everything that is due by then, each once, in order of the instants; nothing else. Stops on the way wherever the register may have something.
        mutating func advance(to instant: Instant) throws {
            while now < instant {
                let earliest = waits.values.min()
                if let earliest {
                    guard let next = register.nextDue, next <= earliest else { throw Failure("what comes due at \(earliest.microseconds) is missed") }
                }
                now = min(instant, max(now, register.nextDue ?? instant))
                var came: [CodeKey] = []
                register.comeDue(by: now) { subject, _, new in
                    if new?.facts.contains(.overdue) != true { Issue.record("came due, but is not overdue") }
                    came.append(subject)
                }
                for subject in came { if waits[subject].map({ $0 > now }) ?? true { throw Failure("came due without waiting for it") } }
                let instants = came.compactMap { waits.removeValue(forKey: $0) }
                guard instants.count == came.count, instants == instants.sorted() else { throw Failure("came due twice, or out of order") }
                if waits.values.contains(where: { $0 <= now }) { throw Failure("was due, but did not come") }
                if let next = register.nextDue, next <= now { throw Failure("time stands still") }
            }
        }
    }

    @Test func `thousands of dossiers whose due instants move again and again come due once each, in order, in their time`() throws {
        var dice = Seeded(Oracle.seed("due instants"))
        // Few at first, so that nearly all that waits is outdated; then many.
        for (subjects, moves) in [(40, 15_000), (3_000, 25_000)] {
            var waiting = try Waiting(SmallCatalog.make([], lateBy: .instant), now: Self.newYear)
            for move in 0..<moves {
                // The same instant for many; within the present hours; days ahead; far ahead; passed already.
                let due: Instant? = dice.one(of: [
                    nil, Instant(microseconds: Self.newYear + dice.int64(0...40) * 10 * Self.day), waiting.now.advanced(by: Instant.Duration(microseconds: dice.int64(0...Self.day / 4))),
                    waiting.now.advanced(by: Instant.Duration(microseconds: dice.int64(0...20 * Self.day))), waiting.now.advanced(by: Instant.Duration(microseconds: dice.int64(0...900 * Self.day))),
                    waiting.now.advanced(by: Instant.Duration(microseconds: -dice.int64(0...Self.day))),
                ])
                try waiting.put("S\(dice.int(0...subjects))", due: due)
                if move % 500 == 499 { try waiting.advance(to: waiting.now.advanced(by: Instant.Duration(microseconds: dice.one(of: [1, dice.int64(0...Self.day), dice.int64(0...9 * Self.day)])))) }
            }
            try waiting.advance(to: waiting.now.advanced(by: Instant.Duration(microseconds: 2_000 * Self.day)))
            #expect(waiting.waits.isEmpty)
            #expect(waiting.register.nextDue == nil)
        }
    }

    @Test func `a dossier in the place of one that has left comes due at its own instant, once`() throws {
        let catalog = SmallCatalog.make([], lateBy: .instant, years: [2020, 2021], closesAfter: .days(0), keepClosed: .days(0))
        var waiting = try Waiting(catalog, now: Self.newYear - 300 * Self.day)
        let far = Instant(microseconds: Self.newYear + 200 * Self.day), near = Instant(microseconds: Self.newYear + 10 * Self.day)
        for subject in 0..<100 { try waiting.put("OLD-\(subject)", due: far, received: "2020-03-01T08:00:00+07:00") }
        let gone = waiting.register.depart(by: Instant(microseconds: Self.newYear))
        #expect(gone == 100)
        // The old ones still stand in the queue, at numbers that now are others'.
        waiting.begin(at: Instant(microseconds: Self.newYear))
        for subject in 0..<100 { try waiting.put("NEW-\(subject)", due: subject % 3 == 0 ? far : subject % 3 == 1 ? near : nil) }
        try waiting.advance(to: Instant(microseconds: Self.newYear + 300 * Self.day))
        #expect(waiting.waits.isEmpty)
        let count = waiting.register.count
        #expect(count == 100)
    }

    @Test func `subjects that leave year after year make room for others, and all that are there are found`() throws {
        var dice = Seeded(Oracle.seed("departures"))
        let years = Array(2015...2021)
        let catalog = SmallCatalog.make([], years: years, closesAfter: .days(0), keepClosed: .days(0))
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        var present: [String: Int] = [:]
        let start = SmallCatalog.instant("2015-06-01T00:00:00+07:00")
        func message(_ subject: String, _ year: Int) -> DossierMessage {
            DossierMessage().attribute("subject", text: subject).attribute("time", text: "2015-01-01T00:00:00Z").field("agency", text: "D1").field("received", text: "\(year)-07-01T00:00:00+07:00")
        }
        for year in years {
            for _ in 0..<dice.int(500...3_000) {
                let subject = "S\(dice.int(0...9_999))", of = dice.int(year...2021)
                try withStatus(intake, message(subject, of)) { status in
                    switch register.accept(status, now: start) {
                    case .superseded: if present[subject] == nil { throw Failure("\(subject) is there, but should not") }
                    case .replaced(let old, _, _):
                        if old != nil || present[subject] != nil { throw Failure("\(subject) was there, but not found") }
                        present[subject] = of
                    case .departed: throw Failure("\(subject) was refused")
                    }
                }
            }
            let gone = register.depart(by: SmallCatalog.instant("\(year + 1)-01-01T00:00:00+07:00"))
            register.forEach { if let of = $1?.receivedOn.civil.year, of <= year { Issue.record("one of \(of) has not left after \(year)") } }
            #expect(gone == present.values.count { $0 == year })
            present = present.filter { $0.value != year }
            #expect(register.count == present.count)
            for subject in present.keys {
                try withStatus(intake, message(subject, 2021)) { status in
                    guard case .superseded = register.accept(status, now: start) else { throw Failure("\(subject) is lost") }
                }
            }
        }
    }

    /// What `docs/facts.md` says: an entry has room for instants until then.
    @Test(arguments: [("2112-09-16T23:59:59+07:00", true), ("2112-09-18T00:00:00+07:00", false), ("9999-12-31T23:59:59+07:00", false), ("1969-12-31T00:00:00+07:00", true)])
    func `a due date after 16 September 2112 never comes`(due: String, comes: Bool) throws {
        let intake = try #require(Intake()), catalog = SmallCatalog.make([], years: [2021], keepClosed: .days(3_000_000))
        let message = DossierMessage().attribute("subject", text: "S").field("agency", text: "D1").field("due", text: due)
        var register = Register(catalog: catalog)
        try withStatus(intake, message) { status in
            guard case .replaced(_, let new, _) = register.accept(status, now: SmallCatalog.instant("2112-09-17T00:00:00+07:00")) else { throw Failure("it was not taken in") }
            #expect(new?.facts.contains(.overdue) == comes)
        }
        #expect(register.nextDue == nil)
    }
}
