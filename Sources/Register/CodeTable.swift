
/// Codes that recur (agencies, procedures, sectors) as small numbers, in the order in which they were first seen. Equal means equal bytes.
package struct CodeTable {
    private var numbers: [SubjectKey: UInt32] = [:]
    private var texts: [String] = []

    package init() {}

    package var count: Int { texts.count }

    package mutating func number(of code: UnsafeRawBufferPointer) -> UInt32 {
        let key = SubjectKey(code: code)
        if let number = numbers[key] { return number }
        let number = UInt32(texts.count)
        numbers[key] = number
        texts.append(String(decoding: code, as: UTF8.self))
        return number
    }

    package mutating func number(of code: String) -> UInt32 {
        var copy = code
        return copy.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
    }

    package func text(of number: UInt32) -> String { texts[Int(number)] }
}
