import Alerting
import Cases
import Catalog
import Engine
import Testing

/// Thresholds that change by the day. The example of docs/clocks.md.
@Suite struct MilestoneAlerts {
    private static func catalog(line: Bool, keepFiringFor: Int64 = 0, next: Bool = true) -> Catalog {
        let milestones = Milestones(
            [.init(by: DayOfYear(month: 9, day: 30), level: SmallCatalog.decimal("60%"))] + (next ? [.init(by: DayOfYear(month: 1, day: 31, isOfNextYear: true), level: SmallCatalog.decimal("100%"))] : []),
            hasLine: line)
        let rule = AlertRule(direction: .below, warning: nil, critical: nil, minSample: 1, pendingFor: .zero, keepFiringFor: .seconds(keepFiringFor), milestones: milestones)
        var criterion = SmallCatalog.criterion("c", .figure(as: .ratio), levels: ["department"], alert: rule)
        criterion.closesAfter = .days(90)
        return SmallCatalog.make([criterion])
    }

    private static func declare(_ value: String, asOf: String, _ registry: inout Registry) {
        registry.put("figure", asOf, "\"framework\":\"F-2021\",\"criterion\":\"c\",\"agency\":\"D1\",\"period\":\"2021\",\"as_of\":\"\(asOf)\",\"value\":\(value)")
    }

    @Test func `65 % is well until the line passes it, critical when the last milestone has, and ends at its level`() throws {
        var registry = try Registry(Self.catalog(line: true), now: "2021-08-01T00:00:00+07:00")
        Self.declare("0.65", asOf: "2021-08-01", &registry)
        #expect(registry.step("2021-10-16T23:59:59+07:00") == [])
        #expect(registry.step("2021-10-20T00:00:00+07:00") == ["c/D1/2021 2021-10-17T00:00 firing warning 0.652"])
        #expect(registry.step("2022-01-31T23:59:59+07:00") == [])
        #expect(registry.step("2022-02-01T00:00:00+07:00") == ["c/D1/2021 2022-02-01T00:00 firing critical 1"])
        Self.declare("1", asOf: "2022-02-03", &registry)
        #expect(registry.step("2022-02-03T08:00:00+07:00") == ["c/D1/2021 2022-02-03T08:00 resolved critical 1"])
    }

    @Test func `nothing fires before the first milestone has ended; what is missed then stays critical and is told of with each new level`() throws {
        var registry = try Registry(Self.catalog(line: false), now: "2021-08-01T00:00:00+07:00")
        Self.declare("0.1", asOf: "2021-08-01", &registry)
        #expect(registry.step("2021-09-30T23:59:59.999999+07:00") == [])
        #expect(registry.step("2021-10-01T00:00:00+07:00") == ["c/D1/2021 2021-10-01T00:00 firing critical 0.6"])
        #expect(registry.step("2022-02-02T00:00:00+07:00") == ["c/D1/2021 2022-02-01T00:00 firing critical 1"])
        // The framework closes on 2 March, this criterion on 1 April.
        #expect(registry.step("2022-03-31T23:59:59+07:00") == [])
        #expect(registry.step("2022-04-01T00:00:00+07:00") == ["c/D1/2021 2022-04-01T00:00 resolved critical 1"])
    }

    @Test func `a value that reaches the line again has recovered, and the line may pass it once more`() throws {
        var registry = try Registry(Self.catalog(line: true, keepFiringFor: 3_600), now: "2021-10-20T12:00:00+07:00")
        Self.declare("0.65", asOf: "2021-10-19", &registry)
        #expect(registry.step("2021-10-20T12:00:01+07:00") == ["c/D1/2021 2021-10-20T12:00 firing warning 0.6618"])
        Self.declare("0.67", asOf: "2021-10-20", &registry)
        #expect(registry.step("2021-10-20T12:00:02+07:00") == ["c/D1/2021 2021-10-20T12:00 firing warning 0.6618"])
        #expect(registry.step("2021-10-20T13:00:02+07:00") == ["c/D1/2021 2021-10-20T13:00 resolved warning 0.6618"])
        #expect(registry.step("2021-10-23T00:00:00+07:00") == ["c/D1/2021 2021-10-23T00:00 firing warning 0.6715"])
    }

    @Test func `an engine that starts or takes over between two milestones judges by the day it is`() throws {
        var registry = try Registry(Self.catalog(line: true), now: "2021-11-11T08:00:00+07:00")
        Self.declare("0.7", asOf: "2021-11-01", &registry)
        #expect(registry.step("2021-11-11T08:00:01+07:00") == ["c/D1/2021 2021-11-11T08:00 firing warning 0.7333"])
        // Without its second milestone there is no line: the warning ends.
        var other = Self.catalog(line: false, next: false)
        other.hash = "sha256:other"
        try registry.engine.adopt(other)
        #expect(registry.step("2021-11-11T08:00:02+07:00") == ["c/D1/2021 2021-11-11T08:00 resolved warning 0.7333"])
    }

    @Test func `a threshold changes at the midnight of the zone, where a day has 23 hours as well`() throws {
        let amsterdam = Zone(name: "Europe/Amsterdam", initialOffset: 3_600, transitions: [.init(from: SmallCatalog.instant("2021-03-28T01:00:00Z"), offset: 7_200)])
        let milestones = Milestones([.init(by: DayOfYear(month: 3, day: 28), level: SmallCatalog.decimal("60%"))], hasLine: false)
        let rule = AlertRule(direction: .below, warning: nil, critical: nil, minSample: 1, pendingFor: .zero, keepFiringFor: .zero, milestones: milestones)
        var registry = try Registry(SmallCatalog.make([SmallCatalog.criterion("c", .figure(as: .ratio), levels: ["department"], alert: rule)], zone: amsterdam), now: "2021-03-27T23:00:00+01:00")
        Self.declare("0.1", asOf: "2021-03-01", &registry)
        #expect(registry.step("2021-03-28T23:59:59+02:00") == [])
        #expect(registry.step("2021-03-29T00:00:00+02:00") == ["c/D1/2021 2021-03-29T00:00 firing critical 0.6"])
    }
}
