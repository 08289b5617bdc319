import Cases
import Foundation
@testable import Snapshots
import Testing

@Suite struct Directory {
    @Test func `the newest takes its place only when it is whole, and the one before is kept`() throws {
        try withDirectory { directory in
            #expect(try directory.read(directory.newest) == nil && directory.read(directory.previous) == nil)
            for next in 1...3 {
                var writer = try SnapshotWriter.begin(in: directory, basis(Int64(next)))
                try writer.append("a", [UInt8(next)])
                #expect(try directory.read(directory.newest)?.basis.positions.first?.next == (next == 1 ? nil : Int64(next - 1)))
                _ = try writer.finish(newestBecomes: .previous)
                #expect(try directory.read(directory.newest)?.sections["a"] == [UInt8(next)])
                #expect(try directory.read(directory.previous)?.sections["a"] == (next == 1 ? nil : [UInt8(next - 1)]))
            }
            // The newest was of no use: the previous is worth more.
            try directory.write([("a", [4])], basis: basis(4), newestBecomes: .gone)
            #expect(try directory.read(directory.newest)?.sections["a"] == [4])
            #expect(try directory.read(directory.previous)?.sections["a"] == [2])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["register.snapshot", "register.snapshot.previous"])
        }
    }

    @Test func `one that is set aside takes the place of what was there, and nothing else gives way`() throws {
        try withDirectory { directory in
            for next in 1...2 { try directory.write([("a", [UInt8(next)])], basis: basis()) }
            for next in 3...4 {
                try directory.write([("a", [UInt8(next)])], basis: basis(), newestBecomes: .refused)
                let held = try [directory.newest, directory.previous, directory.refused].map { try directory.read($0)?.sections["a"]?.first }
                #expect(held == [UInt8(next), 1, UInt8(next - 1)])
            }
            try FileManager.default.removeItem(atPath: directory.newest)
            try directory.write([("a", [5])], basis: basis(), newestBecomes: .refused)
            #expect(try directory.read(directory.refused)?.sections["a"] == [3], "there was none to set aside")
        }
    }

    @Test func `one that is given up leaves nothing, and what a crash left is in nobody's way`() throws {
        try withDirectory { directory in
            try directory.write([("a", [1])], basis: basis(1))
            var writer = try SnapshotWriter.begin(in: directory, basis(2))
            try writer.append("a", [UInt8](repeating: 9, count: 10_000))
            writer.abandon()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["register.snapshot"])
            try put([UInt8](repeating: 9, count: 10_000), at: directory.unfinished)
            try directory.write([("a", [3])], basis: basis(3))
            #expect(try directory.read(directory.newest)?.sections["a"] == [3])
            // A crash between the two renames: there is no newest, and the previous is not lost with the next one.
            try FileManager.default.removeItem(atPath: directory.newest)
            try directory.write([("a", [4])], basis: basis(4))
            #expect(try directory.read(directory.previous)?.sections["a"] == [1])
        }
    }

    @Test func `what cannot be read is told with the system's words`() throws {
        try withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory.newest, withIntermediateDirectories: false)
            #expect(directory.reason(directory.newest) == .unreadable("open: Is a directory"))
        }
        let nowhere = try Oracle.withFolder("snapshots") { folder in
            try put([], at: folder.path + "/file")
            #expect(throws: StateDirectory.Refusal.notUsable(path: folder.path + "/file", words: "Not a directory")) { try StateDirectory(folder.path + "/file") }
            #expect(throws: StateDirectory.Refusal.notUsable(path: folder.path + "/a/b", words: "No such file or directory")) { try StateDirectory(folder.path + "/a/b") }
            return folder.path
        }
        #expect(throws: StateDirectory.Refusal.self) { try StateDirectory(nowhere + "/x") }
    }

    @Test func `a directory is of one process at a time, and is made if it is missing`() throws {
        try Oracle.withFolder("snapshots") { folder in
            let path = folder.path + "/state"
            do {
                let first = try StateDirectory(path)
                #expect(throws: StateDirectory.Refusal.inUse(path: path)) { try StateDirectory(path) }
                try first.write([], basis: basis())
            }
            _ = try StateDirectory(path)
        }
    }

    @Test func `an instance keeps its id for ever, and gets a new one where there is none that could be read`() throws {
        try withDirectory { directory in
            let first = InstanceID(in: directory)
            #expect(first.description.utf8.count == 12 && first.concern == nil)
            #expect(InstanceID(in: directory) == first)
            #expect(try bytes(of: directory.instance) == Array((first.description + "\n").utf8))
            for wrong in ["", "abc", "UPPERCASE123", "has space 12", String(repeating: "a", count: 17), "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"] {
                try put(Array(wrong.utf8), at: directory.instance)
                let next = InstanceID(in: directory)
                #expect(next.description != first.description && next.concern?.contains("held no instance id") == true)
                #expect(InstanceID(in: directory).description == next.description)
            }
            try put(Array("my-own".utf8), at: directory.instance)
            _ = InstanceID(in: directory)
            try put(Array("named4us".utf8), at: directory.instance)
            #expect(InstanceID(in: directory).description == "named4us")
        }
        try withDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory.instance, withIntermediateDirectories: false)
            #expect(InstanceID(in: directory).concern?.hasSuffix("cannot be read (read: Is a directory): this daemon has another id until it can") == true)
        }
        #expect(InstanceID.passing.description != InstanceID.passing.description)
    }
}
