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
