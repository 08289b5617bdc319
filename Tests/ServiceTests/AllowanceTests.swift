import Cases
import Testing
@testable import Service

@Suite struct Allowances {
    @Test func `no second has more than is allowed, wherever it begins, and none is wasted by one who waits`() {
        let seed = Oracle.seed("allowance")
        var random = Seeded(seed)
        for _ in 0..<200 {
            let most = random.int(1...50)
            var allowance = Allowance(most), now = random.int(0...1_000_000), taken: [(from: Int, to: Int, count: Int)] = []
            // 1,024 to the second, so that sums are exact.
            func seconds(_ ticks: Int) -> Double { Double(ticks) / 1_024 }
            for _ in 0..<300 {
                now += random.int(0...random.one(of: [3, 300, 3_000]))
                let room = allowance.room(seconds(now)), wanted = random.int(0...most)
                #expect(room <= most && room >= 0, "seed \(seed)")
                if taken.allSatisfy({ $0.to + 1_024 <= now }) { #expect(room == most, "seed \(seed)") }
                let count = min(room, wanted), begun = now
                // Taking them takes time.
                now += random.int(0...20)
                allowance.took(count, seconds(now))
                taken.append((begun, now, count))
            }
            for (index, first) in taken.enumerated() {
                let within = taken[index...].filter { $0.from < first.to + 1_024 }.reduce(0) { $0 + $1.count }
                #expect(within <= most, "seed \(seed): \(within) of \(most) within a second from \(first.to) on")
            }
        }
    }
}
