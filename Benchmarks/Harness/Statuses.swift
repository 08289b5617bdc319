import Catalog
import Intake

/// The messages of a working year, in the order of their times: three of every dossier, in one piece of memory.
final class Statuses {
    let count: Int
    /// Of all messages together.
    private(set) var byteCount = 0
    private let memory: UnsafeMutableRawBufferPointer
    private var ends: [Int] = []
    /// Seconds since 1970.
    private var times: [Int64] = []
    /// By message: which dossier it tells of.
    private(set) var dossiers: [Int32] = []

    /// A third as many dossiers as messages.
    init(_ count: Int, catalog: Catalog) {
        self.count = count
        let province = Province(catalog: catalog, dossiers: (count + 2) / 3)
        // Reserved, not used: what is not written takes no memory.
        memory = .allocate(byteCount: count * StatusText.longest, alignment: 16)
        let base = Province.seconds(of: LocalDay(year: 2021, month: 1, day: 1))
        var order: [UInt64] = []
        order.reserveCapacity(count + 2)
        for dossier in 0..<province.dossiers {
            let life = province.life(of: dossier)
            for (step, time) in [life.received, life.started, life.finished].enumerated() {
                order.append(UInt64(time - base) << 34 | UInt64(dossier) << 2 | UInt64(step))
            }
        }
        order.sort()
        order.removeLast(order.count - count)
        var text = StatusText(province, into: memory)
        ends.reserveCapacity(count)
        times.reserveCapacity(count)
        dossiers.reserveCapacity(count)
        for place in order {
            let dossier = Int(place >> 2 & 0xFFFF_FFFF), time = Int64(place >> 34) + base
            text.write(province.life(of: dossier), StatusText.Step(rawValue: Int(place & 3)) ?? .accepted, time: time)
            ends.append(text.count)
            times.append(time)
            dossiers.append(Int32(dossier))
        }
        byteCount = text.count
    }

    deinit { memory.deallocate() }

    func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }

    func message(_ index: Int) -> Intake.Message { Intake.Message(value: bytes(index)) }

    func time(_ index: Int) -> Instant { Instant(microseconds: times[index] * 1_000_000) }
}
