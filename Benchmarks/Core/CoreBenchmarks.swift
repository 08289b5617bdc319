import Benchmark
import Intake

/// Small parts of the way of a message, without Kafka. `scripts/bench --micro` runs them.
let benchmarks: @Sendable () -> Void = {
    // Allocations are left out: where the allocator cannot be watched they read 0, which says nothing. `scripts/bench` counts them with valgrind.
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput], warmupIterations: 5, scalingFactor: .kilo, maxDuration: .seconds(5), maxIterations: 200)
    // Iterations and those to warm up, a thousand statuses each.
    let statuses = 210_000

    // Each benchmark has an engine of its own, made by its first iteration, which is not counted.
    let intake = Once { try Bench(statuses: statuses) }
    let reader = Intake()
    Benchmark("intake: a status is parsed and read") { benchmark in
        let bench = try intake.value()
        guard let reader else { return benchmark.error("not enough memory for an intake") }
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(bench.read(by: reader)) }
    }

    let update = Once { try Bench(statuses: statuses) }
    Benchmark("receive: read, and the register and the scores brought up to date") { benchmark in
        let bench = try update.value()
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { bench.receive() }
    }

    let batch = Once { try Bench(statuses: statuses) }
    Benchmark("whole step: a thousand received, then judged") { benchmark in
        let bench = try batch.value()
        benchmark.startMeasurement()
        blackHole(bench.step(benchmark.scaledIterations.count))
    }

    let single = Once { try Bench(statuses: statuses) }
    Benchmark("whole step: each received and judged by itself") { benchmark in
        let bench = try single.value()
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(bench.step(1)) }
    }
}

/// Made when it is first asked for.
private final class Once<Value> {
    private let make: () throws -> Value
    private var made: Value?

    init(_ make: @escaping () throws -> Value) { self.make = make }

    func value() throws -> Value {
        if let made { return made }
        let new = try make()
        made = new
        return new
    }
}
