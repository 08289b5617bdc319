import Catalog
import Intake

/// The latest that the receiver of a document said of its state, beside the document itself, which need not be there yet.
struct Acknowledgement: SubjectRow {
    /// The document's.
    let key: CodeKey
    /// `state` is a code of edXML.
    private(set) var version: Version
    /// The local day on which it was said.
    private(set) var day: LocalDay

    static let none = Acknowledgement(key: .none, version: Version(order: 0, state: 0, tie: 0), day: LocalDay(number: 0))

    init(_ status: AcknowledgementStatus, _ zone: Zone) { self.init(key: status.key, version: status.version, day: zone.day(of: status.version.time)) }

    private init(key: CodeKey, version: Version, day: LocalDay) { (self.key, self.version, self.day) = (key, version, day) }
}
