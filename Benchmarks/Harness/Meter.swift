import Glibc

/// Wall time and this process's CPU time, from one point to another.
struct Meter: Codable {
    /// Of a clock that only runs forward, and that all processes of a machine share.
    var at: Double
    var user: Double
    var system: Double

    static var now: Meter {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return Meter(at: monotonicSeconds(), user: Self.seconds(usage.ru_utime), system: Self.seconds(usage.ru_stime))
    }

    var cpu: Double { user + system }

    static func - (a: Meter, b: Meter) -> Meter { Meter(at: a.at - b.at, user: a.user - b.user, system: a.system - b.system) }

    static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// What this process holds in memory, in bytes, as the kernel counts.
enum Residence {
    static var now: Int { field("VmRSS:") }
    static var peak: Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix(name) { return (Int(text.split(separator: " ").dropLast().last?.split(separator: "\t").last ?? "") ?? 0) * 1_024 }
        }
        return 0
    }
}
