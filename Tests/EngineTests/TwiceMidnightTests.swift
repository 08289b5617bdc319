import Cases
import Catalog
import Engine
import Testing

/// Until 2011 the clocks of St. John's went back at 00:01, so that a day began, ended and began again.
@Suite struct TwiceMidnight {
    @Test(.timeLimit(.minutes(1))) func `a day that begins twice moves a window once, and does not stop the engine`() throws {
        let zone = Zone(name: "America/St_Johns", initialOffset: -9_000, transitions: [.init(from: SmallCatalog.instant("2010-11-07T02:31:00Z"), offset: -12_600)])
        let catalog = SmallCatalog.make([SmallCatalog.criterion("c", SmallCatalog.onTime, periods: [.window(days: 7)], alert: .test())], zone: zone, years: [2010])
        var scene = try Scene(catalog, now: "2010-11-06T12:00:00-02:30")
        // 23:30 of the 6th for the second time, after one minute of the 7th: the 7th has begun, and 31 October has left the window.
        scene.step("2010-11-06T23:30:00-03:30")
        for (subject, finished) in [("1", "2010-10-31T12:00:00-02:30"), ("2", "2010-11-01T12:00:00-02:30")] {
            scene.receive(subject, time: "2010-11-06T20:00:00-02:30") { $0.field("received", text: "2010-10-20T00:00:00Z").field("state", "9").field("finished", text: finished) }
        }
        scene.step("2010-11-06T23:40:00-03:30")
        #expect(scene.score("F-2010/c/D1/last-7d") == "1/1")
        scene.step("2010-11-07T12:00:00-03:30")
        #expect(scene.score("F-2010/c/D1/last-7d") == "1/1")
        scene.step("2010-11-08T00:00:00-03:30")
        #expect(scene.score("F-2010/c/D1/last-7d") == "0/0")
    }
}
