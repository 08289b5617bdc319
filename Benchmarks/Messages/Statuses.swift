package import Catalog
package import Intake

/// Messages in one piece of memory, in the order in which they are to be taken in.
package final class Statuses {
    package private(set) var count = 0
    /// Of all messages together.
    package var byteCount: Int { text.count }
    private let memory: UnsafeMutableRawBufferPointer
    private var text: StatusText
    private var ends: [Int] = []
    /// By message: the greatest time up to it, in seconds since 1970.
    private var clocks: [Int64] = []
    /// By message: which dossier it tells of.
    package private(set) var dossiers: [Int32] = []

    /// Room for so many messages. What is not written takes no memory.
    package init(capacity: Int, agencies: [String]) {
        memory = .allocate(byteCount: capacity * StatusText.longest, alignment: 16)
        text = StatusText(agencies: agencies, into: memory)
        ends.reserveCapacity(capacity)
        clocks.reserveCapacity(capacity)
        dossiers.reserveCapacity(capacity)
    }

    deinit { memory.deallocate() }

    package func clear() {
        text.rewind()
        ends.removeAll(keepingCapacity: true)
        clocks.removeAll(keepingCapacity: true)
        dossiers.removeAll(keepingCapacity: true)
        count = 0
    }

    package func add(_ life: Province.Life, of dossier: Int, _ step: StatusText.Step, time: Int64, due: Int64? = nil) {
        text.write(life, step, time: time, due: due)
        ends.append(text.count)
        clocks.append(max(time, clocks.last ?? time))
        dossiers.append(Int32(dossier))
        count += 1
    }

    /// Statuses of random dossiers among the first `size`, each processing or finished. `ticks` is a clock that goes on from call to call: twentieths of a second.
    package func addUpdates(_ count: Int, of province: Province, among size: Int, _ dice: inout Dice, _ ticks: inout Int64) {
        for _ in 0..<count {
            let dossier = dice.below(size)
            ticks += 1
            add(province.life(of: dossier), of: dossier, dice.chance(perMille: 500) ? .processing : .finished, time: ticks / 20, due: Self.later)
        }
    }

    /// The middle of December: everything has been received, nothing that is due later is due yet.
    package static let startOfUpdates = Province.seconds(of: LocalDay(year: 2021, month: 12, day: 14)) * 20

    /// After every clock that is set here: dossiers with this date wait.
    package static let later = Province.seconds(of: LocalDay(year: 2022, month: 1, day: 14)) + 17 * 3_600

    package func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }

    /// The messages as they are now: a view that costs next to nothing at each look, so that what is measured is not this class.
    package struct Texts {
        fileprivate let memory: UnsafeMutableRawBufferPointer
        fileprivate let ends: [Int]

        package func message(_ index: Int) -> Intake.Message {
            Intake.Message(value: UnsafeRawBufferPointer(rebasing: memory[(index == 0 ? 0 : ends[index - 1])..<ends[index]]))
        }
    }

    package var texts: Texts { Texts(memory: memory, ends: ends) }

    /// Where the clock stands after this message.
    package func clock(_ index: Int) -> Instant { Instant(microseconds: clocks[index] * 1_000_000) }

    /// The first `count` messages of a working year with `total`: three statuses of every dossier, in the order of their times.
    package static func year(_ count: Int, of total: Int? = nil, catalog: Catalog) -> Statuses {
        let province = Province(catalog: catalog, dossiers: ((total ?? count) + 2) / 3)
        let base = Province.seconds(of: LocalDay(year: 2021, month: 1, day: 1))
        var order: [UInt64] = []
        order.reserveCapacity(count + 2)
        // Dossiers are numbered by their days of receipt: the first `count` messages are those of the first `count` dossiers, or of fewer.
        for dossier in 0..<min(count, province.dossiers) {
            let life = province.life(of: dossier)
            for (step, time) in [life.received, life.started, life.finished].enumerated() {
                order.append(UInt64(time - base) << 34 | UInt64(dossier) << 2 | UInt64(step))
            }
        }
        order.sort()
        order.removeLast(order.count - count)
        let statuses = Statuses(capacity: count, agencies: province.agencies)
        for place in order {
            let dossier = Int(place >> 2 & 0xFFFF_FFFF)
            statuses.add(province.life(of: dossier), of: dossier, StatusText.Step(rawValue: Int(place & 3)) ?? .accepted, time: Int64(place >> 34) + base)
        }
        return statuses
    }
}
