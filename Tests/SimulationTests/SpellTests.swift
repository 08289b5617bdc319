import Simulation
import Testing

/// Offices slip and recover, as a watcher of rates sees it.
struct SpellTests {
    private static let decided = Dictionary(grouping: Year.register.filter { ($0.state == 9 || $0.state == 10) && $0.decided != nil }, by: \.agency)

    @Test func `outside its spells an office finishes at least 97 of 100 on time`() {
        var judged = 0
        for (office, dossiers) in Self.decided {
            let spells = Year.spells.filter { $0.office == office }
            let outside = dossiers.filter { dossier in
                !spells.contains { ($0.firstDay.description...$0.lastDay.description).contains(dossier.dueDate ?? "") }
            }
            guard outside.count >= 200 else { continue }
            judged += 1
            let share = Double(outside.filter { !$0.isLate }.count) / Double(outside.count)
            #expect(share >= 0.97, "\(office)")
        }
        #expect(judged >= 20)
    }

    @Test func `within spells as few are finished on time as the spells say`() {
        var expected = 0.0, onTime = 0.0, all = 0.0
        for spell in Year.spells {
            for dossier in Self.decided[spell.office] ?? [] where (spell.firstDay.description...spell.lastDay.description).contains(dossier.dueDate ?? "") {
                expected += Double(spell.onTimePerCent) / 100
                onTime += dossier.isLate ? 0 : 1
                all += 1
            }
        }
        #expect(all > 80)
        #expect(abs(onTime - expected) / all < 0.08)
    }

    @Test func `an office falls under 95 of 100 over 30 days and comes back`() {
        var fallen = 0, back = 0
        for office in Set(Year.spells.map(\.office)) {
            let rates = rates(of: office, days: 30)
            guard let fall = rates.firstIndex(where: { $0.rate < 0.95 }) else { continue }
            fallen += 1
            if rates[fall...].contains(where: { $0.rate >= 0.98 }) { back += 1 }
        }
        #expect(fallen >= 3)
        #expect(back >= 3)
    }

    @Test func `an office falls under 95 of 100 over the year so far and climbs again over 96`() {
        #expect(Set(Year.spells.map(\.office)).contains { office in
            let rates = rates(of: office, days: 366)
            guard let fall = rates.firstIndex(where: { $0.rate < 0.95 }) else { return false }
            return rates[fall...].contains { $0.rate >= 0.96 }
        })
    }

    @Test func `a short demo sees a fall within the first month`() {
        #expect(Set(Year.spells.map(\.office)).contains { rates(of: $0, days: 30).contains { $0.rate < 0.95 && $0.day <= Day(year: 2021, month: 1, day: 31) } })
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `whatever the seed, the first spells begin within the first five working days`(seed: UInt64) throws {
        let spells = Year.simulation(seed: seed).spells
        #expect(try #require(spells.first).firstDay <= #require(Day("2021-01-08")))
        let fifths = Set(spells.map(\.office)).intersection(Year.offices.filter { $0.level != "commune" }.map(\.id))
        #expect((5...6).contains(fifths.count))
        #expect(spells.allSatisfy { (55...85).contains($0.onTimePerCent) })
        #expect(Dictionary(grouping: spells, by: \.office).values.allSatisfy { $0.count <= 2 })
    }

    @Test func `spells do not depend on the number of dossiers`() {
        #expect(Year.simulation(dossiersPerWorkingDay: 1).spells == Year.spells)
    }

    @Test func `most dossiers that are late in a spell stay open for days`() throws {
        let late = Year.register.filter { $0.isLate }
        let days = try late.map { try #require(Day($0.finishedDate ?? "")).daysSince1970 - #require(Day($0.dueDate ?? "")).daysSince1970 }
        #expect(days.filter { $0 > 2 }.count > days.count / 2)
    }

    /// The rate over the days up to and including each day, as soon as at least 20 dossiers of theirs are decided.
    private func rates(of office: String, days: Int) -> [(day: Day, rate: Double)] {
        let first = Day(year: 2021, month: 1, day: 1)
        var onTime = Array(repeating: 0, count: 400), late = onTime
        for dossier in Self.decided[office] ?? [] {
            guard let day = dossier.decided.flatMap(Day.init) else { continue }
            let index = day.daysSince1970 - first.daysSince1970
            if dossier.isLate { late[index] += 1 } else { onTime[index] += 1 }
        }
        return (0..<365).compactMap { index in
            let window = max(0, index - days + 1)...index
            let good = onTime[window].reduce(0, +), all = good + late[window].reduce(0, +)
            return all < 20 ? nil : (first + index, Double(good) / Double(all))
        }
    }
}
