/// Whether this daemon leads, and what it must do about that. It is told what happens and answers with the next thing to do; it reads no clock and does no
/// I/O. Only who leads publishes alerts and scores.
///
/// The group on the leader topic elects: its member that holds the topic's partition may lead. That member writes a claim; the claim's offset is its term, so
/// terms only grow. Then it reads what the alert topic held after the claim, and leads. It publishes only while the coordinator has acknowledged within the
/// lease that the generation of the group in which it claimed lasts; who sees a higher term steps down.
///
/// A leader that ends as it was asked to resigns, by another record of the leader topic. Then nobody need wait for the group: of its members, the one whose
/// claim comes first after the resignation leads, until the group has elected.
struct Leadership {
    enum Role: Equatable {
        case standby(Reason)
        /// The claim is on its way.
        case claiming
        /// The claim has its term; how the alert topic ended after it is to be asked.
        case asking(term: Int64)
        /// The alert topic is read up to `end`.
        case learning(term: Int64, end: Int64)
        case leading(term: Int64)
    }

    enum Reason: Equatable {
        case catchingUp
        /// The last leader judged by this one.
        case otherCatalog(String)
        /// Another member holds the partition, or the group has not decided yet.
        case notElected
        /// Somebody with a higher term has written.
        case overtaken
        /// The alert topic or the leader topic was made anew: it claims again.
        case topicAnew
    }

    enum Action: Equatable {
        /// Be a member of the group, or not.
        case take(part: Bool)
        /// So many, one after the other: a leader topic that was made anew ends far below the terms of old, and each claim takes it one further.
        case writeClaims(Int)
        case askEndOfAlerts
        case startJudging(term: Int64)
        case stopJudging
    }

    /// What is the case at one instant.
    struct Situation {
        /// Seconds of a clock that counts suspension.
        var now: Double
        var isCaughtUp: Bool
        /// Whether it will soon be: joining takes a few seconds as well.
        var isNearlyCaughtUp: Bool
        var isHolder: Bool
        var generation: Int
        var provenAt: Double?
        /// The next offset of the alert topic to be read.
        var alertPosition: Int64
        /// Where the leader topic ends, as far as is known.
        var leaderEnd: Int64
        /// Whether an alert that was decided before may still reach the topic. What is decided anew could have its id.
        var hasAlertsUnderWay = false
    }

    private(set) var role = Role.standby(.catchingUp)
    /// Seconds after a proof during which its holder may publish: less than a session, so that no other can hold the partition meanwhile.
    let lease: Double
    private var catalog: String
    private let instance: String
    /// Whether an operator said that this catalog is the right one.
    private let isTold: Bool
    /// The last leader's, which must be ours, unless we were the last leader.
    private var required: (catalog: String, instance: String)?
    /// The claim of another while this daemon held the partition, until it shows whether the group knows of that.
    private var contender: (catalog: String, instance: String)?
    /// The greatest term that was seen anywhere, our own included.
    private var greatestTerm: Int64 = -1
    private var isMember = false
    /// In which generation of the group the claim was made.
    private var generation = -1
    /// The term of a leader that has resigned, until somebody claims.
    private var vacancy: Int64?
    /// Claims on their way that were not read back yet.
    private var awaited = 0
    /// The vacancy that the claim wants to fill; nil: it was made as the partition's holder.
    private var filling: Int64?
    /// Why it steps down at the next chance.
    private var yields: Reason?
    private var overtakenAt = -Double.infinity

    /// How far beyond the leader topic's end a term is believed: its claim may not have been seen yet, or it is of a leader topic that was made anew since. One further
    /// beyond was made by hand. It is also what a term made by hand makes us claim at most.
    static let reach: Int64 = 1_000

    /// Whether a claim may ever have had this term.
    static func isBelievable(_ term: Int64, leaderEnd: Int64) -> Bool { term - reach <= leaderEnd }

    init(catalog: String, instance: String, isTold: Bool, sessionTimeout: Double) {
        self.catalog = catalog
        self.instance = instance
        self.isTold = isTold
        lease = min(4, sessionTimeout * 2 / 3)
    }

    var term: Int64? {
        switch role {
        case .asking(let term), .learning(let term, _), .leading(let term): term
        case .standby, .claiming: nil
        }
    }

    var isLeading: Bool { if case .leading = role { true } else { false } }
    /// Why it stands by; nil where it does not.
    var reason: Reason? { if case .standby(let reason) = role { reason } else { nil } }

    /// Why the catalog bars it from leading: the last leader's catalog.
    private var bar: String? {
        guard let required, required.catalog != catalog, required.instance != instance, !isTold else { return nil }
        return required.catalog
    }

