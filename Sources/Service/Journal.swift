package import Logging
import Glibc

/// The log: to the journal, with a field for every value, if that is where standard error goes; else one line a message on standard error: time, level, text, `key=value`s.
package struct JournalHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel = Logger.Level.info
    /// Nil: lines on standard error.
    private let journal: UnixDatagram?

    package init() { journal = Self.isStandardError ? UnixDatagram("/run/systemd/journal/socket") : nil }

    /// For a journal that listens elsewhere.
    package init(journal: UnixDatagram) { self.journal = journal }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
        let text = "\(event.message)" + fields.map { " \($0.name)=\($0.value)" }.joined()
        guard let journal else { return Self.write("\(Self.time()) \(event.level.rawValue) \(Self.line(text))\n") }
        let entry = Self.entry(text, event.level, fields)
        // The journal reads the level of a line from its beginning: sd-daemon(3).
        if !journal.send(entry) { Self.write("<\(event.level.priority)>\(Self.line(text))\n") }
    }

    /// A message as one line: in texts that came from elsewhere a line feed could pretend to be another message, and an escape could tell the terminal what to show.
    package static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format: line.append(" ")
            default: line.append(scalar)
            }
        }
        return String(line)
    }

    /// An entry as systemd's native journal protocol has it. Values stand in the text too, for who reads no fields.
    package static func entry(_ text: String, _ level: Logger.Level, _ fields: [(name: String, value: String)]) -> [UInt8] {
        var entry: [UInt8] = []
        func add(_ name: String, _ value: String) {
            entry += Array(name.utf8)
            if value.utf8.contains(0x0A) {
                entry.append(0x0A)
                withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { entry += $0 }
            } else {
                entry.append(UInt8(ascii: "="))
            }
            entry += Array(value.utf8)
            entry.append(0x0A)
        }
        add("MESSAGE", text)
        add("PRIORITY", "\(level.priority)")
        add("SYSLOG_IDENTIFIER", "parwatch")
        for (name, value) in fields { add(fieldName(name), value) }
        return entry
    }

    /// `firing_before` → `PARWATCH_FIRING_BEFORE`: capital letters, digits and underscores, at most 64.
    private static func fieldName(_ key: String) -> String {
        let allowed = key.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: ("PARWATCH_".utf8 + allowed).prefix(64), as: UTF8.self)
    }

    /// JOURNAL_STREAM names the device and inode of the stream to the journal: systemd.exec(5). Somebody may have redirected standard error since.
    private static let isStandardError: Bool = {
        var file = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &file) == 0 else { return false }
        return String(cString: stream) == "\(file.st_dev):\(file.st_ino)"
    }()

    private static func write(_ line: String) { _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) } }

    private static func time() -> String {
        var now = time_t(), parts = tm()
        Glibc.time(&now)
        gmtime_r(&now, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let base = buffer.baseAddress, strftime(base, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0 else { return "" }
            return String(cString: base)
        }
    }
}

extension Logger.Level {
    /// syslog(3)'s number.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
