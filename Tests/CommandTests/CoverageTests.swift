import Cases
import Foundation
import Testing

/// docs/coverage.md: what the five documents ask for, and which criterion answers it.
@Suite struct CoverageTests {
    @Test func `every row of the documents has its criterion or a stated reason, and docs coverage is true`() throws {
        let result = try coverage(Oracle.repository)
        #expect(result.status == 0, "\(result.output)")
    }

    /// A copy of what the page is made of, spoiled in one place, and what is said then.
    @Test(arguments: [
        ("docs/requirements/coverage.tsv", "\n25\tGL-2021/3.4.1\t\n", "\n25\t\t\n", "row 25 (GL-2021 3.4.1) has no criterion and no stated reason"),
        ("docs/requirements/coverage.tsv", "\n25\tGL-2021/3.4.1\t\n", "\n", "row 25 (GL-2021 3.4.1) has no criterion and no stated reason"),
        ("docs/requirements/coverage.tsv", "\n25\tGL-2021/3.4.1\t\n", "\n25\tGL-2021/3.4.11\t\n", "row 25 (GL-2021 3.4.1) names GL-2021/3.4.11, which no framework has"),
        ("docs/requirements/coverage.tsv", "\n25\tGL-2021/3.4.1\t\n", "\n25\tGL-2021/3.4.1\t\n25\tGL-2021/3.4.1\t\n", "coverage.tsv: 25 stands there twice"),
        ("docs/requirements/coverage.tsv", "\n25\tGL-2021/3.4.1\t\n", "\n25\tGL-2018/1.2\t\n", "row 25 (GL-2021 3.4.1) names GL-2018/1.2, which is of another document"),
        ("docs/requirements/coverage.tsv", "\nkhieunai\t\tNone", "\nkhieunais\t\tNone", "system khieunai feeds no criterion, and no reason is stated"),
        ("docs/requirements/coverage.tsv", "GL-2021/3.4.5, GL-2021/3.4.5-diem", "GL-2021/3.4.5", "GL-2021/3.4.5-diem answers no requirement"),
        ("config/criteria/gl-2021.yaml", "  - code: 5.4\n", "  - code: 5.40\n", "row 48 (GL-2021 5.4) names GL-2021/5.4, which no framework has"),
        ("config/criteria/gl-2021.yaml", "target: {below: 0.5%}", "target: {below: 0.6%}", "row 100 (GL-2021 gl1320-dat-dai-tre-hen): < 0.5 is asked for, the criterion has < 0.6%"),
        ("config/criteria/gl-2018.yaml", "target: {above: 80%}", "target: {at_least: 80%}", "row 123 (GL-2018 7.2.1): > 80 is asked for, the criterion has ≥ 80%"),
        ("config/criteria/gl-2021.yaml", "vi: Xử lý các vấn đề phát hiện qua kiểm tra\n", "vi: Xử lý các vấn đề\n", "row 4 (GL-2021 1.3.2): the criterion has another name"),
        ("config/criteria/gl-2021.yaml", "measure: {count: {of: procedure, among: [linked_same_level]}}", "measure: {figure: {as: value}}", "row 23 (GL-2021 3.3.3) can be computed (feasibility B), but GL-2021/3.3.3 is declared"),
        ("config/criteria/gl-2018.yaml", "points: {max: 1.5,", "points: {max: 1,", "row 117 (GL-2018 3.2.4): 1.5 points at most are printed, the criterion has 1"),
        ("config/criteria/gl-2018.yaml", "    points: {max: 1, full_at: 10%}", "    #", "row 127 (GL-2018 7.3.2): 1 points at most are printed, the criterion has None"),
        ("config/criteria/dn-2018.yaml", "critical: {below: 40%, clear: 45%}", "critical: {below: 41%, clear: 45%}", "docs/coverage.md is not what would be written"),
        ("docs/coverage.md", "nghiêm trọng < 95%", "nghiêm trọng < 96%", "docs/coverage.md is not what would be written"),
    ])
    func `whatever is not covered, or not as the documents say, is named`(file: String, part: String, replacement: String, fault: String) throws {
        try Oracle.withFolder("coverage") { folder in
            for name in ["docs", "config"] {
                try FileManager.default.copyItem(at: Oracle.repository.appendingPathComponent(name), to: folder.appendingPathComponent(name))
            }
            let path = folder.appendingPathComponent(file), text = try String(contentsOf: path, encoding: .utf8)
            try #require(text.contains(part), "'\(part)' does not stand in \(file)")
            try Data(text.replacing(part, with: replacement, maxReplacements: 1).utf8).write(to: path)
            let result = try coverage(folder)
            #expect(result.status == 1 && result.output.contains(fault), "\(result.output)")
        }
    }

    private func coverage(_ root: URL) throws -> (status: Int32, output: String) {
        let script = Oracle.repository.appendingPathComponent("scripts/coverage").path
        return try Program.run("/usr/bin/env", [ProcessInfo.processInfo.environment["PARWATCH_PYTHON"] ?? "python3", script, "--check", "--root", root.path, "--binary", Command.binary.path])
    }
}
