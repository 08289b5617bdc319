import Foundation
import Simulation
import Testing

struct DayTests {
    @Test func `days agree with another calendar from 1583 to 2380`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for number in stride(from: -141_000, to: 150_000, by: 37) {
            let day = Day(daysSince1970: number), civil = day.civil
            let other = calendar.dateComponents([.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(number) * 86_400))
            guard other.year == civil.year, other.month == civil.month, other.day == civil.day, other.weekday == day.weekday % 7 + 1,
                  Day(year: civil.year, month: civil.month, day: civil.day) == day
            else { Issue.record("\(number)"); continue }
        }
    }

    @Test func `every day of a leap year and its neighbours can be written and read`() {
        for number in Day(year: 2019, month: 12, day: 30).daysSince1970...Day(year: 2021, month: 1, day: 2).daysSince1970 {
            #expect(Day(Day(daysSince1970: number).description)?.daysSince1970 == number)
        }
        #expect(Day(year: 2020, month: 2, day: 29).description == "2020-02-29")
    }

    @Test(arguments: ["", "2021", "2021-02-29", "2021-13-01", "2021-00-10", "2021-01-00", "2021-1-01", "20210101", "2021-01-01T", "+021-01-01", "2021-01-01-01", "２021-01-01"])
    func `what is no day is refused`(text: String) {
        #expect(Day(text) == nil)
    }
}
