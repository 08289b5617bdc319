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

    /// `now`: seconds, by the clock that `PartitionWatch` was given.
    init(_ bounds: [Bounds], inputs: Set<String>, now: Double) {
        self.bounds = []
        self.inputs = inputs
        backlog = 0
        for bound in bounds { add(bound, now) }
    }

    /// Reads another partition too, of a topic that is read already or at first.
    mutating func add(_ bound: Bounds, _ now: Double) {
        numbers[bound.partition] = bounds.count
        bounds.append(bound)
        backlog += max(0, bound.high - bound.start)
        positions.append(bound.start)
        ends.append(bound.start < bound.high ? bound.high : nil)
        if bound.start < bound.high { open += 1 }
        freshAt.append(now)
        marks.append(bound.start < bound.high ? (now, bound.high) : nil)
        lastEnds.append(bound.high)
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
        positions[number] = offset
        if ends[number] != nil { pass(number) }
        lastEnds[number] = high
        marks[number] = (now, high)
    }

    private mutating func pass(_ number: Int) {
        ends[number] = nil
        open -= 1
    }

    /// Every partition with the next offset to read.
    var all: [(TopicPartition, offset: Int64)] { bounds.indices.map { (bounds[$0].partition, positions[$0]) } }

    /// The positions in the inputs.
    var inputPositions: [(TopicPartition, offset: Int64)] { all.filter { inputs.contains($0.0.topic) } }

    /// Records read since the start, those skipped by compaction included.
    var done: Int64 { bounds.indices.reduce(0) { $0 + positions[$1] - bounds[$1].start } }
    /// What is left of the backlog.
    var left: Int64 { bounds.indices.reduce(0) { $0 + max(0, (ends[$1] ?? 0) - positions[$1]) } }

    // MARK: Lag

    /// The cluster has said where partitions end. Returns those of known topics that are not read yet.
    mutating func see(_ sighting: PartitionWatch.Sighting) -> [TopicPartition] {
        for (partition, end) in sighting.ends {
            guard let number = numbers[partition] else { continue }
            lastEnds[number] = end
            if marks[number] == nil { marks[number] = (sighting.askedAt, end) }
        }
        settle()
        return sighting.partitionCounts.flatMap { topic, count in (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) } }
            .filter { inputs.contains($0.topic) && numbers[$0] == nil }
    }

    /// Takes note of the marks that have been passed.
    mutating func settle() {
        for number in bounds.indices {
            guard let mark = marks[number], positions[number] >= mark.end else { continue }
            freshAt[number] = max(freshAt[number], mark.at)
            marks[number] = nil
        }
    }

    /// The partition that may be furthest behind, and by how many seconds.
    func stalest(_ now: Double) -> (partition: TopicPartition, seconds: Double)? {
        bounds.indices.min { freshAt[$0] < freshAt[$1] }.map { (bounds[$0].partition, max(0, now - freshAt[$0])) }
    }

    /// Records that are known to lie in a partition and were not read yet.
    func lag(of number: Int) -> Int64 { max(0, lastEnds[number] - positions[number]) }
    var inputLag: Int64 { bounds.indices.filter(isInput).reduce(0) { $0 + lag(of: $1) } }

    /// How old what was read of a partition is at most.
    func lagSeconds(of number: Int, _ now: Double) -> Double { max(0, now - freshAt[number]) }
}
