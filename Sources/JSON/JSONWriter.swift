/// Appends JSON to a buffer, fields in the order in which they are written, no white space.
public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() { bytes.reserveCapacity(1_024) }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public mutating func object(_ name: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        key(name)
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    public mutating func array(_ name: StaticString? = nil, _ body: (inout JSONWriter) -> Void) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// JSON that has been written already.
    public mutating func json(_ name: StaticString? = nil, _ json: [UInt8]) {
        key(name)
        bytes.append(contentsOf: json)
        needsComma = true
    }

    public mutating func string(_ name: StaticString? = nil, _ value: String?) {
        key(name)
        guard let value else { return raw("null") }
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexadecimal[Int(byte >> 4)])
                bytes.append(Self.hexadecimal[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func integer(_ name: StaticString? = nil, _ value: Int64?) { literal(name, value.map { "\($0)" } ?? "null") }
    public mutating func bool(_ name: StaticString? = nil, _ value: Bool?) { literal(name, value.map { $0 ? "true" : "false" } ?? "null") }

    /// Text that is JSON already, such as a number.
    public mutating func literal(_ name: StaticString? = nil, _ json: String) {
        key(name)
        raw(json)
    }

    private mutating func raw(_ json: String) {
        bytes.append(contentsOf: json.utf8)
        needsComma = true
    }

    private mutating func key(_ name: StaticString?) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
        guard let name else { return }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: "\":".utf8)
    }

    public static let hexadecimal: [UInt8] = Array("0123456789abcdef".utf8)
}
