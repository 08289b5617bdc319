import Foundation
import Logging
import Service
import Testing

/// The log, as the journal takes it.
@Suite struct TheJournal {
    /// The fields of an entry, read as systemd's description of the native protocol has it.
    private func fields(_ entry: [UInt8]) throws -> [String: String] {
        var fields: [String: String] = [:]
        var rest = entry[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            if let sign = line.firstIndex(of: UInt8(ascii: "=")) {
                fields[String(decoding: line[..<sign], as: UTF8.self)] = String(decoding: line[(sign + 1)...], as: UTF8.self)
            } else {
                let size = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                rest = rest.dropFirst(8)
                fields[String(decoding: line, as: UTF8.self)] = String(decoding: rest.prefix(size), as: UTF8.self)
                rest = rest.dropFirst(size)
                try #require(rest.first == UInt8(ascii: "\n"))
                rest = rest.dropFirst()
            }
        }
        return fields
    }

    @Test func `a message comes with its level and a field for each of its values`() throws {
        let listener = try DatagramListener()
        let log = Logger(label: "parwatch") { _ in UnixDatagram(listener.address).map(JournalHandler.init(journal:)) ?? JournalHandler() }
        log.warning("caught up", metadata: ["dossiers": "13628", "firing-before": "43", "place": "par.status [3]=7"])
        #expect(try fields(#require(listener.bytes())) == [
            "MESSAGE": "caught up dossiers=13628 firing-before=43 place=par.status [3]=7", "PRIORITY": "4", "SYSLOG_IDENTIFIER": "parwatch",
            "PARWATCH_DOSSIERS": "13628", "PARWATCH_FIRING_BEFORE": "43", "PARWATCH_PLACE": "par.status [3]=7",
        ])
        #expect(listener.bytes() == nil)
        log.debug("not of interest")
        #expect(listener.bytes() == nil)
    }

    @Test func `a line break in a value or a message makes no field of its own`() throws {
        let entry = JournalHandler.entry("first\nPRIORITY=0", .info, [(name: "text", value: "a\n_UID=0\n"), (name: String(repeating: "n", count: 90), value: "")])
        #expect(try fields(entry) == [
            "MESSAGE": "first\nPRIORITY=0", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "parwatch", "PARWATCH_TEXT": "a\n_UID=0\n",
            "PARWATCH_" + String(repeating: "N", count: 55): "",
        ])
    }

    @Test func `on standard error a text from elsewhere pretends to be no other message, and tells no terminal what to do`() {
        #expect(JournalHandler.line("a claim of w\n2026-01-01T00:00:00Z info\r\u{1b}[2J\u{202e}x\u{2028}y\0z \u{85}") == "a claim of w 2026-01-01T00:00:00Z info  [2J x y z  ")
        #expect(JournalHandler.line("Sở Tư pháp – 95 %: <\"a\">") == "Sở Tư pháp – 95 %: <\"a\">")
    }

    @Test func `a daemon whose log nobody reads any more goes on, and ends in good order`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UInt32.random(in: 0...UInt32.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = [
            "parwatch.yaml": "source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nkafka: {bootstrap: embedded}\nhttp: off\n",
            "agencies.yaml": "timezone: UTC\nagencies:\n  - {id: P, level: province, name: {vi: P, en: P}}\n",
            "criteria.yaml": "framework: F\ntitle: {vi: t, en: t}\nperiod: {year: 2021}\ncriteria: []\n",
        ]
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        let daemon = Process(), log = Pipe()
        daemon.executableURL = Parwatch.binary
        daemon.arguments = ["run", "--config", folder.appendingPathComponent("parwatch.yaml").path]
        daemon.standardError = log
        try daemon.run()
        defer { kill(daemon.processIdentifier, SIGKILL) }
        var text = ""
        while !text.contains("caught up") {
            let more = log.fileHandleForReading.availableData
            try #require(!more.isEmpty, "\(text)")
            text += String(decoding: more, as: UTF8.self)
        }
        try log.fileHandleForReading.close()
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(daemon.terminationReason == .exit && daemon.terminationStatus == 0)
    }

    @Test(arguments: [(Logger.Level.trace, "7"), (.debug, "7"), (.info, "6"), (.notice, "5"), (.warning, "4"), (.error, "3"), (.critical, "2")])
    func `levels are syslog's`(level: Logger.Level, number: String) throws {
        #expect(try fields(JournalHandler.entry("", level, []))["PRIORITY"] == number)
    }
}
