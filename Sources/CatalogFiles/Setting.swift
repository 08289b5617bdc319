/// A key of `parwatch.yaml`. This table is what is known there: a key that does not stand in it is refused, and the reference in docs/configuration.md is made of it.
package struct Setting: Sendable {
    /// As in `kafka.bootstrap`.
    package let path: String
    package let standard: Standard
    package let form: Form
    /// What it is, in Markdown.
    package let meaning: String

    /// What holds where nothing is said.
    package enum Standard: Sendable {
        /// As one would write it.
        case text(String)
        /// In words: there is no such text.
        case none(String)

        /// In Markdown.
        package var description: String {
            switch self {
            case .text(let text): "`\(text)`"
            case .none(let words): words
            }
        }
    }

    /// What is written there. Only `structure` cannot be said by the environment or the command line.
    package enum Form: Sendable { case value, list, structure }

    private init(_ path: String, _ standard: Standard, _ form: Form = .value, _ meaning: String) { (self.path, self.standard, self.form, self.meaning) = (path, standard, form, meaning) }

    package static let all = [
        Setting("source", .none("required"), "who publishes: the `source` of every record, and the consumer group. One per province; of several daemons with it one leads"),
        Setting("agencies", .none("required"), "the file with the tree and the time zone"),
        Setting("calendar", .none("none: working days are Monday to Friday"), .list, "a list of files, one year each: its public holidays and swapped days. [clocks.md](clocks.md)"),
        Setting("terms.feedback", .none("none"), .structure,
                "`{working_days: N}` or `{days: N}`: when feedback is due of which no message says so. [clocks.md](clocks.md#terms-thời-hạn)"),
        Setting("criteria", .none("required"), .list, "a list of files, one framework each"),
        Setting("late_by", .text("date"), "`date`: late from the midnight that ends the due date; `instant`: from the due time itself. [facts.md](facts.md#late-trễ-hẹn)"),
        Setting("max_ahead", .text("10m"), "a message whose `time` is further ahead of the clock is rejected"),
        Setting("kafka.bootstrap", .none("required for `run`"),
                "`\"host:port\"`, always with the port, several separated by commas; `embedded`: a broker in this process, in memory, that ends with it"),
        Setting("kafka.properties", .none("none"), .structure, "any librdkafka property: below"),
        Setting("sources", .none("none: everyone may speak"), "the file that says who may speak, of what, and how much a word weighs: below"),
        Setting("inputs", .text("[{topic: par.status}]"), .structure,
                "topics with status messages; `format` is `cloudevents` (the default), `dvcqg`, `igate` or `edxml`; `states` adds to the numbers of `igate`: [formats.md](formats.md)"),
        Setting("outputs.alerts", .text("par.alerts"), "the alert topic: must exist with exactly one partition"),
        Setting("outputs.scores", .text("par.scores"), "the score topic"),
        Setting("outputs.rejected", .text("par.rejected"), "the topic of what could not be counted"),
        Setting("outputs.health", .text("par.health"), "the topic of signs of life"),
        Setting("outputs.leader", .text("par.leader"), "the topic on which daemons of one `source` agree who leads: one partition"),
        Setting("publish_every", .text("5s"), "how often changed scores are published"),
        Setting("max_lag", .text("60s"), "while a partition may be further behind than this, no alert changes; at least `1s`"),
        Setting("state.directory", .none("none: nothing is kept"), "where the daemon keeps its register and its id: below"),
        Setting("state.snapshot_every", .text("60s"), "how often the register is written there, if anything has come; at least `1s`"),
        Setting("clock", .text("wall"), "this machine's clock, or a simulated one: below"),
        Setting("clock.start", .none("none"), "of a simulated clock: where it starts"),
        Setting("clock.speed", .text("1"), "of a simulated clock: how many times as fast it runs, at most 1000000"),
        Setting("http", .none("on"), "`off`: the daemon answers nobody"),
        Setting("http.listen", .text("127.0.0.1:9598"), "where the daemon answers HTTP, read-only"),
        Setting("http.token", .none("none"), .structure, "`{file: NAME}`: what readers must say, at least 16 characters: below"),
        Setting("alertmanager.url", .none("none"), "`http://…` of an Alertmanager that alerts are pushed to by the leader: below"),
    ]

    private init(_ path: String, _ standard: Standard, _ meaning: String) { self.init(path, standard, .value, meaning) }

    /// The keys that are known in a mapping of `parwatch.yaml`, in their order. `section` nil: at the top.
    package static func names(in section: String? = nil) -> [String] {
        var names: [String] = []
        for setting in all {
            let parts = setting.path.split(separator: ".").map(String.init)
            let name = section == nil ? parts[0] : parts[0] == section && parts.count > 1 ? parts[1] : nil
            if let name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The reference of all keys, as a table in Markdown.
    package static var reference: String {
        "| key | default | is |\n|---|---|---|\n" + all.map { "| `\($0.path)` | \($0.standard.description) | \($0.meaning) |\n" }.joined()
    }
}
