/// One dossier: what its status says, and what is planned for it.
struct Dossier: Sendable {
    /// As the national portal numbers them.
    enum State: UInt8, Sendable {
        case registered = 1, accepted, declined, processing, supplement, withdrawn = 7, finished = 9, returned
    }

    enum Channel: Sendable { case counter, online, post }

    enum Change: Sendable {
        case become(State)
        case apologise
        case delete
    }

    struct Step: Sendable {
        var change: Change
        /// The working second.
        var at: Int
    }

    private enum Ending: Sendable { case finish, withdraw, delete }

    // The status.
    private(set) var office: Int
    private(set) var number: Int
    let received: Int64
    let procedure: Procedure
    let filing: Channel
    let resultBy: Channel?
    private(set) var state: State
    /// The working day at whose close it is due; known once the dossier is accepted.
    private(set) var dueDay: Int?
    private(set) var finished: Int64?
    private(set) var returned: Int64?
    private(set) var supplements = 0
    private(set) var apologised = false
    private(set) var deleted = false
    /// How many messages have told of it, this one included.
    private(set) var revision = 1

    // The plan; times are working seconds.
    private(set) var next: Step?
    private(set) var finishAt: Int?
    private var ending = Ending.finish
    private var supplementsAhead = 0
    private var suspendedAt = 0
    /// After a supplement some due dates are moved by the days for which the clock stood.
    private var movesDueDate = false
    private var apologyAt: Int?

    init(office: Int, number: Int, received: Int64, habits: OfficeHabits, random: inout SplitMix64) {
        self.office = office
        self.number = number
        self.received = received
        procedure = habits.procedures.draw(&random)
        filing = switch random.below(1000) {
        case ..<habits.onlinePerMille: .online
        case ..<(habits.onlinePerMille + habits.postPerMille): .post
        default: .counter
        }
        let resultByPost = filing == .post ? 700 : habits.resultByPostPerMille
        resultBy = switch random.below(1000) {
        case ..<50: nil
        case ..<(50 + resultByPost): .post
        case 600... where filing == .online: .online
        default: .counter
        }
        state = filing == .online && random.chance(perMille: 600) ? .registered : .accepted
    }

    /// With acceptance the dossier gets its due date and its fate.
    mutating func plan(acceptedAt: Int, habits: OfficeHabits, random: inout SplitMix64) {
        let day = acceptedAt / WorkingTime.secondsPerDay + procedure.workingDays
        let close = (day + 1) * WorkingTime.secondsPerDay
        dueDay = random.chance(perMille: 15) ? nil : day
        let late = dueDay != nil && random.chance(perMille: habits.slipPerMille(dueOn: day))
        if late {
            let days = random.chance(perMille: 50) ? 10 + random.below(15) : random.below(8)
            let finish = close + days * WorkingTime.secondsPerDay + random.below(WorkingTime.secondsPerDay)
            finishAt = finish
            if random.chance(perMille: 600) { apologyAt = random.within(close + 3600...finish + WorkingTime.secondsPerDay) }
        } else {
            // Most are finished in the last third of their time, some long before.
            let early = random.below(1000) * random.below(1000)
            finishAt = close - 1 - (close - acceptedAt) * 6 / 10 * early / 1_000_000
        }
        ending = switch random.below(1000) {
        case ..<15: .withdraw
        case ..<18: .delete
        default: .finish
        }
        movesDueDate = !late && random.chance(perMille: 200)
        supplementsAhead = switch random.below(1000) {
        case ..<15: 2
        case ..<115: 1
        default: 0
        }
    }

    mutating func take(_ step: Step, at instant: Int64) {
        revision += 1
        switch step.change {
        case .apologise: apologised = true
        case .delete: deleted = true
        case .become(let state):
            switch state {
            case .supplement:
                supplements += 1
                supplementsAhead -= 1
                suspendedAt = step.at
            case .processing:
                if self.state == .supplement, movesDueDate, let dueDay {
                    self.dueDay = dueDay + (step.at - suspendedAt) / WorkingTime.secondsPerDay
                }
            case .finished: finished = instant
            case .returned: returned = instant
            default: break
            }
            self.state = state
        }
    }

    /// The same status, as if another office had sent it.
    func moved(to office: Int, number: Int) -> Dossier {
        var dossier = self
        dossier.office = office
        dossier.number = number
        return dossier
    }

    /// Plans what happens after a change at this working second; nothing more if the dossier's life is over.
    mutating func drawNext(after now: Int, random: inout SplitMix64) {
        next = draw(after: now, random: &random)
    }

    private mutating func draw(after now: Int, random: inout SplitMix64) -> Step? {
        if deleted { return nil }
        func step(_ change: Change, in seconds: ClosedRange<Int>) -> Step { Step(change: change, at: now + random.within(seconds)) }
        // A share of the time that is left until the dossier is finished.
        let left = max(600, (finishAt ?? now) - now)
        func step(_ change: Change, afterPerCent share: ClosedRange<Int>) -> Step {
            step(change, in: left * share.lowerBound / 100...left * share.upperBound / 100)
        }
        switch state {
        case .registered:
            return random.chance(perMille: 50) ? step(.become(.declined), in: 600...14_400) : step(.become(.accepted), in: 600...14_400)
        case .accepted:
            return random.chance(perMille: 10) ? step(.become(.declined), in: 300...10_800) : step(.become(.processing), in: 300...10_800)
        case .processing:
            if supplementsAhead > 0 { return step(.become(.supplement), afterPerCent: 15...40) }
            switch ending {
            case .withdraw: return step(.become(.withdrawn), afterPerCent: 10...90)
            case .delete: return step(.delete, afterPerCent: 10...90)
            case .finish: break
            }
            let finish = max(now + 60, finishAt ?? now)
            if let apologyAt, !apologised, apologyAt > now, apologyAt < finish { return Step(change: .apologise, at: apologyAt) }
            return Step(change: .become(.finished), at: finish)
        case .supplement:
            return step(.become(.processing), afterPerCent: 20...50)
        case .finished:
            if let apologyAt, !apologised { return Step(change: .apologise, at: max(now + 60, apologyAt)) }
            return random.chance(perMille: 750) ? step(.become(.returned), in: 300...3 * WorkingTime.secondsPerDay) : nil
        case .declined, .withdrawn, .returned:
            return nil
        }
    }
}
