import Alerting
import Catalog
import Engine
import JSON
import Scoreboard
import Service

/// The lists of `/api/v1`: `{"as_of":…,"total":…,"limit":…,"offset":…,"items":[…]}`.
enum Lists {
    static func frameworks(_ view: View, _ filters: Filters) -> [UInt8] {
        let all = view.layout.catalog.frameworks.filter { filters.admits("framework", $0.id) }
        return list(view.health.asOf, view.layout, filters, all) { framework, writer in
            writer.object {
                $0.string("id", framework.id)
                $0.bilingual("title", framework.title)
                $0.integer("year", Int64(framework.year))
                $0.integer("criteria", Int64(framework.criteria.count))
            }
        }
    }

    static func criteria(_ view: View, _ filters: Filters) -> [UInt8] {
        let all = view.layout.catalog.frameworks.filter { filters.admits("framework", $0.id) }
            .flatMap { framework in framework.criteria.filter { filters.admits("criterion", $0.code) }.map { (framework, $0) } }
        return list(view.health.asOf, view.layout, filters, all) { one, writer in writer.criterion(one.1, in: one.0) }
    }

    static func agencies(_ view: View, _ filters: Filters) -> [UInt8] {
        let agencies = view.layout.catalog.agencies
        func parent(_ agency: Agency) -> String? { agency.parent.map { agencies[$0].id } }
        let all = agencies.filter { filters.admits("agency", $0.id) && filters.admits("level", $0.level) && filters.admits("parent", parent($0)) }
        return list(view.health.asOf, view.layout, filters, all) { agency, writer in
            writer.object {
                $0.string("id", agency.id)
                $0.bilingual("name", agency.name)
                $0.string("level", agency.level)
                $0.string("parent", parent(agency))
            }
        }
    }

    static func sources(_ view: View, _ filters: Filters) -> [UInt8] {
        let all = view.sources.filter { filters.admits("source", $0.name) }, zone = view.layout.catalog.zone
        return list(view.health.asOf, view.layout, filters, all) { source, writer in
            writer.object {
                $0.string("source", source.name)
                $0.literal("listed", source.isListed ? "true" : "false")
                $0.integer("rank", Int64(source.rank))
                $0.string("newest", source.newest.map { Timestamp.text($0, in: zone) })
                $0.integer("accepted", Int64(source.accepted))
                $0.integer("superseded", Int64(source.superseded))
                $0.integer("rejected", Int64(source.rejected))
            }
        }
    }

    static func partitions(_ view: View, _ filters: Filters) -> [UInt8] {
        let all = view.partitions.filter { filters.admits("topic", $0.topic) }
        return list(view.health.asOf, view.layout, filters, all) { partition, writer in
            writer.object {
                $0.string("topic", partition.topic)
                $0.integer("partition", Int64(partition.number))
                $0.integer("next_offset", partition.position)
                $0.integer("lag", partition.lag)
                $0.integer("lag_seconds", Int64(partition.lagSeconds))
            }
        }
    }

    static func alerts(_ board: Board, _ filters: Filters) -> [UInt8] {
        let all = board.alerts.filter {
            filters.admits("state", $0.incident.state.rawValue) && filters.admits("severity", $0.incident.severity.rawValue) && filters.admits("agency", $0.agency.id)
                && filters.admits("framework", $0.criterion.framework) && filters.admits("criterion", $0.criterion.code) && filters.admits("period", $0.period)
        }
        return list(board.asOf, board.layout, filters, all) { $1.json(nil, $0.json(in: board.layout.catalog.zone)) }
    }

    static func scores(_ board: Board, _ filters: Filters) -> [UInt8] {
        let layout = board.layout, catalog = layout.catalog
        let isWanted = catalog.agencies.map { filters.admits("agency", $0.id) }
        var all: [CellID] = []
        for plan in layout.plans {
            let framework = catalog.frameworks[plan.framework]
            guard filters.admits("framework", framework.id), filters.admits("criterion", framework.criteria[plan.criterion].code) else { continue }
            let periods = plan.periods.indices.filter { filters.admits("period", plan.periods[$0].name(in: framework.year)) }
            var cell = layout.cells(of: plan).lowerBound
            for agency in layout.agencies(of: plan) {
                if isWanted[agency] { all += periods.map { cell + CellID($0) }.filter { board.scores[Int($0)].isPresent } }
                cell += CellID(plan.periods.count)
            }
        }
        return list(board.asOf, layout, filters, all) { $1.json(nil, layout.record(of: $0, board.scores[Int($0)], asOf: board.asOf).json(in: catalog.zone)) }
    }

    /// What each agency earned of its points, and what is at risk, criterion by criterion.
    static func points(_ board: Board, _ filters: Filters) -> [UInt8] {
        let layout = board.layout
        let choice = PointSheet.Choice(framework: { filters.admits("framework", $0) }, agency: { filters.admits("agency", $0) }, period: { filters.admits("period", $0) })
        let all = layout.pointSheets(choice) { cell in
            let score = board.scores[Int(cell)]
            return (score.points(by: layout.plan(of: cell).points), score.isApplicable)
        }
        return list(board.asOf, layout, filters, all) { $1.json(nil, $0.json(in: layout.catalog)) }
    }

    private static func list<Item>(_ asOf: Instant, _ layout: Layout, _ filters: Filters, _ all: [Item], _ write: (Item, inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("as_of", asOf.text(in: layout.catalog.zone))
            $0.integer("total", Int64(all.count))
            $0.integer("limit", Int64(filters.limit))
            $0.integer("offset", Int64(filters.offset))
            $0.array("items") { for item in all.dropFirst(filters.offset).prefix(filters.limit) { write(item, &$0) } }
        }
        return writer.bytes
    }
}
