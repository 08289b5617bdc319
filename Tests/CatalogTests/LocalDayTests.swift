import Cases
import Catalog
import Testing

@Suite struct LocalDays {
    /// Counts the days one by one; nothing is shared with the arithmetic under test.
    @Test func `every day from 1596 to 2404 has its civil date, both ways`() {
        var (year, month, day) = (1596, 1, 1)
        var number: Int32 = -136_601
        while year < 2405 {
            let local = LocalDay(number: number)
            guard local.civil == (year, month, day), LocalDay(year: year, month: month, day: day) == local else {
                Issue.record("day \(number) is \(local.civil), not \(year)-\(month)-\(day)")
                return
            }
            let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            if day == 1 { #expect(LocalDay.daysInMonth(month, year: year) == length) }
            (day, number) = (day + 1, number + 1)
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
    }

    @Test func `civil dates round trip in all years that can be written`() {
        var random = Seeded(Oracle.seed("civil dates"))
        for number in (0..<20_000).map({ _ in Int32(random.int(-719_528...2_932_896)) }) + [-719_528, -719_529, 2_932_896, 2_932_897] {
            let day = LocalDay(number: number), (year, month, dayOfMonth) = day.civil
            guard LocalDay(year: year, month: month, day: dayOfMonth) == day else {
                Issue.record("\(number)")
                return
            }
        }
        #expect(LocalDay(number: -719_528).civil == (0, 1, 1))
        #expect(LocalDay(number: 2_932_896).civil == (9999, 12, 31))
    }
}
