/// RFC 3339 with an offset. Digits beyond the microsecond are dropped. A leap second counts as the first second of the next minute.
package enum Timestamp {
    /// Nil if the bytes are anything else, a date without a time included.
    package static func parse(_ text: UnsafeRawBufferPointer) -> Instant? {
        // 2021-03-01T09:00:00Z is the shortest form.
        guard text.count >= 20, let year = number(text, 0, 4), text[4] == UInt8(ascii: "-"), let month = number(text, 5, 2), text[7] == UInt8(ascii: "-"),
              let day = number(text, 8, 2), text[10] | 0x20 == UInt8(ascii: "t"), let hour = number(text, 11, 2), text[13] == UInt8(ascii: ":"),
              let minute = number(text, 14, 2), text[16] == UInt8(ascii: ":"), let second = number(text, 17, 2),
              (1...12).contains(month), day >= 1, day <= LocalDay.daysInMonth(month, year: year), hour <= 23, minute <= 59, second <= 60
        else { return nil }

        var at = 19
        var fraction: Int64 = 0
        if text[at] == UInt8(ascii: ".") {
            at += 1
            let first = at
            var unit: Int64 = 100_000
            while at < text.count, let digit = digit(text[at]) {
                fraction += Int64(digit) * unit
                unit /= 10
                at += 1
            }
            guard at > first else { return nil }
        }

        guard at < text.count else { return nil }
        var offset = 0
        switch text[at] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard at + 1 == text.count else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard at + 6 == text.count, let hours = number(text, at + 1, 2), text[at + 3] == UInt8(ascii: ":"), let minutes = number(text, at + 4, 2),
                  hours <= 23, minutes <= 59
            else { return nil }
            offset = (hours * 60 + minutes) * (text[at] == UInt8(ascii: "-") ? -60 : 60)
        default: return nil
        }

        let seconds = Int64(LocalDay(year: year, month: month, day: day).number) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
        if second == 60, seconds % 86_400 != 0 { return nil }
        let instant = Instant(microseconds: seconds * 1_000_000 + fraction)
        return writable.contains(instant) ? instant : nil
    }

    /// What four digits of a year can say, in UTC: 0000-01-01 to 9999-12-31.
    private static let writable = Instant(microseconds: -62_167_219_200_000_000)...Instant(microseconds: 253_402_300_799_999_999)

    private static func digit(_ byte: UInt8) -> UInt8? {
        let value = byte &- UInt8(ascii: "0")
        return value <= 9 ? value : nil
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ from: Int, _ count: Int) -> Int? {
        var value = 0
        for i in from..<from + count {
            guard let digit = digit(text[i]) else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    /// Local time with its offset, to the microsecond where there is a fraction: `2021-09-14T09:21:07+07:00`.
    package static func text(_ instant: Instant, in zone: Zone) -> String {
        let offset = zone.offset(at: instant)
        let wall = instant.advanced(by: .seconds(Int64(offset)))
        // RFC 3339 knows no seconds in an offset, as local mean times had them, and no year 10000.
        guard offset % 60 == 0, writable.contains(wall) else { return utc(instant) }
        let (local, fraction) = wallClock(wall)
        let minutes = abs(offset) / 60
        return local + (fraction == 0 ? "" : "." + padded(fraction, 6)) + (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":" + padded(minutes % 60, 2)
    }

    /// UTC with six digits of the second: `2021-09-13T09:02:11.000000Z`. Sorts as text.
    package static func utc(_ instant: Instant) -> String {
        let (wall, fraction) = wallClock(instant)
        return wall + "." + padded(fraction, 6) + "Z"
    }

    private static func wallClock(_ instant: Instant) -> (text: String, fraction: Int) {
        let micros = instant.microseconds
        let day = Int(floorDivide(micros, 86_400_000_000))
        let inDay = Int(micros - Int64(day) * 86_400_000_000)
        let (year, month, dayOfMonth) = LocalDay(number: Int32(clamping: day)).civil
        let second = inDay / 1_000_000
        let text = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2) + "T" + padded(second / 3_600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2)
        return (text, inDay % 1_000_000)
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : (a - b + 1) / b }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Instant {
    package func text(in zone: Zone) -> String { Timestamp.text(self, in: zone) }
}
