public import Catalog

/// What one message of another type than a dossier's says.
public enum OtherStatus: Sendable {
    case progress(ProgressStatus)
    case item(ItemStatus)
    case acknowledgement(AcknowledgementStatus)
    /// A source is alive; nothing is counted.
    case heartbeat(at: Instant)

    /// What it tells of.
    public var type: MessageType {
        switch self {
        case .progress: .progress
        case .item(let status): status.kind.type
        case .acknowledgement: .document
        case .heartbeat: .heartbeat
        }
    }

    /// The agency that it names, if it names one.
    public var agency: CodeKey? { if case .item(let status) = self { status.content?.agency } else { nil } }

    /// Has no meaning for a heartbeat.
    public mutating func setRank(_ rank: UInt8) {
        switch self {
        case .progress(var status):
            status.version.rank = rank
            self = .progress(status)
        case .item(var status):
            status.version.rank = rank
            self = .item(status)
        case .acknowledgement(var status):
            status.version.rank = rank
            self = .acknowledgement(status)
        case .heartbeat: break
        }
    }

    public var time: Instant {
        switch self {
        case .progress(let status): status.version.time
        case .item(let status): status.version.time
        case .acknowledgement(let status): status.version.time
        case .heartbeat(let time): time
        }
    }
}

/// One `vn.par.dossier.progress.v1`, or a step as the national portal is told of it.
public struct ProgressStatus: Sendable {
    /// The dossier's.
    public var subject: CodeKey
    public var version: Version
    /// When the step was taken: a dossier that it finishes was finished then.
    public var at: Instant
    /// Nil: deleted.
    public var state: DossierState?
}

/// What the receiver of a document says of its state: one status message of edXML.
public struct AcknowledgementStatus: Sendable {
    /// Of the document, as `ItemStatus.key`.
    public var key: CodeKey
    /// `state`: a code of edXML.
    public var version: Version
}

/// Everything with a status but dossiers.
public enum ItemKind: UInt8, Sendable, BitwiseCopyable {
    case document = 1, procedure, feedback, obligation, event, rating, figure

    var type: MessageType {
        switch self {
        case .document: .document
        case .procedure: .procedure
        case .feedback: .feedback
        case .obligation: .obligation
        case .event: .event
        case .rating: .rating
        case .figure: .figure
        }
    }

    /// The identity of a subject of this kind with this code.
    public func key(of subject: CodeKey) -> CodeKey { CodeKey(of: (subject, .none, .none), UInt64(rawValue)) }
}

/// A time, or a day as a whole.
public enum Moment: Hashable, Sendable, BitwiseCopyable {
    case instant(Instant)
    case day(LocalDay)
}

/// What one message says of a document, a procedure, feedback, an obligation, an event, a rating or a figure.
public struct ItemStatus: Sendable {
    public var kind: ItemKind
    /// Of the kind and the subject's code: the same code in two kinds is two subjects.
    public var key: CodeKey
    public var version: Version
    /// Nil: the subject is deleted and counts nowhere.
    public var content: Content?

    /// The codes of edXML.
    static let documentStates: Set<UInt8> = [1, 2, 3, 4, 5, 6, 13, 15, 16]

    public struct Content: Sendable {
        public var agency: CodeKey
        /// What is true of it by its fields alone.
        public var facts: Facts = []
        public var detail: Detail
    }

    public enum Detail: Sendable {
        case document(sent: Instant)
        case procedure(announced: Moment?, effective: Moment?, published: Moment?)
        case feedback(received: Instant, due: Moment?, answered: Moment?)
        case obligation(criterion: CodeKey, item: CodeKey?, due: Moment, done: Moment?)
        case event(criterion: CodeKey, item: CodeKey?, occurred: Moment)
        case rating(given: Instant)
        case figure(criterion: CodeKey, Declared)
    }

    /// What a figure declares. `denominator` nil: an amount. Both are multiplied by 10^`places`.
    public struct Declared: Sendable {
        public var year: Int
        public var period: Period
        public var asOf: Moment
        public var numerator: Int64
        public var denominator: Int64?
        /// 0 to 9.
        public var places: UInt8
    }

    /// The criterion that it names, if it is of a kind that names one.
    public var criterion: CodeKey? {
        switch content?.detail {
        case .obligation(let criterion, _, _, _), .event(let criterion, _, _), .figure(let criterion, _): criterion
        default: nil
        }
    }
}

extension CodeKey {
    /// Of a criterion, as messages and catalogs name it.
    public init(framework: String, criterion: String) { self.init(of: (CodeKey(code: framework), CodeKey(code: criterion), .none), 1 << 32) }

    init(framework: UnsafeRawBufferPointer, criterion: UnsafeRawBufferPointer) {
        self.init(of: (CodeKey(code: framework), CodeKey(code: criterion), .none), 1 << 32)
    }
}
