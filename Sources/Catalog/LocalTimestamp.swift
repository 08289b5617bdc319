/// Times without an offset, as many systems write them: local in a zone that both sides know.
extension Timestamp {
    /// Reads a time written like `pattern`, in which `y`, `M`, `d`, `H`, `m`, `s` stand for digits and all else for itself; what has no letter is 0. Nil if the bytes
    /// are anything else. Where the clock is turned back a time that comes twice is the first; one that is skipped is as if it were not turned forward yet.
    public static func parse(_ text: UnsafeRawBufferPointer, as pattern: StaticString, in zone: Zone) -> Instant? {
        guard text.count == pattern.utf8CodeUnitCount else { return nil }
        var year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0
        for at in 0..<text.count {
            let sign = pattern.utf8Start[at], digit = Int(text[at]) - 0x30
            switch sign {
            case UInt8(ascii: "y"): year = year * 10 + digit
            case UInt8(ascii: "M"): month = month * 10 + digit
            case UInt8(ascii: "d"): day = day * 10 + digit
            case UInt8(ascii: "H"): hour = hour * 10 + digit
            case UInt8(ascii: "m"): minute = minute * 10 + digit
            case UInt8(ascii: "s"): second = second * 10 + digit
            default:
                guard text[at] == sign else { return nil }
                continue
            }
            guard (0...9).contains(digit) else { return nil }
        }
        guard year >= 1, (1...12).contains(month), day >= 1, day <= LocalDay.daysInMonth(month, year: year), hour <= 23, minute <= 59, second <= 59 else { return nil }
        return zone.instant(of: LocalDay(year: year, month: month, day: day), second: hour * 3_600 + minute * 60 + second)
    }

    /// Reads RFC 3339, and an offset without its colon (`2021-03-01T09:00:00.000+0000`) as ISO 8601 has it.
    public static func parseISO(_ text: UnsafeRawBufferPointer) -> Instant? {
        guard text.count >= 24, text.count <= 40, text[text.count - 5] == UInt8(ascii: "+") || text[text.count - 5] == UInt8(ascii: "-") else { return parse(text) }
        return withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { copy in
            copy.copyBytes(from: text)
            copy[text.count - 2] = UInt8(ascii: ":")
            copy[text.count - 1] = text[text.count - 2]
            copy[text.count] = text[text.count - 1]
            return parse(UnsafeRawBufferPointer(copy))
        }
    }
}
