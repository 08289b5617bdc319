import Cases
import Catalog
import CatalogFiles
import Foundation
import Testing

@Suite struct OverridingSettings {
    /// What holds of a small right configuration, by setting.
    private func inForce(_ files: Files = Files(), arguments: [String] = [], environment: [String: String] = [:]) throws -> [String: SettingInForce] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parwatch-settings-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("parwatch.yaml").path
        try Data(files.main.utf8).write(to: URL(fileURLWithPath: path))
        let all = SettingInForce.all(path: path, overrides: try Overrides(arguments: arguments, environment: environment))
        return Dictionary(uniqueKeysWithValues: all.map { one in
            var one = one
            one.origin.replace(folder.path + "/", with: "")
            return (one.path, one)
        })
    }

    @Test func `the command line holds before the environment, that before the file, that before the default`() throws {
        let arguments = ["publish_every=1s"], environment = ["PARWATCH_PUBLISH_EVERY": "2s", "PARWATCH_MAX_AHEAD": "3m", "HOME": "/"]
        let configuration = try Files().load(Overrides(arguments: arguments, environment: environment))
        #expect(configuration.publishEvery == .seconds(1) && configuration.catalog.maxAhead == .seconds(180) && configuration.maxLag == .seconds(60))
        #expect(try Files().load().publishEvery == .seconds(10))
        let inForce = try inForce(arguments: arguments, environment: environment)
        #expect(inForce["publish_every"] == SettingInForce(path: "publish_every", value: "1s", origin: "--set publish_every"))
        #expect(inForce["max_ahead"] == SettingInForce(path: "max_ahead", value: "3m", origin: "PARWATCH_MAX_AHEAD"))
        #expect(inForce["late_by"] == SettingInForce(path: "late_by", value: "date", origin: "parwatch.yaml:4"))
        #expect(inForce["max_lag"] == SettingInForce(path: "max_lag", value: "60s", origin: "default"))
        #expect(inForce["kafka.properties"]?.value == "{linger.ms}")
    }

    @Test func `a section that the file does not have can be said, and one that it has keeps the rest`() throws {
        let configuration = try Files().load(Overrides(
            arguments: ["http.listen=127.0.0.1:1", "alertmanager.url=http://a:1"],
            environment: ["PARWATCH_KAFKA_BOOTSTRAP": "b:2", "PARWATCH_STATE_DIRECTORY": "/s", "PARWATCH_OUTPUTS_ALERTS": "x", "PARWATCH_CLOCK_START": "2021-01-04T00:00:00+07:00"]))
        #expect(configuration.kafka.bootstrap == .servers("b:2") && configuration.kafka.properties.map(\.name) == ["linger.ms"])
        #expect(configuration.state == Configuration.State(directory: "/s"))
        #expect(configuration.outputs.alerts == "x" && configuration.outputs.scores == "par.scores")
        #expect(configuration.http?.port == 1 && configuration.alertmanager?.host == "a")
        guard case .simulated(_, speed: 1) = configuration.clock else { return #expect(Bool(false), "\(configuration.clock)") }
        #expect(try Files().load(Overrides(environment: ["PARWATCH_HTTP": "off"])).http == nil)
    }

    @Test func `a list is said with commas`() throws {
        let twice = #expect(throws: Problems.self) { try Files().load(Overrides(arguments: ["criteria=criteria.yaml,criteria.yaml"])) }
        #expect(twice?.description == "--set criteria: framework 'GL-2021' is given twice")
        #expect(try Files().load(Overrides(arguments: ["criteria= criteria.yaml , "])).catalog.frameworks.count == 1)
        // It would judge nothing, and look well.
        let nothing = #expect(throws: Problems.self) { try Files().load(Overrides(environment: ["PARWATCH_CRITERIA": ""])) }
        #expect(nothing?.description == "PARWATCH_CRITERIA: expected a list")
    }

    @Test(arguments: [
        (["max_lag=2x"], [:], "--set max_lag: '2x' is not a duration such as 30s, 10m, 2h or 60d"),
        ([], ["PARWATCH_LATE_BY": "day"], "PARWATCH_LATE_BY: 'day' is not one of date, instant"),
        ([], ["PARWATCH_SOURCE": ""], "PARWATCH_SOURCE: expected a text"),
        (["agencies=nowhere.yaml"], [:], "nowhere.yaml: cannot be read: check that the file exists and may be read"),
        (["state.snapshot_every=1m"], [:], "parwatch.yaml: 'directory' is missing"),
        (["maxlag=1s"], [:], "--set maxlag=1s: unknown key 'maxlag': did you mean 'max_lag'?"),
        (["max_lag"], [:], "--set max_lag: is not KEY=VALUE, such as max_lag=2m"),
        (["max_lag=1s", "max_lag=1s"], [:], "--set max_lag=1s: 'max_lag' is said twice"),
        (["inputs=a"], [:], "--set inputs=a: 'inputs' is more than one value, so only parwatch.yaml can say it"),
        ([], ["PARWATCH_KAFKA_BROKERS": "a:1"], "PARWATCH_KAFKA_BROKERS: is no setting: did you mean 'PARWATCH_KAFKA_BOOTSTRAP'?"),
        ([], ["PARWATCH_SORCE": "a"], "PARWATCH_SORCE: is no setting: did you mean 'PARWATCH_SOURCE'?"),
        ([], ["PARWATCH_KAFKA_PROPERTIES": "a"], "PARWATCH_KAFKA_PROPERTIES: is no setting: did you mean 'PARWATCH_KAFKA_BOOTSTRAP'?"),
    ] as [([String], [String: String], String)])
    func `what is wrong names where it was said`(arguments: [String], environment: [String: String], problem: String) {
        let problems = #expect(throws: Problems.self) { try Files().load(Overrides(arguments: arguments, environment: environment)) }
        #expect(problems?.description == problem)
    }

    @Test func `variables of other programs, and of the tests, are none of its business`() throws {
        _ = try Files().load(Overrides(environment: ["PARWATCH_SEED": "1", "PARWATCH_TEST_BROKERS": "a:1", "PATH": "/", "KAFKA_BOOTSTRAP": "x"]))
    }

    @Test func `the reference in docs is the one of the code`() throws {
        let page = try String(contentsOf: Oracle.repository.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        let table = try #require(page.firstMatch(of: /(?s)<!-- settings -->\n(.*?)<!-- end of settings -->/)).output.1
        #expect(String(table) == Setting.reference, "copy this into docs/configuration.md:\n\(Setting.reference)")
    }

    @Test func `the defaults of the reference are those in force`() throws {
        var files = Files()
        files.main = "source: s\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\nstate: {directory: /s}\n"
        let usual = try files.load()
        for setting in Setting.all where setting.form == .value {
            guard case .text(let text) = setting.standard, !setting.path.hasPrefix("clock.") else { continue }
            var said = try files.load(Overrides(arguments: ["\(setting.path)=\(text)"]))
            #expect(said.catalog.lateBy == usual.catalog.lateBy && said.catalog.maxAhead == usual.catalog.maxAhead, "\(setting.path)")
            // Its sets are written in any order.
            said.catalog = usual.catalog
            #expect("\(said)" == "\(usual)", "\(setting.path)")
        }
    }
}
