import Cases
import Foundation
import Testing

@Suite(.serialized) struct API {
    @Test func `every path answers as docs/openapi.yaml says, and refuses what it does not know`() throws {
        let token = "0123456789abcdef0123456789abcdef"
        try Served.with("http: {listen: \"127.0.0.1:0\", token: {file: token}}", files: ["token": token]) { served in
            try #require(served.leads())
            try served.send(4, late: false)
            try served.send(1, late: true)
            try served.send(3, at: "D2", late: true)
            try #require(try eventually { try served.get("/api/v1/alerts?state=firing", "-H", "Authorization: Bearer \(token)").items.count == 6 }, "\(served.text)")
            let result = try Oracle.run("openapi.py", "http://\(try served.address)", token)
            #expect(result.status == 0, "\(result.output)")
            print(result.output)
        }
    }

    @Test func `a criterion shows how its value earns points, and null where it earns none`() throws {
        let criterion = "    name: {vi: n, en: n}\n    levels: [department]\n    measure: {ratio: {of: dossier, among: [decided], counting: [on_time]}}\n"
        let rules = ["", "    points: {max: 1.5, full_at: 100%, floor: 50%}\n", "    points: {max: 1, steps: [[0, 1], [3, 0.5]]}\n", "    points: {max: 0.5, full_at: 80%, by: step}\n"]
        let criteria = "framework: F-2021\ntitle: {vi: t, en: t}\nperiod: {year: 2021}\ncriteria:\n" + rules.enumerated().map { "  - code: \"\($0)\"\n\(criterion)\($1)" }.joined()
        try Served.with(files: ["criteria.yaml": criteria]) { served in
            try #require(served.leads())
            try #require(try eventually { try served.get("/api/v1/criteria").items.count == 4 }, "\(served.text)")
            let found = try served.get("/api/v1/criteria").items.map { $0["points"] as? NSDictionary }
            #expect(found == [
                nil, ["max": 1.5, "full_at": 1, "floor": 0.5], ["max": 1, "steps": [["from": 0, "points": 1], ["from": 3, "points": 0.5]], "lower_is_better": true],
                ["max": 0.5, "steps": [["from": 0.8, "points": 0.5]], "lower_is_better": false],
            ])
            let result = try Oracle.run("openapi.py", "http://\(try served.address)")
            #expect(result.status == 0, "\(result.output)")
            // The command says the same, and more.
            let said = try Program.run(URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("parwatch").path, ["criteria", "--json", "--config", served.configuration.path])
            let lines = try said.output.split(separator: "\n").map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
            #expect(try zip(lines, served.get("/api/v1/criteria").items).allSatisfy { Self.isWithin($1, $0) } && lines.count == 4, "\(said.output)")
            #expect(((lines[1]["points"] as? [String: Any])?["text"] as? [String: String])?["en"]?.isEmpty == false)
        }
    }

    /// Whether everything that one object says the other says as well.
    private static func isWithin(_ small: [String: Any], _ large: [String: Any]) -> Bool {
        small.allSatisfy { name, value in
            if let value = value as? [String: Any] { return (large[name] as? [String: Any]).map { isWithin(value, $0) } ?? false }
            return (value as? NSObject)?.isEqual(large[name]) == true
        }
    }

    @Test func `scores and alerts are those of the topics`() throws {
        try Served.with { served in
            try #require(served.leads())
            try served.send(4, late: false)
            try served.send(1, late: true)
            try served.send(3, at: "D2", late: true)
            for (path, topic) in [("/api/v1/alerts", "par.alerts"), ("/api/v1/scores", "par.scores")] {
                var onTopic: [String: NSDictionary] = [:], inAPI: [String: NSDictionary] = [:]
                let isSame = try eventually(within: 30) {
                    onTopic = [:]
                    for line in try Self.read(topic, served) { onTopic[line["subject"] as? String ?? ""] = line["data"] as? NSDictionary }
                    inAPI = Dictionary(uniqueKeysWithValues: try served.get(path).items.map { ($0["subject"] as? String ?? "", Self.steady($0["data"])) })
                    return !inAPI.isEmpty && inAPI == onTopic.mapValues(Self.steady)
                }
                #expect(isSame, "\(path): \(inAPI) instead of \(onTopic)")
            }
        }
    }

    /// Without the clock's reading.
    private static func steady(_ data: Any?) -> NSDictionary {
        var data = data as? [String: Any] ?? [:]
        data["as_of"] = nil
        return data as NSDictionary
    }

    private static func read(_ topic: String, _ served: Served) throws -> [[String: Any]] {
        let result = try Program.run("/usr/bin/env", ["timeout", "60", "kcat", "-C", "-e", "-q", "-b", try served.brokers, "-t", topic, "-o", "beginning"])
        return result.output.split(separator: "\n").compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    }
}
