public import Catalog
import JSON
public import Scoreboard

extension PointSheet {
    /// One object: the sums, and every criterion that has points.
    public func json(in catalog: Catalog) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("framework", framework.id)
            $0.string("agency", catalog.agencies[agency].id)
            $0.string("period", period)
            $0.literal("points", earned.value.description)
            $0.literal("max", maximum.value.description)
            $0.literal("at_risk", atRisk.value.description)
            $0.array("criteria") { list in
                for line in lines {
                    list.object {
                        $0.string("criterion", line.criterion.code)
                        $0.literal("points", line.earned.map(\.description) ?? "null")
                        $0.literal("max", line.maximum.description)
                        $0.literal("at_risk", line.atRisk.value.description)
                        $0.bool("applicable", line.isApplicable)
                    }
                }
            }
        }
        return writer.bytes
    }
}
