import Cases
import Catalog
import Intake
import Kafka
import Scoreboard
import Testing

@testable import Alerting
@testable import CatalogFiles
@testable import Engine
@testable import Service

/// What becomes of records that are not taken.
@Suite struct Outboxes {
    private static func health(_ gap: String) -> Health {
        let now = SmallCatalog.instant("2021-06-01T00:00:00+07:00")
        return Health(
            source: "urn:parwatch:test", instance: "i", writer: "w", role: .leader, reason: nil, term: 1, isCaughtUp: true, standstill: nil, gaps: Gaps([gap]), lag: 0, lagSeconds: 0, asOf: now,
            isClockSimulated: false, firing: 0, catalog: "sha256:a", version: "1", time: now)
    }

    @Test func `an alert that could not be written is told of after a while, but not under another leadership`() throws {
        let broker = try EmbeddedBroker(topics: [("par.alerts", 1)]), stop = StopSignal(), now = SmallCatalog.instant("2021-06-01T00:00:00+07:00"), zero = ExactDecimal(mantissa: 0, scale: 0)
        let settings = KafkaSettings(bootstrap: broker.bootstrap, clientID: "parwatch-test", properties: [("message.max.bytes", "10000")])
        let record = AlertRecord(
            key: "F/c/D/2021", source: "urn:parwatch:test", time: now, incident: Incident(since: now, revision: 1, state: .firing, severity: .warning, reason: .belowThreshold), initial: false,
            agency: .init(id: "D", name: "D", level: "department", parent: nil), criterion: .init(framework: "F", code: "c", name: "c", lead: nil), period: "2021", score: .none, threshold: zero,
            clear: zero, target: nil, cause: nil, catalog: "sha256:a", text: Bilingual(vi: String(repeating: "x", count: 20_000), en: ""))
        for isForgotten in [false, true] {
            var outbox = Outbox(producer: try Producer(settings: settings), outputs: Configuration.Outputs(), inputs: [], zone: SmallCatalog.vietnam, writer: "w"), lost = 0
            try outbox.send(.publish(record), stop)
            try outbox.serve(0, stop, log: { _ in }, told: { _ in lost += 1 })
            #expect(!outbox.hasAlertsUnderWay && outbox.outstanding == 1 && lost == 0)
            if isForgotten { outbox.forgetFailedAlerts() }
            try outbox.serve(10, stop, log: { _ in }, told: { _ in lost += 1 })
            #expect(lost == (isForgotten ? 0 : 1) && outbox.outstanding == 0)
        }
    }

    @Test func `a sign of life that the client refuses is left out, and the next ones are written`() throws {
        let broker = try EmbeddedBroker(topics: [("par.health", 1)]), stop = StopSignal()
        let settings = KafkaSettings(bootstrap: broker.bootstrap, clientID: "parwatch-test", properties: [("message.max.bytes", "10000")])
        var outbox = Outbox(producer: try Producer(settings: settings), outputs: Configuration.Outputs(), inputs: [], zone: SmallCatalog.vietnam, writer: "w")
        var failures: [String] = []
        func serve(_ outbox: inout Outbox, _ now: Double) throws { try outbox.serve(now, stop, log: { failures.append($0) }, told: { _ in }) }

        try outbox.send(Self.health(String(repeating: "x", count: 20_000)), stop)
        try serve(&outbox, 0)
        #expect(failures.count == 1)
        try outbox.send(Self.health(""), stop)
        #expect(outbox.outstanding == 1, "not before the refused one is given up")
        for now in [10.0, 20, 30] {
            try serve(&outbox, now)
            try outbox.send(Self.health(""), stop)
            #expect(outbox.producer.flush(timeout: 60_000))
        }
        try serve(&outbox, 40)
        let writes = outbox.writes[4]
        #expect(writes.written == 3 && writes.failed == 1 && outbox.outstanding == 0)
    }

    @Test func `what finds no room in the client's queue once the end was asked for counts as not delivered, so that no snapshot rests on it`() throws {
        let stop = StopSignal(), settings = KafkaSettings(bootstrap: "127.0.0.1:1", clientID: "parwatch-test", properties: [("queue.buffering.max.messages", "1")])
        var outbox = Outbox(producer: try Producer(settings: settings), outputs: Configuration.Outputs(), inputs: ["par.status"], zone: SmallCatalog.vietnam, writer: "w")
        stop.request()
        for offset in 0..<3 as Range<Int64> {
            try outbox.send(.reject(RejectedRecord(
                rejection: Rejection(.notJSON), position: Cause(topic: 0, partition: 0, offset: offset), index: 0, size: 1, sha256: "", time: SmallCatalog.instant("2021-06-01T00:00:00+07:00"))), stop)
        }
        let rejections = outbox.rejections
        #expect(rejections.begun == 3 && rejections.settled == 0)
        #expect(outbox.outstanding == 3)
    }
}
