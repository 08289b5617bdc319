import Alerting
import Cases
import Catalog
import CatalogFiles
import Engine
import Foundation
import Intake
import Testing

@Suite struct LateFirstMessage {
    /// One message is one step, and the clock is the greatest `time` so far, also when the message itself comes too late to count.
    @Test func `a first message that is rejected as closed_period still moves the clock, and what is due then fires then`() throws {
        let name = "{vi: x, en: x}"
        let files = [
            "parwatch.yaml": "source: urn:t\nagencies: agencies.yaml\ncriteria: [f.yaml, g.yaml]\n",
            "agencies.yaml": "timezone: Asia/Ho_Chi_Minh\nagencies:\n  - {id: D1, level: department, name: \(name)}\n",
            "f.yaml": "framework: F\ntitle: \(name)\nperiod: {year: 2020, closes_after: 0d, keep_closed: 10d}\ncriteria: []\n",
            "g.yaml": """
                framework: G
                title: \(name)
                period: {year: 2021}
                criteria:
                  - {code: c, name: \(name), levels: [department], measure: {count: {of: dossier, among: [accepted]}}, alert: {warning: {below: 3, clear: 3}}}

                """,
        ]
        try Oracle.withFolder("late-first") { folder in
            for (file, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(file)) }
            let catalog = try Configuration.load(path: folder.appendingPathComponent("parwatch.yaml").path).catalog
            var engine = try Engine(catalog: catalog, inputs: ["in"], alertTopic: .loopback)
            engine.startJudging()
            for (offset, (time, received)) in [("2021-02-10T09:00:00+07:00", "2020-11-02T09:00:00+07:00"), ("2021-02-12T09:00:00+07:00", "2021-02-02T09:00:00+07:00")].enumerated() {
                engine.replay(
                    [#"{"specversion":"1.0","id":"\#(offset)","source":"s","type":"vn.par.dossier.v1","subject":"A","time":"\#(time)","data":{"agency":"D1","procedure":"P","state":2,"received":"\#(received)","filing":"online"}}"#],
                    from: Int64(offset))
            }
            var since: [String] = [], rejected: [String] = []
            for effect in engine.takeEffects() {
                switch effect {
                case .publish(let record): since.append(record.incident.since.text(in: catalog.zone))
                case .reject(let record): rejected.append(record.rejection.reason.rawValue)
                }
            }
            #expect(rejected == ["closed_period"])
            #expect(since == ["2021-02-10T09:00:00+07:00"])
        }
    }
}
