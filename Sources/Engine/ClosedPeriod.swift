import Intake

extension ItemKind {
    /// The field by which a subject is found to be of a period that has left the register.
    var dateField: String {
        switch self {
        case .document: "sent"
        case .procedure: "announced"
        case .feedback: "received"
        case .obligation: "due"
        case .event: "occurred"
        case .rating: "given"
        case .figure: "period"
        }
    }
}
