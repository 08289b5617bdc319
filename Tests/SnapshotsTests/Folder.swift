import Cases
import Catalog
import Foundation
@testable import Snapshots
import Synchronization
import Testing

/// A state directory that goes when the body has returned.
func withDirectory<Result>(_ body: (StateDirectory) throws -> Result) throws -> Result {
    try Oracle.withFolder("snapshots") { folder in try body(try StateDirectory(folder.path)) }
}

extension StateDirectory {
    /// Writes one with these sections.
    func write(_ sections: [(String, [UInt8])], basis: SnapshotBasis, newestBecomes fate: SnapshotWriter.Fate = .previous) throws {
        var writer = try SnapshotWriter.begin(in: self, basis)
        for (section, bytes) in sections { try writer.append(section, bytes) }
        _ = try writer.finish(newestBecomes: fate)
    }

    /// What a file holds; nil if there is none. `beside`: a section that several threads read, if it comes first.
    func read(_ path: String, _ catalog: Catalog = SmallCatalog.make([]), beside section: String? = nil) throws(UnusableSnapshot) -> (basis: SnapshotBasis, sections: [String: [UInt8]])? {
        guard let reader = try SnapshotReader(path, for: catalog) else { return nil }
        var sections: [String: [UInt8]] = [:]
        if let section {
            let places = Places()
            defer { places.memory.deallocate() }
            let count = try reader.read(section, into: { UnsafeMutableRawBufferPointer(rebasing: places.memory[$0...].prefix(1_000)) }, { places.arrived($0) })
            if count > 0 { sections[section] = Array(places.memory.prefix(count)) }
            if places.all != count { Issue.record("\(places.all) of \(count) bytes have arrived") }
        }
        while let block = try reader.next() { sections[block.section, default: []] += block.bytes }
        return (reader.basis, sections)
    }

    /// Where the bytes of a section belong, a thousand at a time.
    private final class Places: Sendable {
        nonisolated(unsafe) let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 20, alignment: 1)
        private let count = Mutex(0)

        func arrived(_ bytes: Range<Int>) { count.withLock { $0 += bytes.count } }
        var all: Int { count.withLock { $0 } }
    }

    func reason(_ path: String, _ catalog: Catalog = SmallCatalog.make([]), beside section: String? = nil) -> UnusableSnapshot.Reason? {
        do throws(UnusableSnapshot) {
            _ = try read(path, catalog, beside: section)
            return nil
        } catch {
            return error.reason
        }
    }
}

func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
func put(_ bytes: [UInt8], at path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

func basis(_ next: Int64 = 7, catalog: Catalog = SmallCatalog.make([])) -> SnapshotBasis {
    SnapshotBasis(
        cluster: next % 2 == 0 ? nil : "abc", positions: [.init(topic: "par.status", partition: 0, next: next, fingerprint: .max), .init(topic: "par.status", partition: 1, next: 0)], instant: Instant(microseconds: 1_609_459_200_000_001),
        program: "parwatch 0.1.0", incomplete: next % 2 == 0 ? "par.status [0] begins at 5" : nil, catalog: catalog)
}
