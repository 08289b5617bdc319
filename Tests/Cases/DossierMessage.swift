/// A `vn.par.dossier.v1` in structured mode, right as it stands; a test changes what it is about. Values are JSON text.
package struct DossierMessage {
    package typealias Field = (name: String, json: String)

    package var attributes: [Field] = [
        ("specversion", "\"1.0\""), ("id", "\"e1\""), ("source", "\"urn:test\""), ("type", "\"vn.par.dossier.v1\""), ("subject", "\"D1\""), ("time", "\"2021-03-01T09:00:00+07:00\""),
    ]
    package var data: [Field] = [
        ("agency", "\"A1\""), ("procedure", "\"P1\""), ("state", "2"), ("received", "\"2021-03-01T08:00:00+07:00\""), ("filing", "\"counter\""),
    ]

    package init() {}

    /// With an attribute or a field of `data` in place of the one of that name; nil takes it away.
    package func attribute(_ name: String, _ json: String?) -> DossierMessage {
        var copy = self
        Self.set(name, json, in: &copy.attributes)
        return copy
    }

    package func field(_ name: String, _ json: String?) -> DossierMessage {
        var copy = self
        Self.set(name, json, in: &copy.data)
        return copy
    }

    /// The same for values that are strings without anything to escape.
    package func attribute(_ name: String, text: String) -> DossierMessage { attribute(name, "\"\(text)\"") }
    package func field(_ name: String, text: String) -> DossierMessage { field(name, "\"\(text)\"") }

    /// Once more, whatever stands there already.
    package func andAttribute(_ name: String, _ json: String) -> DossierMessage {
        var copy = self
        copy.attributes.append((name, json))
        return copy
    }

    package func andField(_ name: String, _ json: String) -> DossierMessage {
        var copy = self
        copy.data.append((name, json))
        return copy
    }

    package func deleted() -> DossierMessage {
        var copy = self
        copy.data = [("deleted", "true")]
        return copy
    }

    package var dataJSON: String { Self.object(data) }
    package var json: String { Self.object(attributes + [("data", dataJSON)]) }

    private static func set(_ name: String, _ json: String?, in fields: inout [Field]) {
        guard let index = fields.firstIndex(where: { $0.name == name }) else { return json.map { fields.append((name, $0)) } ?? () }
        if let json { fields[index].json = json } else { fields.remove(at: index) }
    }

    private static func object(_ fields: [Field]) -> String { "{" + fields.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",") + "}" }
}
