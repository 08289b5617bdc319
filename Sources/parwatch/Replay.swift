import Alerting
import ArgumentParser
import Catalog
import CatalogFiles
import Engine
import Intake
import JSON
import Scoreboard

struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs recorded messages through the engine, without Kafka.",
        discussion: """
            FILE is NDJSON: one message, or key|message, a line; - is standard input. Each message is a step of its own; the clock is the greatest `time` so far.
            With --format dvcqg or igate a line is time|message, where time is the record's timestamp, in milliseconds or as RFC 3339: kcat -f '%T|%s\n' writes such
            lines. With --format edxml it is one XML document. CloudEvents in binary mode have no place in such a file: their attributes are headers.
            Prints every alert change, or with --scores the final scores, as one JSON object a line. What cannot be counted is reported on standard error.
            """)

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print the final scores instead of the alert changes.") var scores = false
    @Option(help: ArgumentHelp("What the lines are: cloudevents, dvcqg, igate or edxml.", valueName: "format")) var format = "cloudevents"
    @Option(help: ArgumentHelp("Let the clock run on to this time at the end (RFC 3339).", valueName: "time")) var until: String?
    @Argument(help: ArgumentHelp("Recorded messages.", valueName: "file")) var files: [String]

    private static let linesAtOnce = 1_024

    func validate() throws {
        if let until, Timestamp.parse(until) == nil { throw ValidationError("--until '\(until)' is not a time such as 2021-09-30T00:00:00+07:00") }
        if Format(named: format) == nil { throw ValidationError("--format '\(format)' is none of cloudevents, dvcqg, igate, edxml") }
        if files.isEmpty { throw ValidationError("name at least one file") }
    }

    func run() throws {
        let names = files.map { String($0.split(separator: "/").last ?? "-") }
        let configuration = try options.load(), catalog = configuration.catalog
        let format = format(configuration)
        var engine = try Engine(catalog: catalog, inputs: names, formats: names.map { _ in format }, alertTopic: .loopback)
        engine.startJudging()
        for (index, file) in files.enumerated() {
            let reader = try LineReader(path: file)
            var progress = Progress("replay \(file)", unit: "messages")
            var line = 0
            while true {
                let lines = try reader.next(atMost: Self.linesAtOnce), first = line
                if lines.isEmpty { break }
                line += lines.count
                let messages = lines.enumerated().compactMap { offset, bytes in Self.message(in: bytes, format).map { (message: $0, line: first + 1 + offset) } }
                engine.replay(messages.count) { Engine.Record(messages[$0].message, at: Cause(topic: Int32(index), partition: 0, offset: Int64(messages[$0].line))) }
                emit(engine.takeEffects(), catalog.zone)
                progress.report(done: line, fraction: reader.size.map { Double(reader.bytesRead) / Double(max(1, $0)) })
            }
            progress.finish()
        }
        if let until = until.flatMap(Timestamp.parse) {
            engine.step(now: until)
            emit(engine.takeEffects(), catalog.zone)
        }
        if scores { for score in engine.scores() { Terminal.emit(score.line) } }
    }

    private func emit(_ effects: [Effect], _ zone: Zone) {
        for effect in effects {
            switch effect {
            case .publish(let record): if !scores { Terminal.emit(record.json(in: zone)) }
            case .reject(let rejected):
                var writer = JSONWriter()
                writer.object {
                    if files.count > 1 { $0.string("file", files[Int(rejected.position.topic)]) }
                    $0.integer("line", rejected.position.offset)
                    if format != "cloudevents" { $0.integer("index", Int64(rejected.index)) }
                    $0.string("reason", rejected.rejection.reason.rawValue)
                    $0.string("field", rejected.rejection.field)
                }
                Terminal.complain(writer.text)
            }
        }
    }

    /// With the states of the configuration's own input of that format, if it has one.
    private func format(_ configuration: Configuration) -> Format {
        let named = Format(named: format) ?? .cloudEvents
        return configuration.formats.first { $0.name == named.name } ?? named
    }

    /// The message in a line: all of it, or what follows the first bar of `key|message`, where the key may be the record's timestamp. Nil for a blank line.
    private static func message(in line: UnsafeRawBufferPointer, _ format: Format) -> Intake.Message? {
        guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return nil }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "<") { return Intake.Message(value: line) }
        guard let bar = line.firstIndex(of: UInt8(ascii: "|")) else { return Intake.Message(value: line) }
        let value = UnsafeRawBufferPointer(rebasing: line[(bar + 1)...])
        return Intake.Message(value: value, timestamp: format == .cloudEvents ? nil : timestamp(UnsafeRawBufferPointer(rebasing: line[..<bar])))
    }

    /// Milliseconds since 1970, or RFC 3339.
    private static func timestamp(_ text: UnsafeRawBufferPointer) -> Instant? {
        Int64(String(decoding: text, as: UTF8.self)).map(Instant.init(milliseconds:)) ?? Timestamp.parse(text)
    }
}

extension Timestamp {
    static func parse(_ text: String) -> Instant? {
        var copy = text
        return copy.withUTF8 { parse(UnsafeRawBufferPointer($0)) }
    }
}

extension ScoreRecord {
    /// As `replay --scores` prints it.
    var line: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("key", key)
            $0.literal("numerator", score.written.description)
            $0.integer("denominator", score.denominator)
            $0.literal("value", score.value.map(\.description) ?? "null")
            // Only where the catalog says how they are earned.
            if let points { $0.literal("points", points.description) }
        }
        return writer.bytes
    }
}
