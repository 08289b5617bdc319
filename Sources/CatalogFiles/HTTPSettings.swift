/// Where the daemon answers HTTP, and who may ask.
package struct HTTPSettings: Sendable, Equatable {
    package var host = "127.0.0.1"
    package var port = 9598
    /// The file that holds what a reader must say, possibly of systemd's credentials; nil: whoever reaches the address may read.
    package var token: KafkaProperty?

    package init() {}

    /// What a reader must say; nil: nothing. `credentials` is the value of CREDENTIALS_DIRECTORY.
    package func resolvedToken(credentials: String?) throws(Problems) -> String? {
        guard let token else { return nil }
        let text = try token.resolved(credentials: credentials)
        guard text.utf8.count >= 16, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Problems(list: [token.problem("'http.token' must be at least 16 printable ASCII characters without a space: 'openssl rand -hex 32' makes one")])
        }
        return text
    }

    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    /// As in a URL.
    package var address: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

/// Where alerts are pushed to.
package struct AlertmanagerSettings: Sendable, Equatable {
    package var host: String
    package var port: Int
    /// What stands before `/api/v2/alerts`; empty or with a slash at its beginning and none at its end.
    package var prefix: String
}

extension HTTPSettings {
    /// Nil: off.
    init?(_ value: YAMLValue) {
        if value.isScalar {
            if let text = value.text, text != "off" { value.fail("'http' is 'off' or {listen: \"127.0.0.1:9598\", token: {file: PATH}}") }
            return nil
        }
        let fields = value.fields(Setting.names(in: "http"))
        if let listen = fields["listen"], let text = listen.text {
            if let (host, port) = Self.split(text) { (self.host, self.port) = (host, port) } else { listen.fail("'\(text)' is not an address such as 127.0.0.1:9598 or [::1]:9598") }
        }
        if let token = fields["token"] {
            if token.isScalar { token.fail("a token is {file: PATH}, such as {file: \"${CREDENTIALS_DIRECTORY}/secret_http-token\"}: it does not stand here itself") }
            self.token = KafkaProperty("http.token", token)
        }
    }

    /// `host:port`, `[::1]:port`. Port 0: any that is free.
    static func split(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() } else if host.contains(":") { return nil }
        return host.isEmpty || host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "@" }) ? nil : (String(host), port)
    }
}

extension AlertmanagerSettings {
    init?(_ value: YAMLValue) {
        guard let url = value.fields(Setting.names(in: "alertmanager")).required("url"), var text = url.text else { return nil }
        if text.hasPrefix("https://") {
            url.fail("Alertmanager is spoken to by http:// alone: put a proxy on this machine where it asks for TLS")
            return nil
        }
        text = text.hasPrefix("http://") ? String(text.dropFirst(7)) : ""
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        var prefix = String(text[slash...])
        while prefix.hasSuffix("/") { prefix.removeLast() }
        let authority = String(text[..<slash])
        guard let (host, port) = HTTPSettings.split(authority) ?? HTTPSettings.split(authority + ":9093"), port > 0, !prefix.contains(where: { $0.isWhitespace || "?#".contains($0) || !$0.isASCII }) else {
            url.fail("expected the address of an Alertmanager, such as http://127.0.0.1:9093")
            return nil
        }
        (self.host, self.port, self.prefix) = (host, port, prefix)
    }

    package var url: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)\(prefix)" }
}
