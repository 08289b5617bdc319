import Cases
import Foundation
import Testing

@Suite struct CriteriaCommand {
    @Test func `criteria says in words how each is counted, its target and from which value it alerts`() throws {
        try Command.withCase { folder in
            let result = try Command.run("criteria", "--config", "parwatch.yaml", in: folder)
            #expect(result.status == 0 && result.errors.isEmpty)
            #expect(result.output == """
                F  t
                   t

                c  Đúng hạn
                           On time
                  counted  dossiers: on time, of those decided
                  of       department; judged at self, root; year, last-7d
                  from     vn.par.dossier.v1
                  target   ≥ 95%
                  alert    warning < 90%; critical < 50%; after 1 hour

                n  Quá hạn
                           Overdue
                  counted  number of dossiers that are overdue
                  of       department; judged at self; year
                  from     vn.par.dossier.v1
                  alert    warning > 0

                """)
        }
    }

    @Test func `one criterion is shown by its code, alone or with its framework`() throws {
        try Command.withCase { folder in
            for name in ["n", "F/n"] {
                let result = try Command.run("criteria", "-c", "parwatch.yaml", "--criterion", name, "--json", in: folder)
                #expect(result.status == 0 && result.lines.count == 1)
                let record = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
                #expect(record["framework"] as? String == "F" && record["code"] as? String == "n" && record["target"] is NSNull && record["source"] is NSNull)
            }
        }
    }

    @Test(arguments: [
        ("long-naem", "did you mean 'long-name'?"), ("F/long-naem", "did you mean 'F/long-name'?"), ("G/long-name", "did you mean 'F/long-name'?"), ("something else", "known are c, long-name"),
        ("X/something else", "known are F/c, F/long-name"),
    ])
    func `whoever mistypes a criterion is told which one was meant`(name: String, hint: String) throws {
        try Command.withCase { folder in
            let file = folder.appendingPathComponent("criteria.yaml")
            try Data(String(contentsOf: file, encoding: .utf8).replacing("code: n", with: "code: long-name").utf8).write(to: file)
            let result = try Command.run("criteria", "-c", "parwatch.yaml", "--criterion", name, in: folder)
            #expect(result.status == 1 && result.output.isEmpty && result.errors == "parwatch: no criterion '\(name)': \(hint)\n", "\(result.errors)")
        }
    }

    @Test(arguments: [("30s", "30 seconds", "30 giây"), ("10m", "10 minutes", "10 phút"), ("90m", "90 minutes", "90 phút"), ("24h", "1 day", "1 ngày"), ("180d", "180 days", "180 ngày")])
    func `how long an alert waits is said in the largest unit that is exact`(duration: String, en: String, vi: String) throws {
        try Command.withCase { folder in
            let file = folder.appendingPathComponent("criteria.yaml")
            try Data(String(contentsOf: file, encoding: .utf8).replacing("for: 1h", with: "for: \(duration)").utf8).write(to: file)
            let result = try Command.run("criteria", "-c", "parwatch.yaml", "--criterion", "c", "--json", in: folder)
            let record = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
            let words = (record["alert"] as? [String: Any])?["text"] as? [String: String]
            #expect(words?["en"]?.hasSuffix("; after \(en)") == true && words?["vi"]?.hasSuffix("; sau \(vi)") == true)
        }
    }

    @Test(arguments: [("[accepted]", ["vn.par.dossier.v1"]), ("[not_tracked]", ["vn.par.dossier.v1", "vn.par.dossier.progress.v1"]), ("[[open, tracked]]", ["vn.par.dossier.v1", "vn.par.dossier.progress.v1"])])
    func `what asks for progress, be it among alternatives, is fed by it`(among: String, types: [String]) throws {
        try Command.withCase { folder in
            let file = folder.appendingPathComponent("criteria.yaml")
            try Data(try String(contentsOf: file, encoding: .utf8).replacing("among: [overdue]", with: "among: \(among)").utf8).write(to: file)
            let result = try Command.run("criteria", "-c", "parwatch.yaml", "--criterion", "n", "--json", in: folder)
            let record = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
            #expect((record["measure"] as? [String: Any])?["fed_by"] as? [String] == types)
        }
    }

    /// Every measure and every form of a condition, in both languages.
    @Test(arguments: [
        ("ratio: {of: dossier, among: [accepted, not_late, [level_3, not_filed_online]], counting: [\"sector:đất đai\"]}",
         "dossiers: of sector ĐẤT ĐAI, of those accepted, not late, level 3 or not filed online", "hồ sơ: lĩnh vực ĐẤT ĐAI, trên tổng số đã tiếp nhận, không trễ hạn, mức độ 3 hoặc không nộp trực tuyến"),
        ("ratio: {of: obligation, among: [], counting: [done]}", "obligations: done, of all", "nhiệm vụ: đã thực hiện, trên tổng số"),
        ("count: {of: event, among: []}", "number of events", "số sự việc"),
        ("mean: {of: rating, among: [scored]}", "average sum of the nine scores (0–18)", "điểm trung bình của 9 chỉ số (0–18)"),
        ("distinct: {of: dossier, among: [filed_online], by: procedure, out_of: 300}", "procedures with dossiers filed online, of 300", "số thủ tục có hồ sơ nộp trực tuyến, trên 300"),
        ("distinct: {of: dossier, among: [], by: procedure, out_of: {procedure: [level_3]}}", "procedures with dossiers, of those level 3 in the catalogue", "số thủ tục có hồ sơ, trên số thủ tục mức độ 3 trong danh mục"),
        ("distinct: {of: event, among: [], by: item}", "different items with events", "số mục khác nhau có sự việc"),
        ("checklist: {of: event, items: [A, [B, C]]}", "items that have events, of 2: A, (B | C)", "số mục đã có sự việc, trên 2 mục: A, (B | C)"),
        ("figure: {as: value}", "declared", "số liệu khai báo"),
        ("growth: {as: value, from: 84.78, by: points}", "declared, less 84.78", "số liệu khai báo trừ 84,78"),
        ("growth: {as: ratio, from: 85%, by: points}", "declared, less 85%", "số liệu khai báo trừ 85%"),
        ("growth: {as: value, from: {year: 2015}, by: relative}", "declared: change against the figure of 2015", "tăng, giảm của số liệu khai báo so với số liệu năm 2015"),
        ("share: {of: c, reaching: {at_least: 97.5%}}", "share of agencies whose c is ≥ 97.5%", "tỷ lệ cơ quan đạt c ≥ 97,5%"),
    ])
    func `each measure has its words`(measure: String, en: String, vi: String) throws {
        try Command.withCase { folder in
            let file = folder.appendingPathComponent("criteria.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("{count: {of: dossier, among: [overdue]}}", with: "{\(measure)}").replacing("    alert: {warning: {above: 0, clear: 0}}\n", with: "")
            try Data(text.utf8).write(to: file)
            let result = try Command.run("criteria", "-c", "parwatch.yaml", "--criterion", "n", "--json", in: folder)
            let record = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
            let words = (record["measure"] as? [String: Any])?["text"] as? [String: String]
            #expect(words == ["vi": vi, "en": en])
        }
    }
}
