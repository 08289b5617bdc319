/// How one office works; drawn once.
struct OfficeHabits: Sendable {
    let rawID: [UInt8]
    /// As JSON text.
    let id: [UInt8]
    let procedures: ProcedurePool
    let onlinePerMille: Int
    let postPerMille: Int
    let resultByPostPerMille: Int
    /// Some systems send states by number, others by name.
    let numbersStates: Bool
    let usualSlipPerMille: Int
    /// Times of trouble, by the working day on which dossiers are due.
    let slips: [Slips.Slip]

    init(id: String, procedures: ProcedurePool, isOffline: Bool, slips: [Slips.Slip], random: inout SplitMix64) {
        rawID = Array(id.utf8)
        var text: [UInt8] = []
        text.append(jsonText: id)
        self.id = text
        self.procedures = procedures
        onlinePerMille = isOffline ? random.within(40...180) : random.within(250...700)
        // About one office in eight hardly knows the post.
        let isFarFromPost = random.chance(perMille: 125)
        postPerMille = isFarFromPost ? random.within(10...60) : random.within(80...180)
        resultByPostPerMille = isFarFromPost ? random.within(20...150) : random.within(240...420)
        numbersStates = random.chance(perMille: 250)
        usualSlipPerMille = random.within(0...8)
        self.slips = slips
    }

    /// How many of a thousand dossiers due on this working day are finished late.
    func slipPerMille(dueOn day: Int) -> Int {
        for slip in slips where slip.days.contains(day) { return 10 * slip.latePerCent }
        return usualSlipPerMille
    }
}

/// All offices, each with its share of the dossiers.
struct ProvinceOffices: Sendable {
    private let habits: [OfficeHabits]
    /// For each office the sum of the weights up to and including its own.
    private let weightsThrough: [Int]

    /// An agency that no catalog knows.
    let stranger: Int

    /// Departments and districts receive more than communes.
    static func weights(of offices: [Simulation.Office], random: inout SplitMix64) -> [Int] {
        offices.map { office in
            let usual = switch office.level {
            case "department": 60
            case "district": 80
            case "commune": 12
            default: 20
            }
            return usual * random.within(70...130)
        }
    }

    init(_ offices: [Simulation.Office], weights: [Int], slips: Slips, province: String, random: inout SplitMix64) {
        var pools: [String: ProcedurePool] = [:]
        // About a fifth of the offices have hardly any online filing.
        let offline = Set(random.shuffled(Array(offices.indices)).prefix((offices.count + 4) / 5))
        var habits: [OfficeHabits] = []
        for (index, office) in offices.enumerated() {
            let pool = pools[office.level] ?? ProcedurePool(level: office.level, levelNumber: pools.count, province: province, random: &random)
            pools[office.level] = pool
            let isOffline = offline.contains(index)
            habits.append(OfficeHabits(id: office.id, procedures: pool, isOffline: isOffline, slips: slips.of(index), random: &random))
        }
        let known = Set(offices.map(\.id))
        let unknownID = (0...99).reversed().lazy.map { "000.00.\($0).\(province)" }.first { !known.contains($0) } ?? "?"
        let pool = ProcedurePool(level: "", levelNumber: pools.count, province: province, random: &random)
        habits.append(OfficeHabits(id: unknownID, procedures: pool, isOffline: false, slips: [], random: &random))
        stranger = offices.count
        self.habits = habits
        var sum = 0
        weightsThrough = weights.map { sum += $0; return sum }
    }

    subscript(office: Int) -> OfficeHabits { habits[office] }

    func draw(_ random: inout SplitMix64) -> Int {
        let point = random.below(weightsThrough.last ?? 0)
        var low = 0
        var high = weightsThrough.count - 1
        while low < high {
            let middle = (low + high) / 2
            if point < weightsThrough[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
