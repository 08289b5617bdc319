import Foundation

/// The figures as a table, as Markdown and as JSON.
struct Report: Codable {
    var machine: Machine
    var settings: [String: String]
    var sections: [Figures.Section]

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    private var place: String {
        "\(machine.cpu), \(machine.cores) cores, \(machine.memoryGiB) GiB; \(machine.kernel); \(machine.swift); librdkafka \(machine.librdkafka), simdjson \(machine.simdjson); commit \(machine.commit), \(machine.date)"
    }

    private var conditions: String { settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }

    var text: String {
        var lines = [place, conditions]
        for section in sections {
            lines += ["", section.title, Self.row("", "median", "min", "max", "unit")]
            for figure in section.figures {
                lines.append(figure.missing.map { "  \(Self.padded(figure.name, 74))not measured: \($0)" }
                    ?? Self.row(figure.name, Self.number(figure.median), Self.number(figure.min), Self.number(figure.max), figure.unit))
            }
        }
        return lines.joined(separator: "\n")
    }

    var markdown: String {
        var lines = ["Measured on \(place).", "", "Settings: \(conditions)."]
        for section in sections {
            lines += ["", "### \(section.title)", "", "| figure | median | min | max | unit |", "|---|--:|--:|--:|---|"]
            for figure in section.figures {
                lines.append(figure.missing.map { "| \(figure.name) | | | | not measured: \($0) |" }
                    ?? "| \(figure.name) | \(Self.number(figure.median)) | \(Self.number(figure.min)) | \(Self.number(figure.max)) | \(figure.unit) |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ name: String, _ median: String, _ min: String, _ max: String, _ unit: String) -> String {
        "  " + padded(name, 72) + [median, min, max].map { String(repeating: " ", count: Swift.max(1, 12 - $0.count)) + $0 }.joined() + "  " + unit
    }

    private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

    /// Three significant digits or more, thousands grouped: 1,234,567, 12.3, 0.0123.
    static func number(_ value: Double) -> String {
        if value == 0 { return "0" }
        let places = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
        let text = String(format: "%.\(min(places, 6))f", value)
        let parts = text.split(separator: ".")
        var whole = ""
        for (index, digit) in parts[0].reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { whole.append(",") }
            whole.append(digit)
        }
        return String(whole.reversed()) + (parts.count > 1 ? "." + parts[1] : "")
    }
}
