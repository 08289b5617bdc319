import Cases
import Catalog
import Engine
import Intake
import Scoreboard

/// An engine that takes in messages of any type.
struct Desk: ~Copyable {
    var engine: Engine
    private var count: Int64 = 0

    init(_ catalog: Catalog, now: String = "2021-06-01T00:00:00+07:00") throws {
        engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
        engine.step(now: SmallCatalog.instant(now))
    }

    /// Takes a message in, newer than the one before unless `time` says otherwise, and returns why it was rejected.
    @discardableResult
    mutating func put(_ type: String, _ subject: String, _ data: String, time: String? = nil) -> [String] {
        count += 1
        let spelled = time ?? Timestamp.utc(Instant(microseconds: 1_609_459_200_000_000 + count))
        let json = "{\"specversion\":\"1.0\",\"id\":\"\(count)\",\"source\":\"urn:t\",\"type\":\"vn.par.\(type).v1\",\"subject\":\"\(subject)\",\"time\":\"\(spelled)\",\"data\":{\(data)}}"
        engine.receive([json], from: count)
        var reasons: [String] = []
        for case .reject(let record) in engine.takeEffects() { reasons.append(record.rejection.reason.rawValue + (record.rejection.field.map { " " + $0 } ?? "")) }
        return reasons
    }

    mutating func step(_ now: String) { engine.step(now: SmallCatalog.instant(now)) }

    /// `numerator/denominator = value`, or the value where there is no denominator; `–` without a value, `n/a` where that was declared.
    func score(_ agency: String, _ code: String = "c", _ period: String = "2021") -> String {
        guard let cell = engine.scoreboard.layout.cell(of: "F-2021/\(code)/\(agency)/\(period)") else { return "no such cell" }
        let score = engine.scoreboard.score(of: cell)
        guard let value = score.value else { return score.isApplicable ? "–" : "n/a" }
        return score.denominator.map { "\(score.numerator)/\($0) = \(value)" } ?? "\(value)"
    }

    func scores(_ agencies: [String], _ code: String = "c", _ period: String = "2021") -> [String] {
        var scores: [String] = []
        for agency in agencies { scores.append(score(agency, code, period)) }
        return scores
    }
}

// The `data` of messages of each kind.

func figure(_ agency: String, _ numbers: String, period: String = "2021", asOf: String = "2021-03-01", criterion: String = "c") -> String {
    "\"framework\":\"F-2021\",\"criterion\":\"\(criterion)\",\"agency\":\"\(agency)\",\"period\":\"\(period)\",\"as_of\":\"\(asOf)\",\(numbers)"
}

func event(_ agency: String, item: String, criterion: String = "c") -> String {
    "\"framework\":\"F-2021\",\"criterion\":\"\(criterion)\",\"agency\":\"\(agency)\",\"occurred\":\"2021-03-01\",\"item\":\"\(item)\""
}

func rating(_ agency: String, _ scores: [Int]) -> String { "\"agency\":\"\(agency)\",\"given\":\"2021-03-01T00:00:00Z\",\"scores\":\(scores)" }

func procedure(_ agency: String, level: Int, _ more: String = "") -> String {
    "\"agency\":\"\(agency)\",\"level\":\(level),\"national_portal\":true,\"one_stop\":true,\"internal_process\":false,\"linked\":\"none\"\(more)"
}

let dossier = "\"agency\":\"D1\",\"procedure\":\"P1\",\"state\":4,\"received\":\"2021-03-01T00:00:00+07:00\",\"due\":\"2021-03-10T00:00:00+07:00\",\"filing\":\"online\""
