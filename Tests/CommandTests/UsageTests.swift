import Cases
import Foundation
import Testing

@Suite struct Usage {
    @Test func `help and version are well`() throws {
        try Command.withCase { folder in
            for arguments in [["--help"], ["replay", "--help"], ["help", "check"], ["--version"]] {
                let result = try arguments.count == 1 ? Command.run(arguments[0], in: folder) : Command.run(arguments[0], arguments[1], in: folder)
                #expect(result.status == 0 && !result.output.isEmpty && result.errors.isEmpty)
            }
        }
    }

    @Test func `bad usage is 2, and says so in one line on standard error`() throws {
        try Command.withCase { folder in
            try Command.write("", "empty", folder)
            let results = [
                try Command.run("replay", "--config", "parwatch.yaml", "--nonsense", "empty", in: folder), try Command.run("replay", "--config", "parwatch.yaml", in: folder),
                try Command.run("replay", "--config", "parwatch.yaml", "--until", "tomorrow", "empty", in: folder), try Command.run("replay", "--config", "parwatch.yaml", "--until", "2021-03-01", "empty", in: folder),
                try Command.run("check", "more", in: folder), try Command.run("nonsense", in: folder), try Command.run("check", "--config", in: folder),
                try Command.run("broker", "--topic", "x:0", in: folder),
                try Command.run("simulate", "--year", "9223372036854775807", in: folder), try Command.run("simulate", "--days", "9223372036854775807", in: folder),
            ]
            for result in results {
                #expect(result.status == 2 && result.output.isEmpty && result.errors.hasPrefix("parwatch: ") && result.errors.hasSuffix(" --help' for more information.\n") && result.errorLines.count == 1, "\(result)")
            }
        }
    }

    @Test func `an error is one line each, whatever it quotes`() throws {
        try Command.withCase { folder in
            let option = try Command.run("alerts", "-c", "parwatch.yaml", "--criterion", "a\nb\u{1B}[2J", in: folder)
            #expect(option.status == 1 && option.errors == "parwatch: --criterion 'a b [2J' is no criterion of the catalog: known are c, n\n", "\(option)")
            let setting = try Command.run("check", "-c", "parwatch.yaml", "--set", "late_by=a\nb", "--set", "max_lag=c\nd", in: folder)
            #expect(setting.status == 1 && setting.errorLines.count == 2, "\(setting)")
        }
    }

    @Test func `a demo leaves nothing where the configuration keeps its register, and plays whoever may speak there`() throws {
        try Command.withCase { folder in
            try Command.write("sources:\n  - {source: urn:other}\n", "sources.yaml", folder)
            try Command.write("source: s\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nsources: sources.yaml\nstate: {directory: state, snapshot_every: 1s}\n", "parwatch.yaml", folder)
            let result = try Command.run("demo", "-c", "parwatch.yaml", "--port", "0", "--for", "6s", "--speed", "1000000", "--dossiers-per-day", "20", in: folder)
            let end = try #require(result.lines.last?.firstMatch(of: /^demo: ([0-9,]+) messages, ([0-9,]+) rejected/), "\(result)").output
            let counts = [end.1, end.2].compactMap { Int($0.replacing(",", with: "")) }
            #expect(result.status == 0 && counts.count == 2 && counts[0] > 0 && counts[1] < counts[0] / 2, "\(end.0)")
            #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("state").path))
        }
    }

    /// The next file or connection would have their numbers, and a log would be written into it.
    @Test func `standard input and error that are closed stay out of what is opened`() throws {
        try Oracle.withFolder("closed") { folder in
            let process = Process(), output = folder.appendingPathComponent("output")
            try Data().write(to: output)
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "exec \"$0\" broker --port 0 <&- 2>&-", Command.binary.path]
            process.standardOutput = try FileHandle(forWritingTo: output)
            try process.run()
            defer { process.terminate() }
            try #require(eventually { try !Data(contentsOf: output).isEmpty })
            for descriptor in [0, 2] { #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.processIdentifier)/fd/\(descriptor)") == "/dev/null") }
        }
    }

    @Test func `check says what would run`() throws {
        try Command.withCase { folder in
            let result = try Command.run("check", "--config", "parwatch.yaml", in: folder)
            #expect(result.status == 0 && result.errors.isEmpty)
            #expect(result.lines.first == "parwatch.yaml: well")
            #expect(result.lines.contains { $0.hasPrefix("agencies") && $0.hasSuffix("2: 1 department, 1 province; Asia/Ho_Chi_Minh") })
            #expect(result.lines.contains { $0.hasSuffix("F of 2021: 2 criteria, 2 with alerts") })
        }
    }

