package import Catalog
import Foundation
package import Intake

/// `parwatch.yaml` and the files that it names.
package struct Configuration: Sendable {
    package var catalog: Catalog
    package var kafka = KafkaAccess(bootstrap: .unsaid, properties: [])
    package var inputs = Self.usualInputs
    /// By input.
    package var formats = [Format.cloudEvents]
    package var outputs = Outputs()
    package var clock = ClockSetting.wall
    /// How often changed scores are published.
    package var publishEvery = Instant.Duration.seconds(5)
    /// While a partition may be further behind than this, no alert changes.
    package var maxLag = Instant.Duration.seconds(60)
    /// Nil: nothing is kept, and every start reads the inputs from their beginning.
    package var state: State?
    /// Nil: nobody can ask.
    package var http: HTTPSettings? = HTTPSettings()
    /// Nil: alerts go to the topic alone.
    package var alertmanager: AlertmanagerSettings?

    private static let usualInputs = ["par.status"]

    package struct KafkaAccess: Sendable {
        package enum Bootstrap: Sendable, Equatable {
            /// A broker inside this process, in memory.
            case embedded
            case servers(String)
            /// The file says nothing: enough for `check` and `replay`.
            case unsaid
        }

        package var bootstrap: Bootstrap
        /// Any librdkafka property.
        package var properties: [KafkaProperty]
    }

    package struct Outputs: Sendable, Equatable {
        package var alerts = "par.alerts"
        package var scores = "par.scores"
        package var rejected = "par.rejected"
        package var health = "par.health"
        package var leader = "par.leader"
    }

    /// What a restart finds again.
    package struct State: Sendable, Equatable {
        package var directory: String
        package var snapshotEvery: Instant.Duration

        package init(directory: String, snapshotEvery: Instant.Duration = .seconds(60)) { (self.directory, self.snapshotEvery) = (directory, snapshotEvery) }
    }

    package enum ClockSetting: Sendable, Equatable {
        case wall
        /// For drills and tests: starts at `start`, runs `speed` times as fast.
        case simulated(start: Instant, speed: Double)
    }

    /// A warning if no framework judges the dossiers that are received at `now`.
    package func idleness(at now: Instant) -> String? {
        let year = catalog.zone.day(of: now).civil.year
        let years = Set(catalog.frameworks.map(\.year)).sorted()
        if years.isEmpty { return "no framework is given: nothing is judged" }
        guard !years.contains(year) else { return nil }
        return "no framework judges the dossiers of \(year), only those of \(years.map(String.init).joined(separator: ", ")): no alert will come of them"
    }

    /// Reads everything; throws with all that is wrong. `overrides` hold instead of what stands in `path`, not in the files that it names.
    package static func load(path: String, overrides: Overrides = .none) throws(Problems) -> Configuration {
        let problems = ProblemList()
        let configuration = read(path, overrides, problems)
        if let configuration, problems.errors.isEmpty { return configuration }
        throw Problems(list: problems.errors)
    }

    private static func read(_ path: String, _ overrides: Overrides, _ problems: ProblemList) -> Configuration? {
        guard let main = YAMLFile(path: path, problems: problems) else { return nil }
        var root = main.root
        root.layer = Layer(overrides: overrides)
        let fields = root.fields(Setting.names())
        let folder = (path as NSString).deletingLastPathComponent
        func place(_ value: YAMLValue) -> String? { value.text.map { $0.hasPrefix("/") || folder.isEmpty ? $0 : folder + "/" + $0 } }
        func file(_ value: YAMLValue) -> YAMLFile? { place(value).flatMap { YAMLFile(path: $0, problems: problems) } }

        let source = fields.required("source")?.publisher
        let agenciesFile = fields.required("agencies").flatMap(file)
        let agencies = agenciesFile.map { AgenciesFile($0.root) }
        var sectors: [String] = []
        var frameworks: [Framework] = []
        var files = [agenciesFile].compactMap(\.self)
        var calendar = WorkingCalendar()
        for value in fields["calendar"]?.list ?? [] {
            guard let calendarFile = file(value) else { continue }
            files.append(calendarFile)
            _ = CalendarFile(calendarFile.root, into: &calendar)
        }
        for value in fields.required("criteria")?.list ?? [] {
            guard let criteriaFile = file(value) else { continue }
            let layers = CriteriaLayers(criteriaFile, levels: Set(agencies?.agencies.map(\.level) ?? []), problems: problems)
            files += layers.files
            guard let framework = CriteriaFile(layers, sectors: &sectors, agencies: agencies?.agencies ?? [], calendar: calendar).framework else { continue }
            if frameworks.contains(where: { $0.id == framework.id }) { value.fail("framework '\(framework.id)' is given twice") }
            frameworks.append(framework)
        }
        let feedbackTerm = fields["terms"]?.fields(Setting.names(in: "terms"))["feedback"].flatMap { ClockReader.term($0, for: frameworks, calendar) }
        let inputs = fields["inputs"].map(InputReader.init)
        let sourcesFile = fields["sources"].flatMap(file), topics = inputs?.topics ?? Self.usualInputs
        let sources = sourcesFile.map { SourcesFile($0.root, agencies: agencies?.agencies ?? [], inputs: topics).rules }
        if let sourcesFile { files.append(sourcesFile) }
        let lateBy = fields["late_by"]?.one(of: Catalog.LateBy.self) ?? .date
        let maxAhead = fields["max_ahead"]?.duration ?? .seconds(600)

        guard let source, let zone = agencies?.zone, let agencies else { return nil }
        let settings = ["source \(source)", "late_by \(lateBy.rawValue)", "max_ahead \(maxAhead.microseconds)"] + (feedbackTerm.map { ["feedback \($0)"] } ?? [])
        var catalog = Catalog(
            source: source, zone: zone, lateBy: lateBy, calendar: calendar, agencies: agencies.agencies, frameworks: frameworks, sectors: sectors, sources: sources,
            maxAhead: maxAhead,
            hash: hash(settings.map { Data($0.utf8) } + files.map(\.bytes)))
        catalog.feedbackTerm = feedbackTerm
        var configuration = Configuration(catalog: catalog)
        if let inputs { (configuration.inputs, configuration.formats) = (inputs.topics, inputs.formats) }
        configuration.readService(fields)
        configuration.state = fields["state"].flatMap { readState($0, place) }
        if let value = fields["http"] { configuration.http = HTTPSettings(value) }
        configuration.alertmanager = fields["alertmanager"].flatMap(AlertmanagerSettings.init)
        return configuration
    }

    private mutating func readService(_ fields: YAMLValue.Fields) {
        if let value = fields["kafka"] {
            let fields = value.fields(Setting.names(in: "kafka"))
            if let bootstrap = fields.required("bootstrap")?.bootstrap { kafka.bootstrap = bootstrap }
            kafka.properties = fields["properties"]?.entries.compactMap(KafkaProperty.init) ?? []
        }
        if let value = fields["outputs"] {
            let fields = value.fields(Setting.names(in: "outputs"))
            outputs.alerts = fields["alerts"]?.topicName ?? outputs.alerts
            outputs.scores = fields["scores"]?.topicName ?? outputs.scores
            outputs.rejected = fields["rejected"]?.topicName ?? outputs.rejected
            outputs.health = fields["health"]?.topicName ?? outputs.health
            outputs.leader = fields["leader"]?.topicName ?? outputs.leader
        }
        let topics = inputs + [outputs.alerts, outputs.scores, outputs.rejected, outputs.health, outputs.leader]
        if Set(inputs).count < inputs.count {
            fields["inputs"]?.fail("an input topic is given twice")
        } else if Set(topics).count < topics.count {
            (fields["outputs"] ?? fields["inputs"])?.fail("a topic stands here for two things: each input and output needs its own")
        }
        if let value = fields["publish_every"]?.duration { publishEvery = value }
        if let value = fields["max_lag"]?.duration {
            if value < .seconds(1) { fields["max_lag"]?.fail("'max_lag' must be at least 1s: where partitions end is asked once a second") }
            maxLag = value
        }
        if let value = fields["clock"] {
            if value.isScalar {
                if let text = value.text, text != "wall" { value.fail("a clock is 'wall' or {start: TIME, speed: N}") }
            } else {
                let fields = value.fields(Setting.names(in: "clock"))
                let speed = fields["speed"]?.decimal.map { Double($0.description) ?? 1 } ?? 1
                if speed <= 0 || speed > 1_000_000 { fields["speed"]?.fail("speed must be above 0 and at most 1000000") }
                if let start = fields.required("start")?.instant { clock = .simulated(start: start, speed: speed) }
            }
        }
    }

    private static func readState(_ value: YAMLValue, _ place: (YAMLValue) -> String?) -> State? {
        let fields = value.fields(Setting.names(in: "state"))
        guard var state = fields.required("directory").flatMap(place).map({ State(directory: $0) }) else { return nil }
        if let every = fields["snapshot_every"]?.duration {
            if every < .seconds(1) { fields["snapshot_every"]?.fail("'snapshot_every' must be at least 1s") }
            state.snapshotEvery = every
        }
        return state
    }

    /// SHA-256 over all parts, each with its length before it.
    private static func hash(_ parts: [Data]) -> String {
        var all = Data()
        for part in parts {
            all.append(contentsOf: "\(part.count)\n".utf8)
            all.append(part)
        }
        return "sha256:" + all.withUnsafeBytes(Digest.sha256)
    }
}
