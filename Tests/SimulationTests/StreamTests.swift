import Foundation
import Simulation
import Testing

/// The stream as a whole: its order, its bytes, its form.
struct StreamTests {
    @Test func `the same seed gives the same bytes`() {
        #expect(Array(Year.simulation(dossiersPerWorkingDay: 20)) == Array(Year.simulation(dossiersPerWorkingDay: 20)))
    }

    @Test func `another seed gives other bytes`() {
        #expect(Array(Year.simulation(seed: 1).prefix(100)).map(\.json) != Array(Year.simulation(seed: 2).prefix(100)).map(\.json))
    }

    /// If this fails after a change of behaviour that was wanted, pin the new value; if it fails on another machine, something there is not arithmetic on integers.
    @Test func `the bytes are the same on any machine`() {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for message in Year.simulation(seed: 1, dossiersPerWorkingDay: 400).prefix(50_000) {
            for byte in "\(message.time)|\(message.key)|\(message.json)\n".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        #expect(hash == 7734487998350556475)
    }

    @Test func `emission times never decrease and stay within the year`() throws {
        let times = Year.messages.map(\.time)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        // 2021 in UTC+7
        #expect(try #require(times.first) >= 1_609_434_000_000_000)
        #expect(try #require(times.last) < 1_640_970_000_000_000)
    }

    @Test func `nothing is sent before its event`() throws {
        let format = ISO8601DateFormatter()
        for status in Year.statuses.prefix(20_000) {
            let event = try #require(format.date(from: status.time))
            #expect(Int64(event.timeIntervalSince1970) <= status.message.time / 1_000_000)
        }
    }

    @Test func `every line but the deliberate wrong ones is a valid event with all required fields`() {
        #expect(Year.statuses.count == Year.messages.filter { $0.flaw == nil }.count)
        let known = Set(Year.offices.map(\.id))
        for status in Year.statuses {
            guard status.event.specversion == "1.0", status.event.type == "vn.par.dossier.v1", status.event.source == "https://motcua.example",
                  status.message.key == status.subject, status.id.hasPrefix(status.subject + ".")
            else { Issue.record("\(status.message)"); continue }
            if status.isDeleted { continue }
            guard known.contains(status.agency), status.data.procedure != nil, status.state != nil, status.received.hasSuffix("+07:00"),
                  ["counter", "online", "post"].contains(status.filing)
            else { Issue.record("\(status.message)"); continue }
        }
    }

    @Test func `subjects and procedures look like those of real systems`() throws {
        for status in Year.statuses.prefix(1000) {
            #expect(status.subject.wholeMatch(of: /000\.\d\d\.\d\d\.H21-21\d{4}-\d{4,}/) != nil)
            if let procedure = status.data.procedure { #expect(procedure.wholeMatch(of: /1\.\d{6}\.000\.00\.00\.H21/) != nil) }
        }
    }

    @Test func `about one message in two thousand is wrong, in the way it says`() {
        let wrong = Year.messages.filter { $0.flaw != nil }
        #expect((0.6...1.5).contains(Double(wrong.count) * 2000 / Double(Year.messages.count)))
        #expect(Set(wrong.map(\.flaw)) == Set(Simulation.Flaw.allCases))
        for message in wrong {
            switch message.flaw {
            case .brokenJSON: #expect((try? JSONSerialization.jsonObject(with: Data(message.json.utf8))) == nil)
            case .unknownAgency: #expect(Status(message)?.agency == "000.00.99.H21")
            default:
                let data = Status(message)?.data
                #expect(data == nil || data?.agency == nil || data?.received == nil || data?.filing == nil)
            }
        }
    }

    @Test func `progress runs from 0 to 1`() {
        var simulation = Year.simulation(dossiersPerWorkingDay: 5)
        #expect(simulation.progress == 0)
        var passed = [0.0]
        while simulation.next() != nil { passed.append(simulation.progress) }
        #expect(zip(passed, passed.dropFirst()).allSatisfy { $0 <= $1 })
        #expect((0.95..<1).contains(passed.last ?? 0))
        #expect(simulation.progress == 1)
        #expect(simulation.next() == nil)
    }

    @Test func `memory holds the open dossiers, not the year`() {
        var simulation = Year.simulation(dossiersPerWorkingDay: 50)
        var most = 0
        while simulation.next() != nil { most = max(most, simulation.openDossiers) }
        #expect(most < 50 * 20)
        #expect(simulation.openDossiers == 0)
    }

    @Test func `a stretch of days is sent, and no more`() throws {
        let first = try #require(Day("2021-03-01")), last = try #require(Day("2021-03-05"))
        let statuses = Year.simulation(from: first, through: last).compactMap(Status.init)
        #expect(Set(statuses.filter { !$0.isDeleted && $0.message.flaw == nil }.map { $0.received.prefix(10) }).sorted()
            == ["2021-03-01", "2021-03-02", "2021-03-03", "2021-03-04", "2021-03-05"])
        #expect(statuses.allSatisfy { $0.time < "2021-03-06" })
        #expect(Array(Year.simulation(from: last, through: first)).isEmpty)
    }

    @Test func `no offices or no dossiers give no messages`() {
        #expect(Array(Simulation(settings: .init(seed: 1, year: 2021), offices: [])).isEmpty)
        #expect(Array(Year.simulation(dossiersPerWorkingDay: 0)).isEmpty)
        #expect(Array(Year.simulation(dossiersPerWorkingDay: -1)).isEmpty)
    }

    @Test func `names with quotes, controls and letters beyond ASCII survive`() throws {
        let id = "Sở \"A\\B\"\n\u{1}"
        let simulation = Simulation(
            settings: .init(seed: 1, year: 2021, utcOffsetSeconds: -12_600, dossiersPerWorkingDay: 9, source: "x\"y"), offices: [.init(id: id, level: "office")])
        for message in simulation.prefix(20) {
            let event = try #require(try JSONSerialization.jsonObject(with: Data(message.json.utf8)) as? [String: Any])
            #expect(event["source"] as? String == "x\"y")
            #expect(event["subject"] as? String == message.key)
            #expect((event["data"] as? [String: Any])?["agency"] as? String == id)
            #expect((event["time"] as? String)?.hasSuffix("-03:30") == true)
        }
    }
}
