import Cases
import Catalog
import Kafka
import Testing

@testable import CatalogFiles
@testable import Service

/// What becomes of records that are not taken.
@Suite struct Outboxes {
    private static func health(_ gap: String) -> Health {
        let now = SmallCatalog.instant("2021-06-01T00:00:00+07:00")
        return Health(
            source: "urn:parwatch:test", instance: "i", writer: "w", role: .leader, reason: nil, term: 1, isCaughtUp: true, standstill: nil, gaps: Gaps([gap]), lag: 0, lagSeconds: 0, asOf: now,
            isClockSimulated: false, firing: 0, catalog: "sha256:a", version: "1", time: now)
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
}
