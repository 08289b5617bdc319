/// The working year of a province's one-stop offices, as the stream of `vn.par.dossier.v1` messages that their systems would send, and of `vn.par.obligation.v1` messages
/// for what they owe.
///
/// Dossiers arrive over the working hours and live their lives; offices slip and recover; systems repeat, delay and now and then spoil what they send.
/// A pure function of settings and offices: the same seed gives the same bytes on any machine. What waits in memory are the open dossiers, never the year.
package struct Simulation: Sendable {
    /// Takes dossiers: a department, a district or a commune. The province itself takes none.
    package struct Office: Sendable {
        package var id: String
        package var level: String

        package init(id: String, level: String) {
            self.id = id
            self.level = level
        }
    }

    package struct Settings: Sendable {
        package var seed: UInt64
        package var year: Int
        /// 1 January of `year` unless given.
        package var firstDay: Day?
        /// The last day on which anything is sent; 31 December of `year` unless given.
        package var lastDay: Day?
        /// Whole minutes, as RFC 3339 writes them.
        package var utcOffsetSeconds: Int
        /// Over all offices, on an average day.
        package var dossiersPerWorkingDay: Int
        package var source: String
        /// Ends the codes of procedures, and that of the agency nobody knows.
        package var province: String

        package init(
            seed: UInt64, year: Int, firstDay: Day? = nil, lastDay: Day? = nil, utcOffsetSeconds: Int = 25200,
            dossiersPerWorkingDay: Int = 400, source: String = "https://motcua.example", province: String = "H21"
        ) {
            self.seed = seed
            self.year = year
            self.firstDay = firstDay
            self.lastDay = lastDay
            self.utcOffsetSeconds = utcOffsetSeconds
            self.dossiersPerWorkingDay = dossiersPerWorkingDay
            self.source = source
            self.province = province
        }
    }

    package struct Message: Sendable, Hashable {
        /// When it is sent: microseconds since 1970 UTC. The CloudEvent's `time` may be hours older.
        package var time: Int64
        /// The dossier's code, or what is owed.
        package var key: String
        /// A CloudEvent in structured mode.
        package var json: String
        /// What is deliberately wrong with it.
        package var flaw: Flaw?
    }

    package enum Flaw: Sendable, Hashable, CaseIterable { case unknownAgency, missingField, brokenJSON }

    /// The spells in which offices will slip, in order of their first day: what a watcher ought to find.
    package let spells: [Spell]

    let working: WorkingTime
    let provinceOffices: ProvinceOffices
    /// The first microsecond of the first day, and the first one after the last day.
    let beginning: Int64
    let end: Int64
    var mishaps: Mishaps
    var random: SplitMix64
    var arrivals: Arrivals
    var agenda = Agenda()
    var dossiers = Slab<Dossier>()
    /// Messages already written that wait to be sent: late ones, repetitions, and what is done of what is owed.
    var held = Slab<Message>()
    var writer: StatusWriter
    var numbering: Numbering
    private var now: Int64

    /// `owed`: by when offices must have done what; nothing of it is asked of the dossiers, which stay the same.
    package init(settings: Settings, offices: [Office], owed: [Owed] = []) {
        let first = settings.firstDay ?? Day(year: settings.year, month: 1, day: 1)
        let last = settings.lastDay ?? Day(year: settings.year, month: 12, day: 31)
        let offset = settings.utcOffsetSeconds / 60 * 60
        working = WorkingTime(from: first, through: last, utcOffset: Int64(offset))
        beginning = working.midnight(of: first) * 1_000_000
        end = Swift.max(beginning, working.midnight(of: last + 1) * 1_000_000)

        // Habits and spells draw from generators of their own, so that they stay the same whatever the number of dossiers.
        var habitsRandom = SplitMix64(seed: settings.seed, stream: 1)
        var spellsRandom = SplitMix64(seed: settings.seed, stream: 2)
        let weights = ProvinceOffices.weights(of: offices, random: &habitsRandom)
        let slips = Slips(levels: offices.map(\.level), weights: weights, days: working.dayCount, random: &spellsRandom)
        provinceOffices = ProvinceOffices(offices, weights: weights, slips: slips, province: settings.province, random: &habitsRandom)
        spells = slips.spells(of: offices, in: working)

        random = SplitMix64(seed: settings.seed, stream: 3)
        mishaps = Mishaps(seed: settings.seed)
        arrivals = Arrivals(perDay: offices.isEmpty ? 0 : settings.dossiersPerWorkingDay, working: working, random: &random)
        writer = StatusWriter(source: settings.source, utcOffset: offset)
        numbering = Numbering(offices: offices.count)
        now = beginning
        for one in owed where one.overdueFrom > beginning { hold(done(one, seed: settings.seed)) }
    }

    /// The fraction of the time from the first day through the last that has passed with the last message.
    package var progress: Double {
        end > beginning ? Double(now - beginning) / Double(end - beginning) : 1
    }

    /// Dossiers whose lives go on: what the memory holds.
    package var openDossiers: Int { dossiers.count }

    /// The next message in order of `time`; nil once the last day is over.
    package mutating func next() -> Message? {
        while true {
            let message: Message?
            if let arrival = arrivals.next, arrival.time <= agenda.nextTime ?? .max {
                arrivals.advance(working: working, random: &random)
                message = receive(arrival)
            } else if let entry = agenda.popFirst() {
                switch entry.item {
                case .dossier(let slot): message = proceed(slot, at: entry.time)
                case .message(let slot): message = held.remove(slot)
                }
            } else {
                now = end
                return nil
            }
            if let message {
                now = message.time
                return message
            }
        }
    }

    /// A dossier comes over the counter, online or by post.
    private mutating func receive(_ arrival: Arrivals.Arrival) -> Message? {
        let received = arrival.time / 1_000_000
        let office = provinceOffices.draw(&random)
        let number = numbering.next(office: office, day: working.localDay(of: received))
        var dossier = Dossier(office: office, number: number, received: received, habits: provinceOffices[office], random: &random)
        if dossier.state == .accepted {
            dossier.plan(acceptedAt: arrival.worked, habits: provinceOffices[office], random: &random)
        }
        dossier.drawNext(after: arrival.worked, random: &random)
        let slot = dossiers.insert(dossier)
        return send(dossier, in: slot, at: arrival.time)
    }

    /// What was planned for a dossier happens.
    private mutating func proceed(_ slot: Slab<Dossier>.Slot, at time: Int64) -> Message? {
        guard var dossier = dossiers[slot], let step = dossier.next else { return nil }
        dossier.take(step, at: time / 1_000_000)
        if dossier.state == .accepted, dossier.finishAt == nil {
            dossier.plan(acceptedAt: step.at, habits: provinceOffices[dossier.office], random: &random)
        }
        dossier.drawNext(after: step.at, random: &random)
        dossiers[slot] = dossier
        return send(dossier, in: slot, at: time)
    }

    /// Writes the dossier's status and puts its next step on the agenda, or forgets it if there is none before the end.
    private mutating func send(_ dossier: Dossier, in slot: Slab<Dossier>.Slot, at time: Int64) -> Message? {
        let microsecond = Int64(random.below(1_000_000))
        if let step = dossier.next, case let at = working.instant(of: step.at) * 1_000_000 + microsecond, at < end {
            agenda.insert(.dossier(slot), at: at)
        } else {
            dossiers.remove(slot)
        }
        let message = Message(time: time, key: key(of: dossier), json: json(of: dossier, at: time))
        return afterMishaps(message, of: dossier)
    }

    func key(of dossier: Dossier) -> String {
        StatusWriter.code(of: dossier, office: provinceOffices[dossier.office].rawID, day: working.localDay(of: dossier.received))
    }

    mutating func json(of dossier: Dossier, at time: Int64, omitting: StatusWriter.Field? = nil) -> String {
        writer.status(of: dossier, at: time / 1_000_000, habits: provinceOffices[dossier.office], working: working, omitting: omitting)
    }

    /// Sends a message later than it was written; what falls after the end is never sent.
    mutating func hold(_ message: Message) {
        guard message.time < end else { return }
        agenda.insert(.message(held.insert(message)), at: message.time)
    }
}

extension Simulation: Sequence, IteratorProtocol {}
