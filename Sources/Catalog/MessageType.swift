/// What a message tells of: the `x` of its type `vn.par.x.v1`, where `progress` stands for `dossier.progress`.
public enum MessageType: String, Sendable, CaseIterable {
    case dossier, progress, document, procedure, feedback, obligation, event, rating, figure, heartbeat
}
