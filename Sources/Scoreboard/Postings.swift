import Catalog

/// What a change of one subject's facts adds to one criterion.
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
        fileprivate var hash: UInt64 { ((before &* 0x9e37_79b9_7f4a_7c15 ^ after) &* 0xd1b5_4a32_d192_ed03 ^ UInt64(truncatingIfNeeded: group)) &* 0xa076_1d64_78bd_642f }
        fileprivate static let none = Way(group: -1, from: nil, to: nil)
    }

    /// Where the postings of a way lie.
    struct Found {
        /// Of criteria with calendar periods.
        var calendar = Part()
        /// Of criteria with windows.
        var windows = Part()

        struct Part {
            /// Those that are the same for dossiers of every procedure.
            fileprivate(set) var common: Range<Int32> = 0..<0
            /// Those that count by procedure; they stand behind the others.
            fileprivate(set) var byProcedure: Range<Int32> = 0..<0

            var all: Range<Int32> { common.lowerBound..<byProcedure.upperBound }
        }
    }

    private let layout: Layout
    private var slots: [(way: Way, found: Found)]
    private var count = 0
    private var postings: [Posting] = []

    init(_ layout: Layout) {
        self.layout = layout
        slots = Self.empty(1 << 10)
    }

    private static func empty(_ count: Int) -> [(way: Way, found: Found)] { Array(repeating: (.none, Found()), count: count) }

    /// Beyond so many ways or postings (24 bytes each) it begins anew: a stream that takes all ways must not fill the memory.
    private static let most = (ways: 1 << 15, postings: 1 << 20)

    subscript(_ index: Int32) -> Posting { postings[Int(index)] }

    mutating func find(_ way: Way) -> Found {
        var place = place(of: way)
        if slots[place].way == way { return slots[place].found }
        if count == Self.most.ways || postings.count > Self.most.postings { self = Postings(layout) }
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
        var calendar: (common: [Posting], byProcedure: [Posting]) = ([], []), windows = calendar
        let kind = layout.lanes.kind(of: way.group)
        for plan in layout.lanes.plansOfGroup[Int(way.group)] {
            let measure = layout.plans[plan].measure, lane = layout.lanes.lanes[plan]
            var common = way.to.map { measure.tally($0, of: kind) } ?? Tally()
            common += -(way.from.map { measure.tally($0, of: kind) } ?? Tally())
            var byProcedure = Tally()
            if lane.isDistinct { swap(&common.counted, &byProcedure.counted) }
            if !common.isZero {
                if lane.hasCalendar { calendar.common.append(Posting(plan: Int32(plan), tally: common)) }
                if lane.hasWindows { windows.common.append(Posting(plan: Int32(plan), tally: common)) }
            }
            if !byProcedure.isZero {
                if lane.hasCalendar { calendar.byProcedure.append(Posting(plan: Int32(plan), tally: byProcedure)) }
                if lane.hasWindows { windows.byProcedure.append(Posting(plan: Int32(plan), tally: byProcedure)) }
            }
        }
        return Found(calendar: keep(calendar.common, calendar.byProcedure), windows: keep(windows.common, windows.byProcedure))
    }

    private mutating func keep(_ common: [Posting], _ byProcedure: [Posting]) -> Found.Part {
        let first = Int32(postings.count), middle = first + Int32(common.count)
        postings += common + byProcedure
        return Found.Part(common: first..<middle, byProcedure: middle..<Int32(postings.count))
    }

    private func place(of way: Way) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: way.hash >> 32) & mask
        while slots[place].way != way, slots[place].way != .none { place = (place + 1) & mask }
        return place
    }
}
