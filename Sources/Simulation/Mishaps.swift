/// What systems do to messages that were right when they were written. All of it in small shares.
struct Mishaps: Sendable {
    /// Late by hours; newer ones of the same dossier may have been sent by then.
    static let latePerMille = 3
    static let repeatedPerMille = 5
    /// Days of an office that are sent once more as a whole, of a thousand.
    static let repeatedDaysPerMille = 4

    private let seed: UInt64
    /// Dossiers of the agency that nobody knows.
    private var strangers = 0

    init(seed: UInt64) {
        self.seed = seed
    }

    /// When the whole day of an office is sent again, in seconds after midnight: some time between 19:00 and 22:00.
    /// Asked once per message of the day, so it must not depend on what was drawn in between.
    func repetition(of day: Day, office: Int) -> Int? {
        var random = SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(day.daysSince1970)), stream: 4 + UInt64(office))
        return random.chance(perMille: Self.repeatedDaysPerMille) ? 19 * 3600 + random.below(3 * 3600) : nil
    }

    mutating func nextStranger() -> Int {
        strangers += 1
        return strangers
    }
}

extension Simulation {
    /// The message as it is sent now, if it is. Whatever else becomes of it is held until its time.
    mutating func afterMishaps(_ message: Message, of dossier: Dossier) -> Message? {
        if random.below(2000) == 0, !dossier.deleted { hold(spoilt(message, of: dossier)) }
        if random.chance(perMille: Mishaps.latePerMille) {
            let late = message.time + Int64(random.within(3600...30 * 3600)) * 1_000_000
            if late < end {
                hold(message.sent(at: late))
                return nil
            }
        }
        if random.chance(perMille: Mishaps.repeatedPerMille) {
            hold(message.sent(at: message.time + Int64(random.within(1_000_000...600_000_000))))
        }
        let day = working.localDay(of: message.time / 1_000_000)
        if let second = mishaps.repetition(of: day, office: dossier.office) {
            // The day once more, a thousand times faster.
            let midnight = working.midnight(of: day) * 1_000_000
            hold(message.sent(at: midnight + Int64(second) * 1_000_000 + (message.time - midnight) / 1000))
        }
        return message
    }

    /// A wrong message, seconds after the right one. It takes nothing away: what is right was sent as well.
    private mutating func spoilt(_ message: Message, of dossier: Dossier) -> Message {
        var message = message.sent(at: message.time + Int64(random.within(200_000...5_000_000)))
        switch random.below(3) {
        case 0:
            message.flaw = .unknownAgency
            let stranger = dossier.moved(to: provinceOffices.stranger, number: mishaps.nextStranger())
            message.key = key(of: stranger)
            message.json = json(of: stranger, at: message.time)
        case 1:
            message.flaw = .missingField
            let fields = StatusWriter.Field.allCases
            message.json = json(of: dossier, at: message.time, omitting: fields[random.below(fields.count)])
        default:
            message.flaw = .brokenJSON
            let bytes = Array(message.json.utf8)
            message.json = String(decoding: bytes.prefix(bytes.count * random.within(40...95) / 100), as: UTF8.self)
        }
        return message
    }
}

extension Simulation.Message {
    fileprivate func sent(at time: Int64) -> Self {
        var message = self
        message.time = time
        return message
    }
}
