/// Why a record cannot be counted.
public enum RejectionReason: String, Sendable, CaseIterable {
    case notUTF8 = "not_utf8"
    case notJSON = "not_json"
    /// Not well formed, or with a document type declaration; of inputs of format `edxml` alone.
    case notXML = "not_xml"
    case notCloudEvent = "not_cloudevent"
    case unknownType = "unknown_type"
    case missingField = "missing_field"
    case badValue = "bad_value"
    /// Names a criterion that the catalog does not have.
    case unknownCriterion = "unknown_criterion"
    /// Further ahead of the clock than the catalog allows: a wrong clock must not freeze a subject.
    case futureTime = "future_time"
    /// The catalog says who may speak, and its source may not say this.
    case forbiddenSource = "forbidden_source"
    /// Its subject's period was closed so long ago that its subjects have left the register.
    case closedPeriod = "closed_period"
    case tooLarge = "too_large"
    case tombstone
    /// Reported once per agency; the status is kept and counts as soon as the catalog knows the agency.
    case unknownAgency = "unknown_agency"
}

/// What is wrong with a record, without a byte of its data.
public struct Rejection: Error, Sendable, Equatable {
    public var reason: RejectionReason
    /// The attribute or field at fault, where one is.
    public var field: String?
    /// The CloudEvent's `source`, where it could be read.
    public var source: String?

    public init(_ reason: RejectionReason, field: String? = nil, source: String? = nil) {
        self.reason = reason
        self.field = field
        self.source = source
    }
}
