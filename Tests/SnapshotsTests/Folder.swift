import Cases
import Catalog
import Foundation
@testable import Snapshots

/// A state directory that goes when the body has returned.
func withDirectory<Result>(_ body: (StateDirectory) throws -> Result) throws -> Result {
    try Oracle.withFolder("snapshots") { folder in try body(try StateDirectory(folder.path)) }
}

extension StateDirectory {
    /// Writes one with these sections.
    func write(_ sections: [(String, [UInt8])], basis: SnapshotBasis, keepingNewest: Bool = true) throws {
        var writer = try SnapshotWriter.begin(in: self, basis)
        for (section, bytes) in sections { try writer.append(section, bytes) }
        _ = try writer.finish(keepingNewest: keepingNewest)
    }

    /// What a file holds; nil if there is none.
    func read(_ path: String, _ catalog: Catalog = SmallCatalog.make([])) throws(UnusableSnapshot) -> (basis: SnapshotBasis, sections: [String: [UInt8]])? {
        guard let reader = try SnapshotReader(path, for: catalog) else { return nil }
        var sections: [String: [UInt8]] = [:]
        while let block = try reader.next() { sections[block.section, default: []] += block.bytes }
        return (reader.basis, sections)
    }

    func reason(_ path: String, _ catalog: Catalog = SmallCatalog.make([])) -> UnusableSnapshot.Reason? {
        do throws(UnusableSnapshot) {
            _ = try read(path, catalog)
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
        positions: [.init(topic: "par.status", partition: 0, next: next, fingerprint: .max), .init(topic: "par.status", partition: 1, next: 0)], instant: Instant(microseconds: 1_609_459_200_000_001),
        program: "parwatch 0.1.0", incomplete: next % 2 == 0 ? "par.status [0] begins at 5" : nil, catalog: catalog)
}
