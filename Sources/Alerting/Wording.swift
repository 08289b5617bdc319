public import Catalog
import Scoreboard

/// What civil servants read in an alert, in Vietnamese and English.
enum Wording {
    static func text(_ record: AlertRecord, criterion: Bilingual, agency: Bilingual, isRatio: Bool) -> Bilingual {
        let incident = record.incident
        let code = "\(record.criterion.framework) \(record.criterion.code)"
        let value = amount(record.score, isRatio)
        let limit = number(record.threshold, isRatio)
        let period = period(record.period)
        let head: Bilingual, tail: Bilingual
        switch incident.state {
        case .firing, .pending:
            let level = severity(incident.severity)
            head = incident.state == .pending ? Bilingual(vi: "Chờ xác nhận", en: "Pending") : level
            let below = incident.reason == .belowThreshold, side = Bilingual(vi: below ? "dưới" : "trên", en: below ? "below" : "above")
            tail = if incident.clearing != nil {
                Bilingual(vi: "\(value), đang hồi phục (ngưỡng \(limit))", en: "\(value), recovering (threshold \(limit))")
            } else if isBeyond(record.threshold, record) {
                Bilingual(vi: "\(value), \(side.vi) ngưỡng \(limit)", en: "\(value), \(side.en) \(limit)")
            } else if isBeyond(record.clear, record) {
                Bilingual(vi: "\(value), vẫn \(side.vi) \(number(record.clear, isRatio)) (ngưỡng \(limit))", en: "\(value), still \(side.en) \(number(record.clear, isRatio)) (threshold \(limit))")
            } else {
                Bilingual(vi: "\(value) (ngưỡng \(limit))", en: "\(value) (threshold \(limit))")
            }
        case .resolved, .inactive:
            head = Bilingual(vi: "Đã kết thúc", en: "Ended")
            let why = reason(incident.reason)
            tail = Bilingual(vi: "\(value), \(why.vi)", en: "\(value), \(why.en)")
        }
        return Bilingual(
            vi: localized("\(head.vi): \(agency.vi) – \(criterion.vi) (\(code), \(period.vi)): ", tail.vi),
            en: "\(head.en): \(agency.en) – \(criterion.en) (\(code), \(period.en)): \(tail.en)")
    }

    /// Whether the value is on the bad side of a limit. Between threshold and `clear` an incident goes on, and with too small a sample it does beyond `clear` as well.
    private static func isBeyond(_ limit: ExactDecimal, _ record: AlertRecord) -> Bool {
        guard let (numerator, denominator) = record.score.fraction else { return false }
        return limit.compare(numerator: numerator, denominator: denominator) == (record.incident.reason == .belowThreshold ? -1 : 1)
    }

    /// Whether a record's text tells its value in per cent: all that is known of a measure that the catalog no longer has.
    static func isInPerCent(_ record: AlertRecord) -> Bool { record.score.denominator != nil && record.text.en.contains(amount(record.score, true)) }

    /// `2021`, `2021-Q3`, `2021-09`, `last-30d` in words.
    private static func period(_ name: String) -> Bilingual {
        if name.hasPrefix("last-"), name.hasSuffix("d") {
            let days = name.dropFirst(5).dropLast()
            return Bilingual(vi: "\(days) ngày qua", en: "last \(days) days")
        }
        let parts = name.split(separator: "-")
        guard parts.count == 2 else { return Bilingual(vi: "năm \(name)", en: name) }
        if parts[1].hasPrefix("Q") { return Bilingual(vi: "quý \(parts[1].dropFirst()) năm \(parts[0])", en: "\(parts[1]) \(parts[0])") }
        return Bilingual(vi: "tháng \(parts[1]) năm \(parts[0])", en: name)
    }

    private static func severity(_ severity: Severity) -> Bilingual {
        switch severity {
        case .warning: Bilingual(vi: "Cảnh báo", en: "Warning")
        case .critical: Bilingual(vi: "Nghiêm trọng", en: "Critical")
        }
    }

    private static func reason(_ reason: AlertReason) -> Bilingual {
        switch reason {
        case .recovered, .belowThreshold, .aboveThreshold: Bilingual(vi: "đã hồi phục", en: "recovered")
        case .noSample: Bilingual(vi: "không còn dữ liệu để tính", en: "nothing left to count")
        case .periodClosed: Bilingual(vi: "kỳ đã đóng", en: "period closed")
        case .ruleRemoved: Bilingual(vi: "quy tắc không còn", en: "rule removed")
        case .agencyChanged: Bilingual(vi: "cơ quan đã thay đổi", en: "agency changed")
        }
    }

    /// `93.12 % (284/305)`, or a plain number.
    private static func amount(_ score: Score, _ isRatio: Bool) -> String {
        guard let value = score.value else { return "–" }
        guard isRatio, let denominator = score.denominator else { return number(value, isRatio) }
        return "\(number(value, isRatio)) (\(score.numerator)/\(denominator))"
    }

    private static func number(_ value: ExactDecimal, _ isRatio: Bool) -> String { isRatio ? "\(value.percent) %" : value.description }

    /// Vietnamese writes a decimal comma; the name before it is left alone.
    private static func localized(_ name: String, _ figures: String) -> String {
        name + String(decoding: figures.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: ",") : $0 }, as: UTF8.self)
    }
}

extension ExactDecimal {
    /// A hundred times as much, as text: 0.9312 → `93.12`.
    public var percent: String {
        if scale >= 2 || mantissa == 0 { return ExactDecimal(mantissa: mantissa, scale: max(0, scale - 2)).description }
        return "\(mantissa)" + (scale == 1 ? "0" : "00")
    }
}
