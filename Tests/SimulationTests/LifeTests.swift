import Simulation
import Testing

/// What happens to dossiers, and what systems make of it.
struct LifeTests {
    @Test func `every finished dossier was accepted before`() {
        var accepted: [String: String] = [:]
        for status in Year.statuses where status.state == 2 { accepted[status.subject] = status.time }
        for status in Year.statuses where status.state == 9 || status.state == 10 {
            guard let time = accepted[status.subject], time < status.data.finished ?? "" else { Issue.record("\(status.message)"); continue }
        }
    }

    @Test func `states follow one another as the one-stop procedure has it`() {
        let followers: [Int: Set<Int>] = [1: [2, 3], 2: [3, 4], 4: [4, 5, 7, 9], 5: [4], 9: [9, 10], 3: [], 7: [], 10: []]
        var lives: [String: [String: Status]] = [:]
        for status in Year.statuses { lives[status.subject, default: [:]][status.id] = status }
        for life in lives.values {
            let states = life.values.sorted { $0.time < $1.time }.compactMap(\.state)
            for (before, after) in zip(states, states.dropFirst()) where followers[before]?.contains(after) != true { Issue.record("\(states)") }
            if let first = states.first, first > 2 { Issue.record("\(states)") }
        }
        let each = Double(lives.values.map(\.count).reduce(0, +)) / Double(lives.count)
        #expect((3...5).contains(each))
    }

    @Test func `every state, channel and kind of dossier occurs`() {
        let states = Set(Year.statuses.compactMap(\.state))
        #expect(states == [1, 2, 3, 4, 5, 7, 9, 10])
        let all = Year.register
        #expect(Set(all.map(\.filing)) == ["counter", "online", "post"])
        #expect(Set(all.map { $0.data.return }) == ["counter", "online", "post", nil])
        #expect(Set(all.map { $0.data.level }) == [3, 4, nil])
        #expect(Set(all.map { $0.data.supplements }) == [1, 2, nil])
        #expect(all.contains { $0.data.return == "post" && $0.state == 10 })
        #expect(Year.statuses.contains { $0.isDeleted })
        #expect(Year.statuses.contains { $0.data.state?.isName == false } && Year.statuses.contains { $0.data.state?.isName == true })
        let land = all.filter { $0.data.sector == "Đất đai" }
        #expect((0.12...0.18).contains(Double(land.count) / Double(all.count)))
        #expect((0.005...0.03).contains(Double(all.filter { $0.state == 9 && $0.dueDate == nil }.count) / Double(all.filter { $0.state == 9 }.count)))
    }

    @Test func `some offices have less than a fifth online, most have more`() {
        let online = Dictionary(grouping: Year.register, by: \.agency).filter { $0.value.count >= 100 }
            .mapValues { office in Double(office.filter { $0.filing == "online" }.count) / Double(office.count) }
        let low = online.values.filter { $0 < 0.2 }.count
        #expect(low >= 3 && low < online.count / 2)
    }

    @Test func `only online filings have a level`() {
        #expect(Year.register.allSatisfy { $0.filing == "online" || $0.data.level == nil })
    }

    @Test func `only late dossiers are apologised for`() {
        let apologised = Year.register.filter { $0.data.apologised == true }
        #expect(apologised.count > 20)
        #expect(apologised.allSatisfy { $0.isLate || ($0.finishedDate == nil && $0.dueDate ?? "~" < $0.time) })
    }

    @Test func `due dates lie 3 to 20 working days ahead, and mostly stay`() {
        var first: [String: String] = [:]
        var moved: Set<String> = []
        for status in Year.statuses.sorted(by: { $0.time < $1.time }) {
            guard let due = status.dueDate else { continue }
            if let before = first[status.subject] {
                if before != due { moved.insert(status.subject) }
            } else {
                first[status.subject] = due
                guard let from = Day(String(status.time.prefix(10))), let to = Day(due) else { Issue.record("\(status.message)"); continue }
                var days = 0, day = from
                while day < to {
                    day = day + 1
                    if day.weekday <= 5, !isHoliday(day) { days += 1 }
                }
                if !(3...20).contains(days) { Issue.record("\(days): \(status.message)") }
            }
        }
        #expect(!moved.isEmpty && moved.count < first.count / 20)
    }

    @Test func `arrivals lie within working hours`() {
        for status in Year.statuses where !status.isDeleted {
            let time = String(status.received.dropFirst(11).prefix(8))
            guard let day = Day(String(status.received.prefix(10))) else { Issue.record("\(status.message)"); continue }
            let open = (time >= "07:00:00" && time < "11:30:00") || (time >= "13:30:00" && time < "17:00:00")
            if !open || day.weekday > 5 || isHoliday(day) { Issue.record("\(status.message)") }
        }
    }

    @Test func `arrivals fill the whole working day`() {
        let hours = Set(Year.register.map { $0.received.dropFirst(11).prefix(2) })
        #expect(hours.sorted() == ["07", "08", "09", "10", "11", "13", "14", "15", "16"])
    }

    @Test func `some messages are sent again, byte for byte`() {
        let repeated = Dictionary(grouping: Year.statuses, by: \.id).values.filter { $0.count > 1 }
        #expect(repeated.allSatisfy { Set($0.map(\.message.json)).count == 1 })
        #expect((0.004...0.02).contains(Double(repeated.count) / Double(Year.statuses.count)))
    }

    @Test func `some messages come after newer ones of the same dossier`() {
        var newest: [String: String] = [:]
        var overtaken = 0
        for status in Year.statuses {
            if status.time < newest[status.subject] ?? "" { overtaken += 1 } else { newest[status.subject] = status.time }
        }
        #expect(overtaken > Year.statuses.count / 2000)
        #expect(overtaken < Year.statuses.count / 100)
    }

    @Test func `some offices send their whole day again in the evening`() {
        // What is sent after 19:00 local and tells of the same day.
        let evening = Year.statuses.filter { status in
            let local = Int(status.message.time / 1_000_000) + 7 * 3600
            return local % 86_400 >= 19 * 3600 && status.time.hasPrefix(Day(daysSince1970: local / 86_400).description)
        }
        func officeDay(_ status: Status) -> String { "\(status.subject.prefix(13)) \(status.time.prefix(10))" }
        let repeatedDays = Dictionary(grouping: evening, by: officeDay).filter { $0.value.count >= 10 }
        #expect(!repeatedDays.isEmpty)
        let wholeDays = Dictionary(grouping: Year.statuses) { officeDay($0) }
        for (day, sentAgain) in repeatedDays {
            let whole = Set(wholeDays[day, default: []].map(\.id))
            #expect(Set(sentAgain.map(\.id)).count >= whole.count * 9 / 10)
        }
    }
}

func isHoliday(_ day: Day) -> Bool {
    ["01-01", "02-10", "02-11", "02-12", "02-13", "02-14", "02-15", "02-16", "04-30", "05-01", "09-02"].contains(day.description.dropFirst(5))
}
