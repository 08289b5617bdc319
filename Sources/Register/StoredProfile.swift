import Catalog
import Intake

/// What makes a profile what it is, whatever the catalog; as it lies in a copy: 32 bytes.
struct StoredProfile: BitwiseCopyable {
    let key: CodeKey
    /// Numbers of codes.
    let agency: UInt32
    let procedure: UInt32
    /// Number of its code plus 1; 0: none.
    let sector: UInt32
    /// By channels and level, one bit each. They are the format's own, because facts may be numbered anew.
    let channels: UInt32

    private static let bits: [(UInt32, Facts)] = [(1, .filedOnline), (2, .filedByPost), (4, .returnedByPost), (8, .level3), (16, .level4)]

    init(_ profile: Profile, _ origin: Profiles.Origin) {
        key = profile.key
        agency = origin.agency
        procedure = profile.procedure
        sector = origin.sector.map { $0 + 1 } ?? 0
        var channels: UInt32 = 0
        for (bit, fact) in Self.bits where origin.facts.contains(fact) { channels |= bit }
        self.channels = channels
    }

    var origin: Profiles.Origin {
        var facts: Facts = []
        for (bit, fact) in Self.bits where channels & bit != 0 { facts.insert(fact) }
        return Profiles.Origin(agency: agency, sector: sector == 0 ? nil : sector - 1, facts: facts)
    }
}

/// Values as they lie in memory. Numbers are little-endian on every machine that parwatch is built for.
enum Raw {
    static func bytes<Value: BitwiseCopyable>(of values: ArraySlice<Value>) -> [UInt8] { values.withUnsafeBytes { [UInt8]($0) } }

    /// Nil if the bytes are no whole number of them.
    static func values<Value: BitwiseCopyable>(_ type: Value.Type, in bytes: UnsafeRawBufferPointer) -> [Value]? {
        let size = MemoryLayout<Value>.stride
        guard bytes.count % size == 0 else { return nil }
        return (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: type) }
    }
}
