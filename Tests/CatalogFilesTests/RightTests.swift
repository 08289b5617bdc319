import Cases
import Catalog
import CatalogFiles
import Foundation
import Testing

@Suite struct RightConfigurations {
    @Test func `everything that stands in the files arrives`() throws {
        let configuration = try Files().load(), catalog = configuration.catalog
        #expect(catalog.source == "urn:parwatch:test" && catalog.lateBy == .date && catalog.maxAhead == .seconds(300) && catalog.zone.name == "Asia/Ho_Chi_Minh")
        #expect(catalog.agencies.map(\.id) == ["H21", "000.00.12.H21", "000.00.31.H21"])
        #expect(catalog.agencies.map(\.parent) == [nil, 0, 0] && catalog.agencies.map(\.level) == ["province", "department", "district"])
        #expect(catalog.agencies[1].name == Bilingual(vi: "Sở", en: "Department"))
        #expect(catalog.sectors == ["ĐẤT ĐAI"])
        let framework = try #require(catalog.frameworks.first)
        #expect(catalog.frameworks.count == 1 && framework.id == "GL-2021" && framework.year == 2021 && framework.closesAfter == .days(60) && framework.keepClosed == .days(30))
        #expect(framework.criteria.map(\.code) == ["1.1", "1.10", "1.2"])
        let first = framework.criteria[0], second = framework.criteria[1], third = framework.criteria[2]
        #expect(first.area == "1" && first.lead == "Văn phòng" && first.levels == ["department"] && first.judgeAt == [.`self`, .root] && first.periods == [.year, .quarter, .window(days: 30)])
        #expect(first.measure == .ratio(among: FactMask(required: .decided, forbidden: .late, clauses: [.init(anyOf: .level3, anyAbsent: .level4)]), counting: FactMask(required: .onTime)))
        #expect(first.target == Target(comparison: .atLeast, value: SmallCatalog.decimal("0.985")))
        #expect(first.alert == AlertRule(
            direction: .below, warning: SmallCatalog.threshold("0.98", clear: "0.985"), critical: SmallCatalog.threshold("0.95", clear: "0.96"), minSample: 20, pendingFor: .seconds(7_200),
            keepFiringFor: .seconds(86_400)))
        #expect(second.measure == .count(among: FactMask(required: [.overdue, .sector(0)])) && second.target?.comparison == .atMost)
        #expect(second.alert == AlertRule(direction: .above, warning: SmallCatalog.threshold("3", clear: "1"), critical: nil, minSample: 1, pendingFor: .zero, keepFiringFor: .zero))
        #expect(second.judgeAt == [.`self`] && second.periods == [.year] && second.area == nil && second.lead == nil)
        #expect(third.measure == .distinct(among: FactMask(required: .filedOnline), outOf: .fixed(300)) && third.target == nil && third.alert == nil)
        #expect(configuration.kafka.bootstrap == .servers("localhost:9092") && configuration.kafka.properties.map(\.name) == ["linger.ms"] && configuration.kafka.properties.map(\.value) == [.text("5")])
        #expect(configuration.inputs == ["par.status"] && configuration.outputs.alerts == "par.alerts" && configuration.publishEvery == .seconds(10))
        if case .simulated = configuration.clock { Issue.record("the clock is the wall's") }
    }

    @Test func `what may be left out has its default`() throws {
        var files = Files()
        files.main = "source: s\nagencies: agencies.yaml\ncriteria: [criteria.yaml]\n"
        files = files.with(.criteria, "period: {year: 2021, closes_after: 60d, keep_closed: 30d}", "period: {year: 2021}")
        let configuration = try files.load()
        #expect(configuration.catalog.lateBy == .date && configuration.catalog.maxAhead == .seconds(600) && configuration.publishEvery == .seconds(5))
        #expect(configuration.kafka.bootstrap == .unsaid && configuration.inputs == ["par.status"])
        #expect(configuration.outputs.alerts == "par.alerts" && configuration.outputs.scores == "par.scores" && configuration.outputs.rejected == "par.rejected")
        #expect(configuration.catalog.frameworks.first?.closesAfter == .days(60) && configuration.catalog.frameworks.first?.keepClosed == .days(365))
    }

    @Test func `codes are text: 1_10 and 1_1 are two criteria, whatever they look like`() throws {
        let files = Files().with(.criteria, "code: 1.2", "code: 1.100").with(.agencies, "id: H21", "id: 0x10").with(.agencies, "parent: H21", "parent: 0x10").with(.agencies, "parent: H21", "parent: 0X10")
        let catalog = try files.load().catalog
        #expect(catalog.frameworks.first?.criteria.map(\.code) == ["1.1", "1.10", "1.100"])
        #expect(catalog.agencies.map(\.id) == ["0X10", "000.00.12.H21", "000.00.31.H21"])
        #expect(try Files().with(.agencies, "id: H21", "id: yes").with(.agencies, "parent: H21", "parent: \"YES\"").with(.agencies, "parent: H21", "parent: ' yes '").problems() == [])
    }

    @Test func `a threshold without clear clears at its limit, and per cent is a hundredth`() throws {
        let catalog = try Files().with(.criteria, "{above: 3, clear: 1}", "{above: 0.5%}").load().catalog
        #expect(catalog.frameworks.first?.criteria[1].alert?.warning == SmallCatalog.threshold("0.005", clear: "0.005"))
    }

    @Test func `a simulated clock starts when it is told to, as fast as it is told to`() throws {
        guard case .simulated(let start, let speed) = try Files().with(.main, "clock: wall", "clock: {start: 2021-01-04T00:00:00+07:00, speed: 1000.5}").load().clock else {
            Issue.record("the clock is the wall's")
            return
        }
        #expect(start == SmallCatalog.instant("2021-01-04T00:00:00+07:00") && speed == 1_000.5)
    }

    @Test func `the hash tells apart whatever can change a judgement, and nothing else`() throws {
        let hash = try Files().load().catalog.hash
        #expect(hash.count == 71 && hash.hasPrefix("sha256:"))
        #expect(try Files().load().catalog.hash == hash)
        #expect(try Files().with(.main, "topic: par.status", "topic: other").load().catalog.hash == hash)
        for changed in [
            Files().with(.main, "late_by: date", "late_by: instant"), Files().with(.main, "urn:parwatch:test", "urn:parwatch:other"), Files().with(.agencies, "parent: H21", "parent: 000.00.31.H21"),
            Files().with(.criteria, "min_sample: 20", "min_sample: 21"), Files().with(.agencies, "Asia/Ho_Chi_Minh", "Europe/Amsterdam"),
        ] { #expect(try changed.load().catalog.hash != hash) }
    }

    @Test func `state names a directory, relative to the file, and how often; without it nothing is kept`() throws {
        #expect(try Files().load().state == nil)
        let absolute = try Files().with(.main, "clock: wall", "clock: wall\nstate: {directory: /var/lib/x}").load().state
        #expect(absolute == Configuration.State(directory: "/var/lib/x", snapshotEvery: .seconds(60)))
        let relative = try Files().with(.main, "clock: wall", "clock: wall\nstate: {directory: kept, snapshot_every: 5m}").load().state
        #expect(relative?.directory.hasSuffix("/kept") == true && relative?.directory.hasPrefix("/") == true && relative?.snapshotEvery == .seconds(300))
    }

    // MARK: What is shipped

    @Test func `the shipped configuration of Gia Lai loads: its agencies and the criteria of three years`() throws {
        let catalog = try shipped("config/parwatch.yaml")
        let levels = Dictionary(grouping: catalog.agencies, by: \.level).mapValues(\.count)
        #expect(catalog.agencies.count == 258 && levels == ["province": 1, "department": 20, "district": 17, "commune": 220])
        #expect(catalog.agencies.filter { $0.parent == nil }.map(\.id) == ["H21"])
        for agency in catalog.agencies where agency.level == "commune" { #expect(agency.parent.map { catalog.agencies[$0].level } == "district") }
        #expect(catalog.frameworks.map(\.id) == ["GL-2018", "GL-2019", "GL-2021"] && catalog.frameworks.map(\.year) == [2018, 2019, 2021] && catalog.zone.name == "Asia/Ho_Chi_Minh")
    }

    @Test func `the 93 criteria of the appendix of plan 1320 are there, area by area`() throws {
        let framework = try #require(shipped("config/parwatch.yaml").frameworks.last)
        // Of a printed criterion with two tests, and of one that is made of another, only the printed code counts.
        let printed = framework.criteria.filter { $0.code.first?.isNumber == true && $0.code != "1.5-co-quan" }
        let codes = Set(printed.map { $0.code.prefix { $0 != "-" } })
        let areas = Dictionary(grouping: codes) { $0.prefix { $0 != "." } }.mapValues(\.count)
        #expect(codes.count == 93 && areas == ["1": 7, "2": 5, "3": 19, "4": 9, "5": 13, "6": 11, "7": 18, "8": 11])
    }

    @Test func `where lower is better, alerts begin above`() throws {
        let criteria = try ["config/parwatch.yaml", "config/examples/quang-ngai/parwatch.yaml", "config/examples/dong-nai/parwatch.yaml"].flatMap { try shipped($0).criteria }
        let above = Set(criteria.filter { $0.criterion.alert?.direction == .above }.map { "\($0.framework.id)/\($0.criterion.code)" })
        #expect(above == Set(
            ["3.1.1", "4.1.3", "4.2.1", "4.2.2", "4.2.3", "5.5.2", "6.1.2", "6.3.3", "6.3.4", "gl1320-dat-dai-tre-hen", "gl1320-bo-sung-1-lan", "gl1320-cqnn-nop-truc-tuyen"].map { "GL-2021/\($0)" }
                + ["gl435-sipas-mong-doi-cntt", "gl435-pci-01", "gl435-pci-02", "gl435-pci-06", "gl435-pci-07", "gl435-pci-08"].map { "GL-2018/\($0)" }
                + ["gl446-khong-giao-dich-truc-tiep", "gl446-mot-phien-ban", "gl446-su-co-attt"].map { "GL-2019/\($0)" } + ["DN-2018/dn5099-khong-trung-dvc"]))
        for (_, criterion) in criteria {
            guard let target = criterion.target, let alert = criterion.alert else { continue }
            let wantsLess = target.comparison == .atMost || target.comparison == .below
            #expect(wantsLess == (alert.direction == .above), "\(criterion.code)")
        }
    }

    @Test func `every shipped criterion says where it is printed, and who leads where the document does`() throws {
        for path in ["config/parwatch.yaml", "config/examples/quang-ngai/parwatch.yaml", "config/examples/dong-nai/parwatch.yaml"] {
            for (framework, criterion) in try shipped(path).criteria {
                #expect(criterion.source?.place != nil, "\(framework.id)/\(criterion.code)")
                #expect(criterion.lead?.isEmpty != true, "\(framework.id)/\(criterion.code)")
            }
        }
    }

    @Test func `the small trees of Quảng Ngãi and Đồng Nai have every level that their criteria count`() throws {
        let quangNgai = try shipped("config/examples/quang-ngai/parwatch.yaml"), dongNai = try shipped("config/examples/dong-nai/parwatch.yaml")
        #expect(quangNgai.frameworks.map(\.id) == ["QN-2018"] && quangNgai.agencies.filter { $0.parent == nil }.map(\.id) == ["H48"])
        #expect(dongNai.frameworks.map(\.id) == ["DN-2018"] && dongNai.agencies.filter { $0.parent == nil }.map(\.id) == ["H19"])
        for catalog in [quangNgai, dongNai] {
            let levels = Set(catalog.agencies.map(\.level))
            for (_, criterion) in catalog.criteria { #expect(levels.isSuperset(of: criterion.levels)) }
        }
    }

    @Test func `the shipped example loads`() throws {
        let catalog = try Configuration.load(path: Oracle.repository.appendingPathComponent("config/examples/receipt/parwatch.yaml").path).catalog
        #expect(catalog.agencies.count == 40 && catalog.zone.name == "Europe/Amsterdam")
        #expect(catalog.frameworks.map(\.year) == [2010, 2011] && catalog.frameworks.allSatisfy { $0.criteria.map(\.code) == ["on-time", "filed-online", "overdue", "finished"] })
    }

    private func shipped(_ path: String) throws -> Catalog { try Configuration.load(path: Oracle.repository.appendingPathComponent(path).path).catalog }
}
