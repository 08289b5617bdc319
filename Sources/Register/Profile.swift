import Catalog
import CPrefetch
import Intake

/// What many dossiers have in common, and what follows from it for each of them: kept once, so that an entry holds only its number.
struct Profile {
    let key: CodeKey
    /// What is true of every such dossier: by its channels and level, and by the sector if the catalog asks for it.
    var facts: Facts
    /// Index in the catalog; -1: the catalog does not know the agency.
    var agency: Int32
    /// Number of its code.
    let procedure: UInt32
}

/// All profiles that have been seen, and the codes in them.
struct Profiles: ~Copyable {
    private(set) var agencies = CodeTable()
    private(set) var procedures = CodeTable()
    private(set) var sectors = CodeTable()
    private var profiles: [Profile] = []
    /// Of what each was made.
    private var origins: [Origin] = []
    /// By a profile's key. Open addressing, at most half full.
    private var slots = [Slot](repeating: Slot(), count: 1 << 10)
    private let seed = CodeKey.seed

    /// Enough of a key to tell nearly all strangers apart without a look at their profiles, and the profile's number plus 1; 0: empty.
    private struct Slot: Equatable {
        var tag: UInt32 = 0
        var place: UInt32 = 0
    }

    struct Origin {
        /// Numbers of codes.
        var agency: UInt32
        var sector: UInt32?
        /// By channels and level.
        var facts: Facts
    }

    /// By the number of an agency's code: its index in the catalog.
    private var agencyIndex: [UInt32: Int32] = [:]
    /// By the number of a sector's code: its fact.
    private var sectorFact: [UInt32: Facts] = [:]

    init(catalog: Catalog) { adopt(catalog) }

    var count: Int { profiles.count }

    /// What makes the profiles with these numbers what they are, whatever the catalog.
    func stored(_ numbers: Range<Int>) -> [StoredProfile] {
        var stored: [StoredProfile] = []
        for number in numbers { stored.append(StoredProfile(profiles[number], origins[number])) }
        return stored
    }

    /// Nil if they do not fit the codes.
    init?(_ stored: [StoredProfile], agencies: CodeTable, procedures: CodeTable, sectors: CodeTable, catalog: Catalog) {
        (self.agencies, self.procedures, self.sectors) = (agencies, procedures, sectors)
        while slots.count < stored.count * 2 + 2 { slots += slots }
        for one in stored {
            guard one.agency < agencies.count, one.procedure < procedures.count, one.sector <= sectors.count, one.key != .none else { return nil }
            keep(Profile(key: one.key, facts: [], agency: -1, procedure: one.procedure), one.origin)
        }
        adopt(catalog)
    }

    subscript(_ number: UInt32) -> Profile { profiles[Int(number)] }

    /// The number of a dossier's profile; nil if it is new. `last` is that which the dossier had before: most often it is the same.
    func number(of key: CodeKey, last: UInt32?) -> UInt32? {
        if let last, profiles[Int(last)].key == key { return last }
        let place = slots[slot(of: key)].place
        return place == 0 ? nil : place - 1
    }

    /// Has the place in memory fetched where `number(of:)` will look first; `fetch` what it will find there.
    func fetchSlot(of key: CodeKey) { slots.withUnsafeBufferPointer { cprefetch($0.baseAddress.unsafelyUnwrapped + home(of: key)) } }

    func fetch(_ key: CodeKey) {
        let tag = Self.tag(of: key), mask = slots.count - 1
        var slot = home(of: key)
        while slots[slot].place > 0 {
            if slots[slot].tag == tag { return fetch(slots[slot].place - 1) }
            slot = (slot + 1) & mask
        }
    }

    /// Has the profile with a number fetched, if there is one.
    @inline(__always)
    func fetch(_ number: UInt32) { profiles.withUnsafeBufferPointer { if number < $0.count { cprefetch($0.baseAddress.unsafelyUnwrapped + Int(number)) } } }

    private func home(of key: CodeKey) -> Int { Int(truncatingIfNeeded: key.spread(by: seed)) & (slots.count - 1) }

    private static func tag(of key: CodeKey) -> UInt32 { UInt32(truncatingIfNeeded: key.low >> 32) }

    private func slot(of key: CodeKey) -> Int {
        let tag = Self.tag(of: key), mask = slots.count - 1
        var slot = home(of: key)
        while slots[slot].place > 0, slots[slot].tag != tag || profiles[Int(slots[slot].place) - 1].key != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func take(_ number: Int) {
        let key = profiles[number].key
        slots[slot(of: key)] = Slot(tag: Self.tag(of: key), place: UInt32(number) + 1)
    }

    private mutating func grow() {
        slots = [Slot](repeating: Slot(), count: slots.count * 2)
        for number in profiles.indices { take(number) }
    }

    /// The number of the profile's agency among all that have been seen.
    func agencyCode(of number: UInt32) -> UInt32 { origins[Int(number)].agency }

    /// A number for an agency's code.
    mutating func number(ofAgency code: CodeKey) -> UInt32 { agencies.number(of: code) }

    /// The index in the catalog of the agency with this number; nil: the catalog does not know it.
    func index(ofAgency number: UInt32) -> Int32? { agencyIndex[number] }

    /// Whether the catalog knows the agency with this number.
    func knows(agency: UInt32) -> Bool { agencyIndex[agency] != nil }

    /// Another catalog: other agencies are known, other sectors asked for.
    mutating func adopt(_ catalog: Catalog) {
        agencyIndex = [:]
        for (index, agency) in catalog.agencies.enumerated() { agencyIndex[agencies.number(of: CodeKey(code: agency.id))] = Int32(index) }
        sectorFact = [:]
        for (index, sector) in catalog.sectors.enumerated() { sectorFact[sectors.number(of: CodeKey(code: sector))] = .sector(index) }
        for i in profiles.indices { resolve(i) }
    }

    /// Keeps the profile of a dossier that is new, and returns its number. A deletion has none, and gets 0, which nobody will ask for.
    mutating func add(_ status: DossierStatus) -> UInt32 {
        guard let content = status.content else { return 0 }
        var facts: Facts = []
        switch content.filing {
        case .online: facts.insert(.filedOnline)
        case .post: facts.insert(.filedByPost)
        case .counter: break
        }
        if content.returning == .post { facts.insert(.returnedByPost) }
        if content.level == 3 { facts.insert(.level3) }
        if content.level == 4 { facts.insert(.level4) }
        let origin = Origin(agency: agencies.number(of: content.agency), sector: content.sector.map { sectors.number(of: $0) }, facts: facts)
        keep(Profile(key: content.profile, facts: [], agency: -1, procedure: procedures.number(of: content.procedure)), origin)
        resolve(profiles.count - 1)
        return UInt32(profiles.count - 1)
    }

    private mutating func keep(_ profile: Profile, _ origin: Origin) {
        if (profiles.count + 1) * 2 > slots.count { grow() }
        origins.append(origin)
        profiles.append(profile)
        take(profiles.count - 1)
    }

    private mutating func resolve(_ index: Int) {
        let origin = origins[index]
        profiles[index].agency = agencyIndex[origin.agency] ?? -1
        profiles[index].facts = origin.facts.union(origin.sector.flatMap { sectorFact[$0] } ?? [])
    }
}