    @Test func `check of wrong files is 1, with every mistake as file and line on standard error`() throws {
        try Command.withCase { folder in
            try Command.write("source: urn:parwatch:test\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nlate_by: day\nclok: wall\n", "parwatch.yaml", folder)
            try Command.write("timezone: Nowhere\nagencies: []\n", "agencies.yaml", folder)
            let result = try Command.run("check", "-c", "parwatch.yaml", in: folder)
            #expect(result.status == 1 && result.output.isEmpty)
            for place in ["parwatch.yaml:4: ", "parwatch.yaml:5: ", "agencies.yaml:1: "] { #expect(result.errorLines.contains { $0.hasPrefix(place) }, "\(result.errors)") }
            #expect(try Command.run("check", "-c", "nowhere.yaml", in: folder).errors == "nowhere.yaml: cannot be read: check that the file exists and may be read\n")
            #expect(try Command.run("check", "-c", "nowhere.yaml", in: folder).status == 1)
            #expect(try Command.run("check", "-c", ".", in: folder).errors == ".: is a directory: name the file\n")
            #expect(try Command.run("replay", "-c", "parwatch.yaml", "-", in: folder).status == 1)
        }
    }

    @Test(arguments: ["config/parwatch.yaml", "config/examples/quang-ngai/parwatch.yaml", "config/examples/dong-nai/parwatch.yaml", "config/examples/two-level/parwatch.yaml",
                      "config/examples/receipt/parwatch.yaml"])
    func `what is shipped is well`(path: String) throws {
        let result = try Command.run("check", "--config", path, in: Oracle.repository)
        #expect(result.status == 0 && result.errors.isEmpty)
    }

    @Test func `the configuration that the README has one try things with is well`() throws {
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("README.md"), encoding: .utf8)
        let file = try #require(page.firstMatch(of: /(?s)cat > tmp\/try\.yaml <<'END'\n(.*?)END\n/)).output.1
        try Command.withCase { folder in
            // The repository's `tmp/` is not the tests' to write to.
            try Command.write(String(file.replacing("../config/", with: Oracle.repository.appendingPathComponent("config").path + "/")), "try.yaml", folder)
            let result = try Command.run("check", "--config", "try.yaml", in: folder)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        }
    }

    /// No broker is there: it would be asked first, and that is 69.
    @Test(arguments: [["simulate", "--produce"], ["demo"]]) func `a simulated province speaks to no input of another format`(command: [String]) throws {
        try Command.withCase { folder in
            try Command.write("source: s\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nkafka: {bootstrap: \"127.0.0.1:1\"}\ninputs: [{topic: hoso, format: dvcqg}]\n", "parwatch.yaml", folder)
            let result = try Command.run(command + ["-c", "parwatch.yaml"], in: folder)
            #expect(result.status == 1 && result.errors == "parwatch: no input takes CloudEvents: add one to 'inputs'\n", "\(result)")
        }
    }

    @Test func `check calls nothing well whose token is none`() throws {
        try Command.withCase { folder in
            try Command.write("short\n", "token", folder)
            try Command.write("source: s\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nhttp: {token: {file: token}}\n", "parwatch.yaml", folder)
            let result = try Command.run("check", "-c", "parwatch.yaml", in: folder)
            #expect(result.status == 1 && result.output.isEmpty && result.errors.hasPrefix("parwatch.yaml:4: 'http.token' must be at least 16 printable ASCII characters"), "\(result)")
        }
    }

    @Test func `check says where the register is kept`() throws {
        try Command.withCase { folder in
            let without = try Command.run("check", "-c", "parwatch.yaml", in: folder), with = try Command.run("check", "-c", "parwatch.yaml", "--set", "state.directory=/var/lib/parwatch", in: folder)
            #expect(without.lines.contains("state       not kept: every start reads the inputs from their beginning"))
            #expect(with.lines.contains("state       /var/lib/parwatch"))
        }
    }

    @Test func `the README shows what check says of the shipped configuration`() throws {
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("README.md"), encoding: .utf8)
        let block = try #require(page.firstMatch(of: /(?s)\n   config\/parwatch\.yaml: well\n(.*?)   ```/)).output.1
        let shown = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        // The hash is cut off there, and what year it is, is not the README's to say.
        let said = try Command.run("check", "--config", "config/parwatch.yaml", in: Oracle.repository).output.split(separator: "\n").dropFirst()
            .filter { !$0.hasPrefix("note ") }.map { $0.hasPrefix("catalog ") ? "catalog     sha256:…" : String($0) }
        #expect(shown == said)
    }
}
