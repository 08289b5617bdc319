package import Catalog
package import CatalogFiles
package import Engine
import Intake
import Scoreboard

extension DeclarationFile {
    /// What a daemon with this catalog would refuse of these messages, by the line of each; empty if it would count all of them. The same engine says it.
    package static func refusals(
        of messages: [(line: Int, json: [UInt8])], source: String, file: String, catalog: Catalog, topic: String, now: Instant
    ) throws(Engine.OutOfMemory) -> [Problem] {
        var engine = try Engine(catalog: catalog, inputs: [topic])
        engine.step(now: now)
        for (index, message) in messages.enumerated() {
            message.json.withUnsafeBytes { bytes in
                engine.receive(1) { _ in Engine.Record(Intake.Message(value: bytes), at: Cause(topic: 0, partition: 0, offset: Int64(index))) }
            }
        }
        var problems: [Problem] = []
        for case .reject(let rejected) in engine.takeEffects() {
            let line = messages[Int(rejected.position.offset)].line
            problems.append(Problem(file: file, line: line, text: text(rejected.rejection, source, topic)))
        }
        return problems
    }

    private static func text(_ rejection: Rejection, _ source: String, _ topic: String) -> String {
        let field = rejection.field.map { " (\($0))" } ?? ""
        switch rejection.reason {
        case .forbiddenSource: return "source '\(source)' may not say this on \(topic)\(field): add it to the sources' file, or name another with --source"
        case .closedPeriod: return "its period has left the register: nothing can be declared for it any more"
        case .futureTime: return "--time is too far ahead of the clock"
        default: return "a daemon would refuse it as \(rejection.reason.rawValue)\(field)"
        }
    }
}
