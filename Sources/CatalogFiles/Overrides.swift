import Configuration

/// What the command line (`--set kafka.bootstrap=…`) and, where that is silent, the environment (`PARWATCH_KAFKA_BOOTSTRAP`) say instead of `parwatch.yaml`.
package struct Overrides: Sendable {
    struct Override: Sendable {
        var text: String
        /// As errors name it.
        var origin: String
        var isList: Bool
    }

    /// By the setting's path.
    private(set) var values: [String: Override] = [:]

    package static let none = Overrides()

    private init() {}

    /// `arguments`: each `KEY=VALUE`. Of the environment only what begins with `PARWATCH_` is looked at.
    package init(arguments: [String] = [], environment: [String: String] = [:]) throws(Problems) {
        let settings = Setting.all.filter { $0.form != .structure }
        let problems = ProblemList()
        Self.check(environment, settings, problems)
        let said = Self.pairs(arguments, settings, problems)
        let reader = ConfigReader(providers: [
            InMemoryProvider(name: "command line", values: Dictionary(uniqueKeysWithValues: said.map { (AbsoluteConfigKey($0.split(separator: ".").map(String.init)), ConfigValue(.string($1), isSecret: false)) })),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "parwatch"),
        ])
        for setting in settings {
            guard let text = reader.string(forKey: ConfigKey(setting.path)) else { continue }
            values[setting.path] = Override(text: text, origin: said[setting.path] == nil ? Self.variable(setting) : "--set \(setting.path)", isList: setting.form == .list)
        }
        if !problems.errors.isEmpty { throw Problems(list: problems.errors) }
    }

    /// Whether anything is said of what stands below this path.
    func speak(below path: String) -> Bool { values.keys.contains { $0.hasPrefix(path + ".") } }

    private static let prefix = "PARWATCH_"

    private static func variable(_ setting: Setting) -> String { prefix + setting.path.uppercased().replacing(".", with: "_") }

    private static func pairs(_ arguments: [String], _ settings: [Setting], _ problems: ProblemList) -> [String: String] {
        var said: [String: String] = [:]
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "=") else {
                problems.add("--set \(argument)", nil, "is not KEY=VALUE, such as max_lag=2m")
                continue
            }
            let key = String(argument[..<equals])
            if !settings.contains(where: { $0.path == key }) {
                let why = Setting.all.contains { $0.path == key } ? "'\(key)' is more than one value, so only parwatch.yaml can say it" : "unknown key '\(key)': \(Spelling.hint(for: key, among: settings.map(\.path)))"
                problems.add("--set \(argument)", nil, why)
            } else if said.updateValue(String(argument[argument.index(after: equals)...]), forKey: key) != nil {
                problems.add("--set \(argument)", nil, "'\(key)' is said twice")
            }
        }
        return said
    }

    /// A name that is nearly a setting's, or begins as those of a section do, was meant as one.
    private static func check(_ environment: [String: String], _ settings: [Setting], _ problems: ProblemList) {
        let known = settings.map(variable)
        let sections = Set(Setting.all.filter { $0.path.contains(".") }.map { "\(prefix)\($0.path.prefix { $0 != "." }.uppercased())_" })
        for name in environment.keys.sorted() where name.hasPrefix(prefix) && !known.contains(name) {
            let start = sections.first { name.hasPrefix($0) }
            if start != nil || Spelling.nearest(to: String(name.dropFirst(prefix.count)), among: known.map { String($0.dropFirst(prefix.count)) }) != nil {
                problems.add(name, nil, "is no setting: \(Spelling.hint(for: name, among: start.map { start in known.filter { $0.hasPrefix(start) } } ?? known))")
            }
        }
    }
}

/// The place of a value in `parwatch.yaml`, and what is said instead of what stands there.
struct Layer {
    let overrides: Overrides
    /// Empty at the top.
    var path = ""

    func below(_ name: String) -> Layer { Layer(overrides: overrides, path: path.isEmpty ? name : path + "." + name) }
}
