import Cases
import Foundation
import Kafka

/// Writes the messages over the time of the drill, garbage between them and floods of it now and then, and sees to it that each is there in the end.
struct Stream {
    private let producer: Producer
    private let topic: String
    private let messages: [String]
    private let seconds: Double
    private var dice: Seeded
    private var next = 0
    /// What was written, by token, until its report has come.
    private var underWay: [UInt64: Item] = [:]
    private var token: UInt64 = 0
    private var again: [Item] = []
    /// Where what was written lies, as far as it is known.
    private(set) var places: [Place] = []
    private(set) var garbage = 0
    private(set) var sent = 0
    /// Before which messages a wave of a flood comes, and how many of the same garbage it is.
    private var waves: [(before: Int, count: Int)] = []

    struct Place {
        var partition: Int32
        var offset: Int64
        /// False: garbage.
        var counts: Bool
    }

    /// The first two take the room for 2,000; the others come on several seconds, and with snapshots between them, but there is room for 200 in each.
    private static let wavesOfFlood = 5
    private static let wave = 1_000...1_500
    private static let secondsPerFlood = 120.0
    /// The embedded broker holds 5 MiB of the rejected topic.
    private static let mostFloods = 3

    private struct Item {
        var value: [UInt8]?
        var isGarbage: Bool
    }

    init(_ ground: Ground, _ messages: [String], seed: UInt64, seconds: Double) throws {
        producer = try Producer(settings: ground.settings)
        topic = ground.inputs
        self.messages = messages
        self.seconds = seconds
        dice = Seeded(seed ^ 0xBEEF)
        for _ in 0..<min(Self.mostFloods, 1 + Int(seconds / Self.secondsPerFlood)) {
            let first = dice.int(0...messages.count * 8 / 10)
            for wave in 0..<Self.wavesOfFlood { waves.append((min(messages.count - 1, first + wave * Int(Double(messages.count) / seconds)), dice.int(Self.wave))) }
        }
        guard try producer.partitionCount(of: topic, timeout: 10_000) != nil else { throw KafkaError.noSuchTopic(topic) }
    }

    var isDone: Bool { next == messages.count && again.isEmpty && underWay.isEmpty }

    /// Sends what is due at `now`, in seconds, and hears what became of what was sent.
    mutating func move(_ now: Double) throws {
        let due = min(messages.count, Int(Double(messages.count) * now / seconds))
        while next < due {
            let message = messages[next]
            for wave in waves where wave.before == next {
                let garbage = Poison.message(&dice, like: message).map { Array($0.prefix(100)) }
                tell("         a flood: \(wave.count) times the same garbage")
                for _ in 0..<wave.count { try send(Item(value: garbage, isGarbage: true)) }
            }
            next += 1
            try send(Item(value: Array(message.utf8), isGarbage: false))
            try send(Item(value: Poison.message(&dice, like: message), isGarbage: true))
            // Now and then the whole of a sync comes once more.
            if dice.once(in: 200) { for message in messages[max(0, next - 40)..<next] { try send(Item(value: Array(message.utf8), isGarbage: false)) } }
        }
        for report in producer.poll(timeout: 0) {
            guard let item = underWay.removeValue(forKey: report.token) else { continue }
            if report.error != nil || report.offset == nil {
                again.append(item)
            } else if let offset = report.offset {
                places.append(Place(partition: report.partition, offset: offset, counts: !item.isGarbage))
                if item.isGarbage { garbage += 1 }
            }
        }
        _ = producer.drainNotices()
        let lost = again
        again = []
        for item in lost { try send(item) }
    }

    private mutating func send(_ item: Item) throws {
        token += 1
        do throws(KafkaError) {
            try producer.produce(topic: topic, partition: Int32(dice.int(0...3)), key: nil, value: item.value, token: token)
            underWay[token] = item
            sent += 1
        } catch {
            // The topic may be forbidden for a while.
            again.append(item)
        }
    }
}
