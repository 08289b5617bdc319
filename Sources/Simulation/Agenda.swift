/// What is to happen, earliest first: a binary heap. What falls on the same microsecond comes in an order of its own, but always the same.
struct Agenda: Sendable {
    enum Item: Sendable {
        case dossier(Slab<Dossier>.Slot)
        case message(Slab<Simulation.Message>.Slot)
    }

    struct Entry: Sendable {
        var time: Int64
        var item: Item
    }

    private var heap: [Entry] = []

    var nextTime: Int64? { heap.first?.time }

    mutating func insert(_ item: Item, at time: Int64) {
        let entry = Entry(time: time, item: item)
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard time < heap[parent].time else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    mutating func popFirst() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            guard heap[child].time < last.time else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = last
        return first
    }
}
