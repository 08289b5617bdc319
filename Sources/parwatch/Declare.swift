import ArgumentParser
import Catalog
import CatalogFiles
import Declaring
import Foundation
import Glibc
import Intake
import JSON
import Kafka
import Service

struct Declare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends the figures, obligations and events of a CSV file to the input topic.",
        discussion: """
            FILE is UTF-8 with a header row; --template prints one. Every row is checked against the catalog, and by the engine that the daemon runs; wrong ones are \
            named by line, and nothing is sent unless all are right. What would be sent is shown, beside what the score topic says now, before it asks. Declaring the \
            same file twice changes nothing; a row for the same criterion, agency and period takes the place of an earlier one.
            """)

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var broker: BrokerOption
    @Option(parsing: .upToNextOption, help: ArgumentHelp("Print a header and an example row for each of these criteria.", valueName: "criterion")) var template: [String] = []
    @Flag(help: "Only check and show; send nothing.") var dryRun = false
    @Flag(name: .shortAndLong, help: "Send without asking.") var yes = false
    @Option(help: "Who declares: the `source` of the messages.") var source = "urn:parwatch:declare"
    @Option(help: ArgumentHelp("When it was said (RFC 3339), instead of now: of two declarations of one thing the later counts.", valueName: "time")) var time: String?
    @Option(help: ArgumentHelp("The input topic, instead of the first that takes CloudEvents.", valueName: "topic")) var topic: String?
    @Argument(help: "A CSV file, or - for standard input.") var file: String?

    /// In bytes.
    private static let largestFile = 64 << 20

    func validate() throws {
        if template.isEmpty == (file == nil) { throw ValidationError("name a FILE, or criteria with --template") }
        if source.isEmpty { throw ValidationError("--source says nothing") }
        if let time, Timestamp.parse(time) == nil { throw ValidationError("--time '\(time)' is not a time such as 2021-09-30T00:00:00+07:00") }
        if template.isEmpty, !yes, !dryRun, file == "-" || isatty(STDIN_FILENO) != 1 { throw ValidationError("nobody can be asked here: --yes sends without asking, --dry-run sends nothing") }
    }

    func run() throws {
        let configuration = try options.load(), catalog = configuration.catalog
        guard let file else { return try printTemplate(catalog) }
        let topic = try inputTopic(configuration)
        let declarations = try DeclarationFile(CSVTable(Self.bytes(of: file), file: file), file: file, catalog: catalog).declarations
        let clock = ServiceClock(configuration.clock), now = clock.now, said = time.flatMap(Timestamp.parse) ?? now
        let messages = declarations.map { (line: $0.line, json: $0.json(source: source, time: said.text(in: catalog.zone))) }
        // How far a simulated clock has come only its daemon knows.
        let refusals = try DeclarationFile.refusals(
            of: messages, source: source, file: file, catalog: catalog, topic: topic, now: clock.isSimulated ? max(now, said) : now)
        if !refusals.isEmpty { throw Problems(list: refusals) }

        let stop = StopSignal()
        stop.listen()
        if dryRun, configuration.kafka.bootstrap == .unsaid || configuration.kafka.bootstrap == .embedded, broker.brokers == nil {
            show(declarations, now: nil)
            return Terminal.say("\(Self.count(declarations.count)) would be sent to \(topic)")
        }
        let settings = try broker.settings(configuration)
        do throws(KafkaError) {
            guard let present = try present(configuration.outputs.scores, settings, stop) else { return Terminal.complain("declare: stopped, nothing was sent") }
            show(declarations, now: present)
            if dryRun { return Terminal.say("\(Self.count(declarations.count)) would be sent to \(topic)") }
            guard yes || Self.isAgreed("send \(Self.count(declarations.count)) to \(topic)?") else { return Terminal.say("nothing was sent") }
            stop.listen()
            try send(zip(declarations, messages).map { (key: $0.subject, json: $1.json) }, to: topic, settings, stop)
        } catch {
            throw Failure.kafka(error, at: settings.bootstrap)
        }
    }

    private static func count(_ number: Int) -> String { "\(Terminal.grouped(number)) declaration\(number == 1 ? "" : "s")" }

    private func inputTopic(_ configuration: Configuration) throws -> String {
        guard let topic else { return try configuration.inputOfCloudEvents() }
        let fitting = configuration.inputsOfCloudEvents
        guard fitting.contains(topic) else { throw Failure.input("--topic '\(topic)' is no input of CloudEvents: \(Spelling.hint(for: topic, among: fitting))") }
        return topic
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else { throw Failure.input("\(path): cannot be read: check that the file exists and may be read") }
        let bytes: Data?
        do {
            bytes = try handle.read(upToCount: largestFile + 1)
        } catch {
            throw Failure.input("\(path): cannot be read: is it a file?")
        }
        if let bytes, bytes.count > largestFile { throw Failure.input("\(path): is over 64 MiB: declare it in parts") }
        return Array(bytes ?? Data())
    }

    private func printTemplate(_ catalog: Catalog) throws {
        let known = catalog.criteria.filter { Declaration.Kind($0.criterion.measure) != nil }
        let criteria = try template.map { name in
            let found = catalog.criteria.filter { name == $0.criterion.code || name == "\($0.framework.id)/\($0.criterion.code)" }
            guard let first = found.first else {
                throw Failure.input("--template '\(name)' is no criterion of the catalog: \(Spelling.hint(for: name, among: name.contains("/") ? known.map { "\($0.framework.id)/\($0.criterion.code)" } : known.map(\.criterion.code)))")
            }
            if Declaration.Kind(first.criterion.measure) == nil { throw Failure.input("--template '\(name)' is not declared: it is counted from what systems send") }
            if found.count > 1 { throw Failure.input("--template '\(name)' stands in several frameworks: \(found.map { "\($0.framework.id)/\($0.criterion.code)" }.joined(separator: ", "))") }
            return first
        }
        for line in DeclarationTemplate.lines(for: criteria, in: catalog) { Terminal.say(line) }
    }

    // MARK: Showing and asking

    /// What the score topic says of each cell. Nil: asked to stop.
    private func present(_ topic: String, _ settings: KafkaSettings, _ stop: StopSignal) throws(KafkaError) -> [String: String]? {
        guard let reader = JSONReader(capacity: 1 << 20) else { throw .noMemory(for: "read \(topic)") }
        var present: [String: String] = [:], isWhole = false
        try subscribe(topic, settings, follow: false, stop) { key, value, _ in
            guard let value, let data = (try? reader.parse(value))?["data"] else { return nil }
            present[key] = data["value"]?.number.flatMap(ExactDecimal.init(nearest:)).map(\.description) ?? (data["applicable"]?.bool == false ? "n/a" : "-")
            return nil
        } atEnd: {
            isWhole = true
        }
        return isWhole ? present : nil
    }

    /// A line for each row. `now`: what the score topic says, by cell; nil if nobody asked.
    private func show(_ declarations: [Declaration], now: [String: String]?) {
        func columns(_ line: String, _ criterion: String, _ agency: String, _ when: String, _ before: String, _ after: String) {
            Terminal.say("\(AlertLine.pad(line, 6)) \(AlertLine.pad(criterion, 26)) \(AlertLine.pad(agency, 16)) \(AlertLine.pad(when, 10)) \(AlertLine.pad(before, 8)) \(after)")
        }
        columns("LINE", "CRITERION", "AGENCY", "WHEN", "NOW", "DECLARED")
        for one in declarations {
            columns("\(one.line)", "\(one.framework)/\(one.criterion)", one.agency, one.when, one.kind == .figure ? now?[one.cell] ?? "-" : "", "\(one.kind == .figure ? "" : "\(one.kind.rawValue) ")\(one.what)")
        }
        Terminal.flush()
    }

    private static func isAgreed(_ question: String) -> Bool {
        // Nothing is under way: an interrupt is a no.
        signal(SIGINT, SIG_DFL)
        Terminal.show("\(question) [y/N] ")
        return ["y", "yes", "c", "có"].contains(readLine()?.trimmingCharacters(in: .whitespaces).lowercased())
    }

    // MARK: Sending

    private func send(_ messages: [(key: String, json: [UInt8])], to topic: String, _ settings: KafkaSettings, _ stop: StopSignal) throws(KafkaError) {
        let producer = try Producer(settings: settings)
        guard try producer.partitionCount(of: topic, timeout: 5_000) != nil else { throw .noSuchTopic(topic) }
        let headers = [(name: "content-type", value: Array("application/cloudevents+json".utf8))]
        var progress = Progress("declare", unit: "messages"), next = 0, written = 0
        while written < messages.count, !stop.isRequested {
            do throws(KafkaError) {
                while next < messages.count, next - written < 10_000 {
                    try producer.produce(topic: topic, partition: nil, key: Array(messages[next].key.utf8), value: messages[next].json, headers: headers, token: UInt64(next))
                    next += 1
                }
            } catch {
                guard error.code == .queueFull else { throw error }
            }
            for report in producer.poll(timeout: 200) {
                if let error = report.error { throw error }
                written += 1
            }
            progress.report(done: written, fraction: Double(written) / Double(messages.count))
        }
        progress.finish()
        if written < messages.count { return Terminal.complain("declare: stopped after \(Terminal.grouped(written)) of \(Terminal.grouped(messages.count)); run it again, what was sent changes nothing then") }
        Terminal.say("\(Self.count(written)) sent to \(topic)")
    }
}
