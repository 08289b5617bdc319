/// Why a figure could not be measured: one line that says what to do.
struct Problem: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
