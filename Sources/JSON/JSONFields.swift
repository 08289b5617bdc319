public import CSimdJSON

/// Picks the fields that a reader knows out of objects, in one pass. What it holds is valid until it picks again or the document's reader parses another.
public final class JSONFields {
    /// A known field given twice is a fault, never a choice.
    public enum Field {
        case absent, once(JSONValue), repeated
    }

    private let names: OpaquePointer
    @usableFromInline let values: UnsafeMutablePointer<csj_value>
    @usableFromInline let selection: UnsafeMutablePointer<csj_selection>

    /// At most 64 distinct names, none empty. Nil when there is no memory.
    public init?(_ names: [StaticString]) {
        let texts = names.map { csj_text(start: UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self), length: $0.utf8CodeUnitCount) }
        guard let made = csj_names_new(texts, texts.count) else { return nil }
        self.names = made
        values = .allocate(capacity: names.count)
        values.initialize(repeating: csj_value(), count: names.count)
        selection = .allocate(capacity: 1)
        selection.initialize(to: csj_selection())
    }

    deinit {
        csj_names_free(names)
        values.deallocate()
        selection.deallocate()
    }

    /// Of anything but an object, no field is found.
    public func pick(from object: JSONValue) {
        var object = object.raw
        csj_select(&object, names, values, selection)
    }

    /// Puts a value in by hand, as if one more such field had been found.
    public func add(_ value: JSONValue, at place: Int) {
        let bit: UInt64 = 1 << UInt64(place)
        selection.pointee.repeated |= selection.pointee.found & bit
        selection.pointee.found |= bit
        values[place] = value.raw
    }

    public func removeAll() { selection.pointee = csj_selection() }

    /// The field with the name at this place of `names`.
    @inlinable @inline(__always)
    public subscript(_ place: Int) -> Field {
        let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: place)
        if selection.pointee.found & bit == 0 { return .absent }
        return selection.pointee.repeated & bit == 0 ? .once(JSONValue(raw: values[place])) : .repeated
    }
}
