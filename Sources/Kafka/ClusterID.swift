/// What a cluster calls itself, for ever and at whatever address.
package struct ClusterID: Equatable, Sendable, CustomStringConvertible {
    package let description: String

    /// Of every embedded broker: what it calls itself is its address in memory, by which it cannot be known again.
    private static let embedded = "mockCluster"

    init(_ id: String) { description = id.hasPrefix(Self.embedded) ? Self.embedded : id }

    package var isEmbedded: Bool { description == Self.embedded }
}
