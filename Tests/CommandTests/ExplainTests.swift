import Cases
import Foundation
import Testing

@Suite struct ExplainCommand {
    private func explain(_ key: String, _ folder: URL) throws -> Command.Result { try Command.run("explain", "-c", "parwatch.yaml", key, in: folder) }

    @Test func `a key is explained by what the catalog says`() throws {
        try Command.withCase { folder in
            let ratio = try explain("F/c/D1/2021", folder)
            #expect(ratio.status == 0 && ratio.errors.isEmpty)
            #expect(ratio.lines == [
                "F/c/D1/2021",
                "criterion  Đúng hạn",
                "           On time",
                "framework  F: t",
                "           t",
                "document   not named in the catalog",
                "agency     D1: Sở (Department), department",
                "counts     vn.par.dossier.v1 of agencies with level department; here its own",
                "           judged at the agency itself, the top of the tree",
                "measure    hồ sơ: đúng hạn, trên tổng số đã rõ đúng hạn hay trễ",
                "           dossiers: on time, of those decided",
                "           finished: in state 9 or 10",
                "           late: finished on a day after its due date, or overdue",
                "           on_time: finished and not late; without a due date nothing is late",
                "           overdue: open, and its due date has ended",
                "           decided: finished or overdue",
                "target     ≥ 95%",
                "alerts     warning below 90%, ends at 95% or more",
                "           critical below 50%, ends at 60% or more",
                "           nothing begins while fewer than 1 are counted",
                "           fires after 1 hour (for)",
                "           goes on firing for 1 day after it is over (keep_firing_for)",
                "period     2021: dossiers from 2021-01-01T00:00:00+07:00 until before 2022-01-01T00:00:00+07:00 (Asia/Ho_Chi_Minh)",
                "           closes 2022-03-02T00:00:00+07:00: from then on corrections change the score and no alert",
            ], "\(ratio.output)")
            let window = try explain("F/c/P/last-7d", folder)
            #expect(window.output.contains("here those of 1 agency at or below it") && window.output.contains("decided in the last 7 local days, today included"), "\(window.output)")
            let count = try explain("F/n/ d1 /2021", folder)
            #expect(count.lines.first == "F/n/D1/2021" && count.output.contains("number of dossiers that are overdue") && count.output.contains("warning above 0, ends at 0 or less"))
            #expect(!count.output.contains("fewer than"), "min_sample does not apply to counts")
        }
    }

    /// docs/measures.md, "Which period", and the column `min_sample` of its first table.
    @Test func `what a period holds, and whether a smallest sample counts, is said as the measure has it`() throws {
        try Command.withCase { folder in
            let alert = "alert: {warning: {below: 12%}}"
            try Command.write("""
                framework: F
                title: {vi: t, en: t}
                period: {year: 2021}
                criteria:
                  - {code: figure, name: {vi: n, en: n}, levels: [department], measure: {figure: {as: ratio}}, \(alert)}
                  - {code: mean, name: {vi: n, en: n}, levels: [department], measure: {mean: {of: rating, among: [scored]}}, alert: {warning: {below: 12}, min_sample: 20}}
                  - {code: procedure, name: {vi: n, en: n}, levels: [department], measure: {ratio: {of: procedure, among: [], counting: [one_stop]}}, \(alert)}
                  - {code: obligation, name: {vi: n, en: n}, levels: [department], periods: [year, quarter], measure: {ratio: {of: obligation, among: [], counting: [done]}}, \(alert)}
                  - {code: share, name: {vi: n, en: n}, levels: [department], judge_at: [root], measure: {share: {of: mean, reaching: {at_least: 12}}}, \(alert)}
                  - {code: count, name: {vi: n, en: n}, levels: [department], measure: {count: {of: event, among: []}}, alert: {warning: {above: 3}, min_sample: 20}}

                """, "criteria.yaml", folder)
            let year = "from 2021-01-01T00:00:00+07:00 until before 2022-01-01T00:00:00+07:00 (Asia/Ho_Chi_Minh)"
            for (key, belonging, sample) in [
                ("figure/D1/2021", "what is declared for it, whenever", nil), ("mean/D1/2021", "ratings \(year)", "nothing begins while fewer than 20 are counted"),
                ("procedure/D1/2021", "procedures of the catalogue, as they stand now: they have no day", "nothing begins while fewer than 1 are counted"),
                ("obligation/D1/2021", "obligations that name this criterion, whatever the day on which they are due", "nothing begins while fewer than 1 are counted"),
                ("obligation/D1/2021-Q4", "obligations from 2021-10-01T00:00:00+07:00 until before 2022-01-01T00:00:00+07:00 (Asia/Ho_Chi_Minh)", "nothing begins while fewer than 1 are counted"),
                ("share/P/2021", "its units, as they stand in that period", "nothing begins while fewer than 1 are counted"), ("count/D1/2021", "events \(year)", nil),
            ] as [(String, String, String?)] {
                let said = try explain("F/\(key)", folder)
                #expect(said.lines.contains("period     \(key.split(separator: "/")[2]): \(belonging)"), "\(said)")
                #expect(said.lines.last { $0.contains("fewer than") }?.trimmingCharacters(in: .whitespaces) == sample, "\(said)")
            }
            let words = try Command.run("criteria", "-c", "parwatch.yaml", in: folder)
            #expect(words.lines.filter { $0.contains("from 20 on") }.count == 1, "\(words)")
        }
    }

    @Test func `a document's number and place are said where the catalog names them`() throws {
        let result = try Command.run("explain", "--offline", "-c", "config/parwatch.yaml", "GL-2021/3.4.1/000.00.12.H21/2021", in: Oracle.repository)
        #expect(result.status == 0 && result.lines.contains("document   1320/KH-UBND, Phụ lục III.13; mục II.1.3") && result.lines.contains("lead       Văn phòng UBND tỉnh"))
    }

    @Test(arguments: [
        ("G/c/D1/2021", "no framework 'G': did you mean 'F'?"), ("F/d/D1/2021", "F has no criterion 'd': did you mean 'c'?"), ("F/c/D2/2021", "no agency 'D2': did you mean 'D1'?"),
        ("F/c/D1/2022", "F/c has no period '2022': did you mean '2021'?"), ("F/n/P/2021", "F/n is not judged at P (province): it counts department, judged at the agency itself"),
        ("///", "no framework ''"), ("F/c/ /2021", "no agency ' '"),
    ])
    func `a key that names nothing is 1, and says which part is wrong`(key: String, text: String) throws {
        try Command.withCase { folder in
            let result = try explain(key, folder)
            #expect(result.status == 1 && result.output.isEmpty && result.errors.contains(text), "\(result)")
        }
    }

    @Test func `what is no key is 2, and a broker that is not there is 69 after the explanation`() throws {
        try Command.withCase { folder in
            for key in ["F", "F/c/D1", "F/c/D1/2021/x", ""] { #expect(try explain(key, folder).status == 2) }
            let away = try Command.run("explain", "-c", "parwatch.yaml", "--brokers", "127.0.0.1:1", "F/c/D1/2021", in: folder)
            #expect(away.status == 69 && away.lines.first == "F/c/D1/2021" && away.errors.contains("127.0.0.1:1"))
        }
    }
}
