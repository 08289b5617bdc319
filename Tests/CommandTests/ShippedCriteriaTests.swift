import Cases
import Foundation
import Testing

/// The criteria that are shipped for Gia Lai, fed with a few messages of every kind; the expected numbers are counted by hand.
@Suite struct ShippedCriteria {
    private static let justice = "000.00.12.H21", planning = "000.00.03.H21", pleiku = "000.00.25.H21"

    private static let messages: [String] = [
        // Reports: the monthly one of March never comes, the weekly one came an hour early.
        message("obligation", "m", named("gl1320-bc-giai-ngan-thang", planning), #""due":"2021-03-19""#),
        message("obligation", "w", named("gl1320-bc-giai-ngan-tuan", planning), #""due":"2021-03-04T15:00:00+07:00","done":"2021-03-04T14:00:00+07:00""#),
        // A list due in January of the next year is one of this year's duties.
        message("obligation", "l", named("2.2.1", "H21"), #""due":"2022-01-31","done":"2021-03-01""#),
        message("event", "d", named("5.5.2", pleiku), #""occurred":"2021-03-01""#),
        message("event", "i", named("1.3.1-kiem-tra", justice), #""occurred":"2021-03-01""#),
        message("event", "h", named("1.4", justice), #""occurred":"2021-03-01","item":"hoi-nghi""#),
    ] + (1...6).map { message("document", "v\($0)", #""agency":"\#(justice)","to":"\#(planning)","sent":"2021-03-02T09:00:00+07:00","electronic":true,"paper":\#($0 == 1),"signed":true,"state":"03""#) } + (1...4).map {
        message("document", "h\($0)", #""agency":"\#(justice)","sent":"2021-03-02T09:00:00+07:00","electronic":\#($0 > 1),"paper":\#($0 == 1),"signed":true,"state":"06""#)
    } + [
        message("figure", "s", named("8.1.1", "H21"), #""period":"2021","value":86.28,"as_of":"2021-03-01""#),
        message("figure", "p", named("4.2.1", justice), #""period":"2021","numerator":51,"denominator":50,"as_of":"2021-03-01""#),
        message("figure", "n", named("5.2.1", justice), #""period":"2021","numerator":0,"denominator":0,"as_of":"2021-03-01""#),
        message("figure", "a", named("7.4.1", justice), #""period":"2021","numerator":0,"denominator":1,"as_of":"2021-03-01""#),
        message("figure", "b", named("7.4.1", planning), #""period":"2021","numerator":1,"denominator":1,"as_of":"2021-03-01""#),
        message("figure", "u", named("4.1.3", pleiku), #""period":"2021","value":95,"as_of":"2021-03-01""#),
        message("figure", "o", named("4.1.3", pleiku), #""period":"2015","value":100,"as_of":"2021-03-01""#),
        // Announced on Monday 1 February: the fifth working day after it is the 8th.
        message("procedure", "P1", #""agency":"H21","level":3,"announced":"2021-02-01","effective":"2021-02-10","published":"2021-02-08","national_portal":true,"one_stop":true,"internal_process":true,"linked":"same_level""#),
        message("procedure", "P2", #""agency":"H21","level":4,"announced":"2021-02-01","effective":"2021-02-10","published":"2021-02-09","national_portal":false,"one_stop":true,"internal_process":true,"linked":"none""#),
        message("dossier", "D1", #""agency":"\#(justice)","procedure":"P1","state":9,"received":"2021-02-22T08:00:00+07:00","due":"2021-03-01T17:00:00+07:00","finished":"2021-03-02T07:00:00+07:00","filing":"online","level":3"#),
        message("dossier.progress", "D1", #""state":4"#, time: "2021-03-02T08:00:00+07:00"),
        message("rating", "r1", #""agency":"\#(justice)","given":"2021-03-03T09:00:00+07:00","scores":[2,2,2,2,2,2,2,2,2]"#),
        message("rating", "r2", #""agency":"\#(justice)","given":"2021-03-03T09:00:00+07:00","scores":[1,1,1,1,1,1,1,1,1]"#),
        message("feedback", "f", #""agency":"\#(pleiku)","received":"2021-02-01T09:00:00+07:00","due":"2021-03-05""#),
    ]

    @Test func `every kind of message counts where the documents want it`() throws {
        let scores = try replay("--scores").reduce(into: [String: [String: Any]]()) { all, score in if let key = score["key"] as? String { all[key] = score } }
        for (key, numerator, denominator, value) in [
            ("gl1320-bc-giai-ngan-thang/\(Self.planning)", 0, 1, 0), ("gl1320-bc-giai-ngan-tuan/\(Self.planning)", 1, 1, 1), ("2.2.1/H21", 1, 1, 1),
            ("5.5.2/\(Self.pleiku)", 1, nil, 1), ("5.5.2/H21", 1, nil, 1), ("1.3.1/H21", 1, 37, 0.027), ("1.4/H21", 1, 4, 0.25),
            ("7.1.3/\(Self.justice)", 5, 6, 0.8333), ("7.1.4-ho-so/\(Self.justice)", 3, 4, 0.75), ("7.1.4/H21", 1, 1, 1), ("7.1.5/H21", 1, 257, 0.0039), ("7.1.7/H21", 1, 257, 0.0039),
            ("8.1.1/H21", 1.5, nil, 1.5), ("4.2.1/\(Self.justice)", 51, 50, 1.02), ("7.4.1/H21", 1, 2, 0.5), ("4.1.3/H21", -1, 20, -0.05),
            ("3.2.1/H21", 2, 2, 1), ("3.2.2/H21", 1, 2, 0.5), ("3.2.3/H21", 2, 2, 1), ("3.3.3/H21", 1, nil, 1), ("7.1.9/H21", 1, 2, 0.5), ("7.2.1/H21", 1, 2, 0.5),
            ("3.4.1/\(Self.justice)", 0, 1, 0), ("3.2.6/H21", 1, 1, 1), ("3.4.5-diem/\(Self.justice)", 27, 2, 13.5), ("3.4.5/H21", 1, 1, 1), ("3.5.1/\(Self.pleiku)", 0, 1, 0),
        ] as [(String, Double, Int?, Double)] {
            let score = try #require(scores["GL-2021/\(key)/2021"], "no score of \(key)")
            #expect(score["numerator"] as? Double == numerator && score["denominator"] as? Int == denominator && score["value"] as? Double == value, "\(key): \(score)")
        }
        // Nobody was recruited: not applicable, so there is no score.
        #expect(scores["GL-2021/5.2.1/\(Self.justice)/2021"] == nil)
    }

    @Test func `an alert begins at the instant at which a report is late, by the clock alone`() throws {
        let firing = try replay().compactMap { record -> (String, String)? in
            guard let data = record["data"] as? [String: Any], data["state"] as? String == "firing", let key = record["subject"] as? String, let since = data["since"] as? String else { return nil }
            return (key, since)
        }
        let since = Dictionary(firing) { first, _ in first }
        #expect(since["GL-2021/gl1320-bc-giai-ngan-thang/\(Self.planning)/2021"] == "2021-03-20T00:00:00+07:00")
        #expect(since["GL-2021/gl1320-bc-giai-ngan-tuan/\(Self.planning)/2021"] == nil)
        for key in ["5.5.2/\(Self.pleiku)", "4.2.1/\(Self.justice)", "7.4.1/\(Self.justice)", "8.1.1/H21", "4.1.3/H21"] { #expect(since["GL-2021/\(key)/2021"] != nil, "\(key)") }
    }

    /// Owed on the days of the plan: the weekly report on Thursdays at 15:00, the plan itself by 24 September; and 60 % of the capital by the end of that month, then the line.
    @Test func `what is owed and does not come alerts at its hour, and disbursement as it falls behind the line between its milestones`() throws {
        let weekly = "GL-2021/gl1320-bc-giai-ngan-tuan/\(Self.planning)"
        let messages = [
            Self.message("obligation", "\(weekly)/2021-09-16T15:00", Self.named("gl1320-bc-giai-ngan-tuan", Self.planning), #""due":"2021-09-16","done":"2021-09-16T14:59:00+07:00""#, time: "2021-09-15T08:00:00+07:00"),
            Self.message("figure", "6.1.1", Self.named("6.1.1", Self.planning), #""period":"2021","numerator":65,"denominator":100,"as_of":"2021-09-15""#, time: "2021-09-16T08:00:00+07:00"),
        ]
        var since: [String: String] = [:]
        for record in try replay(messages: messages, until: "2022-02-01T00:00:00+07:00") {
            guard let data = record["data"] as? [String: Any], data["state"] as? String == "firing", let key = record["subject"] as? String, since[key] == nil else { continue }
            since[key] = data["since"] as? String
        }
        #expect(since["\(weekly)/2021"] == "2021-09-23T15:00:00.000001+07:00")
        #expect(since["GL-2021/gl1320-nop-ke-hoach/\(Self.justice)/2021"] == "2021-09-25T00:00:00+07:00" && since["GL-2021/gl1320-bc-quy/H21/2021"] == "2021-10-01T00:00:00+07:00")
        #expect(since["GL-2021/6.1.1/\(Self.planning)/2021"] == "2021-10-17T00:00:00+07:00" && since["GL-2021/2.2.1/H21/2021"] == "2022-02-01T00:00:00+07:00")
        #expect(!since.keys.contains { $0.contains("7.1.5-van-ban") || $0.contains("7.1.7-ho-so") })
    }

    private func replay(_ option: String? = nil, messages: [String] = messages, until: String = "2021-03-25T00:00:00+07:00") throws -> [[String: Any]] {
        let configuration = Oracle.repository.appendingPathComponent("config/parwatch.yaml").path
        let input = messages.joined(separator: "\n") + "\n"
        return try Oracle.withFolder("shipped") { folder in
            let arguments = ["replay", "--config", configuration, "--until", until, "-"]
            let result = try Command.run(option.map { arguments + [$0] } ?? arguments, input: input, in: folder)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            return try result.lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        }
    }

    private static func named(_ criterion: String, _ agency: String) -> String { #""framework":"GL-2021","criterion":"\#(criterion)","agency":"\#(agency)""# }

    private static func message(_ type: String, _ subject: String, _ data: String..., time: String = "2021-03-03T08:00:00+07:00") -> String {
        #"{"specversion":"1.0","id":"\#(type)-\#(subject)","source":"urn:test","type":"vn.par.\#(type).v1","subject":"\#(subject)","time":"\#(time)","data":{\#(data.joined(separator: ","))}}"#
    }
}
