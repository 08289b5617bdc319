import Cases
import Catalog
import Intake
import Register
import Scoreboard
import Testing

/// Register and scoreboard together, fed with messages.
struct Board: ~Copyable {
    let catalog: Catalog
    private let intake: Intake
    private(set) var register: Register
    var scoreboard: Scoreboard
    private(set) var now: Instant
    private var count: Int64 = 0

    init(_ catalog: Catalog, now: String = "2021-06-01T00:00:00+07:00") throws {
        self.catalog = catalog
        intake = try #require(Intake())
        register = Register(catalog: catalog)
        scoreboard = Scoreboard(catalog: catalog)
        self.now = SmallCatalog.instant(now)
        scoreboard.move(to: catalog.zone.day(of: self.now))
    }

    /// Takes a message in. A time of its own makes each newer than the one before, unless `time` says otherwise.
    mutating func put(_ subject: String, _ change: (DossierMessage) -> DossierMessage = { $0 }, time: String? = nil) throws {
        count += 1
        let spelled = time ?? Timestamp.utc(Instant(microseconds: 1_609_459_200_000_000 + count))
        let message = change(DossierMessage().attribute("subject", text: subject).attribute("time", text: spelled))
        try put(message)
    }

    mutating func put(_ message: DossierMessage) throws {
        let bytes = Array(message.json.utf8)
        let change = try bytes.withUnsafeBytes { register.accept(try intake.read(Intake.Message(value: $0)), now: now) }
        if case .replaced(let old, let new, _) = change { scoreboard.replace(old, by: new, cause: Cause(topic: 0, partition: 1, offset: count)) }
    }

    /// Lets the clock run on as the engine does: windows first, then what comes due.
    mutating func advance(to instant: String) { advance(to: SmallCatalog.instant(instant)) }

    mutating func advance(to instant: Instant) {
        now = instant
        scoreboard.move(to: catalog.zone.day(of: instant))
        var came: [(Standing?, Standing?)] = []
        register.comeDue(by: instant) { came.append(($1, $2)) }
        for (old, new) in came { scoreboard.replace(old, by: new, cause: nil) }
    }

    /// `numerator/denominator` of a key, `numerator` for counts; `–` where the catalog judges no such thing.
    func score(_ key: String) -> String {
        guard let cell = scoreboard.layout.cell(of: key) else { return "–" }
        let score = scoreboard.score(of: cell)
        return score.denominator.map { "\(score.numerator)/\($0)" } ?? "\(score.numerator)"
    }

    /// Of all agencies, in order of the tree.
    func scores(_ criterion: String, _ period: String) -> [String] { catalog.agencies.map { score("F-2021/\(criterion)/\($0.id)/\(period)") } }

    var all: [Score] { (0..<CellID(scoreboard.layout.cellCount)).map { scoreboard.score(of: $0) } }
}

extension DossierMessage {
    /// Shorthands for what most tests are about.
    func at(_ agency: String) -> DossierMessage { field("agency", text: agency) }
    func state(_ state: Int) -> DossierMessage { field("state", "\(state)") }
    func received(_ time: String) -> DossierMessage { field("received", text: time) }
    func due(_ time: String) -> DossierMessage { field("due", text: time) }
    func finished(_ time: String) -> DossierMessage { field("state", "9").field("finished", text: time) }
    func of(_ procedure: String) -> DossierMessage { field("procedure", text: procedure) }
}
