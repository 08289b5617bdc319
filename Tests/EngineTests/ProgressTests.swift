import Cases
import Catalog
import Engine
import Testing

/// A dossier and its progress.
@Suite struct ProgressTests {
    private static let names = ["open", "overdue", "finished", "late", "on_time", "tracked", "accepted"]

    private static func facts(_ messages: [(type: String, data: String, time: String)], now: String = "2021-06-01T00:00:00+07:00") throws -> [String] {
        let criteria = try names.map { name in SmallCatalog.criterion(name, .count(among: FactMask(required: try #require(Facts.named.first { $0.name == name }?.fact)))) }
        var desk = try Desk(SmallCatalog.make(criteria), now: now)
        for (type, data, time) in messages { desk.put(type, "S", data, time: time) }
        var facts: [String] = []
        for name in names where desk.score("D1", name) == "1" { facts.append(name) }
        return facts
    }

    private static let own = (type: "dossier", data: dossier, time: "2021-03-02T00:00:00+07:00")
    private static func step(_ state: Int, _ time: String) -> (type: String, data: String, time: String) { ("dossier.progress", "\"state\":\(state)", time) }

    @Test func `the newer of the two decides the state, in either order`() throws {
        let done = Self.step(9, "2021-03-10T20:00:00+07:00"), late = Self.step(9, "2021-03-11T00:00:00+07:00"), early = Self.step(9, "2021-03-01T00:00:00+07:00")
        for (step, want) in [(done, ["finished", "on_time", "tracked", "accepted"]), (late, ["finished", "late", "tracked", "accepted"]), (early, ["open", "overdue", "late", "tracked", "accepted"])] {
            #expect(try Self.facts([Self.own, step]) == want)
            #expect(try Self.facts([step, Self.own]) == want)
        }
    }

    private static func own(_ state: Int, finished: String, time: String = "2021-03-06T00:00:00+07:00") -> (type: String, data: String, time: String) {
        ("dossier", dossier.replacing("\"state\":4", with: "\"state\":\(state),\"finished\":\"\(finished)\""), time)
    }

    @Test func `a dossier was finished when its own status says, whatever state that was sent in`() throws {
        for state in [9, 4, 5, 7] {
            let inTime = Self.own(state, finished: "2021-03-05T00:00:00+07:00"), late = Self.own(state, finished: "2021-03-15T00:00:00+07:00"), step = Self.step(10, "2021-03-20T00:00:00+07:00")
            for order in [[inTime, step], [step, inTime]] { #expect(try Self.facts(order) == ["finished", "on_time", "tracked", "accepted"]) }
            for order in [[late, step], [step, late]] { #expect(try Self.facts(order) == ["finished", "late", "tracked", "accepted"]) }
        }
    }

    @Test func `a finished dossier that is reopened has its due date still`() throws {
        let finished = Self.own(9, finished: "2021-03-05T00:00:00+07:00"), reopened = Self.step(4, "2021-03-07T00:00:00+07:00"), again = Self.step(9, "2021-03-20T00:00:00+07:00")
        for order in [[finished, reopened], [reopened, finished]] {
            #expect(try Self.facts(order, now: "2021-03-10T23:59:59+07:00") == ["open", "tracked", "accepted"])
            #expect(try Self.facts(order, now: "2021-03-11T00:00:00+07:00") == ["open", "overdue", "late", "tracked", "accepted"])
        }
        for order in [[finished, reopened, again], [again, reopened, finished]] { #expect(try Self.facts(order) == ["finished", "on_time", "tracked", "accepted"]) }
    }

    @Test func `a deleted progress is as if there were none, a deleted dossier stays deleted`() throws {
        let done = Self.step(9, "2021-03-10T20:00:00+07:00")
        #expect(try Self.facts([Self.own, done, ("dossier.progress", "\"deleted\":true", "2021-03-12T00:00:00+07:00")]) == ["open", "overdue", "late", "accepted"])
        #expect(try Self.facts([done, ("dossier", "\"deleted\":true", "2021-03-02T00:00:00+07:00")]) == [])
        #expect(try Self.facts([done]) == [])
    }

    @Test func `a dossier that a progress suspends is not overdue, and comes due when another takes it up again`() throws {
        let suspended = Self.step(5, "2021-03-03T00:00:00+07:00"), again = Self.step(4, "2021-03-20T00:00:00+07:00")
        #expect(try Self.facts([Self.own, suspended]) == ["tracked", "accepted"])
        #expect(try Self.facts([suspended, again, Self.own]) == ["open", "overdue", "late", "tracked", "accepted"])
    }
}
