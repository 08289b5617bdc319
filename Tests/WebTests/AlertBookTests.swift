@testable import Alerting
import Cases
import Catalog
import Scoreboard
import Testing

@testable import Web

/// What Alertmanager is told, as a pure function of what the alert topic says.
@Suite struct Book {
    private static let catalog = Catalog(
        source: "s", zone: Zone(name: "UTC", initialOffset: 0, transitions: []), lateBy: .date,
        agencies: [.init(id: "P", name: .init(vi: "P", en: "P"), level: "province", parent: nil), .init(id: "D", name: .init(vi: "D", en: "D"), level: "department", parent: 0)],
        frameworks: [], sectors: [], maxAhead: .zero, hash: "h")
    private static let now = 1_700_000_000.0

    private static func record(_ number: Int, _ state: AlertState, _ severity: Severity = .critical, revision: Int64 = 1, since: Double = now - 100, resolved: Double? = nil) -> AlertRecord {
        func instant(_ seconds: Double) -> Instant { Instant(microseconds: Int64(seconds * 1e6)) }
        return AlertRecord(
            key: "F/\(number)/D/2021", source: "s", time: instant(now),
            incident: Incident(since: instant(since), revision: revision, state: state, severity: severity, reason: resolved == nil ? .belowThreshold : .recovered, resolved: resolved.map(instant)), initial: false,
            agency: .init(id: "D", name: "D", level: "department", parent: "P"), criterion: .init(framework: "F", code: "\(number)", name: "n", lead: nil), period: "2021",
            score: Score(numerator: 1, denominator: 2), threshold: ExactDecimal(mantissa: 9, scale: 1), clear: ExactDecimal(mantissa: 9, scale: 1), target: nil, cause: nil, catalog: "h",
            text: .init(vi: "vi", en: "en"))
    }

    /// An Alertmanager that keeps what it is told, and may refuse to answer.
    private struct Keeper {
        var endsAt: [AlertBook.Labels: Double] = [:]

        mutating func take(_ posts: [AlertBook.Post], _ book: inout AlertBook, now: Double) {
            for post in posts {
                #expect(post.startsAt <= post.endsAt && post.startsAt <= now && (post.isAlive ? post.endsAt > now : post.endsAt <= now))
                endsAt[post.labels] = post.endsAt
                book.took(post, now: now)
            }
            book.finishedRound()
        }

        func firing(_ now: Double) -> Set<String> { Set(endsAt.filter { $0.value > now }.keys.map { "\($0.criterion) \($0.severity)" }) }
    }

    private static func tell(_ book: inout AlertBook, _ keeper: inout Keeper, _ records: [AlertRecord], now: Double) {
        keeper.take(book.posts(for: records, catalog, now: now, clock: Instant(microseconds: Int64(now * 1e6))), &book, now: now)
    }

    @Test func `a change of severity ends the one and begins the other, and pending ones are not told`() {
        var book = AlertBook(), keeper = Keeper()
        Self.tell(&book, &keeper, [Self.record(1, .firing, .warning), Self.record(2, .pending)], now: Self.now)
        #expect(keeper.firing(Self.now) == ["1 warning"])
        Self.tell(&book, &keeper, [Self.record(1, .firing, .critical, revision: 2), Self.record(2, .inactive)], now: Self.now + 1)
        #expect(keeper.firing(Self.now + 1) == ["1 critical"])
        Self.tell(&book, &keeper, [Self.record(1, .resolved, .critical, revision: 3, resolved: Self.now + 2)], now: Self.now + 3)
        #expect(keeper.firing(Self.now + 3).isEmpty && book.aliveCount == 0)
    }

    @Test func `what fires is told again before it ends by itself, and nothing else is`() {
        var book = AlertBook(), keeper = Keeper()
        let records = [Self.record(1, .firing)]
        Self.tell(&book, &keeper, records, now: Self.now)
        #expect(book.posts(for: records, Self.catalog, now: Self.now + 1, clock: .distantPast).isEmpty)
        #expect(book.nextRepetition == Self.now + AlertBook.repetition)
        #expect(book.posts(for: records, Self.catalog, now: Self.now + AlertBook.repetition, clock: .distantPast).count == 1)
        #expect(AlertBook.validity > 3 * AlertBook.repetition)
    }

    @Test func `who begins to lead also ends what the one before may have told and what has changed since`() {
        var keeper = Keeper(), first = AlertBook()
        Self.tell(&first, &keeper, [Self.record(1, .firing, .warning), Self.record(2, .firing)], now: Self.now)
        // It dies; meanwhile the one grows worse and the other ends.
        var second = AlertBook()
        Self.tell(&second, &keeper, [Self.record(1, .firing, .critical, revision: 2), Self.record(2, .resolved, revision: 2, resolved: Self.now + 5)], now: Self.now + 10)
        #expect(keeper.firing(Self.now + 10) == ["1 critical"])
    }

    @Test func `after any history of changes, failures and changes of leader it holds what the topic does`() {
        var random = Seeded(Oracle.seed("alert book"))
        for _ in 0..<300 {
            var book = AlertBook(), keeper = Keeper(), now = Self.now, records: [Int: AlertRecord] = [:]
            for _ in 0..<40 {
                now += Double(random.int(1...90))
                let number = random.int(1...5)
                let revision = (records[number]?.incident.revision ?? 0) + 1
                let state = random.one(of: AlertState.allCases), isOver = state == .resolved || state == .inactive
                // By a clock that may be ahead.
                records[number] = Self.record(number, state, random.one(of: Severity.allCases), revision: revision, since: now - Double(random.int(-5...50)), resolved: isOver ? now + Double(random.int(-3...3)) : nil)
                if random.once(in: 8) { book = AlertBook() }
                let posts = book.posts(for: Array(records.values), Self.catalog, now: now, clock: Instant(microseconds: Int64(now * 1e6)))
                // It may break off in the middle of a round.
                if random.once(in: 3) {
                    for post in posts.prefix(random.int(0...posts.count)) {
                        keeper.endsAt[post.labels] = post.endsAt
                        book.took(post, now: now)
                    }
                } else {
                    keeper.take(posts, &book, now: now)
                }
            }
            Self.tell(&book, &keeper, Array(records.values), now: now)
            let expected = Set(records.values.filter { $0.incident.state == .firing }.map { "\($0.criterion.code) \($0.incident.severity)" })
            #expect(keeper.firing(now) == expected)
        }
    }
}
