import Cases
import Catalog
import CatalogFiles
import Foundation
import Testing

/// Foundation's calendar is the judge; the table of transitions is what the program makes of it.
@Suite struct Zones {
    @Test(arguments: [
        "Asia/Ho_Chi_Minh", "Europe/Amsterdam", "America/St_Johns", "Asia/Beirut", "America/Sao_Paulo", "America/Asuncion", "America/Havana", "Africa/Cairo", "Asia/Tehran", "Asia/Kathmandu",
        "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Pyongyang", "UTC",
    ])
    func `the local day of an instant, and the instant a day begins, are those of Foundation's calendar from 1975 to 2090`(name: String) throws {
        var random = Seeded(Oracle.seed(name))
        let zone = try read(name), time = try #require(TimeZone(identifier: name))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = time
        var probes = (0..<600).map { _ in random.int64(157_766_400...3_786_912_000) }
        // Around every change of the clock, where days are short, long or begin late.
        var at = Date(timeIntervalSince1970: 157_766_400)
        while let next = time.nextDaylightSavingTimeTransition(after: at), next.timeIntervalSince1970 < 3_786_912_000, probes.count < 2_500 {
            for offset in [-86_401, -86_400, -3_601, -61, -1, 0, 1, 59, 3_599, 3_600, 86_400] as [Int64] { probes.append(Int64(next.timeIntervalSince1970) + offset) }
            at = next
        }
        for second in probes {
            let date = Date(timeIntervalSince1970: Double(second)), instant = Instant(microseconds: second * 1_000_000 + random.int64(0...999_999))
            let civil = calendar.dateComponents([.year, .month, .day], from: date), day = zone.day(of: instant)
            guard civil.year == day.civil.year, civil.month == day.civil.month, civil.day == day.civil.day, zone.offset(at: instant) == time.secondsFromGMT(for: date) else {
                Issue.record("\(name) at \(second): \(day.civil), \(zone.offset(at: instant)) s; Foundation says \(civil), \(time.secondsFromGMT(for: date)) s")
                return
            }
            let start = zone.start(of: day)
            guard zone.day(of: start) == day, start <= instant, zone.day(of: Instant(microseconds: start.microseconds - 1)) < day else {
                Issue.record("\(name) at \(second): \(day.civil) does not begin at \(Timestamp.utc(start))")
                return
            }
        }
    }

    @Test func `every zone that Foundation knows keeps the same time as Foundation`() throws {
        var random = Seeded(Oracle.seed("all zones"))
        for name in TimeZone.knownTimeZoneIdentifiers.shuffled(using: &random).prefix(80) {
            let zone = try read(name), time = try #require(TimeZone(identifier: name))
            for _ in 0..<60 {
                let second = random.int64(157_766_400...3_786_912_000)
                guard zone.offset(at: Instant(microseconds: second * 1_000_000)) == time.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) else {
                    Issue.record("\(name) at \(second)")
                    break
                }
            }
        }
    }

    @Test func `a day begins at midnight where there is one, else at the jump over it, the first time where midnight comes twice`() throws {
        let beirut = try read("Asia/Beirut"), johns = try read("America/St_Johns"), apia = try read("Pacific/Apia"), vietnam = try read("Asia/Ho_Chi_Minh")
        // 28 March 2021: from 00:00 to 01:00.
        #expect(beirut.start(of: LocalDay(year: 2021, month: 3, day: 28)).text(in: beirut) == "2021-03-28T01:00:00+03:00")
        // 31 October 2021: from 00:00 back to 23:00, so that midnight comes an hour later.
        #expect(beirut.start(of: LocalDay(year: 2021, month: 10, day: 31)).text(in: beirut) == "2021-10-31T00:00:00+02:00")
        // 7 November 2010: from 00:01 back to 23:01.
        #expect(johns.start(of: LocalDay(year: 2010, month: 11, day: 7)).text(in: johns) == "2010-11-07T00:00:00-02:30")
        // 30 December 2011 was left out.
        #expect(apia.start(of: LocalDay(year: 2011, month: 12, day: 30)) == apia.start(of: LocalDay(year: 2011, month: 12, day: 31)))
        #expect(apia.start(of: LocalDay(year: 2011, month: 12, day: 31)).text(in: apia) == "2011-12-31T00:00:00+14:00")
        #expect(vietnam.start(of: LocalDay(year: 2021, month: 1, day: 1)).text(in: vietnam) == "2021-01-01T00:00:00+07:00")
    }

    @Test func `a transition holds from its own instant on`() {
        let zone = Zone(name: "Test", initialOffset: 60, transitions: [.init(from: Instant(microseconds: 100), offset: 120), .init(from: Instant(microseconds: 200), offset: 180)])
        #expect([99, 100, 199, 200].map { zone.offset(at: Instant(microseconds: $0)) } == [60, 120, 120, 180])
    }

    @Test func `days at the ends of time do not trap`() {
        #expect(Zone.utc.day(of: .distantPast) < LocalDay(number: 0))
        #expect(Zone.utc.day(of: .distantFuture) > LocalDay(number: 0))
        #expect(Zone.utc.day(of: Instant(microseconds: -1)) == LocalDay(number: -1))
    }

    /// As the program reads it: out of a file of agencies.
    private func read(_ name: String) throws -> Zone {
        try Oracle.withFolder("zone") { folder in
            try Data("source: urn:z\nagencies: a.yaml\ncriteria: []\n".utf8).write(to: folder.appendingPathComponent("p.yaml"))
            try Data("timezone: \(name)\nagencies: []\n".utf8).write(to: folder.appendingPathComponent("a.yaml"))
            return try Configuration.load(path: folder.appendingPathComponent("p.yaml").path).catalog.zone
        }
    }
}
