import Yams

/// A setting as it holds, and who says so.
package struct SettingInForce: Sendable, Equatable {
    package var path: String
    package var value: String
    /// `default`, `parwatch.yaml:7`, `PARWATCH_MAX_LAG` or `--set max_lag`.
    package var origin: String

    package init(path: String, value: String, origin: String) { (self.path, self.value, self.origin) = (path, value, origin) }

    /// All of them, in the order of the reference. Values of a configuration that has been read before: what is wrong is not told here.
    package static func all(path: String, overrides: Overrides) -> [SettingInForce] {
        let file = YAMLFile(path: path, problems: ProblemList())
        return Setting.all.compactMap { setting in
            if let override = overrides.values[setting.path] { return SettingInForce(path: setting.path, value: override.text, origin: override.origin) }
            var node = file?.root.node
            for name in setting.path.split(separator: ".") { node = node?.mapping?[String(name)] }
            if let node {
                // A section's own line tells what is in it.
                if node.mapping != nil, setting.form == .value { return nil }
                return SettingInForce(path: setting.path, value: setting.path == "kafka.properties" ? names(node) : words(node), origin: "\(path):\(node.mark?.line ?? 1)")
            }
            let value = switch setting.standard {
            case .text(let text): text
            case .none(let words): "(\(words))"
            }
            return SettingInForce(path: setting.path, value: value, origin: "default")
        }
    }

    /// Values of properties may be secret.
    private static func names(_ node: Node) -> String { "{\(node.mapping?.keys.map(words).joined(separator: ", ") ?? "")}" }

    /// As one would write it in one line.
    private static func words(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string
        case .sequence(let sequence): "[\(sequence.map(words).joined(separator: ", "))]"
        case .mapping(let mapping): "{\(mapping.map { "\(words($0)): \(words($1))" }.joined(separator: ", "))}"
        case .alias(let alias): "*\(alias.anchor.rawValue)"
        }
    }
}
