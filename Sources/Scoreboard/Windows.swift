import Catalog
import HeapModule

/// What each local day adds to the cells of the windows `last-Nd`: a window moves at midnight by what its newest day brings and its oldest takes away.
/// Days that have left their window are forgotten: the clock never turns back.
struct Windows {
    struct Bucket: Hashable {
        var cell: CellID
        var procedure: UInt32
    }

    private struct Window {
        let length: Int32
        var days: [LocalDay: [Bucket: Tally]] = [:]
    }

    private var windows: [Window]
    private(set) var today = LocalDay(number: .min / 2)
    /// Days at whose beginning something enters or leaves a window.
    private var turningDays = Heap<LocalDay>()

    init(lengths: [Int32]) { windows = lengths.map { Window(length: $0) } }

    /// The next day at whose beginning a window moves.
    var nextTurn: LocalDay? { turningDays.min }

    /// Books what one day adds to a cell; true if that day is in the window now.
    mutating func book(_ tally: Tally, on day: LocalDay, _ bucket: Bucket, window: Int) -> Bool {
        let length = windows[window].length
        guard day + length > today else { return false }
        if windows[window].days[day] == nil {
            turningDays.insert(day + length)
            if day > today { turningDays.insert(day) }
        }
        windows[window].days[day, default: [:]][bucket, default: Tally()] += tally
        return day <= today
    }

    /// Moves every window to `day`. `move` gets what enters (as it is) and what leaves (negated).
    mutating func move(to day: LocalDay, _ move: (Bucket, Tally) -> Void) {
        while let turn = turningDays.min, turn <= day {
            _ = turningDays.popMin()
            guard turn > today else { continue }
            today = turn
            for i in windows.indices {
                for (bucket, tally) in windows[i].days[turn] ?? [:] { move(bucket, tally) }
                for (bucket, tally) in windows[i].days.removeValue(forKey: turn + -windows[i].length) ?? [:] { move(bucket, -tally) }
            }
        }
        today = max(today, day)
    }
}
