import Catalog
import Intake

/// The progress of one dossier, beside its own status: its state is that of the newer of the two.
struct Progress: SubjectRow {
    /// The dossier's.
    let key: CodeKey
    private(set) var version: Version
    /// When the step was taken.
    private var at: Instant
    /// Of its state; 0: deleted.
    private var number: UInt8
    /// Nil: deleted.
    var state: DossierState? { number == 0 ? nil : DossierState(rawValue: number) }
    /// What the dossier's own status says; `Entry.none` while there is none.
    var own: Entry

    static let none = Progress(key: .none, version: Version(order: 0, state: 0, tie: 0), at: .distantPast, state: nil, own: .none)

    init(_ status: ProgressStatus, own: Entry) { self.init(key: status.subject, version: status.version, at: status.at, state: status.state, own: own) }

    private init(key: CodeKey, version: Version, at: Instant, state: DossierState?, own: Entry) {
        (self.key, self.version, self.at, self.own, number) = (key, version, at, own, state?.rawValue ?? 0)
    }

    mutating func take(_ status: ProgressStatus) { (version, at, number) = (status.version, status.at, status.state?.rawValue ?? 0) }

    /// Lets go of a dossier that has left. True: the progress, which is alone, has left as well.
    mutating func depart(_ departures: Departures, in zone: Zone, by now: Instant) -> Bool {
        if own.hasLeft(departures, by: now) { own = .none }
        return own.isNone && departures.wordsHaveLeft(saidOn: zone.day(of: version.time), by: now)
    }

    /// Whether there is such a state, as far as it can be told.
    var isSound: Bool { key != .none && version.state <= 10 && (own.isNone || own.key == key && own.isSound) }

    /// The dossier as both together say it is. The clock's part is not in it.
    func effective(_ lateness: Lateness) -> Entry {
        var entry = own
        entry.mark(tracked: state != nil)
        if let state, !own.isDeleted, version > own.version { entry.proceed(to: state, at: at, lateness) }
        return entry
    }
}
