import Cases
import Catalog
@testable import Intake
import Register
import Testing

@Suite struct Growth {
    @Test func `a hundred thousand subjects are all found again, before and after half of them have left`() throws {
        let catalog = SmallCatalog.make([], years: [2020, 2021], closesAfter: .days(0), keepClosed: .days(0))
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let now = SmallCatalog.instant("2020-06-01T00:00:00+07:00"), count = 110_000
        // One message whose subject is written over: what is tested is the table.
        var bytes = Array(DossierMessage().attribute("subject", text: "SUBJECT-0000000").field("agency", text: "D1").json.utf8)
        let digits = try #require(String(decoding: bytes, as: UTF8.self).utf8.firstRange(of: "0000000".utf8)).lowerBound.utf16Offset(in: String(decoding: bytes, as: UTF8.self))
        let year = try #require(String(decoding: bytes, as: UTF8.self).firstRange(of: "\"received\":\"2021")).upperBound.utf16Offset(in: String(decoding: bytes, as: UTF8.self)) - 1
        func accept(_ number: Int, _ register: inout Register, now: Instant) throws -> Register.Change {
            var rest = number
            for place in (0..<7).reversed() {
                bytes[digits + place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            bytes[year] = UInt8(ascii: number % 2 == 0 ? "0" : "1")
            return try bytes.withUnsafeBytes { register.accept(try intake.read(Intake.Message(value: $0)), now: now) }
        }
        for number in 0..<count {
            guard case .replaced(nil, _?, nil) = try accept(number, &register, now: now) else { throw Failure("subject \(number) was there already") }
        }
        #expect(register.count == count)
        for number in stride(from: 0, to: count, by: 3) {
            guard case .superseded = try accept(number, &register, now: now) else { throw Failure("subject \(number) is lost") }
        }
        let gone = register.depart(by: SmallCatalog.instant("2021-01-01T00:00:00+07:00"))
        #expect(gone == count / 2 && register.count == count - gone)
        register.forEach { if $1?.receivedOn.civil.year == 2020 { Issue.record("\(String(describing: $1)) is still there") } }
        // Taking one out must not hide another behind the gap.
        for number in stride(from: 1, to: count, by: 2) {
            guard case .superseded = try accept(number, &register, now: now) else { throw Failure("subject \(number) is lost") }
        }
        for number in stride(from: 0, to: 1_000, by: 2) {
            guard case .replaced(nil, _?, nil) = try accept(number, &register, now: now) else { throw Failure("subject \(number) did not leave") }
        }
        var seen = 0
        register.forEach { _, _ in seen += 1 }
        #expect(seen == register.count && seen == count - gone + 500)
    }

    @Test func `dossiers whose due date moves again and again come due once, at the last of them`() throws {
        let catalog = SmallCatalog.make([])
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let now = SmallCatalog.instant("2021-01-01T00:00:00+07:00")
        // Far more moves than the register keeps outdated due instants.
        for move in 0..<12_000 {
            let time = Timestamp.utc(Instant(microseconds: now.microseconds + Int64(move))), due = Timestamp.utc(Instant(microseconds: now.microseconds + Int64(1 + (move * 7_919) % 300) * 86_400_000_000))
            try withStatus(intake, DossierMessage().attribute("subject", text: "S\(move % 3)").field("agency", text: "D1").attribute("time", text: time).field("due", text: due)) { _ = register.accept($0, now: now) }
        }
        var came: [CodeKey] = []
        register.comeDue(by: SmallCatalog.instant("2022-06-01T00:00:00+07:00")) { subject, old, new in
            #expect(old?.facts.contains(.overdue) == false && new?.facts.isSuperset(of: [.overdue, .late, .decided, .open]) == true)
            came.append(subject)
        }
        let last = (11_997..<12_000).map { (key("S\($0 % 3)"), ($0 * 7_919) % 300) }.sorted { $0.1 < $1.1 }.map(\.0)
        #expect(came == last)
        #expect(register.nextDue == nil)
    }

    @Test func `a deletion leaves with the year after that in which it was said, and guards against older statuses until then`() throws {
        let catalog = SmallCatalog.make([], years: [2021, 2022], closesAfter: .days(0), keepClosed: .days(0))
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let now = SmallCatalog.instant("2021-06-01T00:00:00+07:00"), after = SmallCatalog.instant("2022-01-01T00:00:00+07:00"), yearAfter = SmallCatalog.instant("2023-01-01T00:00:00+07:00")
        try withStatus(intake, DossierMessage().deleted()) { _ = register.accept($0, now: now) }
        try withStatus(intake, DossierMessage().attribute("subject", text: "D2")) { _ = register.accept($0, now: now) }
        let early = register.depart(by: Instant(microseconds: after.microseconds - 1)), first = register.depart(by: after), kept = register.count
        #expect(early == 0 && first == 1 && kept == 1)
        let older = DossierMessage().attribute("time", text: "2021-02-01T00:00:00Z")
        for message in [older, older.field("received", text: "2022-01-31T00:00:00Z")] {
            try withStatus(intake, message) { status in
                guard case .superseded = register.accept(status, now: after) else { throw Failure("an older status came past a deletion") }
            }
        }
        let last = register.depart(by: yearAfter), left = register.count
        #expect(last == 1 && left == 0)
        for message in [older, older.field("received", text: "2022-01-31T00:00:00Z"), DossierMessage().deleted()] {
            try withStatus(intake, message) { status in
                guard case .departed = register.accept(status, now: yearAfter) else { throw Failure("what comes after it has left was taken in") }
            }
        }
    }

    @Test func `where years leave out of their order, what guards the dossiers of one stays until it has left`() throws {
        var catalog = SmallCatalog.make([], years: [2021, 2022], closesAfter: .days(0), keepClosed: .days(0))
        catalog.frameworks[0].keepClosed = .days(1_000)
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let now = SmallCatalog.instant("2021-06-01T00:00:00+07:00"), first = SmallCatalog.instant("2023-01-01T00:00:00+07:00"), last = SmallCatalog.instant("2024-09-27T00:00:00+07:00")
        let progress = ProgressStatus(subject: key("LONELY"), version: Version(time: now, state: 9, tie: 0), at: now, state: .finished)
        for message in [DossierMessage(), DossierMessage().deleted().attribute("time", text: "2021-06-01T00:00:00Z")] { try withStatus(intake, message) { _ = register.accept($0, now: now) } }
        _ = register.accept(progress, now: now)
        let early = register.depart(by: first)
        #expect(early == 0)
        try withStatus(intake, DossierMessage()) { status in
            guard case .superseded = register.accept(status, now: first) else { throw Failure("an older status came past a deletion") }
        }
        guard case .superseded = register.accept(progress, now: first) else { throw Failure("progress has left before the dossiers of its year") }
        let late = register.depart(by: last), count = register.count
        #expect(late == 1 && count == 0)
        guard case .departed = register.accept(progress, now: last) else { throw Failure("progress has not left") }
    }

    @Test func `a dossier of a year without a framework can be deleted while it is there`() throws {
        let catalog = SmallCatalog.make([], years: [2021, 2023], closesAfter: .days(0), keepClosed: .days(0)), now = SmallCatalog.instant("2024-06-01T00:00:00+07:00")
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let message = DossierMessage().field("agency", text: "D1").field("received", text: "2022-01-03T00:00:00+07:00"), deletion = DossierMessage().deleted().attribute("time", text: "2021-12-31T00:00:00Z")
        try withStatus(intake, deletion.attribute("subject", text: "UNKNOWN")) { status in
            guard case .departed = register.accept(status, now: now) else { throw Failure("a deletion that guards no more was taken in") }
        }
        try withStatus(intake, message) { _ = register.accept($0, now: now) }
        try withStatus(intake, deletion) { status in
            guard case .replaced(_?, nil, nil) = register.accept(status, now: now) else { throw Failure("it could not be deleted") }
        }
    }

    @Test func `a deletion stays as long as what it deletes would have, also where that lies years ahead by mistake, whichever comes first`() throws {
        let catalog = SmallCatalog.make([], years: [2021, 2022, 2025], closesAfter: .days(0), keepClosed: .days(0))
        let intake = try #require(Intake()), now = SmallCatalog.instant("2024-06-01T00:00:00+07:00")
        let mistaken = DossierMessage().field("received", text: "2025-03-01T00:00:00+07:00"), deletion = DossierMessage().deleted().attribute("time", text: "2021-06-01T00:00:00Z")
        // One that ran on, and one that reads everything anew.
        let early = SmallCatalog.instant("2021-06-01T00:00:00+07:00")
        for (clock, order) in [(early, [mistaken, deletion]), (now, [mistaken, deletion]), (early, [deletion, mistaken])] {
            var register = Register(catalog: catalog)
            for message in order { try withStatus(intake, message) { _ = register.accept($0, now: clock) } }
            let gone = register.depart(by: now)
            var counted = 0
            register.forEach { if $1 != nil { counted += 1 } }
            #expect(gone == 0 && counted == 0)
            try withStatus(intake, mistaken) { status in
                guard case .superseded = register.accept(status, now: now) else { throw Failure("what was deleted came back") }
            }
        }
    }

    @Test func `what a clock at 1970 says counts, whether it comes before or after its dossier`() throws {
        let catalog = SmallCatalog.make([], years: [2021, 2022, 2023, 2024], closesAfter: .days(0), keepClosed: .days(0)), now = SmallCatalog.instant("2024-06-01T00:00:00+07:00")
        let intake = try #require(Intake())
        let message = DossierMessage().attribute("time", text: "1970-01-01T00:00:05Z").field("agency", text: "D1").field("received", text: "2024-05-30T00:00:00+07:00").field("due", text: "2024-06-20T00:00:00+07:00")
        let time = SmallCatalog.instant("1970-01-01T00:10:00Z"), deletion = message.deleted().attribute("time", text: "1970-01-01T00:10:00Z")
        let subject = key("S"), progress = ProgressStatus(subject: subject, version: Version(time: time, state: 9, tie: 0), at: now, state: .finished)
        for isFirst in [true, false] {
            var register = Register(catalog: catalog), deleted = Register(catalog: catalog)
            if isFirst { _ = register.accept(progress, now: now) }
            try withStatus(intake, message.attribute("subject", text: "S")) { _ = register.accept($0, now: now) }
            if !isFirst { _ = register.accept(progress, now: now) }
            register.forEach { #expect($1?.facts.isSuperset(of: [.finished, .onTime, .tracked]) == true) }
            for message in isFirst ? [deletion, message] : [message, deletion] { try withStatus(intake, message) { _ = deleted.accept($0, now: now) } }
            deleted.forEach { #expect($1 == nil) }
            let counts = (register.count, deleted.count)
            #expect(counts == (1, 1))
        }
    }

    @Test func `progress of a dossier that is there stays, and is taken in, however long ago it was said`() throws {
        let catalog = SmallCatalog.make([], years: [2021, 2022, 2023, 2024], closesAfter: .days(0), keepClosed: .days(0))
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let now = SmallCatalog.instant("2022-06-01T00:00:00+07:00"), later = SmallCatalog.instant("2024-01-01T00:00:00+07:00")
        func progress(_ subject: String, _ month: Int) -> ProgressStatus {
            let time = SmallCatalog.instant("2021-0\(month)-01T00:00:00+07:00")
            return ProgressStatus(subject: key(subject), version: Version(time: time, state: 9, tie: 0), at: time, state: .finished)
        }
        for subject in ["S1", "S2"] {
            try withStatus(intake, DossierMessage().attribute("subject", text: subject).attribute("time", text: "2021-02-01T00:00:00Z").field("agency", text: "D1").field("received", text: "2024-03-01T00:00:00+07:00")) {
                _ = register.accept($0, now: now)
            }
        }
        _ = register.accept(progress("S1", 5), now: now)
        register.depart(by: later)
        guard case .superseded = register.accept(progress("S1", 5), now: later) else { throw Failure("progress has left before its dossier") }
        guard case .replaced = register.accept(progress("S1", 6), now: later), case .replaced = register.accept(progress("S2", 5), now: later) else { throw Failure("progress was refused") }
        var tracked = 0
        register.forEach { if $1?.facts.contains(.tracked) == true { tracked += 1 } }
        #expect(tracked == 2)
    }

    @Test func `progress stays as long as a deletion would, and tells of a dossier that left and is corrected into a later year`() throws {
        let catalog = SmallCatalog.make([], years: [2021, 2022], closesAfter: .days(0), keepClosed: .days(0))
        let intake = try #require(Intake())
        var register = Register(catalog: catalog)
        let now = SmallCatalog.instant("2021-06-01T00:00:00+07:00"), after = SmallCatalog.instant("2022-01-01T00:00:00+07:00"), yearAfter = SmallCatalog.instant("2023-01-01T00:00:00+07:00")
        func progress(_ subject: String, at time: String) -> ProgressStatus {
            let time = SmallCatalog.instant(time)
            return ProgressStatus(subject: key(subject), version: Version(time: time, state: 9, tie: 0), at: time, state: .finished)
        }
        func knows(_ progress: ProgressStatus, _ register: inout Register, _ now: Instant) -> Bool { if case .superseded = register.accept(progress, now: now) { true } else { false } }
        try withStatus(intake, DossierMessage().attribute("subject", text: "D1")) { _ = register.accept($0, now: now) }
        let with = progress("D1", at: "2021-05-01T00:00:00+07:00"), without = progress("D2", at: "2021-05-01T00:00:00+07:00")
        for one in [with, without] { _ = register.accept(one, now: now) }
        register.depart(by: after)
        let count = register.count, isThere = knows(with, &register, after) && knows(without, &register, after)
        #expect(count == 0 && isThere)
        let corrected = DossierMessage().attribute("subject", text: "D1").attribute("time", text: "2021-12-31T00:00:00Z").field("agency", text: "D1").field("received", text: "2022-01-03T00:00:00+07:00")
        try withStatus(intake, corrected) { status in
            guard case .replaced(nil, let standing?, nil) = register.accept(status, now: after) else { throw Failure("the correction was not taken in") }
            #expect(standing.facts.contains(.tracked))
        }
        register.depart(by: yearAfter)
        for one in [with, without] {
            guard case .departed = register.accept(one, now: yearAfter) else { throw Failure("progress of a year that has left was taken in") }
        }
    }
}

@Suite struct CodeKeys {
    @Test func `different codes have different keys, however alike they look`() {
        var keys: [CodeKey: String] = [:]
        var codes = (0..<60_000).map { "000.00.12.H21-210301-\($0)" } + (0..<40_000).map { "\($0)" }
        // Lengths around eight bytes, zero bytes at the end, one bit apart.
        for length in 0...40 { codes.append(String(repeating: "\0", count: length)) }
        for length in 1...40 { codes.append(String(repeating: "A", count: length)) }
        for place in 0..<24 { for bit in 0..<7 { codes.append(String((0..<24).map { Character(UnicodeScalar(UInt8(0x40) ^ ($0 == place ? 1 << bit : 0))) })) } }
        for code in Set(codes) {
            if let other = keys.updateValue(code, forKey: key(code)) { Issue.record("\(code.debugDescription) and \(other.debugDescription)") }
        }
    }

    @Test func `a key does not depend on where in memory a code lies, nor on what stands behind it`() {
        let code = Array("000.00.12.H21-210301-0001".utf8)
        for offset in 0..<16 {
            let bytes = [UInt8](repeating: 0xAB, count: offset) + code + [UInt8](repeating: UInt8(offset), count: 16)
            bytes.withUnsafeBytes { #expect(CodeKey(code: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + code.count])) == key("000.00.12.H21-210301-0001")) }
        }
    }

    @Test func `keys spread evenly over the low bits that choose a slot`() {
        var slots = [Int](repeating: 0, count: 256)
        for number in 0..<25_600 { slots[Int(truncatingIfNeeded: key("D-\(number)").high & 255)] += 1 }
        // A hundred in each on average; ten standard deviations around it.
        #expect(slots.allSatisfy { (1...200).contains($0) })
    }

    @Test func `codes are numbered as they come, and equal means equal bytes`() {
        var table = CodeTable()
        #expect(["a", "b", "a", "\u{EA}", "e\u{302}"].map { table.number(of: key($0)) } == [0, 1, 0, 2, 3])
        #expect(table.count == 4 && table.key(of: 1) == key("b"))
    }
}
