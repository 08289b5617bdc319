extension Simulation {
    /// A day of the Gregorian calendar, as the number of days since 1 January 1970.
    package struct Day: Sendable, Hashable, Comparable, CustomStringConvertible {
        package var daysSince1970: Int

        package init(daysSince1970: Int) {
            self.daysSince1970 = daysSince1970
        }

        /// Years counted from March, so that the leap day is the last of its year; 146,097 days are 400 years (Howard Hinnant, `days_from_civil`).
        package init(year: Int, month: Int, day: Int) {
            let year = month > 2 ? year : year - 1
            let era = (year >= 0 ? year : year - 399) / 400
            let yearOfEra = year - era * 400
            let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            daysSince1970 = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        }

        /// `YYYY-MM-DD`, or nil if the text is not such a day.
        package init?(_ text: String) {
            let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard parts.count == 3, parts.map(\.count) == [4, 2, 2] else { return nil }
            var numbers: [Int] = []
            for part in parts {
                guard part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
                numbers.append(part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
            }
            let day = Day(year: numbers[0], month: numbers[1], day: numbers[2])
            guard (1...12).contains(numbers[1]), day.civil == (numbers[0], numbers[1], numbers[2]) else { return nil }
            self = day
        }

        package var civil: (year: Int, month: Int, day: Int) {
            let days = daysSince1970 + 719_468
            let era = (days >= 0 ? days : days - 146_096) / 146_097
            let dayOfEra = days - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let month = (5 * dayOfYear + 2) / 153
            return (yearOfEra + era * 400 + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
        }

        /// 1 is Monday, 7 is Sunday. 1 January 1970 was a Thursday.
        package var weekday: Int {
            let days = (daysSince1970 + 3) % 7
            return (days < 0 ? days + 7 : days) + 1
        }

        package var description: String {
            var bytes: [UInt8] = []
            bytes.append(self)
            return String(decoding: bytes, as: UTF8.self)
        }

        package static func < (left: Day, right: Day) -> Bool { left.daysSince1970 < right.daysSince1970 }
        package static func + (day: Day, days: Int) -> Day { Day(daysSince1970: day.daysSince1970 + days) }
    }
}

/// Inside this module; outside it is `Simulation.Day`, beside whatever other days there are.
typealias Day = Simulation.Day
