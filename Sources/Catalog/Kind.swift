/// What a criterion counts (`of:`). Most are kinds of messages; a procedure's message is counted as a procedure of the catalogue and as an announcement.
public enum Kind: String, Sendable, CaseIterable {
    case dossier, document, procedure, announcement, feedback, rating, obligation, event

    /// Whether a subject names its criterion, which alone counts it.
    public var namesCriterion: Bool { self == .obligation || self == .event }

    /// Whether some of its facts count in working days.
    var hasTerms: Bool { self == .procedure || self == .announcement }
}

extension Facts {
    // The bits are each kind's own. Feedback and obligations share theirs with dossiers: `open`, `finished` (answered, done), `late`, `onTime`, `overdue`, `decided`.

    // A document.
    public static let electronic = Facts(rawValue: 1 << 0)
    public static let paper = Facts(rawValue: 1 << 1)
    public static let signed = Facts(rawValue: 1 << 2)
    public static let addressed = Facts(rawValue: 1 << 3)
    /// Any state came back.
    public static let acknowledged = Facts(rawValue: 1 << 4)
    public static let refused = Facts(rawValue: 1 << 5)
    public static let received = Facts(rawValue: 1 << 6)
    public static let processed = Facts(rawValue: 1 << 7)
    public static let recalled = Facts(rawValue: 1 << 8)

    /// All that a state decides.
    public static let documentStates: Facts = [.acknowledged, .refused, .received, .processed, .recalled]

    /// What a state of a document means: by the codes of edXML (QCVN 102:2016).
    public static func document(inState code: UInt8) -> Facts {
        switch code {
        case 2: [.acknowledged, .refused]
        case 3, 4, 5: [.acknowledged, .received]
        case 6: [.acknowledged, .received, .processed]
        case 15: [.acknowledged, .recalled]
        default: .acknowledged
        }
    }

    // A procedure, and its announcement: levels 3 and 4 are the bits of a dossier.
    public static let level2 = Facts(rawValue: 1 << 0)
    public static let announced = Facts(rawValue: 1 << 1)
    public static let published = Facts(rawValue: 1 << 2)
    public static let announcedInTime = Facts(rawValue: 1 << 3)
    public static let publishedInTime = Facts(rawValue: 1 << 4)
    /// Those of them that count in working days.
    static let termsOfProcedures: Facts = [.announcedInTime, .publishedInTime]
    public static let nationalPortal = Facts(rawValue: 1 << 5)
    public static let oneStop = Facts(rawValue: 1 << 6)
    public static let internalProcess = Facts(rawValue: 1 << 7)
    public static let linkedSameLevel = Facts(rawValue: 1 << 8)
    public static let linkedBetweenLevels = Facts(rawValue: 1 << 9)
    /// Its legal document was made by the shortened procedure.
    public static let shortened = Facts(rawValue: 1 << 12)

    // Feedback.
    public static let disclosed = Facts(rawValue: 1 << 7)
    /// Its message says when it is due; without a name in catalogs.
    public static let hasDue = Facts(rawValue: 1 << 9)

    // A rating. The grades are those of Thông tư 01/2018/TT-VPCP: by the sum of nine scores of 0 to 2.
    public static let scored = Facts(rawValue: 1 << 0)
    public static let excellent = Facts(rawValue: 1 << 1)
    public static let good = Facts(rawValue: 1 << 2)
    public static let fair = Facts(rawValue: 1 << 3)
    public static let average = Facts(rawValue: 1 << 4)
    public static let weak = Facts(rawValue: 1 << 5)
    public static let goodOrBetter = Facts(rawValue: 1 << 6)
    public static let satisfied = Facts(rawValue: 1 << 7)
    public static let dissatisfied = Facts(rawValue: 1 << 8)

    // An obligation, an event.
    /// Its item is one of the criterion's checklist.
    public static let listed = Facts(rawValue: 1 << 8)
    /// Has an item; without a name in catalogs.
    public static let hasItem = Facts(rawValue: 1 << 9)

    private static let sumShift: UInt64 = 16

    /// The facts of a rating whose nine scores have this sum, 0 to 18.
    public static func scored(sum: UInt64) -> Facts {
        let grade: Facts = switch sum {
        case 15...: [.excellent, .goodOrBetter]
        case 12...: [.good, .goodOrBetter]
        case 9...: .fair
        case 6...: .average
        default: .weak
        }
        return [.scored, grade, Facts(rawValue: sum << sumShift)]
    }

    /// Of a rating that is `scored`.
    public var sumOfScores: Int64 { Int64(truncatingIfNeeded: rawValue >> Self.sumShift & 0x1F) }

    /// The facts of a kind by the names that a catalog uses.
    public static func named(of kind: Kind) -> [(name: String, fact: Facts)] {
        switch kind {
        case .dossier: named
        case .document:
            [("electronic", .electronic), ("paper", .paper), ("signed", .signed), ("addressed", .addressed), ("acknowledged", .acknowledged), ("refused", .refused),
             ("received", .received), ("processed", .processed), ("recalled", .recalled)]
        case .procedure, .announcement:
            [("level_2", .level2), ("level_3", .level3), ("level_4", .level4), ("announced", .announced), ("published", .published), ("announced_in_time", .announcedInTime),
             ("published_in_time", .publishedInTime), ("national_portal", .nationalPortal), ("one_stop", .oneStop), ("internal_process", .internalProcess),
             ("linked_same_level", .linkedSameLevel), ("linked_between_levels", .linkedBetweenLevels), ("shortened", .shortened)]
        case .feedback:
            [("answered", .finished), ("open", .open), ("overdue", .overdue), ("late", .late), ("on_time", .onTime), ("decided", .decided), ("disclosed", .disclosed)]
        case .rating:
            [("scored", .scored), ("excellent", .excellent), ("good", .good), ("fair", .fair), ("average", .average), ("weak", .weak), ("good_or_better", .goodOrBetter),
             ("satisfied", .satisfied), ("dissatisfied", .dissatisfied)]
        case .obligation:
            [("done", .finished), ("open", .open), ("overdue", .overdue), ("late", .late), ("on_time", .onTime), ("decided", .decided), ("listed", .listed)]
        case .event: [("listed", .listed)]
        }
    }
}
