/// What one source may say, and how much its word weighs.
public struct SourceRule: Sendable, Equatable {
    /// The `source` of its messages, as they write it.
    public var source: String
    /// Names of input topics; nil: any.
    public var topics: Set<String>?
    /// Indices of agencies in the catalog: it may speak for these and all below them; nil: for any, unknown ones included.
    public var agencies: Set<Int>?
    /// Nil: any.
    public var types: Set<MessageType>?
    /// Of two statuses of a subject the one of the higher rank counts, however old: 0 to 31.
    public var rank: UInt8

    public static let greatestRank = 31

    public init(source: String, topics: Set<String>? = nil, agencies: Set<Int>? = nil, types: Set<MessageType>? = nil, rank: UInt8 = 0) {
        (self.source, self.topics, self.agencies, self.types, self.rank) = (source, topics, agencies, types, rank)
    }
}

extension Catalog {
    /// Nil: the source may not speak.
    public func rank(of source: String) -> UInt8? {
        guard let sources else { return 0 }
        return sources.first { Array($0.source.utf8) == Array(source.utf8) }?.rank
    }
}
