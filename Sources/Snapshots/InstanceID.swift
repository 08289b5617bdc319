import Glibc

/// The name of one daemon for ever: random, made at its first start, kept in its state directory.
package struct InstanceID: Equatable, Sendable, CustomStringConvertible {
    /// Twelve of a–z and 0–9.
    package let description: String
    /// Why it will be another after the next start, or is another than before; nil: all is well.
    package let concern: String?

    /// For a daemon that keeps no state.
    package static var passing: InstanceID { InstanceID(Self.random(), nil) }

    package init(in directory: StateDirectory) {
        let path = directory.instance
        var concern: String?
        do throws(SystemError) {
            let text = String(decoding: try File.beginning(of: path, most: 64), as: UTF8.self)
            let name = text.hasSuffix("\n") ? String(text.dropLast()) : text
            if (8...16).contains(name.utf8.count), name.utf8.allSatisfy({ Self.letters.contains($0) }) {
                self.init(name, nil)
                return
            }
            concern = "\(path) held no instance id: this daemon has a new one"
        } catch {
            guard error.code == ENOENT else {
                self.init(Self.random(), "\(path) cannot be read (\(error.text)): this daemon has another id until it can")
                return
            }
        }
        let name = Self.random()
        do throws(SystemError) {
            try Self.keep(name, at: path)
            try directory.sync()
        } catch {
            concern = "\(path) cannot be written (\(error.text)): this daemon will have another id after its next start"
        }
        self.init(name, concern)
    }

    private init(_ name: String, _ concern: String?) { (description, self.concern) = (name, concern) }

    private static func keep(_ name: String, at path: String) throws(SystemError) {
        let unfinished = path + ".unfinished"
        let file = try File(unfinished, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(Array((name + "\n").utf8))
        try file.sync()
        try File.rename(unfinished, to: path)
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static func random() -> String { String(decoding: (0..<12).map { _ in letters.randomElement() ?? 0x61 }, as: UTF8.self) }
}
