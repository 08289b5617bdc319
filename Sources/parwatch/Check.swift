import ArgumentParser
import Catalog
import CatalogFiles
import Intake
import Service

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Validates the configuration and says what would run.")

    @OptionGroup var options: ConfigurationOption

    @Flag(help: "Also each setting, its value, and where it comes from.")
    var settings = false

    func run() throws {
        let configuration = try options.load()
        let catalog = configuration.catalog
        let properties = try words(on: configuration.kafka.properties, of: configuration)
        // Read as `run` does; elsewhere a credential of the service cannot be.
        if let http = configuration.http, http.token?.needsCredentials != true || Credentials.directory != nil { _ = try http.resolvedToken(credentials: Credentials.directory) }
        Terminal.say("\(options.config): well")
        Terminal.say("source      \(catalog.source)")
        Terminal.say("catalog     \(catalog.hash)")
        let levels = Dictionary(grouping: catalog.agencies, by: \.level).mapValues(\.count).sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        Terminal.say("agencies    \(catalog.agencies.count): \(levels.map { "\($0.value) \($0.key)" }.joined(separator: ", ")); \(catalog.zone.name)")
        if !catalog.calendar.years.isEmpty { Terminal.say("calendar    working days of \(catalog.calendar.years.sorted().map(String.init).joined(separator: ", "))") }
        for framework in catalog.frameworks {
            let alerting = framework.criteria.filter { $0.alert != nil }.count
            Terminal.say("framework   \(framework.id) of \(framework.year): \(framework.criteria.count) criteria, \(alerting) with alerts")
        }
        switch configuration.kafka.bootstrap {
        case .embedded: Terminal.say("kafka       embedded, in this process: nothing outlives it")
        case .unsaid: Terminal.say("kafka       not said: enough for replay, not for run")
        case .servers(let servers): Terminal.say("kafka       \(servers)")
        }
        for line in properties { Terminal.say(line) }
        let inputs = zip(configuration.inputs, configuration.formats).map { $1 == .cloudEvents ? $0 : "\($0) (\($1.name))" }
        Terminal.say("inputs      \(inputs.joined(separator: ", "))")
        if let sources = catalog.sources { Terminal.say("sources     \(sources.count) may speak") }
        Terminal.say("outputs     alerts \(configuration.outputs.alerts), scores \(configuration.outputs.scores), rejected \(configuration.outputs.rejected), health \(configuration.outputs.health), leader \(configuration.outputs.leader)")
        Terminal.say("state       \(configuration.state?.directory ?? "not kept: every start reads the inputs from their beginning")")
        if let http = configuration.http {
            Terminal.say("http        \(http.address), \(http.token == nil ? "whoever reaches it may read" : "a token is required")")
        } else {
            Terminal.say("http        off")
        }
        if let alertmanager = configuration.alertmanager { Terminal.say("alertmanager \(alertmanager.url)") }
        if let idleness = configuration.idleness(at: ServiceClock(configuration.clock).now) { Terminal.say("note        \(idleness)") }
        if case .simulated(let start, let speed) = configuration.clock {
            Terminal.say("clock       SIMULATED from \(Timestamp.text(start, in: catalog.zone)), \(speed == speed.rounded() ? "\(Int(speed))" : "\(speed)") times as fast")
        }
        if settings { tell(SettingInForce.all(path: options.config, overrides: try options.overrides())) }
    }

    private func tell(_ settings: [SettingInForce]) {
        let width = (settings.map(\.path.count).max() ?? 0) + 2, room = min(60, settings.map(\.value.count).max() ?? 0) + 2
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }
        Terminal.say("")
        for setting in settings { Terminal.say(padded(setting.path, width) + padded(setting.value, room) + setting.origin) }
    }

    /// Their names, never their values: some are secret, and not all that are may be known to us. Files that hold secrets are read, as `run` does.
    private func words(on properties: [KafkaProperty], of configuration: Configuration) throws -> [String] {
        if properties.isEmpty { return [] }
        let directory = Credentials.directory
        try configuration.tryProperties(credentials: directory)
        var lines = ["properties  \(properties.map { $0.isSecret ? "\($0.name) (secret)" : $0.name }.joined(separator: ", "))"]
        let unseen = properties.filter(\.needsCredentials)
        if directory == nil, !unseen.isEmpty {
            lines.append("note        not looked at, because CREDENTIALS_DIRECTORY is set only where the service runs: \(unseen.map(\.name).joined(separator: ", "))")
        }
        return lines
    }
}
