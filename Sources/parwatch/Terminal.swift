import Glibc
import Service
import Synchronization

/// Standard output and standard error.
enum Terminal {
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    /// Those of standard input, output and error that whoever started this process has closed are taken, or else the next file or connection would have their
    /// numbers, and what is meant for a reader would be written into it. They are opened the other way round: reading and writing them fails, as before.
    static func takeStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// What was said on standard output and not written yet.
    private static let pending = Mutex<[UInt8]>([])

    /// A line on standard output.
    static func say(_ line: String) { emit(Array(line.utf8)) }

    /// A line of bytes on standard output; written when enough has come together, or with `flush`.
    static func emit(_ line: [UInt8]) {
        pending.withLock { bytes in
            bytes.append(contentsOf: line)
            bytes.append(0x0A)
            if bytes.count >= 1 << 16 { drain(&bytes) }
        }
    }

    static func flush() { pending.withLock { drain(&$0) } }

    private static func drain(_ bytes: inout [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
        bytes.removeAll(keepingCapacity: true)
    }

    /// One or more lines on standard error.
    static func complain(_ text: String) { show((errorIsTerminal ? "\r\u{1B}[K" : "") + text + "\n") }

    /// Text on standard error, as it is.
    static func show(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR {
                guard descriptor == STDOUT_FILENO, errno != EPIPE else { return }   // nobody listens any more
                complain("parwatch: cannot write standard output: \(String(cString: strerror(errno)))")
                exit(1)
            }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// 12345678 → 12,345,678
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (i, digit) in String(number).reversed().enumerated() {
            if i > 0, i % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}

/// Shows how far a long job is, how fast and how long it will still take, once it has taken two seconds. Costs nothing before that.
struct Progress {
    let what: String
    let unit: String
    private let start = ServiceClock.monotonicSeconds
    private var next: Double
    private var hasShown = false

    init(_ what: String, unit: String) {
        self.what = what
        self.unit = unit
        next = start + 2
    }

    /// `fraction` 0…1; nil where the end is not known.
    mutating func report(done: Int, fraction: Double?) {
        let now = ServiceClock.monotonicSeconds
        guard now >= next else { return }
        next = now + (Terminal.errorIsTerminal ? 0.2 : 5)
        hasShown = true
        let elapsed = now - start
        var line = "\(what): \(Terminal.grouped(done)) \(unit), \(Terminal.grouped(Int(Double(done) / elapsed)))/s"
        if let fraction, fraction > 0 {
            line += ", \(Int(fraction * 100)) %, \(Int((elapsed / fraction * (1 - fraction)).rounded(.up))) s left"
        }
        if Terminal.errorIsTerminal { Terminal.show("\r\u{1B}[K\(line)") } else { Terminal.complain(line) }
    }

    /// Ends the line, if one was shown.
    mutating func finish() {
        if hasShown, Terminal.errorIsTerminal { Terminal.show("\r\u{1B}[K") }
        hasShown = false
    }
}
