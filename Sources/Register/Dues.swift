import Catalog
import HeapModule

/// Which entries come due when. Most due instants lie days ahead and are overtaken by a newer status, so they wait unsorted in spans of about 19 hours,
/// as bare numbers of entries; only the span that the clock has reached is put in order. What an entry waits for is asked of the entry when its time comes.
struct Dues: ~Copyable {
    private var spans: [Int64: Int] = [:]
    /// The numbers of a span, by its place in `spans`; a place is given again when its span has begun.
    private var lists: [[UInt32]] = []
    private var free: [Int] = []
    private var starts = Heap<Int64>()
    /// Of spans that have begun.
    private var near = Heap<Due>()
    private var lastBegun = Int64.min
    /// How many numbers lie here, those of entries that wait no longer included.
    private(set) var count = 0

    private struct Due: Comparable {
        var at: Instant
        var number: UInt32

        static func < (a: Due, b: Due) -> Bool { a.at < b.at }
    }

    private static func span(of instant: Instant) -> Int64 { instant.microseconds >> 36 }
    private static func start(of span: Int64) -> Instant { Instant(microseconds: span << 36) }

    mutating func insert(_ number: UInt32, at instant: Instant) {
        count += 1
        let span = Self.span(of: instant)
        if span <= lastBegun { return near.insert(Due(at: instant, number: number)) }
        lists[spans[span] ?? open(span)].append(number)
    }

    /// Takes in what others hold. None of them has begun.
    mutating func add(_ others: borrowing Dues) {
        for (span, place) in others.spans { lists[spans[span] ?? open(span)] += others.lists[place] }
        count += others.count
    }

    private mutating func open(_ span: Int64) -> Int {
        let place = free.popLast() ?? lists.count
        if place == lists.count { lists.append([]) }
        spans[span] = place
        starts.insert(span)
        return place
    }

    private mutating func close(_ span: Int64) -> [UInt32] {
        guard let place = spans.removeValue(forKey: span) else { return [] }
        free.append(place)
        defer { lists[place] = [] }
        return lists[place]
    }

    /// Not later than the next instant at which something comes due.
    @inline(__always)
    var next: Instant? { near.min?.at ?? starts.min.map(Self.start) }

    /// The next entry that waited for an instant not later than `now`, in order of these instants.
    mutating func take(by now: Instant, from table: borrowing EntryTable) -> UInt32? {
        while true {
            if let due = near.min, due.at <= now {
                _ = near.popMin()
                count -= 1
                if table[due.number].waitsFor == due.at { return due.number }
            } else if let span = starts.min, Self.start(of: span) <= now {
                _ = starts.popMin()
                lastBegun = span
                for number in close(span) {
                    if let at = table[number].waitsFor, Self.span(of: at) == span { near.insert(Due(at: at, number: number)) } else { count -= 1 }
                }
            } else {
                return nil
            }
        }
    }

    /// Lets go of the numbers of entries that wait no longer, or not then, and of those that lie here twice.
    mutating func tidy(_ table: borrowing EntryTable) {
        count = 0
        for (span, place) in spans {
            var kept: [UInt32] = []
            for number in lists[place].sorted() where number != kept.last {
                if let at = table[number].waitsFor, Self.span(of: at) == span { kept.append(number) }
            }
            lists[place] = kept
            count += kept.count
        }
        var last: Due?
        var still: [Due] = []
        for due in near.unordered.sorted(by: { ($0.at, $0.number) < ($1.at, $1.number) }) where table[due.number].waitsFor == due.at {
            if last?.number != due.number { still.append(due) }
            last = due
        }
        near = Heap(still)
        count += still.count
    }
}
