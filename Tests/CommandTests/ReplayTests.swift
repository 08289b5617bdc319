import Cases
import Foundation
import Testing

@Suite struct ReplayCommand {
    private let scores = [
        #"{"key":"F/c/D1/2021","numerator":1,"denominator":2,"value":0.5}"#, #"{"key":"F/c/D1/last-7d","numerator":1,"denominator":2,"value":0.5}"#,
        #"{"key":"F/c/P/2021","numerator":1,"denominator":2,"value":0.5}"#, #"{"key":"F/c/P/last-7d","numerator":1,"denominator":2,"value":0.5}"#,
    ]

    @Test func `a file that fails while it is read is named, with what to do`() throws {
        try Command.withCase { folder in
            // It can be opened, and nothing lies at its beginning.
            let result = try Command.run("replay", "-c", "parwatch.yaml", "/proc/self/mem", in: folder)
            #expect(result.status == 1 && result.errors == "parwatch: /proc/self/mem: reading failed after 0 bytes (Input/output error): copy it to a disk that is well, and replay the copy\n", "\(result.errors)")
        }
    }

    @Test func `messages come one a line, with a key and a bar before them or without, blank lines between, from a file or standard input`() throws {
        try Command.withCase { folder in
            let plain = Command.messages.map(\.json)
            let texts = [
                plain.joined(separator: "\n"), plain.joined(separator: "\n") + "\n", plain.map { "\n \t\r\n\($0)\r\n\n" }.joined(), plain.map { "  \($0)  " }.joined(separator: "\n"),
                zip(["k|", "|", "key with {}|"], plain).map { $0 + $1 }.joined(separator: "\n"),
            ]
            for text in texts {
                try Command.write(text, "messages", folder)
                for result in [try Command.run("replay", "-c", "parwatch.yaml", "--scores", "messages", in: folder), try Command.run("replay", "-c", "parwatch.yaml", "--scores", "-", input: text, in: folder)] {
                    #expect(result.status == 0 && result.errors.isEmpty && result.lines == scores, "\(result)")
                }
            }
            // Only the first bar ends a key, and a message with a bar in it is no key.
            let bar = Command.messages[0].andField("extra", "\"a|b\"").json
            #expect(try Command.run("replay", "-c", "parwatch.yaml", "--scores", "-", input: "k|\(bar)\n\(bar)\n", in: folder).errors.isEmpty)
        }
    }

    @Test func `several files are read in order, and a rejection says in which one`() throws {
        try Command.withCase { folder in
            try Command.write(Command.messages[0].json + "\nwrong\n", "a", folder)
            try Command.write("\n" + Command.messages[1].json + "\n\n" + Command.messages[2].field("agency", "7").json, "b", folder)
            let result = try Command.run("replay", "-c", "parwatch.yaml", "--scores", "a", "b", in: folder)
            #expect(result.status == 0 && result.lines == scores)
            #expect(result.errorLines == [#"{"file":"a","line":2,"reason":"not_json","field":null}"#, #"{"file":"b","line":4,"reason":"bad_value","field":"agency"}"#])
        }
    }

    @Test func `a file that is missing, or a folder, is 1, with its name`() throws {
        try Command.withCase { folder in
            let missing = try Command.run("replay", "-c", "parwatch.yaml", "nowhere.ndjson", in: folder)
            #expect(missing.status == 1 && missing.output.isEmpty && missing.errors.contains("nowhere.ndjson: cannot be read (No such file or directory): check that the file exists and may be read"))
            let directory = try Command.run("replay", "-c", "parwatch.yaml", ".", in: folder)
            #expect(directory.status == 1 && directory.errors.contains(".: is a directory: name the file"))
        }
    }

    @Test func `nothing in, nothing out`() throws {
        try Command.withCase { folder in
            for input in ["", "\n", "\n\n \n"] {
                let result = try Command.run("replay", "-c", "parwatch.yaml", "-", input: input, in: folder)
                #expect(result.status == 0 && result.output.isEmpty && result.errors.isEmpty)
            }
        }
    }

