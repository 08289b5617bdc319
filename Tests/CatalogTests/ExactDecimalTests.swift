import Cases
import Catalog
import Testing

/// Forged alert records bring such numbers.
@Suite struct ForgedFractions {
    @Test func `a quotient at the end of 64 bits is rounded without a trap`() {
        #expect(ExactDecimal(numerator: 7_386_076_327_113_304_467, denominator: 4_004).mantissa > 0)
        #expect(ExactDecimal(numerator: .max, denominator: 1).mantissa > 0)
        #expect(ExactDecimal(nearest: 1e10) == nil)
    }
}

@Suite struct ExactDecimals {
    @Test(arguments: [
        ("98.5%", 985, 3), ("0.985", 985, 3), ("20", 20, 0), ("-1", -1, 0), ("0", 0, 0), ("-0", 0, 0), ("100%", 1, 0), ("0.5%", 5, 3), ("1.10", 11, 1), ("5.0", 5, 0), ("0.40%", 4, 3),
        ("999999999.999999999", 999_999_999_999_999_999, 9), ("-0.000000001", -1, 9), ("0.0000001%", 1, 9), ("007", 7, 0), ("000000001", 1, 0),
    ] as [(String, Int64, Int)])
    func `a number is read exactly, per cent as hundredths, in its shortest form`(text: String, mantissa: Int64, scale: Int) throws {
        let decimal = try #require(ExactDecimal(text))
        #expect((decimal.mantissa, decimal.scale) == (mantissa, scale))
    }

    @Test(arguments: [
        "", "%", "-", "-%", ".", ".5", "5.", "5.%", "1.2.3", "1,5", "1e3", "0x10", "+1", "-+1", "--1", "1-", " 1", "1 ", "1 %", "%1", "1%%", "one", "NaN", "inf", "١٢", "½", "１",
        "1234567890", "0.1234567891", "0.12345678%", "1_000",
    ])
    func `anything else is no number`(text: String) {
        #expect(ExactDecimal(text) == nil)
    }

    @Test func `what is printed is read back as the same number`() {
        var random = Seeded(Oracle.seed("decimals printed"))
        for _ in 0..<5_000 {
            let scale = random.int(0...9)
            let mantissa = random.int64(-999_999_999...999_999_999) * random.one(of: [1, 1, 10, 1_000])
            guard mantissa.magnitude < 1_000_000_000 || scale > 3 else { continue }
            let decimal = ExactDecimal(mantissa: mantissa, scale: scale)
            guard let read = ExactDecimal(decimal.description), !(read < decimal), !(decimal < read) else {
                Issue.record("\(mantissa) · 10^-\(scale) is printed as \(decimal)")
                return
            }
        }
        #expect(ExactDecimal(mantissa: -5, scale: 3).description == "-0.005")
        #expect(ExactDecimal(mantissa: 93_120, scale: 4).description == "9.3120")
    }

    /// The judge is 128-bit integer arithmetic.
    @Test func `a fraction is compared with a threshold exactly, huge counts included`() {
        var random = Seeded(Oracle.seed("comparisons"))
        for _ in 0..<20_000 {
            let scale = random.int(0...9)
            let limit = ExactDecimal(mantissa: random.int64(-1_000...2_000_000_000), scale: scale)
            let denominator = random.one(of: [random.int64(1...1_000), random.int64(1...Int64.max), Int64.max - random.int64(0...3)])
            // As near to equal as integers come, and anything.
            let near = (Int128(limit.mantissa) * Int128(denominator) / power(scale)) + Int128(random.int(-1...1))
            let numerator = random.once(in: 2) ? random.int64(0...Int64.max) : Int64(clamping: near)
            let difference = Int128(numerator) * power(scale) - Int128(limit.mantissa) * Int128(denominator)
            guard limit.compare(numerator: numerator, denominator: denominator) == difference.signum() else {
                Issue.record("\(numerator)/\(denominator) against \(limit)")
                return
            }
        }
    }

    @Test func `nine of ten is not below 90 per cent, and one in a trillion less is`() {
        let limit = SmallCatalog.decimal("90%")
        #expect(limit.compare(numerator: 9, denominator: 10) == 0)
        #expect(limit.compare(numerator: 899_999_999_999, denominator: 1_000_000_000_000) == -1)
        #expect(limit.compare(numerator: 900_000_000_001, denominator: 1_000_000_000_000) == 1)
        // No floating-point number tells these two apart.
        #expect(SmallCatalog.decimal("0.333333333").compare(numerator: 3_074_457_345_618_258_602, denominator: 9_223_372_036_854_775_807) == 1)
    }

