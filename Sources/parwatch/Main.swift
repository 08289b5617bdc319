import ArgumentParser
import CatalogFiles
import Engine
import Foundation
import Glibc
import Service

@main
struct Parwatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parwatch",
        abstract: "Watches how a province serves its people: dossier statuses in from Kafka, alerts out.",
        version: Daemon.version,
        subcommands: [Run.self, Demo.self, Broker.self, Check.self, Topics.self, Criteria.self, Replay.self, Simulate.self, Declare.self, Scores.self, Alerts.self, Redrive.self, Explain.self])

    /// Exit status: 0 well, 1 input or configuration wrong, 2 bad usage, 69 broker out of reach, 70 a fault of ours.
    static func main() {
        Terminal.takeStandardDescriptors()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            complain(failure.description)
            leave(failure.status)
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                Terminal.say(fullMessage(for: error))
                leave(0)
            }
            if let problems = error as? Problems {
                for problem in problems.list { complain(problem.description) }
                leave(1)
            }
            if error is Engine.OutOfMemory {
                complain("parwatch: not enough memory")
                leave(70)
            }
            guard code == .validationFailure else {
                complain("parwatch: \(message(for: error))")
                leave(code.rawValue)
            }
            // Its last line says where the options stand.
            let help = fullMessage(for: error).split(separator: "\n").last.map { ". \($0.drop { $0 == " " })" } ?? ""
            complain("parwatch: \(message(for: error))\(help)")
            leave(2)
        }
        leave(0)
    }

    /// One line, whatever it quotes.
    private static func complain(_ text: String) { Terminal.complain(JournalHandler.line(text)) }

    private static func leave(_ status: Int32) -> Never {
        Terminal.flush()
        Glibc.exit(status)
    }
}

/// Ends the program with a line on standard error that says what to do.
struct Failure: Error, CustomStringConvertible {
    var status: Int32
    var description: String

    /// Input or configuration is wrong.
    static func input(_ text: String) -> Failure { Failure(status: 1, description: "parwatch: \(text)") }
    static func broker(_ text: String) -> Failure { Failure(status: 69, description: "parwatch: \(text)") }
    static func ours(_ text: String) -> Failure { Failure(status: 70, description: "parwatch: \(text)") }
}

struct ConfigurationOption: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "/etc/parwatch/parwatch.yaml"

    @Option(help: ArgumentHelp("A setting that holds instead of the file's, and of the environment's PARWATCH_KEY; may be repeated.", valueName: "key=value"))
    var set: [String] = []

    func load() throws -> Configuration { try Configuration.load(path: config, overrides: overrides()) }

    func overrides() throws -> Overrides { try Overrides(arguments: set, environment: ProcessInfo.processInfo.environment) }
}