    @Test func `a line of 12 MB is one rejection, and what follows is read`() throws {
        try Command.withCase { folder in
            let large = Command.messages[0].andField("extra", "\"\(String(repeating: "x", count: 12_000_000))\"").json
            let result = try Command.run("replay", "-c", "parwatch.yaml", "--scores", "-", input: "\(large)\n\(large)\n\(Command.messages.map(\.json).joined(separator: "\n"))", in: folder)
            #expect(result.status == 0 && result.lines == scores)
            #expect(result.errorLines == [1, 2].map { "{\"line\":\($0),\"reason\":\"too_large\",\"field\":null}" })
        }
    }

    @Test func `until lets the clock run on`() throws {
        try Command.withCase { folder in
            try Command.write(Command.messages.map(\.json).joined(separator: "\n"), "m", folder)
            func run(_ until: String) throws -> [String] {
                try Command.run("replay", "-c", "parwatch.yaml", "--scores", "--until", until, "m", in: folder).lines
            }
            #expect(try run("2021-03-06T23:59:59+07:00") == scores)
            #expect(try run("2021-03-07T00:00:00+07:00").first == #"{"key":"F/c/D1/2021","numerator":1,"denominator":3,"value":0.3333}"#)
            #expect(try run("2021-03-07T00:00:00+07:00").contains(#"{"key":"F/n/D1/2021","numerator":1,"denominator":null,"value":1}"#))
            // The clock never goes back.
            #expect(try run("2020-01-01T00:00:00Z") == scores)
        }
    }

    @Test func `alerts, scores and rejections are as their schemas say`() throws {
        try Command.withCase { folder in
            // 2 comes right, 3 comes overdue; the alert is pending, fires, clears and ends.
            var lines = Command.messages.map(\.json)
            lines.append(Command.messages[1].attribute("time", text: "2021-03-05T00:00:00+07:00").field("due", "null").json)
            lines += [Command.messages[2].field("agency", text: "X9").json, "garbage", Command.messages[0].field("agency", nil).json]
            try Command.write(lines.joined(separator: "\n"), "m", folder)
            let alerts = try Command.run("replay", "-c", "parwatch.yaml", "--until", "2022-04-01T00:00:00+07:00", "m", in: folder)
            #expect(alerts.status == 0)
            let states = alerts.lines.map { line in ["pending", "inactive", "firing", "resolved"].first { line.contains("\"state\":\"\($0)\"") } ?? "?" }
            #expect(Set(states) == ["pending", "firing", "resolved"], "\(states)")
            #expect(alerts.errorLines.count == 2)
            try validate(alerts.output, "alert.v1", folder)
            try validate(alerts.errors, "replay-rejection.v1", folder)
            let scores = try Command.run("replay", "-c", "parwatch.yaml", "--scores", "m", in: folder)
            try validate(scores.output, "replay-score.v1", folder)
            // The judge can say no.
            try Command.write(alerts.output.replacing("\"revision\":1", with: "\"revision\":0"), "wrong", folder)
            #expect(try Oracle.run("validate.py", schema("alert.v1"), folder.appendingPathComponent("wrong").path).status == 1)
        }
    }

    @Test func `two files of one message are judged as one stream, and a repeat changes nothing`() throws {
        try Command.withCase { folder in
            try Command.write(Command.messages.map(\.json).joined(separator: "\n"), "m", folder)
            let once = try Command.run("replay", "-c", "parwatch.yaml", "m", in: folder), twice = try Command.run("replay", "-c", "parwatch.yaml", "m", "m", in: folder)
            #expect(!once.output.isEmpty && once.output == twice.output)
        }
    }

    private func validate(_ lines: String, _ name: String, _ folder: URL) throws {
        #expect(!lines.isEmpty)
        try Command.write(lines, "lines", folder)
        let verdict = try Oracle.run("validate.py", schema(name), folder.appendingPathComponent("lines").path)
        #expect(verdict.status == 0, "\(verdict.output)")
    }

    private func schema(_ name: String) -> String { Oracle.repository.appendingPathComponent("docs/schemas/\(name).json").path }
}