    @Test func `two decimals are ordered by value, not by how they are written`() {
        #expect(ExactDecimal(mantissa: 10, scale: 1) <= ExactDecimal(mantissa: 1, scale: 0))
        #expect(ExactDecimal(mantissa: 1, scale: 0) <= ExactDecimal(mantissa: 10, scale: 1))
        #expect(SmallCatalog.decimal("-1") < SmallCatalog.decimal("-0.5"))
        #expect(SmallCatalog.decimal("98%") < SmallCatalog.decimal("98.5%"))
        #expect(!(SmallCatalog.decimal("98.5%") < SmallCatalog.decimal("98%")))
        #expect(!(SmallCatalog.decimal("98.5%") <= SmallCatalog.decimal("98%")))
    }

    @Test func `a value is rounded half to even to four places, exactly`() {
        var random = Seeded(Oracle.seed("rounding"))
        for _ in 0..<30_000 {
            // Denominators such as 20,000 make ties; others come close to them.
            let denominator = random.one(of: [20_000, 80_000, random.int64(1...60_000), random.int64(1...1 << 40), 20_000 * random.int64(1...1_000)])
            let numerator = random.once(in: 2) ? random.int64(0...denominator) : random.int64(0...1 << 45)
            let scaled = Int128(numerator) * 10_000, divisor = Int128(denominator)
            var rounded = scaled / divisor
            switch (scaled % divisor * 2 - divisor).signum() {
            case 1: rounded += 1
            case 0: rounded += rounded % 2
            default: break
            }
            let value = ExactDecimal(numerator: numerator, denominator: denominator)
            guard Int128(value.mantissa) * power(4 - value.scale) == rounded, value.scale == 0 || value.mantissa % 10 != 0 else {
                Issue.record("\(numerator)/\(denominator) is printed as \(value)")
                return
            }
        }
    }

    @Test(arguments: [
        (1, 20_000, "0"), (3, 20_000, "0.0002"), (5, 20_000, "0.0002"), (7, 20_000, "0.0004"), (1, 3, "0.3333"), (2, 3, "0.6667"), (284, 305, "0.9311"), (0, 7, "0"), (7, 7, "1"), (1, 2, "0.5"),
        (19_999, 20_000, "1"), (-1, 3, "-0.3333"), (17, 1, "17"), (99_995, 1_000_000, "0.1"), (12_345, 100_000_000, "0.0001"),
        // The greatest that can be declared, and sums of such: 64 bits do not hold four places of them.
        (1_000_000_000_000_000, 1, "1000000000000000"), (-1_000_000_000_000_000, 1, "-1000000000000000"), (2_766_970_110_956_433, 3, "922323370318811"),
        (2_767_011_611_056_433, 3, "922337203685477.667"), (4_000_000_000_000_000, 3, "1333333333333333.333"), (9_223_372_036_854_775_807, 2, "4611686018427387904"),
    ] as [(Int64, Int64, String)])
    func `values as they are printed`(numerator: Int64, denominator: Int64, text: String) {
        #expect(ExactDecimal(numerator: numerator, denominator: denominator).description == text)
    }

    @Test func `a quotient beyond 64 bits saturates`() {
        #expect(ExactDecimal(numerator: .max, denominator: 1).mantissa == .max)
        #expect(ExactDecimal(numerator: .min, denominator: 1).mantissa == -.max)
        #expect(ExactDecimal(numerator: .max, denominator: .max).description == "1")
    }

    @Test func `the nearest decimal of a number as JSON has it is the one that was written`() throws {
        var random = Seeded(Oracle.seed("nearest decimals"))
        for _ in 0..<5_000 {
            let decimal = ExactDecimal(mantissa: random.int64(-999_999_999_999_999...999_999_999_999_999), scale: random.int(6...9))
            let number = try #require(Double(decimal.description)), nearest = try #require(ExactDecimal(nearest: number))
            guard nearest <= decimal, decimal <= nearest else {
                Issue.record("\(decimal) comes back as \(nearest)")
                return
            }
        }
    }

    private func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { product, _ in product * 10 } }
}

@Suite struct Targets {
    @Test(arguments: [
        (Target.Comparison.atLeast, [false, true, true]), (.above, [false, false, true]), (.atMost, [true, true, false]), (.below, [true, false, false]), (.equal, [false, true, false]),
    ])
    func `a target is met strictly or not, as its word says`(comparison: Target.Comparison, met: [Bool]) {
        let target = Target(comparison: comparison, value: SmallCatalog.decimal("80%"))
        #expect([(799, 1_000), (8, 10), (801, 1_000)].map { target.isMet(numerator: $0, denominator: $1) } == met)
    }
}
