/// An exact decimal number: `mantissa` × 10^-`scale`. Thresholds are compared without rounding; nothing here is a floating-point number.
public struct ExactDecimal: Hashable, Sendable {
    public let mantissa: Int64
    /// 0 to `maxScale`.
    public let scale: Int

    public static let maxScale = 9
    /// 1, 10, … 10^9.
    private static let powers: [Int64] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000]

    /// Reads `98.5%`, `0.985`, `20`, `-1`. Nil if it is anything else, has over 9 places or over 9 digits before the point.
    public init?(_ text: String) {
        var digits = Substring(text)
        let percent = digits.last == "%"
        if percent { digits = digits.dropLast() }
        let negative = digits.first == "-"
        if negative { digits = digits.dropFirst() }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard (1...2).contains(parts.count), (1...9).contains(parts[0].count), parts.count == 1 || !fraction.isEmpty,
              fraction.count + (percent ? 2 : 0) <= Self.maxScale, let value = Int64(parts[0] + fraction), (parts[0] + fraction).allSatisfy(\.isASCII),
              (parts[0] + fraction).allSatisfy(\.isNumber)
        else { return nil }
        var mantissa = negative ? -value : value
        var scale = fraction.count + (percent ? 2 : 0)
        while scale > 0, mantissa % 10 == 0 {
            mantissa /= 10
            scale -= 1
        }
        self.mantissa = mantissa
        self.scale = scale
    }

    /// 10^`exponent`, of 0 to `maxScale`.
    public static func power(_ exponent: Int) -> Int64 { powers[exponent] }

    /// Whether a number reads as exactly this one.
    public func isExactly(_ number: Double) -> Bool { Double(mantissa) / Double(Self.powers[scale]) == number }

    public init(mantissa: Int64, scale: Int) {
        precondition((0...Self.maxScale).contains(scale), "scale out of range")
        self.mantissa = mantissa
        self.scale = scale
    }

    /// numerator ÷ denominator compared with this number: -1 below, 0 equal, 1 above. `denominator` > 0.
    public func compare(numerator: Int64, denominator: Int64) -> Int {
        let left = numerator.multipliedFullWidth(by: Self.powers[scale])
        let right = mantissa.multipliedFullWidth(by: denominator)
        if left.high != right.high { return left.high < right.high ? -1 : 1 }
        return left.low == right.low ? 0 : (left.low < right.low ? -1 : 1)
    }

    public static func < (a: ExactDecimal, b: ExactDecimal) -> Bool { b.compare(numerator: a.mantissa, denominator: powers[a.scale]) < 0 }
    public static func <= (a: ExactDecimal, b: ExactDecimal) -> Bool { !(b < a) }

    /// numerator ÷ denominator, rounded half to even to four places, or to as many as 64 bits hold: from 922,337,203,685,477 on to fewer. `denominator` > 0.
    public init(numerator: Int64, denominator: Int64) {
        var scale = 4
        var rounded = Self.quotient(numerator.magnitude, denominator.magnitude, places: scale)
        while rounded == nil, scale > 0 {
            scale -= 1
            rounded = Self.quotient(numerator.magnitude, denominator.magnitude, places: scale)
        }
        var mantissa = rounded ?? .max
        while scale > 0, mantissa % 10 == 0 {
            mantissa /= 10
            scale -= 1
        }
        self.init(mantissa: numerator < 0 ? -mantissa : mantissa, scale: scale)
    }

    /// dividend ÷ divisor × 10^`places`, rounded half to even; nil beyond 64 bits.
    private static func quotient(_ dividend: UInt64, _ divisor: UInt64, places: Int) -> Int64? {
        let scaled = dividend.multipliedFullWidth(by: powers[places].magnitude)
        guard scaled.high < divisor else { return nil }
        let (quotient, remainder) = divisor.dividingFullWidth(scaled)
        guard let down = Int64(exactly: quotient) else { return nil }
        let rest = divisor - remainder
        guard remainder > rest || remainder == rest && down % 2 == 1 else { return down }
        let (up, overflows) = down.addingReportingOverflow(1)
        return overflows ? nil : up
    }
}

extension ExactDecimal: CustomStringConvertible {
    /// `0.985`, `20`, `1`.
    public var description: String {
        let digits = String(mantissa.magnitude)
        let sign = mantissa < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }
}

extension ExactDecimal {
    /// The shortest decimal of at most nine places that reads as this number, else the nearest of nine places. Nil from 10^9 on.
    public init?(nearest number: Double) {
        guard number.magnitude < 1e9 else { return nil }
        for (scale, power) in Self.powers.enumerated() {
            let scaled = (number * Double(power)).rounded()
            guard scaled / Double(power) == number || scale == Self.maxScale else { continue }
            self.init(mantissa: Int64(scaled), scale: scale)
            return
        }
        self.init(mantissa: 0, scale: 0)
    }
}
