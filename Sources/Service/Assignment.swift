import Kafka

/// What is to be read, from where; where "caught up" is; and how far behind each partition may be. A partition's place among `bounds` is its number here.
struct Assignment {
    struct Bounds {
        var partition: TopicPartition
        /// The first offset there is.
        var low: Int64
        /// The offset that the next record would get when it was asked.
        var high: Int64
        /// Where reading begins.
        var start: Int64
    }

    private(set) var bounds: [Bounds]
    /// Records that lay there when it began.
    private(set) var backlog: Int64
    private let inputs: Set<String>
    private var numbers: [TopicPartition: Int] = [:]
    /// By topic, in the order of their first mention, and partition.
    private var numbersOfTopic: [[Int]] = []
    /// The next offset to read.
    private var positions: [Int64] = []
    /// Where it ended at the start; nil once that has been passed.
    private var ends: [Int64?] = []
    private var open = 0
    /// Everything that was there at this instant, in seconds, has been read.
    private var freshAt: [Double] = []
    /// Where it ended at a later instant.
    private var marks: [(at: Double, end: Int64)?] = []
    /// Where it ended when that was last seen.
    private var lastEnds: [Int64] = []
    /// Offsets before which everything lay there when the cluster last spoke of it: where it ended, or up to where it was read by then; and since when that is so of what is read now.
    private var reached: [(since: Double, offset: Int64)] = []
    /// Partitions that ended before that when they were last seen; once may be what was asked before it was read, or a broker that does not know yet.
    private var shorter: Set<Int> = []
    /// Partitions of which more lay there than was read when their reading began; how old that is, nobody knows before.
    private var unread: Set<Int> = []
    /// Partitions that the cluster has no more.
    private var gone: Set<Int> = []
    /// Topics that had fewer partitions when that was last seen; once may be a broker that does not know yet.
    private var shrunk: Set<String> = []

    /// `now`: seconds, by the clock that `PartitionWatch` was given.
    init(_ bounds: [Bounds], inputs: Set<String>, now: Double) {
        self.bounds = []
        self.inputs = inputs
        backlog = 0
        for bound in bounds { add(bound, now) }
    }

    /// Reads another partition too, of a topic that is read already or at first.
    mutating func add(_ bound: Bounds, _ now: Double) {
        if let number = numbers[bound.partition] {
            // It was there before.
            gone.remove(number)
            return restart(number, at: bound.start, high: bound.high, now)
        }
        numbers[bound.partition] = bounds.count
        bounds.append(bound)
        backlog += max(0, bound.high - bound.start)
        positions.append(bound.start)
        ends.append(bound.start < bound.high ? bound.high : nil)
        if bound.start < bound.high {
            open += 1
            unread.insert(bounds.count - 1)
        }
        freshAt.append(now)
        marks.append(bound.start < bound.high ? (now, bound.high) : nil)
        lastEnds.append(bound.high)
        reached.append((now, max(bound.start, bound.high)))
        var topics: [String] = []
        for bound in bounds where !topics.contains(bound.partition.topic) { topics.append(bound.partition.topic) }
        numbersOfTopic = topics.map { topic in
            bounds.map(\.partition).filter { $0.topic == topic }.sorted { $0.partition < $1.partition }.compactMap { numbers[$0] }
        }
    }

    var isCaughtUp: Bool { open == 0 }

    /// The number of a partition, of the topic with this place among all topics; nil if it is not read.
    func number(topic: Int, partition: Int32) -> Int? {
        guard numbersOfTopic.indices.contains(topic), numbersOfTopic[topic].indices.contains(Int(partition)) else { return nil }
        return numbersOfTopic[topic][Int(partition)]
    }

    func number(of partition: TopicPartition) -> Int? { numbers[partition] }
    func isInput(_ number: Int) -> Bool { inputs.contains(bounds[number].partition.topic) }

    /// Everything before `offset` has been read.
    mutating func advance(_ number: Int, to offset: Int64) {
        positions[number] = max(positions[number], offset)
        if let end = ends[number], offset >= end { pass(number) }
    }

    func position(of number: Int) -> Int64 { positions[number] }
    /// Where it ends, as far as is known.
    func end(of number: Int) -> Int64 { max(positions[number], lastEnds[number]) }
    /// Whether what lay there at the start has been read.
    func isPassed(_ number: Int) -> Bool { ends[number] == nil }

    /// Reads a partition from another place; what lies there up to `high` belongs to it.
    mutating func restart(_ number: Int, at offset: Int64, high: Int64, _ now: Double) {
        bounds[number] = Bounds(partition: bounds[number].partition, low: offset, high: max(offset, high), start: offset)
        backlog = bounds.reduce(0) { $0 + max(0, $1.high - $1.start) }
        positions[number] = offset
        lastEnds[number] = high
        reached[number] = (now, max(offset, high))
        shorter.remove(number)
        marks[number] = (now, high)
        if offset < high {
            unread.insert(number)
            // Who was catching up has that to read as well.
            if ends[number] != nil { ends[number] = high }
        } else {
            unread.remove(number)
            if ends[number] != nil { pass(number) }
        }
    }

