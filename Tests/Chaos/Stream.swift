import Cases
import Foundation
import Kafka

/// Writes the messages over the time of the drill, garbage between them and floods of it now and then, and sees to it that each is there in the end.
struct Stream {
    private let settings: KafkaSettings
    /// Nil: the cluster is gone.
    private var producer: Producer?
    private let topic: String
    private var partitions: Int
    private let messages: [String]
    /// How many of them are to come before the last scene.
    private var limit: Int
    private let seconds: Double
    private var dice: Seeded
    private var next = 0
    /// What was written, by token, until its report has come.
    private var underWay: [UInt64: Item] = [:]
    private var token: UInt64 = 0
    private var again: [Item] = []
    /// Messages that are written once more, because the topic that held them is no more.
    private var repeats: ArraySlice<String> = []
    /// Where what was written lies, as far as it is known.
    private(set) var places: [Place] = []
    private(set) var garbage = 0
    private(set) var sent = 0
    /// How often the topic was made anew.
    private var life = 0
    /// Nothing is written for the time being.
    var isSilent = false
    /// Before which messages a wave of a flood comes, and how many of the same garbage it is.
    private var waves: [(before: Int, count: Int)] = []

    struct Place {
        /// Of the topic: its offsets begin again in each.
        var life: Int
        var partition: Int32
        var offset: Int64
        /// False: garbage.
        var counts: Bool
        /// Whether the rejected topic must speak of it.
        var isOwed: Bool
        var value: [UInt8]?
    }

    /// The first two take the room for 2,000; the others come on several seconds, and with snapshots between them, but there is room for 200 in each.
    private static let wavesOfFlood = 5
    private static let wave = 1_000...1_500
    private static let secondsPerFlood = 120.0
    /// The embedded broker holds 5 MiB of the rejected topic.
    private static let mostFloods = 3
    /// Of repeated messages, at each move.
    private static let mostAtOnce = 50

    private struct Item {
        var value: [UInt8]?
        var isGarbage: Bool
    }

    init(_ ground: Ground, _ messages: [String], seed: UInt64, seconds: Double) throws {
        settings = ground.settings
        topic = ground.inputs
        partitions = ground.inputCount
        self.messages = messages
        limit = messages.count * 9 / 10
        self.seconds = seconds
        dice = Seeded(seed ^ 0xBEEF)
        for _ in 0..<min(Self.mostFloods, 1 + Int(seconds / Self.secondsPerFlood)) {
            let first = dice.int(0...limit * 8 / 10)
            for wave in 0..<Self.wavesOfFlood { waves.append((min(limit - 1, first + wave * Int(Double(limit) / seconds)), dice.int(Self.wave))) }
        }
        producer = try Self.producer(settings, topic)
    }

    private static func producer(_ settings: KafkaSettings, _ topic: String) throws -> Producer {
        let producer = try Producer(settings: settings)
        guard try producer.partitionCount(of: topic, timeout: 10_000) != nil else { throw KafkaError.noSuchTopic(topic) }
        return producer
    }

    var isDone: Bool { next == limit && again.isEmpty && repeats.isEmpty && underWay.isEmpty }

    /// The messages that are to come so far.
    var present: ArraySlice<String> { messages[..<limit] }

    /// What was kept back comes, too.
    mutating func release() { limit = messages.count }

    /// Sends what is due at `now`, in seconds, and hears what became of what was sent.
    mutating func move(_ now: Double) throws {
        guard let producer else { return }
        let due = isSilent ? next : min(limit, Int(Double(limit) * now / seconds))
        while next < due {
            let message = messages[next]
            for wave in waves where wave.before == next {
                let garbage = Poison.message(&dice, like: message).map { Array($0.prefix(100)) }
                tell("         a flood: \(wave.count) times the same garbage")
                for _ in 0..<wave.count { send(Item(value: garbage, isGarbage: true), producer) }
            }
            next += 1
            send(Item(value: Array(message.utf8), isGarbage: false), producer)
            send(Item(value: Poison.message(&dice, like: message), isGarbage: true), producer)
            // Now and then the whole of a sync comes once more.
            if dice.once(in: 200) { for message in messages[max(0, next - 40)..<next] { send(Item(value: Array(message.utf8), isGarbage: false), producer) } }
        }
        hear(producer)
        guard !isSilent else { return }
        for message in repeats.prefix(Self.mostAtOnce) { send(Item(value: Array(message.utf8), isGarbage: false), producer) }
        repeats = repeats.dropFirst(Self.mostAtOnce)
        let lost = again
        again = []
        for item in lost { send(item, producer) }
    }

    private mutating func hear(_ producer: Producer) {
        for report in producer.poll(timeout: 0) {
            guard let item = underWay.removeValue(forKey: report.token) else { continue }
            if report.error != nil || report.offset == nil {
                again.append(item)
            } else if let offset = report.offset {
                places.append(Place(life: life, partition: report.partition, offset: offset, counts: !item.isGarbage, isOwed: item.isGarbage, value: item.value))
                if item.isGarbage { garbage += 1 }
            }
        }
        _ = producer.drainNotices()
    }

    private mutating func send(_ item: Item, _ producer: Producer) {
        token += 1
        do throws(KafkaError) {
            try producer.produce(topic: topic, partition: Int32(dice.int(0...partitions - 1)), key: nil, value: item.value, token: token)
            underWay[token] = item
            sent += 1
        } catch {
            // The topic may be forbidden for a while.
            again.append(item)
        }
    }

    // MARK: A cluster that is built anew

    /// The cluster is about to go: what it has not acknowledged is written to the next one.
    mutating func leave() {
        guard let producer else { return }
        _ = producer.flush(timeout: 500)
        hear(producer)
        again += underWay.sorted { $0.key < $1.key }.map(\.value)
        underWay = [:]
        producer.close(timeout: 2_000)
        self.producer = nil
    }

    /// The next one is there. `isAnew`: nothing is left of the topic; `isRepeated`: and all messages come again. `isRejectedLost`: nor of what was said of garbage so far.
    mutating func arrive(isAnew: Bool, isRepeated: Bool, isRejectedLost: Bool, partitions count: Int) throws {
        producer = try Self.producer(settings, topic)
        partitions = count
        if isAnew || isRejectedLost { for index in places.indices { places[index].isOwed = false } }
        guard isAnew else { return }
        life += 1
        if isRepeated { repeats = messages[..<next] }
    }
}
