import Foundation

/// A property for librdkafka, as `kafka.properties` of parwatch.yaml gives it.
package struct KafkaProperty: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case text(String)
        /// The content of this file, without the line break at its end. It never shows anywhere.
        case file(String)
    }

    package let name: String
    package let value: Value
    /// Where it stands.
    private let place: (file: String, line: Int?)

    package static func == (a: KafkaProperty, b: KafkaProperty) -> Bool { (a.name, a.value) == (b.name, b.value) }

    /// What a value may begin with: the directory in which systemd puts a service's credentials.
    private static let directory = "${CREDENTIALS_DIRECTORY}"
    /// Bytes; a secret or a chain of certificates has a few thousand.
    private static let largestFile = 1 << 20

    /// Nil if it is wrong; the problem is noted.
    init?(_ name: String, _ node: YAMLValue) {
        if ["bootstrap.servers", "metadata.broker.list"].contains(name) {
            node.fail("'\(name)' is what 'kafka.bootstrap' and --brokers say: leave it out here")
            return nil
        }
        self.name = name
        place = (node.file, node.line)
        let text: String?
        if node.isScalar {
            text = node.text
            value = .text(text ?? "")
        } else {
            text = node.fields(["file"]).required("file")?.text
            let folder = (node.file as NSString).deletingLastPathComponent
            value = .file(text.map { $0.hasPrefix("/") || $0.hasPrefix("$") || folder.isEmpty ? $0 : folder + "/" + $0 } ?? "")
        }
        guard let text else { return nil }
        if text.hasPrefix("${"), !text.hasPrefix(Self.directory + "/") {
            node.fail("'\(name)' begins with a variable that is not known here: there is \(Self.directory)/NAME alone")
            return nil
        }
    }

    /// Its value shows nowhere. Of librdkafka's properties these are secret even where parwatch.yaml itself holds them.
    package var isSecret: Bool {
        if case .file = value { return true }
        return ["password", "secret", "pem", "oauthbearer.config"].contains { name.contains($0) } || name == "ssl_key"
    }

    /// It is known only where systemd has set CREDENTIALS_DIRECTORY.
    package var needsCredentials: Bool {
        switch value {
        case .text(let text), .file(let text): text.hasPrefix(Self.directory)
        }
    }

    /// The value as librdkafka takes it. `credentials` is the value of CREDENTIALS_DIRECTORY.
    package func resolved(credentials: String?) throws(Problems) -> String {
        switch value {
        case .text(let text): return try path(text, credentials)
        case .file(let name): return try content(of: try path(name, credentials))
        }
    }

    private func path(_ text: String, _ credentials: String?) throws(Problems) -> String {
        guard text.hasPrefix(Self.directory) else { return text }
        guard let credentials, !credentials.isEmpty else {
            throw fault("'\(name)' is a credential, but CREDENTIALS_DIRECTORY is not set: systemd sets it for the service; elsewhere set it to the directory that holds the files")
        }
        return credentials + text.dropFirst(Self.directory.count)
    }

    private func content(of path: String) throws(Problems) -> String {
        // One byte more than allowed tells that there is more, also of what has no end.
        guard let handle = FileHandle(forReadingAtPath: path), let bytes = try? handle.read(upToCount: Self.largestFile + 1) else {
            throw fault("'\(name)': \(path) cannot be read, or is empty: check that the file exists and that this user may read it")
        }
        guard bytes.count <= Self.largestFile else { throw fault("'\(name)': \(path) is larger than 1 MiB: that is no secret") }
        guard var text = String(data: bytes, encoding: .utf8), !text.utf8.contains(0) else { throw fault("'\(name)': \(path) is not a text in UTF-8") }
        if let last = text.last, last == "\n" || last == "\r\n" { text.removeLast() }
        if text.isEmpty { throw fault("'\(name)': \(path) is empty") }
        return text
    }

    /// Something wrong with this property, with its place.
    package func problem(_ text: String) -> Problem { Problem(file: place.file, line: place.line, text: text) }

    private func fault(_ text: String) -> Problems { Problems(list: [problem(text)]) }
}
