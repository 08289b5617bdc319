import Catalog

/// What a change of one dossier's facts adds to one criterion.
struct Posting {
    /// Index among the layout's plans.
    var plan: Int32
    var tally: Tally
}

/// The postings of every change of facts that has been seen. Dossiers take few ways through their states, so each way is worked out once, against all
/// criteria of its year; after that a message costs what it touches, however many other criteria there are.
struct Postings: ~Copyable {
    /// A change of facts, nil being "counts nowhere", for agencies and a year that the same criteria count.
    struct Way: Hashable {
        var group: Int32
        private var before: UInt64
        private var after: UInt64

        init(group: Int32, from before: Facts?, to after: Facts?) {
            self.group = group
            // No dossier has all facts at once.
            self.before = before?.rawValue ?? .max
            self.after = after?.rawValue ?? .max
        }

        var from: Facts? { before == .max ? nil : Facts(rawValue: before) }
        var to: Facts? { after == .max ? nil : Facts(rawValue: after) }
        fileprivate var place: Int { Int(truncatingIfNeeded: ((before &* 0x9e37_79b9_7f4a_7c15 ^ after) &* 0xd1b5_4a32_d192_ed03 ^ UInt64(truncatingIfNeeded: group)) &* 0xa076_1d64_78bd_642f >> 40) }
        fileprivate static let none = Way(group: -1, from: nil, to: nil)
    }

    /// Where the postings of a way lie.
    struct Found {
        /// Of criteria with calendar periods.
        var calendar: Range<Int>
        /// Of criteria with windows.
        var windows: Range<Int>
    }

    private let layout: Layout
    private var slots: [(way: Way, found: Found)]
    private var count = 0
    private var postings: [Posting] = []

    init(_ layout: Layout) {
        self.layout = layout
        slots = Self.empty(1 << 10)
    }

    private static func empty(_ count: Int) -> [(way: Way, found: Found)] { Array(repeating: (.none, Found(calendar: 0..<0, windows: 0..<0)), count: count) }

    /// Beyond so many ways it begins anew: a stream that takes them all must not fill the memory.
    private static let most = 1 << 15

    subscript(_ index: Int) -> Posting { postings[index] }

    mutating func find(_ way: Way) -> Found {
        var place = place(of: way)
        if slots[place].way == way { return slots[place].found }
        if count == Self.most { self = Postings(layout) }
        if (count + 1) * 2 > slots.count {
            let old = slots
            slots = Self.empty(old.count * 2)
            for slot in old where slot.way != .none { slots[self.place(of: slot.way)] = slot }
        }
        place = self.place(of: way)
        count += 1
        slots[place] = (way, workOut(way))
        return slots[place].found
    }

    private mutating func workOut(_ way: Way) -> Found {
        var windows: [Posting] = []
        let first = postings.count
        for plan in layout.lanes.plansOfGroup[Int(way.group)] {
            let measure = layout.plans[plan].measure
            var tally = way.to.map(measure.tally) ?? Tally()
            tally += -(way.from.map(measure.tally) ?? Tally())
            guard !tally.isZero else { continue }
            if layout.lanes.lanes[plan].hasCalendar { postings.append(Posting(plan: Int32(plan), tally: tally)) }
            if layout.lanes.lanes[plan].hasWindows { windows.append(Posting(plan: Int32(plan), tally: tally)) }
        }
        let middle = postings.count
        postings += windows
        return Found(calendar: first..<middle, windows: middle..<postings.count)
    }

    private func place(of way: Way) -> Int {
        let mask = slots.count - 1
        var place = way.place & mask
        while slots[place].way != way, slots[place].way != .none { place = (place + 1) & mask }
        return place
    }
}
