import Cases
import Foundation
import Testing

/// The embedded broker has no TLS, so a proxy has it. A real cluster has what it has.
@Suite(.serialized, .enabled(if: TestCluster.real == nil)) struct TLS {
    /// A configuration's `kafka:` for TLS; values are names of files in `folder`.
    private func access(_ address: String, _ folder: URL, authority: String = "ca", certificate: String? = nil, password: String? = nil) -> String {
        var properties = ["security.protocol: SSL", "ssl.ca.location: \(folder.path)/\(authority).pem"]
        if let certificate { properties += ["ssl.certificate.location: \(folder.path)/\(certificate).pem", "ssl.key.location: \(folder.path)/\(certificate).key"] }
        if let password { properties.append("ssl.key.password: {file: \(folder.path)/\(password)}") }
        return "{bootstrap: \"\(address)\", properties: {\(properties.joined(separator: ", "))}}"
    }

    private func password(_ text: String, _ folder: URL) throws -> String {
        try Data("\(text)\n".utf8).write(to: folder.appendingPathComponent("password"))
        return "password"
    }

    @Test func `with the right authority and a certificate of its own the daemon reads, leads and publishes`() throws {
        try SmallProvince.with { province in
            try TLSProxy.makeCertificates(in: province.folder)
            let proxy = try TLSProxy(before: province.cluster.bootstrap, clientAuthority: "ca", in: province.folder)
            defer { proxy.end() }
            province.cluster.access = access(proxy.address, province.folder, certificate: "client", password: try password("test-password", province.folder))
            let daemon = try province.start("a")
            try #require(daemon.says("caught up"), "\(daemon.text)")
            try province.send("1", late: true)
            #expect(try eventually { try province.last()?.state == "firing" }, "\(daemon.text)")
            #expect(!daemon.text.contains("test-password"))
        }
    }

    private enum Fault: String, CaseIterable {
        case otherAuthority, otherHost, noCertificate, strangersCertificate, plainToTLS, tlsToPlain
    }

    /// Commands give up within seconds with 69; the daemon goes on trying. Both say why.
    @Test(arguments: Fault.allCases) private func `what is wrong with TLS is said, and nothing hangs`(fault: Fault) throws {
        try SmallProvince.with { province in
            let folder = province.folder
            try TLSProxy.makeCertificates(in: folder)
            let proxy = try TLSProxy(before: province.cluster.bootstrap, certificate: fault == .otherHost ? "elsewhere" : "broker", clientAuthority: "ca", in: folder)
            defer { proxy.end() }
            let (access, reason) = switch fault {
            case .otherAuthority: (access(proxy.address, folder, authority: "other-ca"), "certificate verify failed")
            case .otherHost: (access(proxy.address, folder), "certificate verify failed")
            case .noCertificate: (access(proxy.address, folder), "certificate required")
            case .strangersCertificate: (access(proxy.address, folder, certificate: "stranger"), "unknown ca")
            case .plainToTLS: ("{bootstrap: \"\(proxy.address)\"}", "connecting to a SSL listener?")
            case .tlsToPlain: (access(province.cluster.bootstrap, folder), "Disconnected")
            }
            province.cluster.access = access
            let daemon = try province.start("a")
            #expect(daemon.says(reason), "\(daemon.text)")
            #expect(daemon.text.contains("check security.protocol, ssl.ca.location") && daemon.text.contains("trying again"), "\(daemon.text)")
            for command in [["topics", "--check"], ["alerts"]] {
                let result = try Program.run("/usr/bin/env", ["timeout", "60", Parwatch.binary.path] + command + ["--config", folder.appendingPathComponent("a/parwatch.yaml").path])
                #expect(result.status == 69 && result.output.contains(reason) && result.output.contains("check security.protocol"), "\(command): \(result)")
            }
            daemon.process.terminate()
            try #require(eventually(within: 20) { !daemon.process.isRunning })
            #expect(daemon.process.terminationStatus == 0)
        }
    }

    @Test func `a wrong password of the key ends the start, and shows nowhere`() throws {
        try SmallProvince.with { province in
            try TLSProxy.makeCertificates(in: province.folder)
            province.cluster.access = access("127.0.0.1:1", province.folder, certificate: "client", password: try password("not-the-password", province.folder))
            let daemon = try province.start("a")
            try #require(eventually(within: 30) { !daemon.process.isRunning })
            #expect(daemon.process.terminationStatus == 1 && daemon.text.contains("ssl.key"), "\(daemon.text)")
            #expect(!daemon.text.contains("not-the-password"))
        }
    }
}
