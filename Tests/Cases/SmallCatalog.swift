package import Catalog

/// A province with two departments, two districts and three communes, and the criteria that a test asks for.
package enum SmallCatalog {
    /// Indices in the catalog.
    package static let province = 0, d1 = 1, d2 = 2, q1 = 3, q2 = 4, c11 = 5, c12 = 6, c21 = 7

    package static let agencies: [Agency] = [
        agency("P", "province", nil), agency("D1", "department", province), agency("D2", "department", province), agency("Q1", "district", province), agency("Q2", "district", province),
        agency("C11", "commune", q1), agency("C12", "commune", q1), agency("C21", "commune", q2),
    ]

    package static let vietnam = Zone(name: "Asia/Ho_Chi_Minh", initialOffset: 7 * 3_600)

    package static func make(
        _ criteria: [Criterion], zone: Zone = vietnam, lateBy: Catalog.LateBy = .date, agencies: [Agency] = agencies, years: [Int] = [2021], closesAfter: Span = .days(60),
        keepClosed: Span = .days(365), sectors: [String] = [], source: String = "urn:parwatch:test", hash: String = "sha256:" + String(repeating: "0", count: 64)
    ) -> Catalog {
        Catalog(
            source: source, zone: zone, lateBy: lateBy, agencies: agencies,
            frameworks: years.map { Framework(id: "F-\($0)", title: Bilingual(vi: "t", en: "t"), year: $0, closesAfter: closesAfter, keepClosed: keepClosed, criteria: criteria) },
            sectors: sectors, maxAhead: .seconds(600), hash: hash)
    }

    package static func criterion(
        _ code: String, _ measure: Measure, levels: [String] = ["department", "district", "commune"], judgeAt: Set<JudgedAt> = [.`self`], periods: [PeriodKind] = [.year],
        target: Target? = nil, alert: AlertRule? = nil
    ) -> Criterion {
        Criterion(
            code: code, area: nil, name: Bilingual(vi: "Tiêu chí \(code)", en: "Criterion \(code)"), levels: levels, judgeAt: judgeAt, periods: periods, measure: measure,
            target: target, alert: alert, lead: "Văn phòng")
    }

    /// On time among the decided.
    package static let onTime = Measure.ratio(among: FactMask(required: .decided), counting: FactMask(required: .onTime))

    /// `below("98%", clear: "98.5%")`
    package static func threshold(_ limit: String, clear: String) -> AlertRule.Threshold { AlertRule.Threshold(limit: decimal(limit), clear: decimal(clear)) }

    package static func decimal(_ text: String) -> ExactDecimal {
        guard let decimal = ExactDecimal(text) else { preconditionFailure("'\(text)' is no decimal") }
        return decimal
    }

    /// RFC 3339 in the test's own source.
    package static func instant(_ text: String) -> Instant {
        var copy = text
        guard let instant = copy.withUTF8({ Timestamp.parse(UnsafeRawBufferPointer($0)) }) else { preconditionFailure("'\(text)' is no instant") }
        return instant
    }

    private static func agency(_ id: String, _ level: String, _ parent: Int?) -> Agency {
        Agency(id: id, name: Bilingual(vi: "Cơ quan \(id)", en: "Agency \(id)"), level: level, parent: parent)
    }
}
