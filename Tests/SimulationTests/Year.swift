import Foundation
import Simulation

typealias Day = Simulation.Day

/// The year 2021 of a small province, as a reader of the topic sees it.
enum Year {
    static let offices: [Simulation.Office] =
        (10..<20).map { Simulation.Office(id: "000.00.\($0).H21", level: "department") }
        + (30..<42).map { Simulation.Office(id: "000.00.\($0).H21", level: "district") }
        + (0..<20).map { Simulation.Office(id: "000.\(31 + $0 / 10).\(31 + $0 % 10).H21", level: "commune") }

    static func simulation(seed: UInt64 = 7, dossiersPerWorkingDay: Int = 80, from first: Day? = nil, through last: Day? = nil) -> Simulation {
        Simulation(
            settings: .init(seed: seed, year: 2021, firstDay: first, lastDay: last, dossiersPerWorkingDay: dossiersPerWorkingDay), offices: offices)
    }

    static let spells = simulation().spells
    static let messages = Array(simulation())
    /// Everything but the deliberate wrong ones, in the order in which it was sent.
    static let statuses = messages.filter { $0.flaw == nil }.compactMap(Status.init)
    /// The latest status of each dossier that was not deleted.
    static let register: [Status] = {
        var latest: [String: Status] = [:]
        for status in statuses where status.time > latest[status.subject]?.time ?? "" { latest[status.subject] = status }
        return latest.values.filter { !$0.isDeleted }
    }()
}

/// One message, parsed by a library that knows nothing of the simulation. Times of one offset are compared as text.
struct Status: Sendable {
    struct Event: Decodable, Sendable {
        let specversion, id, source, type, subject, time: String
        let data: Fields
    }

    struct Fields: Decodable, Sendable {
        let agency, procedure, received, due, finished, returned, filing, `return`, sector: String?
        let state: State?
        let level, supplements: Int?
        let apologised, deleted: Bool?
    }

    /// Some systems send a number, others a name.
    struct State: Decodable, Sendable {
        let number: Int?
        let isName: Bool

        init(from decoder: any Decoder) throws {
            let names = ["registered": 1, "accepted": 2, "declined": 3, "processing": 4, "supplement": 5, "withdrawn": 7, "finished": 9, "returned": 10]
            let value = try decoder.singleValueContainer()
            let name = try? value.decode(String.self)
            isName = name != nil
            number = if let name { names[name] } else { try value.decode(Int.self) }
        }
    }

    let message: Simulation.Message
    let event: Event

    init?(_ message: Simulation.Message) {
        guard let event = try? JSONDecoder().decode(Event.self, from: Data(message.json.utf8)) else { return nil }
        self.message = message
        self.event = event
    }

    var id: String { event.id }
    var subject: String { event.subject }
    var time: String { event.time }
    var data: Fields { event.data }

    var isDeleted: Bool { data.deleted == true }
    var agency: String { data.agency ?? "" }
    var received: String { data.received ?? "" }
    var filing: String { data.filing ?? "" }
    var state: Int? { data.state?.number }
    var dueDate: String? { data.due.map { String($0.prefix(10)) } }
    var finishedDate: String? { data.finished.map { String($0.prefix(10)) } }
    var isLate: Bool { if let dueDate, let finishedDate { finishedDate > dueDate } else { false } }
    /// The day on which it became certain whether it was finished on time.
    var decided: String? { isLate ? dueDate : finishedDate }
}
