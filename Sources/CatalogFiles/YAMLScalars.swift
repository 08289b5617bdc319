import Catalog
import Foundation

/// Scalars with a meaning: each notes what is wrong and says what it expects.
extension YAMLValue {
    private func read<Value>(_ expectation: String, _ parse: (String) -> Value?) -> Value? {
        guard let text else { return nil }
        if let value = parse(text) { return value }
        fail("'\(text)' is not \(expectation)")
        return nil
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        read("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    var decimal: ExactDecimal? { read("a number such as 0.95, 95% or 3, with at most 9 places", ExactDecimal.init(_:)) }

    func one<Value: RawRepresentable & CaseIterable>(of type: Value.Type) -> Value? where Value.RawValue == String {
        read("one of \(type.allCases.map(\.rawValue).joined(separator: ", "))", Value.init(rawValue:))
    }

    /// A number and s, m, h or d.
    var duration: Instant.Duration? {
        switch span {
        case .days(let days)?: .seconds(Int64(days) * 86_400)
        case .duration(let duration)?: duration
        case nil: nil
        }
    }

    /// The same, where whole days are local days.
    var span: Span? {
        read("a duration such as 30s, 10m, 2h or 60d") { text in
            guard let unit = text.last, let number = Int32(text.dropLast()), number >= 0, number <= 1_000_000 else { return nil }
            switch unit {
            case "s": return .duration(.seconds(Int64(number)))
            case "m": return .duration(.seconds(Int64(number) * 60))
            case "h": return .duration(.seconds(Int64(number) * 3_600))
            case "d": return .days(number)
            default: return nil
            }
        }
    }

    var instant: Instant? {
        read("a time such as 2021-01-04T00:00:00+07:00") { text in
            var copy = text
            return copy.withUTF8 { Timestamp.parse(UnsafeRawBufferPointer($0)) }
        }
    }

    var day: LocalDay? {
        read("a date such as 2025-07-01") { text in
            var copy = text
            return copy.withUTF8 { Timestamp.parseDate(UnsafeRawBufferPointer($0)) }
        }
    }

    /// A text that alerts carry. What the alert topic holds is read back, and longer ones are taken for garbage there.
    var shortText: String? { shortText(atMost: 4_096) }

    private func shortText(atMost bytes: Int) -> String? {
        guard let text else { return nil }
        if text.utf8.count <= bytes { return text }
        fail("this text has \(text.utf8.count) bytes, and \(bytes) at most fit into an alert: shorten it")
        return nil
    }

    /// Who publishes: a URI reference, as CloudEvents asks for.
    var publisher: String? {
        guard let text = shortText else { return nil }
        if text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.properties.generalCategory != .control }) { return text }
        fail("'\(text)' is not a URI such as urn:parwatch:gia-lai: it has no spaces and no control characters")
        return nil
    }

    var bilingual: Bilingual? {
        let fields = fields(["vi", "en"])
        guard let vi = fields.required("vi")?.shortText, let en = fields.required("en")?.shortText else { return nil }
        return Bilingual(vi: vi, en: en)
    }

    var periodKind: PeriodKind? {
        read("one of year, quarter, month or last-Nd with N from 1 to 366") { text in
            switch text {
            case "year": return .year
            case "quarter": return .quarter
            case "month": return .month
            default:
                guard text.hasPrefix("last-"), text.hasSuffix("d"), let days = Int32(text.dropFirst(5).dropLast()), (1...366).contains(days) else { return nil }
                return .window(days: days)
            }
        }
    }

    /// A part of an alert's key: no slash, which parts them, no `#`, which ends the key in an id, and so short that three of them make a text of an alert.
    var keyPart: String? {
        guard let text = shortText(atMost: 1_024) else { return nil }
        if !text.unicodeScalars.contains(where: { $0 == "/" || $0 == "#" || $0.properties.generalCategory == .control }) { return text }
        fail("'\(text)' is not usable in a key: it must not contain '/', '#' or control characters")
        return nil
    }

    var zone: Zone? { read("a time zone such as Asia/Ho_Chi_Minh") { Zone(identifier: $0) } }
}

extension Zone {
    /// The rules of a zone of the tz database as a table, 1970 to 2100; nil if there is no such zone.
    convenience init?(identifier: String) {
        guard TimeZone.knownTimeZoneIdentifiers.contains(identifier) || identifier == "UTC", let zone = TimeZone(identifier: identifier) else { return nil }
        let first = Date(timeIntervalSince1970: 0), last = Date(timeIntervalSince1970: 4_102_444_800)
        var transitions: [Transition] = []
        var at = first
        while let next = zone.nextDaylightSavingTimeTransition(after: at), next > at, next < last {
            transitions.append(Transition(from: Instant(microseconds: Int64(next.timeIntervalSince1970.rounded()) * 1_000_000), offset: zone.secondsFromGMT(for: next)))
            at = next
        }
        self.init(name: identifier, initialOffset: zone.secondsFromGMT(for: first), transitions: transitions)
    }
}