    /// The next thing to do, if there is one; to be asked until there is none.
    mutating func next(_ situation: Situation) -> Action? {
        if let other = contender {
            contender = nil
            // While the group has proven that we hold the partition, nobody else can: such a claim was made by hand, or comes too late to count.
            if !(situation.isHolder && situation.generation == generation && isProven(situation)) { required = other }
        }
        let mayLead = situation.isNearlyCaughtUp && bar == nil
        if mayLead != isMember {
            isMember = mayLead
            return .take(part: mayLead)
        }
        if let bar { return stand(by: .otherCatalog(bar)) }
        guard situation.isCaughtUp else { return stand(by: .catchingUp) }
        if let reason = yields {
            yields = nil
            return stand(by: reason)
        }
        if case .standby(let reason) = role {
            guard isProven(situation), situation.isHolder || vacancy != nil else { return stand(by: .notElected) }
            // Whoever was overtaken must hear from the group anew that it holds the partition.
            if reason == .overtaken, situation.generation == generation, (situation.provenAt ?? 0) <= overtakenAt { return nil }
            generation = situation.generation
            filling = situation.isHolder ? nil : vacancy
            role = .claiming
            // Who comes first fills a vacancy; whether its term is one will show.
            awaited = filling == nil ? Int(min(max(greatestTerm - situation.leaderEnd + 2, 1), Self.reach)) : 1
            return .writeClaims(awaited)
        }
        // Another may have held the partition in between.
        guard situation.generation == generation, situation.isHolder || filling != nil else { return stand(by: .notElected) }
        switch role {
        case .asking:
            return situation.hasAlertsUnderWay ? nil : .askEndOfAlerts
        case .learning(let term, let end):
            guard situation.alertPosition >= end, isProven(situation) else { return nil }
            role = .leading(term: term)
            return .startJudging(term: term)
        case .standby, .claiming, .leading:
            return nil
        }
    }

    /// Whether what it decides may be written now.
    func mayPublish(_ situation: Situation) -> Bool {
        isLeading && yields == nil && situation.generation == generation && (situation.isHolder || filling != nil) && isProven(situation)
    }

    private func isProven(_ situation: Situation) -> Bool { situation.provenAt.map { situation.now - $0 < lease } ?? false }

    private mutating func stand(by reason: Reason) -> Action? {
        let wasLeading = isLeading
        role = .standby(reason)
        return wasLeading ? .stopJudging : nil
    }

    // MARK: What happens

    /// This daemon judges by another catalog from now on. Returns whether it led: then it says so by another claim.
    mutating func adopt(_ catalog: String) -> Bool {
        guard catalog != self.catalog else { return false }
        let wasLeading = isLeading
        self.catalog = catalog
        // Its operator has changed it; the claim to come says what it judges by.
        if wasLeading { required = (catalog, instance) }
        role = .standby(.notElected)
        return wasLeading
    }

    mutating func claimFailed() { if role == .claiming { role = .standby(.notElected) } }

    /// How the alert topic ended after the claim.
    mutating func alertsEnd(at end: Int64) { if case .asking(let term) = role { role = .learning(term: term, end: end) } }

    /// The alert topic was made anew: what it holds must be learnt anew.
    mutating func alertsLost() {
        if case .leading = role { yields = yields ?? .topicAnew }
        if case .learning(let term, _) = role { role = .asking(term: term) }
    }

    /// The leader topic was made anew: who leads says so again, by a claim whose term outgrows those of old.
    mutating func claimsLost() {
        if term != nil { yields = yields ?? .topicAnew }
        // One that is awaited may have gone with the topic.
        claimFailed()
    }

    /// A record of the leader topic under our `source`; its offset is its term. `isOld`: it was there before this daemon.
    mutating func read(_ claim: Claim, term: Int64, isOld: Bool, isOwn: Bool, _ now: Double) {
        if claim.isResigned {
            // Who comes after it begins anew; who saw that leader at work agrees with it.
            if isOld { required = nil } else if !isOwn { vacancy = term }
            return
        }
        let wasVacant = vacancy
        vacancy = nil
        guard isOwn else {
            if self.term != nil, filling == nil { contender = (claim.catalog, claim.instance) } else { required = (claim.catalog, claim.instance) }
            return saw(term: term, now)
        }
        required = (claim.catalog, claim.instance)
        guard role == .claiming else { return }
        awaited -= 1
        // Somebody else was quicker.
        guard filling == nil || filling == wasVacant else { return role = .standby(.notElected) }
        // The leader topic was made anew, and its offsets must first outgrow the terms of old: the next claim does that.
        guard term > greatestTerm else {
            if awaited <= 0 { role = .standby(.notElected) }
            return
        }
        greatestTerm = term
        role = .asking(term: term)
    }

    /// A record under our `source` is of this term.
    mutating func saw(term: Int64, _ now: Double) {
        greatestTerm = max(greatestTerm, term)
        if let own = self.term, term > own {
            yields = .overtaken
            overtakenAt = now
        }
    }
}
