/// RFC 3339 with an offset. Digits beyond the microsecond are dropped. A leap second counts as the first second of the next minute.
public enum Timestamp {
    /// Nil if the bytes are anything else, a date without a time included.
    public static func parse(_ text: UnsafeRawBufferPointer) -> Instant? {
        // 2021-03-01T09:00:00Z is the shortest form; its first 19 bytes are read in three overlapping words.
        guard text.count >= 20 else { return nil }
        let date = Digits(text, 0, .yearAndMonth), dayAndTime = Digits(text, 8, .dayAndTime), time = Digits(text, 11, .time)
        guard (date.faults | dayAndTime.faults | time.faults) & Digits.fault == 0 else { return nil }
        let year = date.two(0) * 100 + date.two(2), month = date.two(5), day = dayAndTime.two(0), hour = dayAndTime.two(3), minute = dayAndTime.two(6), second = time.two(6)

        var at = 19
        var fraction: Int64 = 0
        if text[at] == UInt8(ascii: ".") {
            at += 1
            let first = at
            var unit: Int64 = 100_000
            while at < text.count, text[at] &- UInt8(ascii: "0") <= 9 {
                fraction += Int64(text[at] - UInt8(ascii: "0")) * unit
                unit /= 10
                at += 1
            }
            guard at > first else { return nil }
        }

        var offset = 0
        if text.count == at + 6, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") {
            // The six bytes with the two before them.
            let zone = Digits(text, at - 2, .offset)
            let hours = zone.two(3), minutes = zone.two(6)
            guard zone.faults & Digits.fault == 0, hours <= 23, minutes <= 59 else { return nil }
            offset = (hours * 60 + minutes) * (text[at] == UInt8(ascii: "-") ? -60 : 60)
        } else {
            guard text.count == at + 1, text[at] | 0x20 == UInt8(ascii: "z") else { return nil }
        }
        guard month >= 1, month <= 12, day >= 1, day <= 28 || day <= LocalDay.daysInMonth(month, year: year), hour <= 23, minute <= 59, second <= 60 else { return nil }

        let seconds = Int64(LocalDay(year: year, month: month, day: day).number) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
        if second == 60, seconds % 86_400 != 0 { return nil }
        let instant = Instant(microseconds: seconds * 1_000_000 + fraction)
        return isWritable(instant) ? instant : nil
    }

    /// A date, `2021-03-01`. Nil if the bytes are anything else.
    public static func parseDate(_ text: UnsafeRawBufferPointer) -> LocalDay? {
        guard text.count == 10 else { return nil }
        var digits: [Int] = []
        for (at, byte) in text.enumerated() {
            if at == 4 || at == 7 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard (0x30...0x39).contains(byte) else { return nil }
                digits.append(Int(byte) - 0x30)
            }
        }
        let year = digits[0] * 1_000 + digits[1] * 100 + digits[2] * 10 + digits[3], month = digits[4] * 10 + digits[5], day = digits[6] * 10 + digits[7]
        guard (1...12).contains(month), day >= 1, day <= LocalDay.daysInMonth(month, year: year) else { return nil }
        return LocalDay(year: year, month: month, day: day)
    }

    /// Eight bytes of a text as a pattern of digits and signs wants them; the first byte lowest.
    private struct Pattern {
        /// `0` for a digit, else the sign.
        let text: UInt64
        /// 9 for a digit, 0 for a sign.
        let most: UInt64
        /// 0 where it does not matter.
        let mask: UInt64

        /// `0000-00-`
        static var yearAndMonth: Pattern { Pattern(text: 0x2d30_302d_3030_3030, most: 0x0009_0900_0909_0909, mask: .max) }
        /// `00T00:00`, the T in either case
        static var dayAndTime: Pattern { Pattern(text: 0x3030_3a30_3054_3030, most: 0x0909_0009_0900_0909, mask: 0xffff_ffff_ffdf_ffff) }
        /// `00:00:00`
        static var time: Pattern { Pattern(text: 0x3030_3a30_303a_3030, most: 0x0909_0009_0900_0909, mask: .max) }
        /// `...00:00`
        static var offset: Pattern { Pattern(text: 0x3030_3a30_3000_0000, most: 0x0909_0009_0900_0000, mask: 0xffff_ffff_ff00_0000) }
    }

    /// The digits of eight bytes, all read at once.
    private struct Digits {
        /// By byte: ten times its digit, and the digit behind it.
        private let pairs: UInt64
        /// The bits of `fault` are set in the bytes that are not as the pattern wants them.
        let faults: UInt64
        static var fault: UInt64 { 0x8080_8080_8080_8080 }

        @inline(__always)
        init(_ text: UnsafeRawBufferPointer, _ at: Int, _ pattern: Pattern) {
            let values = (UInt64(littleEndian: text.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ pattern.text) & pattern.mask
            // A byte beyond its most carries into its topmost bit.
            faults = values | (values & 0x7f7f_7f7f_7f7f_7f7f) &+ (0x7f7f_7f7f_7f7f_7f7f &- pattern.most)
            pairs = values &* 10 &+ values >> 8
        }

        /// The number that two of the bytes say.
        @inline(__always)
        func two(_ byte: UInt64) -> Int { Int(truncatingIfNeeded: (pairs >> (byte &* 8)) & 0xff) }
    }

    /// What four digits of a year can say, in UTC: 0000-01-01 to 9999-12-31.
    public static func isWritable(_ instant: Instant) -> Bool {
        first <= instant && instant <= last
    }

    /// Local time with its offset, to the microsecond where there is a fraction: `2021-09-14T09:21:07+07:00`.
    public static func text(_ instant: Instant, in zone: Zone) -> String {
        let offset = zone.offset(at: instant)
        let wall = instant.advanced(by: .seconds(Int64(offset)))
        // RFC 3339 knows no seconds in an offset, as local mean times had them, and no year 10000.
        guard offset % 60 == 0, isWritable(wall) else { return utc(instant) }
        let (local, fraction) = wallClock(wall)
        let minutes = abs(offset) / 60
        return local + (fraction == 0 ? "" : "." + padded(fraction, 6)) + (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":" + padded(minutes % 60, 2)
    }

    private static let first = Instant(microseconds: -62_167_219_200_000_000)
    private static let last = Instant(microseconds: 253_402_300_799_999_999)

    /// UTC with six digits of the second: `2021-09-13T09:02:11.000000Z`. Sorts as text. What four digits of a year cannot say stands at the nearest end.
    public static func utc(_ instant: Instant) -> String {
        let (wall, fraction) = wallClock(min(max(instant, first), last))
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
    public func text(in zone: Zone) -> String { Timestamp.text(self, in: zone) }
}
