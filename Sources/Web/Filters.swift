import Alerting
import CatalogFiles
import Intake

/// What a reader wants of a list: `?agency=000.00.12.H21&state=firing&limit=50&offset=100`.
struct Filters {
    private(set) var limit = 100
    private(set) var offset = 0
    private var values: [String: String] = [:]

    static let largestLimit = 1_000

    static func names(of route: Route) -> [String] {
        switch route {
        case .criteria: ["framework", "criterion"]
        case .agencies: ["agency", "level", "parent"]
        case .scores: ["agency", "framework", "criterion", "period"]
        case .points: ["agency", "framework", "period"]
        case .alerts: ["agency", "framework", "criterion", "period", "state", "severity"]
        case .sources: ["source"]
        case .partitions: ["topic"]
        case .frameworks: ["framework"]
        case .livez, .readyz, .metrics: []
        }
    }

    init(_ query: Substring, of route: Route) throws(Refusal) {
        let known = Self.names(of: route) + ["limit", "offset"]
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(pair[0]), let value = Self.decoded(pair.count > 1 ? pair[1] : ""), !name.isEmpty else {
                throw .badRequest("'\(part.prefix(100))' is not percent-encoded UTF-8")
            }
            guard known.contains(name) else {
                let hint = Spelling.nearest(to: String(name.prefix(100)), among: known).map { "did you mean '\($0)'?" } ?? "known here: \(known.joined(separator: ", "))"
                throw .badRequest("unknown filter '\(name.prefix(100))': \(hint)")
            }
            // Codes are the same however they are written.
            let wanted = name == "agency" || name == "parent" ? Code.normalized(value) ?? value : value
            if values.updateValue(wanted, forKey: name) != nil { throw .badRequest("'\(name)' is given twice") }
            if value.isEmpty { throw .badRequest("'\(name)' says nothing") }
        }
        limit = try number("limit", in: 1...Self.largestLimit) ?? limit
        offset = try number("offset", in: 0...Int(Int32.max)) ?? offset
        try check("state", AlertState.allCases.map(\.rawValue))
        try check("severity", Severity.allCases.map(\.rawValue))
    }

    /// Whether a value is wanted.
    func admits(_ name: String, _ value: @autoclosure () -> String?) -> Bool { values[name].map { $0 == value() } ?? true }

    private func number(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else { throw .badRequest("'\(name)' is a whole number from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    private func check(_ name: String, _ allowed: [String]) throws(Refusal) {
        if let value = values[name], !allowed.contains(value) { throw .badRequest("'\(name)' is one of \(allowed.joined(separator: ", "))") }
    }

    /// Percent-decoded; nil if that is not UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = [], rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? { Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) }
}
