import Foundation
@testable import Simulation
import Testing

/// What offices owe is done, most of it in time.
@Suite struct OwedWork {
    /// Reports of 20 offices, due at 15:00 on every Thursday of 2021 in UTC+7.
    private static let owed: [Simulation.Owed] = (0..<52).flatMap { week in
        Year.offices.prefix(20).map { office in
            Simulation.Owed(
                subject: "F/r/\(office.id)/\(week)", framework: "F", criterion: "r", agency: office.id, overdueFrom: (1_609_977_600 - 25_200 + 54_000 + Int64(week) * 604_800) * 1_000_000 + 1)
        }
    }

    private static func year(seed: UInt64 = 7, owed: [Simulation.Owed] = owed, through last: Day? = nil) -> [Simulation.Message] {
        Array(Simulation(settings: .init(seed: seed, year: 2021, lastDay: last, dossiersPerWorkingDay: 20), offices: Year.offices, owed: owed))
    }

    private static let reports = year().filter { $0.key.hasPrefix("F/") }
    private static let dues = Dictionary(uniqueKeysWithValues: owed.map { ($0.subject, $0.overdueFrom) })

    private static func isLate(_ message: Simulation.Message) -> Bool { message.time >= dues[message.key] ?? 0 }

    @Test func `each is done once, most in time and within days before, some days later, all in office hours`() {
        // What is late at the year's end comes after it.
        #expect(Set(Self.reports.map(\.key)).count == Self.reports.count && Self.reports.count > Self.owed.count - 10)
        let late = Self.reports.filter(Self.isLate)
        #expect((20...70).contains(late.count))
        for report in Self.reports {
            let due = Self.dues[report.key] ?? 0, days = Double(report.time - due) / 86_400e6
            #expect(days > -14 && days < 20, "\(report.json)")
            let local = (report.time / 1_000_000 + 25_200) % 86_400
            #expect(local >= 7 * 3_600 && local < 17 * 3_600)
        }
    }

    @Test func `its message says what it is, when it was due and when it was done`() throws {
        let format = ISO8601DateFormatter()
        for report in Self.reports {
            let event = try #require(try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any]), data = try #require(event["data"] as? [String: String])
            #expect(event["type"] as? String == "vn.par.obligation.v1" && event["subject"] as? String == report.key && event["time"] as? String == data["done"])
            #expect(data["framework"] == "F" && data["criterion"] == "r" && report.key.contains("/\(data["agency"] ?? "none")/"))
            let done = try #require(data["done"].flatMap(format.date)), due = try #require(data["due"].flatMap(format.date))
            #expect(Int64(done.timeIntervalSince1970) * 1_000_000 == report.time)
            #expect(due == (Self.dues[report.key]).map { Date(timeIntervalSince1970: Double($0 - 1) / 1e6) })
        }
    }

    @Test func `dossiers stay the same whatever is owed, and each report whatever else is owed`() {
        let whole = Self.year()
        #expect(whole.filter { !$0.key.hasPrefix("F/") } == Self.year(owed: []))
        #expect(zip(whole, whole.dropFirst()).allSatisfy { $0.time <= $1.time })
        let half = Self.year(owed: Self.owed.filter { $0.subject.hasSuffix("1") })
        #expect(Set(half).isSubset(of: Set(whole)) && half != whole)
        #expect(Set(Self.year(seed: 8).filter { $0.key.hasPrefix("F/") }) != Set(Self.reports), "another seed, other fates")
    }

    @Test func `what was due before the beginning or is done after the end is not sent`() throws {
        let end = try #require(Day("2021-03-05")), short = Self.year(through: end).filter { $0.key.hasPrefix("F/") }
        #expect(short.allSatisfy { $0.time < 1_614_963_600_000_000 } && short.count > 100 && Set(short).isSubset(of: Set(Self.reports)))
        let past = Simulation.Owed(subject: "F/past", framework: "F", criterion: "r", agency: "A", overdueFrom: 1_600_000_000_000_000)
        #expect(Self.year(owed: [past]) == Self.year(owed: []))
        // New Year's Day: nobody is there before it.
        let first = Simulation.Owed(subject: "F/first", framework: "F", criterion: "r", agency: "A", overdueFrom: 1_609_520_400_000_000)
        #expect(Self.year(owed: [first]).count { $0.key == "F/first" } == 1)
    }
}
