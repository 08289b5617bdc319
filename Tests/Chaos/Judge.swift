import Cases
import Catalog
import Foundation

/// What is wrong with what the topics hold, by the oracles of both laws.
struct Judge {
    let ground: Ground
    let random: RandomCase
    let folder: URL

    struct Verdict {
        var wrong: [String]
        /// What cannot become right any more.
        var isFinal = false
        var alerts = 0
        /// What two leaders did not know of each other, and writes that came twice.
        var notes = 0
        /// How many of what could not be counted were told, and how many left out.
        var rejections = ""
    }

    /// What is judged from now on.
    func take(_ messages: ArraySlice<String>) throws {
        var random = random
        random.messages = Array(messages)
        for folder in [folder, file("law1/case")] { try random.write(to: folder) }
    }

    /// `sent`: where what was written lies. `areAlertsWhole`: whether the alert topic was never made anew, so that every incident is on it from its beginning.
    func verdict(_ sent: [Stream.Place], areAlertsWhole: Bool, _ daemons: [Patient]) throws -> Verdict {
        var verdict = Verdict(wrong: [])
        let alerts = try ground.dump(ground.alerts, to: file("alerts.ndjson"))
        verdict.alerts = alerts.count
        if let first = alerts.first?["offset"] as? Int, first > 0 {
            return Verdict(wrong: ["the broker has dropped the beginning of the alert topic: the drill is too long for it"], isFinal: true)
        }
        let now = random.until.advanced(by: .seconds(10)).text(in: .utc)
        let law2 = try Oracle.run("alerts.py", [folder.path, file("alerts.ndjson").path, "--now", now, "--faults"] + (areAlertsWhole ? [] : ["--compacted"]))
        let lines = law2.output.split(separator: "\n").map(String.init)
        verdict.notes = lines.count { $0.hasPrefix("note: ") }
        if law2.status != 0 { verdict.wrong += ["law 2:"] + lines.filter { !$0.hasPrefix("note: ") }.suffix(20) }
        verdict.wrong += try scores()
        let writers = try ground.dump(ground.health, to: file("health.ndjson")).compactMap { (($0["value"] as? [String: Any])?["data"] as? [String: Any])?["writer"] as? String }
        for daemon in daemons where !writers.contains(where: { $0.contains("-\(daemon.process?.processIdentifier ?? 0)-") }) { verdict.wrong.append("there is no sign of life of daemon \(daemon.name)") }
        let rejected = try ground.dump(ground.rejected, to: file("rejected.ndjson"))
        if let first = rejected.first?["offset"] as? Int, first > 0 {
            return Verdict(wrong: ["the broker has dropped the beginning of the rejected topic: the drill is too long for it"], isFinal: true)
        }
        try Data(sent.map(\.json).joined().utf8).write(to: file("sent.ndjson"))
        let told = try Oracle.run("rejections.py", file("sent.ndjson").path, file("rejected.ndjson").path), words = told.output.split(separator: "\n").map(String.init)
        verdict.rejections = words.first { $0.hasPrefix("note: ") }.map { String($0.dropFirst(6)) } ?? ""
        if told.status != 0 { verdict.wrong += ["rejections:"] + words.filter { !$0.hasPrefix("note: ") }.prefix(20) }
        return verdict
    }

    /// The last record of each score, as the oracle prints it.
    private func scores() throws -> [String] {
        var last: [String: String] = [:]
        for record in try ground.dump(ground.scores, to: file("scores-topic.ndjson")) {
            guard let key = record["key"] as? String, let event = record["value"] as? [String: Any], let data = event["data"] as? [String: Any], let numerator = data["numerator"] as? Int else {
                return ["a record of \(ground.scores) is no score: \(record)"]
            }
            let denominator = data["denominator"] as? Int
            last[key] = denominator ?? numerator > 0 ? "{\"key\":\"\(key)\",\"numerator\":\(numerator),\"denominator\":\(denominator.map(String.init) ?? "null"),\"points\":\((data["points"] as? Double).map { "\($0)" } ?? "null")}\n" : nil
        }
        let root = file("law1"), copy = root.appendingPathComponent("case")
        try Data(last.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value).joined().utf8).write(to: copy.appendingPathComponent("scores.ndjson"))
        let law1 = try Oracle.run("scores.py", "--compare", root.path)
        return law1.status == 0 ? [] : ["law 1:"] + law1.output.split(separator: "\n").suffix(20).map(String.init)
    }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
}

extension Stream.Place {
    /// As the oracle takes it.
    fileprivate var json: String {
        let value = value.map { "\"\(Data($0).base64EncodedString())\"" } ?? "null"
        return "{\"life\":\(life),\"partition\":\(partition),\"offset\":\(offset),\"counts\":\(counts),\"owed\":\(isOwed),\"value\":\(value)}\n"
    }
}
