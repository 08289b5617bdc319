import Catalog
import Intake

/// What many dossiers have in common, and what follows from it: kept once, so that an entry holds only its number.
struct Profile {
    /// Numbers of codes.
    var agencyCode: UInt32
    var procedure: UInt32
    var sectorCode: UInt32?
    /// What is true of every such dossier by its channels and level.
    var ownFacts: Facts

    /// Index in the catalog; -1: the catalog does not know the agency.
    var agency: Int32 = -1
    /// `ownFacts`, and the sector that the catalog asks for.
    var facts: Facts = []
}

/// All profiles that have been seen, and the codes in them.
struct Profiles: ~Copyable {
    private(set) var agencies = CodeTable()
    private(set) var procedures = CodeTable()
    private(set) var sectors = CodeTable()
    private var numbers = CodeTable()
    private var profiles: [Profile] = []
    /// By the number of an agency's code: its index in the catalog.
    private var agencyIndex: [UInt32: Int32] = [:]
    /// By the number of a sector's code: its fact.
    private var sectorFact: [UInt32: Facts] = [:]

    init(catalog: Catalog) { adopt(catalog) }

    subscript(_ number: UInt32) -> Profile { profiles[Int(number)] }

    /// The number of the profile of a dossier.
    mutating func number(of content: DossierStatus.Content) -> UInt32 {
        let channels = UInt64(content.filing.rawValue) | UInt64(content.returning?.rawValue ?? 0) << 8 | UInt64(content.level ?? 0) << 16
        let number = numbers.number(of: CodeKey(of: (content.agency, content.procedure, content.sector ?? .none), channels))
        if Int(number) == profiles.count { profiles.append(resolved(profile(of: content))) }
        return number
    }

    /// Another catalog: other agencies are known, other sectors asked for.
    mutating func adopt(_ catalog: Catalog) {
        agencyIndex = [:]
        for (index, agency) in catalog.agencies.enumerated() { agencyIndex[agencies.number(of: CodeKey(code: agency.id))] = Int32(index) }
        sectorFact = [:]
        for (index, sector) in catalog.sectors.enumerated() { sectorFact[sectors.number(of: CodeKey(code: sector))] = .sector(index) }
        for i in profiles.indices { profiles[i] = resolved(profiles[i]) }
    }

    private mutating func profile(of content: DossierStatus.Content) -> Profile {
        var facts: Facts = []
        switch content.filing {
        case .online: facts.insert(.filedOnline)
        case .post: facts.insert(.filedByPost)
        case .counter: break
        }
        if content.returning == .post { facts.insert(.returnedByPost) }
        if content.level == 3 { facts.insert(.level3) }
        if content.level == 4 { facts.insert(.level4) }
        return Profile(
            agencyCode: agencies.number(of: content.agency), procedure: procedures.number(of: content.procedure), sectorCode: content.sector.map { sectors.number(of: $0) }, ownFacts: facts)
    }

    private func resolved(_ profile: Profile) -> Profile {
        var profile = profile
        profile.agency = agencyIndex[profile.agencyCode] ?? -1
        profile.facts = profile.ownFacts.union(profile.sectorCode.flatMap { sectorFact[$0] } ?? [])
        return profile
    }
}
