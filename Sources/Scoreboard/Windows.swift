import Catalog
import HeapModule

/// What each local day adds to the cells of the windows `last-Nd`: a window moves at midnight by what its newest day brings and its oldest takes away.
/// Days that have left their window are forgotten: the clock never turns back.
struct Windows: ~Copyable {
    private struct Window {
        let length: Int32
        var places: [LocalDay: Int] = [:]
        /// By place; a place is given again when its day has left.
        var days: [TallyTable] = []
        var free: [Int] = []
        /// The day that was booked last is most often the next one, too.
        var last = (day: LocalDay(number: .min), place: 0)

        init(length: Int32) { self.length = length }

        /// The place of a day; nil: nothing was booked on it yet.
        mutating func place(of day: LocalDay) -> Int? {
            if last.day == day { return last.place }
            guard let place = places[day] else { return nil }
            last = (day, place)
            return place
        }

        mutating func begin(_ day: LocalDay) -> Int {
            let place = free.popLast() ?? days.count
            if place == days.count { days.append(TallyTable()) }
            places[day] = place
            return place
        }

        mutating func end(_ day: LocalDay) -> TallyTable? {
            guard let place = places.removeValue(forKey: day) else { return nil }
            if last.day == day { last.day = LocalDay(number: .min) }
            free.append(place)
            defer { days[place] = TallyTable() }
            return days[place]
        }
    }

    private var windows: [Window]
    private(set) var today = LocalDay(number: .min / 2)
    /// Days at whose beginning something enters or leaves a window.
    private var turningDays = Heap<LocalDay>()

    private let longest: Int32?

    init(lengths: [Int32]) {
        windows = lengths.map(Window.init)
        longest = lengths.max()
    }

    /// Whether a window holds a day, or will.
    func holds(_ day: LocalDay) -> Bool { longest.map { day + $0 > today } ?? false }

    /// The next day at whose beginning a window moves.
    @inline(__always)
    var nextTurn: LocalDay? { turningDays.min }

    /// Books what one day adds to a cell; true if that day is in the window now.
    mutating func book(_ tally: Tally, on day: LocalDay, _ key: TallyTable.Key, window: Int) -> Bool {
        let length = windows[window].length
        guard day + length > today else { return false }
        let place = windows[window].place(of: day) ?? begin(day, window)
        _ = windows[window].days[place].add(tally, to: key)
        return day <= today
    }

    private mutating func begin(_ day: LocalDay, _ window: Int) -> Int {
        turningDays.insert(day + windows[window].length)
        if day > today { turningDays.insert(day) }
        return windows[window].begin(day)
    }

    /// Books what others have booked, of the same lengths and on the same day.
    mutating func merge(_ other: borrowing Windows) {
        for window in other.windows.indices {
            for (day, place) in other.windows[window].places {
                for (key, tally) in other.windows[window].days[place].all { _ = book(tally, on: day, key, window: window) }
            }
        }
    }

    /// Moves every window to `day`. `move` gets what enters (as it is) and what leaves (negated).
    mutating func move(to day: LocalDay, _ move: (TallyTable.Key, Tally) -> Void) {
        while let turn = turningDays.min, turn <= day {
            _ = turningDays.popMin()
            guard turn > today else { continue }
            today = turn
            for i in windows.indices {
                if let place = windows[i].places[turn] { windows[i].days[place].forEach(move) }
                windows[i].end(turn + -windows[i].length)?.forEach { move($0, -$1) }
            }
        }
        today = max(today, day)
    }
}
