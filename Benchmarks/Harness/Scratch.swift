import Foundation

/// A temporary folder that goes with this object.
final class Scratch {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/parwatch-bench-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ text: String, to name: String) throws { try text.write(toFile: path(name), atomically: false, encoding: .utf8) }
}
