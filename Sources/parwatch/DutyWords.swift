import Catalog

/// When something is due again and again, and what is to be reached by when, in words for people.
extension CriterionWords {
    var duty: Bilingual? {
        guard let duty = criterion.duty else { return nil }
        var vi: String, en: String
        switch duty.rhythm {
        case .week(let days):
            vi = "hàng tuần, \(days.map(\.vietnamese).joined(separator: " và "))"
            en = "every week on \(days.map { $0.rawValue.capitalizedFirst }.joined(separator: " and "))"
        case .month(let day, let isNext):
            vi = "hàng tháng, \(Self.day(day).vi)\(isNext ? " tháng sau" : "")"
            en = "every month on \(Self.day(day).en)\(isNext ? " of the next" : "")"
        case .quarter(let day, let isNext):
            vi = "hàng quý, \(Self.day(day).vi) tháng \(isNext ? "đầu quý sau" : "cuối quý")"
            en = "every quarter on \(Self.day(day).en) of \(isNext ? "the month after it" : "its last month")"
        case .year(let day):
            vi = "hàng năm, ngày \(Self.text(day).vi)"
            en = "every year on \(Self.text(day).en)"
        }
        if let second = duty.second {
            let time = "\(second / 3_600):\(second / 60 % 60 < 10 ? "0" : "")\(second / 60 % 60)"
            vi += ", trước \(time)"
            en += ", by \(time)"
        }
        switch duty.shift {
        case .none: break
        case .nextWorkingDay: (vi, en) = (vi + "; trùng ngày nghỉ thì ngày làm việc sau", en + "; if that is no working day, the next one")
        case .previousWorkingDay: (vi, en) = (vi + "; trùng ngày nghỉ thì ngày làm việc trước", en + "; if that is no working day, the one before")
        }
        if let agencies = duty.agencies {
            let names = agencies.map { catalog.agencies[$0].id }.joined(separator: ", ")
            (vi, en) = ("\(vi) (\(names))", "\(en) (\(names))")
        }
        return Bilingual(vi: vi, en: en)
    }

    /// What a rule with milestones asks for.
    func milestones(_ milestones: Milestones, _ direction: AlertRule.Direction) -> Bilingual {
        let sign = direction == .below ? "<" : ">"
        var vi: [String] = [], en: [String] = []
        for milestone in milestones.list {
            let level = "\(sign) \(milestone.level.text(isPercentage: criterion.measure.isPercentage))", day = Self.text(milestone.by)
            vi.append("nghiêm trọng \(comma(level)) sau ngày \(day.vi)")
            en.append("critical \(level) after \(day.en)")
        }
        if milestones.hasLine {
            vi.append("cảnh báo theo đường thẳng giữa các mốc")
            en.append("warning by the straight line between them")
        }
        return Bilingual(vi: vi.joined(separator: "; "), en: en.joined(separator: "; "))
    }

    private static func day(_ day: Int) -> Bilingual { day == 31 ? Bilingual(vi: "ngày cuối", en: "the last day") : Bilingual(vi: "ngày \(day)", en: "day \(day)") }

    private static func text(_ day: DayOfYear) -> Bilingual {
        let months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
        let next = day.isOfNextYear
        return Bilingual(vi: "\(day.day)/\(day.month)\(next ? " năm sau" : "")", en: "\(day.day) \(months[day.month - 1])\(next ? " of the next year" : "")")
    }
}

extension Weekday {
    fileprivate var vietnamese: String {
        switch self {
        case .monday: "thứ Hai"
        case .tuesday: "thứ Ba"
        case .wednesday: "thứ Tư"
        case .thursday: "thứ Năm"
        case .friday: "thứ Sáu"
        case .saturday: "thứ Bảy"
        case .sunday: "Chủ nhật"
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
