/// What the records of an input speak.
public enum Format: Sendable, Equatable {
    case cloudEvents
    /// As the national portal (Cổng Dịch vụ công quốc gia) is told: `DongBoHoSoMC` and `CapNhatTienDoHoSoMC`, many dossiers a record.
    case dvcqg
    /// A dossier of VNPT iGate, with the states that its numbers stand for.
    case igate(states: [Int64: DossierState])
    /// Documents and their status messages (QCVN 102:2016).
    case edxml

    /// The states of iGate by their numbers: our default, as far as public code of such systems tells; a province's own may differ.
    public static let usualIGateStates: [Int64: DossierState] = [
        0: .registered, 1: .supplement, 2: .processing, 3: .stopped, 4: .finished, 5: .returned, 6: .withdrawn,
    ]

    /// As configurations write it.
    public var name: String {
        switch self {
        case .cloudEvents: "cloudevents"
        case .dvcqg: "dvcqg"
        case .igate: "igate"
        case .edxml: "edxml"
        }
    }

    /// The field whose time orders the statuses of a subject.
    public var timeField: String {
        switch self {
        case .cloudEvents: "time"
        case .dvcqg, .igate: "timestamp"
        case .edxml: "Timestamp"
        }
    }
}

/// What a record of another format than CloudEvents says: each part counts or is rejected on its own.
public struct Bundle: Sendable {
    /// `urn:`, the format, `:`, and the sender by the name that the format gives it, else the topic.
    public var source: String
    public var parts: [Result<Status, Rejection>]

    public enum Status: Sendable {
        case dossier(DossierStatus)
        case other(OtherStatus)
    }

    init(format: String, sender: String, parts: [Result<Status, Rejection>] = []) { (source, self.parts) = ("urn:\(format):\(sender)", parts) }
}

/// Breaks ties between statuses of formats that know no `id`: theirs is the text of every field that is read, in the order of the documentation's table, each
/// with a line feed behind it. So what says the same is the same, and of two that differ one wins wherever they come from.
struct ContentTie {
    private var hash = FNV1a()

    mutating func add(_ text: UnsafeRawBufferPointer?) {
        if let text { hash.add(text) }
        hash.add(UInt8(ascii: "\n"))
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { hash.add(byte) }
        hash.add(UInt8(ascii: "\n"))
    }

    func value(source: String) -> UInt64 {
        var hash = hash
        hash.add(0)
        for byte in source.utf8 { hash.add(byte) }
        return hash.value
    }
}