    /// Reads a partition no longer: the cluster has it no more.
    private mutating func leave(_ number: Int) {
        gone.insert(number)
        unread.remove(number)
        marks[number] = nil
        lastEnds[number] = positions[number]
        if ends[number] != nil { pass(number) }
    }

    private mutating func pass(_ number: Int) {
        ends[number] = nil
        open -= 1
    }

    /// The numbers of the partitions that there are.
    var numbersRead: [Int] { bounds.indices.filter { !gone.contains($0) } }

    /// Every partition with the next offset to read.
    var all: [(TopicPartition, offset: Int64)] { numbersRead.map { (bounds[$0].partition, positions[$0]) } }

    /// The positions in the inputs.
    var inputPositions: [(TopicPartition, offset: Int64)] { all.filter { inputs.contains($0.0.topic) } }

    /// Records read since the start, those skipped by compaction included.
    var done: Int64 { bounds.indices.reduce(0) { $0 + positions[$1] - bounds[$1].start } }
    /// What is left of the backlog.
    var left: Int64 { bounds.indices.reduce(0) { $0 + max(0, (ends[$1] ?? 0) - positions[$1]) } }

    /// How the start gets on, in words. What has come since it began is read as well, but is no part of what it waits for.
    func progress(after seconds: Double) -> String {
        let read = backlog - left
        let rest = read > 0 ? "\(Int((seconds / Double(read) * Double(left)).rounded(.up))) s left" : "how long it takes shows later"
        return "\(read) of \(backlog) records, \(Int(Double(done) / seconds))/s, \(rest)"
    }

    // MARK: Lag

    /// The cluster has said which partitions there are and where they end. Returns those of the inputs that are not read yet; those that were and will not be any more, for a topic was
    /// made anew with fewer; and those that end before what they held, so that they were made anew whether or not a consumer is told.
    mutating func see(_ sighting: PartitionWatch.Sighting) -> (new: [TopicPartition], gone: [TopicPartition], anew: [TopicPartition]) {
        var anew: [TopicPartition] = []
        for (partition, end) in sighting.ends {
            guard let number = numbers[partition], !gone.contains(number) else { continue }
            lastEnds[number] = end
            if end >= reached[number].offset {
                if sighting.askedAt > reached[number].since { reached[number].offset = max(end, positions[number]) }
                shorter.remove(number)
            } else if sighting.askedAt > reached[number].since, !shorter.insert(number).inserted {
                anew.append(partition)
            }
            if let mark = marks[number], end < mark.end, sighting.askedAt > mark.at, positions[number] <= end {
                // It has become shorter: what lay beyond is no more.
                marks[number] = (sighting.askedAt, end)
                if ends[number] != nil { ends[number] = end }
                advance(number, to: positions[number])
            }
            if marks[number] == nil { marks[number] = (sighting.askedAt, end) }
        }
        settle()
        var new: [TopicPartition] = [], left: [TopicPartition] = []
        for (topic, count) in sighting.partitionCounts where inputs.contains(topic) && count > 0 {
            for number in 0..<Int32(count) {
                let partition = TopicPartition(topic: topic, partition: number)
                if numbers[partition].map(gone.contains) ?? true { new.append(partition) }
            }
            let surplus = numbersRead.filter { bounds[$0].partition.topic == topic && Int(bounds[$0].partition.partition) >= count }
            if !surplus.isEmpty, shrunk.contains(topic) {
                for number in surplus {
                    leave(number)
                    left.append(bounds[number].partition)
                }
            }
            if surplus.isEmpty { shrunk.remove(topic) } else { shrunk.insert(topic) }
        }
        return (new, left, anew)
    }

    /// Takes note of the marks that have been passed.
    mutating func settle() {
        for number in bounds.indices {
            guard let mark = marks[number], positions[number] >= mark.end else { continue }
            freshAt[number] = max(freshAt[number], mark.at)
            marks[number] = nil
            unread.remove(number)
        }
    }

    /// The partition that may be furthest behind, and by how many seconds.
    func stalest(_ now: Double) -> (partition: TopicPartition, seconds: Double)? {
        numbersRead.min { freshAt[$0] < freshAt[$1] }.map { (bounds[$0].partition, max(0, now - freshAt[$0])) }
    }

    /// A partition that is read from another place than before, or is new, and whose end as it was then has not been reached.
    var firstUnread: TopicPartition? { unread.min().map { bounds[$0].partition } }

    /// Records that are known to lie in a partition and were not read yet.
    func lag(of number: Int) -> Int64 { max(0, lastEnds[number] - positions[number]) }
    var inputLag: Int64 { numbersRead.filter(isInput).reduce(0) { $0 + lag(of: $1) } }

    /// How old what was read of a partition is at most.
    func lagSeconds(of number: Int, _ now: Double) -> Double { max(0, now - freshAt[number]) }
}
