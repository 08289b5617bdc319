/// What is counted together (kỳ) within a framework's year.
public enum Period: Hashable, Sendable {
    case year
    /// 1–4.
    case quarter(Int)
    /// 1–12.
    case month(Int)
    /// The last so many local days, today included.
    case window(days: Int32)

    /// `2021`, `2021-Q3`, `2021-09`, `last-30d`.
    public func name(in year: Int) -> String {
        switch self {
        case .year: "\(year)"
        case .quarter(let quarter): "\(year)-Q\(quarter)"
        case .month(let month): "\(year)-\(month < 10 ? "0" : "")\(month)"
        case .window(let days): "last-\(days)d"
        }
    }

    /// Reads `2021`, `2021-Q3`, `2021-09`; nil if it is anything else, a window included.
    public static func parse(_ text: UnsafeRawBufferPointer) -> (year: Int, period: Period)? {
        func number(_ range: Range<Int>) -> Int? {
            range.reduce(0) { sum, at in sum.flatMap { (0x30...0x39).contains(text[at]) ? $0 * 10 + Int(text[at] - 0x30) : nil } }
        }
        guard text.count >= 4, let year = number(0..<4) else { return nil }
        if text.count == 4 { return (year, .year) }
        guard text.count == 7, text[4] == UInt8(ascii: "-") else { return nil }
        if text[5] == UInt8(ascii: "Q") { return number(6..<7).flatMap { (1...4).contains($0) ? (year, .quarter($0)) : nil } }
        return number(5..<7).flatMap { (1...12).contains($0) ? (year, .month($0)) : nil }
    }

    /// The first day, and the first day after it. A window runs as long as its year.
    public func days(in year: Int) -> Range<LocalDay> {
        switch self {
        case .year, .window: LocalDay(year: year, month: 1, day: 1)..<LocalDay(year: year + 1, month: 1, day: 1)
        case .quarter(let quarter): Self.months(quarter * 3 - 2, 3, year)
        case .month(let month): Self.months(month, 1, year)
        }
    }

    private static func months(_ first: Int, _ count: Int, _ year: Int) -> Range<LocalDay> {
        let next = first + count
        return LocalDay(year: year, month: first, day: 1)..<LocalDay(year: next > 12 ? year + 1 : year, month: next > 12 ? next - 12 : next, day: 1)
    }
}

/// How a criterion divides its year.
public enum PeriodKind: Hashable, Sendable {
    case year, quarter, month
    case window(days: Int32)

    public var periods: [Period] {
        switch self {
        case .year: [.year]
        case .quarter: (1...4).map(Period.quarter)
        case .month: (1...12).map(Period.month)
        case .window(let days): [.window(days: days)]
        }
    }

    /// As a criteria file names it.
    public var name: String {
        switch self {
        case .year: "year"
        case .quarter: "quarter"
        case .month: "month"
        case .window(let days): "last-\(days)d"
        }
    }
}

/// A time after the end of a period: whole days are local days, so that a period closes at a midnight; anything else is a length of time.
public enum Span: Hashable, Sendable {
    case days(Int32)
    case duration(Instant.Duration)

    public func after(_ day: LocalDay, in zone: Zone) -> Instant {
        switch self {
        case .days(let days): zone.start(of: day + days)
        case .duration(let duration): zone.start(of: day).advanced(by: duration)
        }
    }
}
