import Foundation

/// Waits for a condition, not for a time; false when it does not come true within `seconds`.
package func eventually(within seconds: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while true {
        if try condition() { return true }
        if Date() > end { return false }
        usleep(50_000)
    }
}
