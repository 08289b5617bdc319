/// Writes statuses as CloudEvents.
struct StatusWriter: Sendable {
    /// Required fields that a wrong message may lack.
    enum Field: Sendable, CaseIterable { case subject, agency, received, filing }

    private var bytes: [UInt8] = []
    private let source: String
    /// `,"source":…,"type":…`, which never changes.
    private let sourceAndType: [UInt8]
    private let utcOffset: Int
    private let offsetText: [UInt8]

    init(source: String, utcOffset: Int) {
        self.source = source
        var text: [UInt8] = []
        text.append(#"","source":""#)
        text.append(jsonText: source)
        text.append(#"","type":"vn.par.dossier.v1""#)
        sourceAndType = text
        self.utcOffset = utcOffset
        var offset: [UInt8] = [UInt8(ascii: utcOffset < 0 ? "-" : "+")]
        offset.append(abs(utcOffset) / 3600, digits: 2)
        offset.append(UInt8(ascii: ":"))
        offset.append(abs(utcOffset) / 60 % 60, digits: 2)
        offsetText = offset
        bytes.reserveCapacity(1024)
    }

    /// `000.00.31.H21-210913-0042`
    static func code(of dossier: Dossier, office: [UInt8], day: Day) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(office.count + 16)
        bytes.append(contentsOf: office)
        bytes.append(codeOf: dossier, day: day)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The dossier's whole status at an instant.
    mutating func status(of dossier: Dossier, at instant: Int64, habits: OfficeHabits, working: WorkingTime, omitting: Field?) -> String {
        let receivedDay = working.localDay(of: dossier.received)
        bytes.removeAll(keepingCapacity: true)
        bytes.append(#"{"specversion":"1.0","id":""#)
        bytes.append(contentsOf: habits.id)
        bytes.append(codeOf: dossier, day: receivedDay)
        bytes.append(UInt8(ascii: "."))
        bytes.append(dossier.revision, digits: 1)
        bytes.append(contentsOf: sourceAndType)
        if omitting != .subject {
            bytes.append(#","subject":""#)
            bytes.append(contentsOf: habits.id)
            bytes.append(codeOf: dossier, day: receivedDay)
            bytes.append(UInt8(ascii: "\""))
        }
        append(#","time":""#, instant)
        bytes.append(#","data":{"#)
        if dossier.deleted {
            bytes.append(#""deleted":true}}"#)
        } else {
            appendData(of: dossier, habits: habits, working: working, omitting: omitting)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func appendData(of dossier: Dossier, habits: OfficeHabits, working: WorkingTime, omitting: Field?) {
        if omitting != .agency {
            bytes.append(#""agency":""#)
            bytes.append(contentsOf: habits.id)
            bytes.append(#"","#)
        }
        bytes.append(#""procedure":""#)
        bytes.append(contentsOf: dossier.procedure.code)
        bytes.append(#"","state":"#)
        if habits.numbersStates {
            bytes.append(Int(dossier.state.rawValue), digits: 1)
        } else {
            bytes.append(dossier.state.quotedName)
        }
        if omitting != .received { append(#","received":""#, dossier.received) }
        if let dueDay = dossier.dueDay { append(#","due":""#, working.closing(of: dueDay)) }
        if let finished = dossier.finished { append(#","finished":""#, finished) }
        if let returned = dossier.returned { append(#","returned":""#, returned) }
        if omitting != .filing {
            bytes.append(#","filing":"#)
            bytes.append(dossier.filing.quotedName)
        }
        if let resultBy = dossier.resultBy {
            bytes.append(#","return":"#)
            bytes.append(resultBy.quotedName)
        }
        if dossier.filing == .online, let level = dossier.procedure.onlineLevel {
            bytes.append(#","level":"#)
            bytes.append(level, digits: 1)
        }
        if dossier.supplements > 0 {
            bytes.append(#","supplements":"#)
            bytes.append(dossier.supplements, digits: 1)
        }
        if dossier.apologised { bytes.append(#","apologised":true"#) }
        if let sector = dossier.procedure.sector {
            bytes.append(#","sector":""#)
            bytes.append(sector)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append("}}")
    }

    /// That something owed was done at an instant, and when it was due.
    func done(_ owed: Simulation.Owed, at instant: Int64) -> String {
        var copy = self
        copy.bytes.removeAll()
        func append(_ prefix: StaticString, _ text: String) {
            copy.bytes.append(prefix)
            copy.bytes.append(jsonText: text)
        }
        append(#"{"specversion":"1.0","id":""#, owed.subject)
        append(#".1","source":""#, source)
        append(#"","type":"vn.par.obligation.v1","subject":""#, owed.subject)
        copy.append(#"","time":""#, instant)
        append(#","data":{"framework":""#, owed.framework)
        append(#"","criterion":""#, owed.criterion)
        append(#"","agency":""#, owed.agency)
        copy.append(#"","due":""#, (owed.overdueFrom - 1) / 1_000_000)
        copy.append(#","done":""#, instant)
        copy.bytes.append("}}")
        return String(decoding: copy.bytes, as: UTF8.self)
    }

    /// `2021-09-13T09:02:11+07:00`, in quotes of which the prefix brings the first.
    private mutating func append(_ prefix: StaticString, _ instant: Int64) {
        let local = Int(instant) + utcOffset
        let day = Day(daysSince1970: (local >= 0 ? local : local - 86_399) / 86_400)
        let second = local - day.daysSince1970 * 86_400
        bytes.append(prefix)
        bytes.append(day)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(second / 3600, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(second / 60 % 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(second % 60, digits: 2)
        bytes.append(contentsOf: offsetText)
        bytes.append(UInt8(ascii: "\""))
    }
}

extension Dossier.State {
    fileprivate var quotedName: StaticString {
        switch self {
        case .registered: #""registered""#
        case .accepted: #""accepted""#
        case .declined: #""declined""#
        case .processing: #""processing""#
        case .supplement: #""supplement""#
        case .withdrawn: #""withdrawn""#
        case .finished: #""finished""#
        case .returned: #""returned""#
        }
    }
}

extension Dossier.Channel {
    fileprivate var quotedName: StaticString {
        switch self {
        case .counter: #""counter""#
        case .online: #""online""#
        case .post: #""post""#
        }
    }
}

extension [UInt8] {
    /// The part of a dossier's code after its office.
    fileprivate mutating func append(codeOf dossier: Dossier, day: Day) {
        let (year, month, dayOfMonth) = day.civil
        append(UInt8(ascii: "-"))
        append(year % 100, digits: 2)
        append(month, digits: 2)
        append(dayOfMonth, digits: 2)
        append(UInt8(ascii: "-"))
        append(dossier.number, digits: 4)
    }
}
