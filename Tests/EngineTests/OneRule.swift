import Alerting
import Cases
import Catalog
import Engine

/// A catalog of one criterion, by which an alert of one department fires.
enum OneRule {
    static let key = "F-2021/c/D1/2021"
    static let now = "2021-06-01T00:00:00+07:00"

    static func catalog(_ alert: AlertRule? = .test(), _ measure: Measure = SmallCatalog.onTime, hash: String = "sha256:a") -> Catalog {
        SmallCatalog.make([SmallCatalog.criterion("c", measure, alert: alert)], hash: hash)
    }

    /// A scene in which D1 is firing, and the topic says so.
    static func firing() throws -> Scene {
        var scene = try Scene(catalog(), now: now)
        scene.receive("1") { $0.late }
        guard scene.step(now).contains("\(key) firing warning below_threshold") else { throw NotFiring() }
        scene.land()
        return scene
    }

    private struct NotFiring: Error {}
}
