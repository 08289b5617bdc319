import Cases
import Catalog
import Testing

@Suite struct Timestamps {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2021-09-13T09:02:11Z", 1_631_523_731_000_000),
        ("2021-09-13t09:02:11z", 1_631_523_731_000_000),
        ("2021-09-13T16:02:11+07:00", 1_631_523_731_000_000),
        ("2021-09-13T05:32:11-03:30", 1_631_523_731_000_000),
        ("2021-09-14T09:01:11+23:59", 1_631_523_731_000_000),
        ("2021-09-12T09:03:11-23:59", 1_631_523_731_000_000),
        ("2021-09-13T09:02:11-00:00", 1_631_523_731_000_000),
        ("2021-09-13T09:02:11.5Z", 1_631_523_731_500_000),
        ("2021-09-13T09:02:11.000001Z", 1_631_523_731_000_001),
        ("2021-09-13T09:02:11.0000019Z", 1_631_523_731_000_001),
        ("2021-09-13T09:02:11.99999999999999999999999999999999999999Z", 1_631_523_731_999_999),
        ("2021-09-13T16:02:11.25+07:00", 1_631_523_731_250_000),
        ("2000-02-29T12:00:00Z", 951_825_600_000_000),
        ("2020-02-29T00:00:00Z", 1_582_934_400_000_000),
        ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
        ("0000-02-29T00:00:00Z", -62_162_121_600_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ])
    func `an instant is read as RFC 3339 writes it, to the microsecond`(text: String, microseconds: Int64) {
        #expect(parse(text) == Instant(microseconds: microseconds))
    }

    @Test(arguments: [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("2017-01-01T06:59:60+07:00", "2017-01-01T00:00:00Z"), ("2016-12-31T18:59:60-05:00", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
    ])
    func `a leap second is the first second of the next minute`(leap: String, same: String) {
        #expect(parse(leap) != nil)
        #expect(parse(leap) == parse(same))
    }

    @Test(arguments: [
        "2016-12-31T23:58:60Z", "2016-12-31T12:59:60Z", "2016-12-31T23:59:60+07:00", "2017-01-01T05:59:60+07:00", "2016-12-31T23:59:61Z",
        "2021-09-13T24:00:00Z", "2021-09-13T23:60:00Z", "2021-09-13T23:00:61Z", "2021-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2021-02-30T00:00:00Z", "2021-04-31T00:00:00Z",
        "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z", "2021-01-00T00:00:00Z", "2021-01-32T00:00:00Z",
        "", "Z", "yesterday", "1631523731", "2021-09-13", "2021-09-13T09:02Z", "2021-09-13T09:02:11", "2021-09-13T09:02:11.5", "2021-09-13T09:02:11.", "2021-09-13T09:02:11.Z",
        "2021-09-13T09:02:11,5Z", "2021-09-13T09:02:11.5.5Z", "2021-09-13 09:02:11Z", "2021-09-13_09:02:11Z", "2021/09/13T09:02:11Z", "2021-09-13T09.02.11Z", "20210913T090211Z",
        "2021-9-13T09:02:11ZZ", "2021-09-13T9:02:11ZZZ", "+2021-09-13T09:02:11Z", "-021-09-13T09:02:11Z", "12021-09-13T09:02:11Z", "2021-09-13T09:02:1xZ", "x021-09-13T09:02:11Z",
        " 2021-09-13T09:02:11Z", "2021-09-13T09:02:11Z ", "2021-09-13T09:02:11ZZ", "2021-09-13T09:02:11Z+07:00", "2021-09-13T09:02:11 +07:00",
        "2021-09-13T09:02:11+0700", "2021-09-13T09:02:11+07", "2021-09-13T09:02:11+7:00", "2021-09-13T09:02:11+07:0", "2021-09-13T09:02:11+07:000", "2021-09-13T09:02:11+07.00",
        "2021-09-13T09:02:11+24:00", "2021-09-13T09:02:11+07:60", "2021-09-13T09:02:11\u{2212}07:00", "2021-09-13T09:02:11~07:00", "2021-09-13T09:02:11+", "2021-09-13T09:02:11.5+07:0x",
        "２021-09-13T09:02:11Z", "2021-09-13T09:02:11\u{0}", "2021-W37-1T09:02:11Z!",
        // Not a year of four digits in UTC.
        "0000-01-01T06:59:59+07:00", "9999-12-31T17:00:00-07:00",
    ])
    func `everything else is refused`(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func `what is written is read back as the same instant, in any zone`() {
        var random = Seeded(Oracle.seed("timestamps"))
        for _ in 0..<20_000 {
            // With and without a fraction.
            let unit = random.one(of: [1, 1_000_000] as [Int64])
            let instant = Instant(microseconds: random.int64(-62_135_500_000_000_000...253_402_200_000_000_000) / unit * unit)
            let zone = Zone(name: "Test", initialOffset: random.int(-23 * 60...23 * 60) * 60)
            let local = instant.text(in: zone), utc = Timestamp.utc(instant)
            guard parse(local) == instant, parse(utc) == instant else {
                Issue.record("\(instant.microseconds) in \(zone): \(local), \(utc)")
                return
            }
        }
    }

    @Test func `local time is written with its offset, and a fraction only where there is one`() {
        let instant = Instant(microseconds: 1_631_523_731_000_000)
        #expect(instant.text(in: SmallCatalog.vietnam) == "2021-09-13T16:02:11+07:00")
        #expect(instant.text(in: .utc) == "2021-09-13T09:02:11+00:00")
        #expect(instant.text(in: Zone(name: "America/St_Johns", initialOffset: -12_600)) == "2021-09-13T05:32:11-03:30")
        #expect(Instant(microseconds: 1_631_523_731_050_000).text(in: SmallCatalog.vietnam) == "2021-09-13T16:02:11.050000+07:00")
        #expect(Instant(microseconds: -1).text(in: .utc) == "1969-12-31T23:59:59.999999+00:00")
        #expect(Timestamp.utc(instant) == "2021-09-13T09:02:11.000000Z")
    }

    /// Local mean times had seconds in their offsets; RFC 3339 cannot say so.
    @Test func `an offset that is no whole minute is written in UTC`() {
        #expect(Instant(microseconds: 0).text(in: Zone(name: "LMT", initialOffset: 25_590)) == "1970-01-01T00:00:00.000000Z")
    }

    @Test func `local time that would be of the year 10000 is written in UTC`() {
        #expect(Instant(microseconds: 253_402_300_799_000_000).text(in: SmallCatalog.vietnam) == "9999-12-31T23:59:59.000000Z")
        #expect(Instant(microseconds: 253_402_275_599_000_000).text(in: SmallCatalog.vietnam) == "9999-12-31T23:59:59+07:00")
        #expect(Instant(microseconds: -62_167_219_200_000_000).text(in: Zone(name: "T", initialOffset: -3_600)) == "0000-01-01T00:00:00.000000Z")
    }

    @Test func `before the year 0 and after 9999 the nearest end is written`() {
        for zone in [SmallCatalog.vietnam, Zone(name: "T", initialOffset: -3_600)] { #expect(Instant.distantPast.text(in: zone) == "0000-01-01T00:00:00.000000Z") }
        #expect(Timestamp.utc(.distantFuture) == "9999-12-31T23:59:59.999999Z")
    }

    @Test func `UTC texts sort as their instants do`() {
        var random = Seeded(Oracle.seed("timestamps in order"))
        let instants = (0..<2_000).map { _ in Instant(microseconds: random.int64(-62_135_500_000_000_000...253_402_200_000_000_000)) }
        #expect(instants.map(Timestamp.utc).sorted() == instants.sorted().map(Timestamp.utc))
    }

    private func parse(_ text: String) -> Instant? {
        var copy = text
        return copy.withUTF8 { Timestamp.parse(UnsafeRawBufferPointer($0)) }
    }
}

@Suite struct Instants {
    @Test func `time ends in saturation, never in a trap`() {
        #expect(Instant.distantFuture.advanced(by: .seconds(1)) == .distantFuture)
        #expect(Instant.distantPast.advanced(by: .seconds(-1)) == .distantPast)
        #expect(Instant(microseconds: 5).advanced(by: .seconds(-1)) == Instant(microseconds: -999_995))
    }
}
