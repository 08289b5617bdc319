public import CSimdJSON

/// A value of the document that was parsed last.
public struct JSONValue {
    public let raw: csj_value

    @inlinable
    public init(raw: csj_value) { self.raw = raw }

    /// A string that stands elsewhere in memory, for as long as it stands there.
    public init(string: UnsafeRawBufferPointer) {
        raw = csj_value(kind: CSJ_STRING, .init(string: .init(start: string.baseAddress?.assumingMemoryBound(to: CChar.self), length: string.count)))
    }

    public init(bool: Bool?) { raw = csj_value(kind: bool.map { $0 ? CSJ_TRUE : CSJ_FALSE } ?? CSJ_NULL, .init()) }

    @inlinable
    public var isNull: Bool { raw.kind == CSJ_NULL }
    @inlinable
    public var isObject: Bool { raw.kind == CSJ_OBJECT }

    /// The bytes of a string, unescaped UTF-8.
    @inlinable
    public var string: UnsafeRawBufferPointer? {
        raw.kind == CSJ_STRING ? UnsafeRawBufferPointer(start: raw.string.start, count: raw.string.length) : nil
    }

    /// A number written as an integer that fits into 64 bits.
    @inlinable
    public var integer: Int64? { raw.kind == CSJ_INTEGER ? raw.integer : nil }

    public var number: Double? {
        switch raw.kind {
        case CSJ_INTEGER: Double(raw.integer)
        case CSJ_NUMBER: raw.number
        default: nil
        }
    }

    @inlinable
    public var bool: Bool? {
        switch raw.kind {
        case CSJ_TRUE: true
        case CSJ_FALSE: false
        default: nil
        }
    }

    /// The text of a string.
    public var text: String? { string.map { String(decoding: $0, as: UTF8.self) } }

    /// The first elements of an array, at most so many; nil if it is none.
    public func elements(atMost most: Int) -> [JSONValue]? {
        guard raw.kind == CSJ_ARRAY else { return nil }
        var array = raw
        return [csj_value](unsafeUninitializedCapacity: most) { $1 = csj_elements(&array, $0.baseAddress, most) }.map(JSONValue.init(raw:))
    }

    /// The first field of that name; nil if there is none or this is no object. Who wants many fields of many objects picks them with `JSONFields`.
    public subscript(_ name: String) -> JSONValue? {
        var name = name, object = raw, value = csj_value()
        let isFound = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { csj_find(&object, $0.baseAddress, $0.count, &value) }
        }
        return isFound ? JSONValue(raw: value) : nil
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are exactly the bytes of a literal.
    @inlinable @inline(__always)
    public func equals(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        for i in 0..<count where self[i] != literal.utf8Start[i] { return false }
        return true
    }
}
