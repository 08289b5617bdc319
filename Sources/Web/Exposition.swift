/// A page in the Prometheus text format 0.0.4.
struct Exposition {
    private(set) var text = ""

    enum Kind: String { case counter, gauge }

    struct Metric {
        fileprivate var lines = ""
        fileprivate let name: String

        /// Whole numbers are written without a point.
        mutating func sample(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
            let inside = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
            let number = value.rounded() == value && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
            lines += "\(name)\(inside.isEmpty ? "" : "{\(inside)}") \(number)\n"
        }

        mutating func sample(_ value: Int, _ labels: KeyValuePairs<String, String> = [:]) { sample(Double(value), labels) }
        mutating func sample(_ value: Bool, _ labels: KeyValuePairs<String, String> = [:]) { sample(value ? 1 : 0, labels) }

        private static func escaped(_ text: String) -> String {
            var escaped = ""
            for character in text.unicodeScalars {
                switch character {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(character)
                }
            }
            return escaped
        }
    }

    /// A metric is named even where it has no sample now, so that the page always tells all that there is.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: (inout Metric) -> Void) {
        var metric = Metric(name: name)
        samples(&metric)
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n\(metric.lines)"
    }
}
