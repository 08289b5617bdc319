import CExpat

/// Reads the texts of a few elements out of an XML document with expat, and keeps nothing else of it. Elements are known by their local names, whatever the
/// prefix. What declares a document type is refused, so no entity is ever expanded; nothing is fetched from anywhere. What it hands out is valid until the
/// next `parse`.
public final class XMLReader {
    public enum Failure: Error {
        /// Not well formed, or in an encoding that expat does not know.
        case notXML
        /// It has a document type declaration.
        case doctype
        /// Elements nested deeper than `mostElements`, names longer than `longestName`, or a text of interest longer than `longestText`.
        case tooLarge
        case noMemory
    }

    /// The text of an element that was asked for.
    public enum Field {
        case absent, once(UnsafeRawBufferPointer), repeated
    }

    /// An element of interest.
    public struct Wanted: Sendable {
        /// The end of its path, such as `From/OrganId`: local names, apart by a slash.
        let path: StaticString
        /// Which field its text is of. Several paths may lead to one.
        let place: Int
        /// The first counts; else a second is a fault.
        let mayRepeat: Bool

        public init(_ path: StaticString, _ place: Int, mayRepeat: Bool = false) { (self.path, self.place, self.mayRepeat) = (path, place, mayRepeat) }
    }

    public static let mostElements = 32
    public static let longestName = 128
    public static let longestText = 1_024

    private let parser: XML_Parser
    private let state: State

    /// Nil when there is no memory.
    public init?(_ wanted: [Wanted]) {
        guard let parser = XML_ParserCreate(nil) else { return nil }
        self.parser = parser
        state = State(parser, wanted)
    }

    deinit { XML_ParserFree(parser) }

    public func parse(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard let base = bytes.baseAddress, let count = Int32(exactly: bytes.count) else { throw .notXML }
        XML_ParserReset(parser, nil)
        state.begin()
        // `state` lives as long as the parser that points to it.
        XML_SetUserData(parser, Unmanaged.passUnretained(state).toOpaque())
        XML_SetElementHandler(parser, { context, name, _ in State.of(context)?.open(name) }, { context, _ in State.of(context)?.close() })
        XML_SetCharacterDataHandler(parser) { context, text, count in
            if let text { State.of(context)?.add(UnsafeRawBufferPointer(start: text, count: Int(count))) }
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in State.of(context)?.stop(.doctype) }
        let status = XML_Parse(parser, base.assumingMemoryBound(to: CChar.self), count, 1)
        if let failure = state.failure { throw failure }
        guard status == XML_STATUS_OK else { throw XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY ? .noMemory : .notXML }
    }

    /// The text of a field, without white space at its ends.
    public subscript(_ place: Int) -> Field { state.field(place) }
}

/// What is known while a document is read.
private final class State {
    private let parser: XML_Parser
    private let wanted: [XMLReader.Wanted]
    private(set) var failure: XMLReader.Failure?
    /// The local names of the open elements, each after a slash.
    private var path: [UInt8] = []
    /// Where in `path` each open element begins.
    private var starts: [Int] = []
    /// The texts of the fields, one after the other, of which the first `used` bytes are taken: there is room for every field.
    private let texts: UnsafeMutableRawBufferPointer
    private var used = 0
    /// By field: where in `texts` it stands.
    private var ranges: [Range<Int>?]
    private var repeated: Set<Int> = []
    /// The field whose text is being read, and how many elements were open when it began.
    private var reading: (place: Int, start: Int, depth: Int)?

    init(_ parser: XML_Parser, _ wanted: [XMLReader.Wanted]) {
        self.parser = parser
        self.wanted = wanted
        ranges = Array(repeating: nil, count: (wanted.map(\.place).max() ?? -1) + 1)
        texts = .allocate(byteCount: ranges.count * XMLReader.longestText, alignment: 1)
    }

    deinit { texts.deallocate() }

    static func of(_ context: UnsafeMutableRawPointer?) -> State? { context.map { Unmanaged<State>.fromOpaque($0).takeUnretainedValue() } }

    func begin() {
        failure = nil
        path.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        used = 0
        for place in ranges.indices { ranges[place] = nil }
        repeated.removeAll()
        reading = nil
    }

    func stop(_ failure: XMLReader.Failure) {
        if self.failure == nil { self.failure = failure }
        XML_StopParser(parser, 0)
    }

    func open(_ name: UnsafePointer<CChar>?) {
        guard failure == nil, let name else { return }
        starts.append(path.count)
        path.append(UInt8(ascii: "/"))
        var at = 0
        while name[at] != 0 {
            // Only what follows the last colon is the local name.
            if UInt8(bitPattern: name[at]) == UInt8(ascii: ":") { path.removeSubrange((starts[starts.count - 1] + 1)...) } else { path.append(UInt8(bitPattern: name[at])) }
            at += 1
            if at > XMLReader.longestName { return stop(.tooLarge) }
        }
        if starts.count > XMLReader.mostElements { return stop(.tooLarge) }
        guard reading == nil, let found = wanted.first(where: isHere) else { return }
        if ranges[found.place] != nil {
            if !found.mayRepeat { repeated.insert(found.place) }
        } else {
            reading = (found.place, used, starts.count)
        }
    }

    private func isHere(_ wanted: XMLReader.Wanted) -> Bool {
        let end = UnsafeRawBufferPointer(start: wanted.path.utf8Start, count: wanted.path.utf8CodeUnitCount)
        guard path.count > end.count, path[path.count - end.count - 1] == UInt8(ascii: "/") else { return false }
        return path.suffix(end.count).elementsEqual(end)
    }

    func add(_ text: UnsafeRawBufferPointer) {
        guard failure == nil, let reading, starts.count == reading.depth else { return }
        if used - reading.start + text.count > XMLReader.longestText { return stop(.tooLarge) }
        texts[used...].copyBytes(from: text)
        used += text.count
    }

    func close() {
        guard failure == nil, let start = starts.popLast() else { return }
        if let reading, starts.count < reading.depth {
            ranges[reading.place] = reading.start..<used
            self.reading = nil
        }
        path.removeSubrange(start...)
    }

    func field(_ place: Int) -> XMLReader.Field {
        if repeated.contains(place) { return .repeated }
        guard let range = ranges[place] else { return .absent }
        var text = UnsafeRawBufferPointer(texts)[range]
        while let first = text.first, Self.isBlank(first) { text = text.dropFirst() }
        while let last = text.last, Self.isBlank(last) { text = text.dropLast() }
        return .once(UnsafeRawBufferPointer(rebasing: text))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
