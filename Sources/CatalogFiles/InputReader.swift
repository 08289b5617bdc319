package import Intake

/// `inputs`: topics, and what their records speak.
struct InputReader {
    var topics: [String] = []
    /// By topic.
    var formats: [Format] = []

    private static let names = ["cloudevents", "dvcqg", "igate", "edxml"]

    init(_ value: YAMLValue) {
        for input in value.list {
            let fields = input.fields(["topic", "format", "states"])
            let format = Self.format(fields)
            guard let topic = fields.required("topic")?.topicName else { continue }
            topics.append(topic)
            formats.append(format)
        }
        if topics.isEmpty { value.fail("at least one input topic is needed") }
    }

    private static func format(_ fields: YAMLValue.Fields) -> Format {
        let name = fields["format"]?.text ?? "cloudevents"
        if name != "igate", let states = fields["states"] { states.fail("'states' says what the numbers of format igate mean; this input is of format \(name)") }
        guard let format = Format(named: name) else {
            fields["format"]?.fail("unknown format '\(name)': \(Spelling.hint(for: name, among: names))")
            return .cloudEvents
        }
        if case .igate(let usual) = format, let own = fields["states"] { return .igate(states: usual.merging(states(own)) { $1 }) }
        return format
    }

    /// `{7: stopped}`: numbers of iGate, and states by their names or numbers.
    private static func states(_ value: YAMLValue) -> [Int64: DossierState] {
        var states: [Int64: DossierState] = [:]
        for (key, value) in value.entries {
            guard let number = Int64(key) else {
                value.fail("'\(key)' is not a number of a state, as dossierStatus.id has it")
                continue
            }
            guard var text = value.text else { continue }
            let state = UInt8(text).flatMap(DossierState.init(rawValue:)) ?? text.withUTF8 { DossierState(name: UnsafeRawBufferPointer($0)) }
            if let state { states[number] = state } else { value.fail("'\(text)' is no state: a number from 1 to 10, or a name such as processing (docs/facts.md)") }
        }
        return states
    }
}

extension Format {
    /// As `inputs` and `--format` name it, with the usual states; nil: there is no such format.
    package init?(named name: String) {
        switch name {
        case "cloudevents": self = .cloudEvents
        case "dvcqg": self = .dvcqg
        case "igate": self = .igate(states: Self.usualIGateStates)
        case "edxml": self = .edxml
        default: return nil
        }
    }
}
