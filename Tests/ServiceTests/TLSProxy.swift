import Cases
import Foundation

/// Certificates, and TLS before the embedded broker: `Tests/Tools/tls-proxy.py` in a process of its own.
final class TLSProxy {
    /// Where it listens.
    let address: String
    private let process: Process

    /// `clientAuthority`: whose certificates clients need; nil: they need none.
    init(before broker: String, certificate: String = "broker", clientAuthority: String? = nil, in folder: URL) throws {
        let port = broker.split(separator: ":").last.map(String.init) ?? ""
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            ProcessInfo.processInfo.environment["PARWATCH_PYTHON"] ?? "python3", Oracle.repository.appendingPathComponent("Tests/Tools/tls-proxy.py").path,
            port, "\(certificate).pem", "\(certificate).key",
        ] + (clientAuthority.map { ["\($0).pem"] } ?? [])
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        address = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if address.isEmpty { throw Missing(what: "the proxy's address") }
    }

    func end() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Files of `Tests/Tools/certificates`.
    static func makeCertificates(in folder: URL) throws {
        let made = try Program.run(Oracle.repository.appendingPathComponent("Tests/Tools/certificates").path, [folder.path])
        if made.status != 0 { throw Missing(what: "certificates: \(made.output)") }
    }
}
