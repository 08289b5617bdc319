import Intake

/// What the intake made of a group of messages. A status is large, so it lies where it was read until it is accepted.
struct Readings: ~Copyable {
    private let statuses: UnsafeMutablePointer<DossierStatus>
    private let faults: UnsafeMutableBufferPointer<Rejection?>

    init(capacity: Int) {
        statuses = .allocate(capacity: capacity)
        faults = .allocate(capacity: capacity)
        faults.initialize(repeating: nil)
    }

    deinit {
        statuses.deallocate()
        faults.deinitialize()
        faults.deallocate()
    }

    /// A status holds no references, so it may be written over.
    @inline(__always)
    func read(_ message: Intake.Message, by intake: Intake, at place: Int) {
        do throws(Rejection) {
            (statuses + place).initialize(to: try intake.read(message))
            if faults[place] != nil { faults[place] = nil }
        } catch {
            faults[place] = error
        }
    }

    @inline(__always)
    func status(at place: Int) throws(Rejection) -> DossierStatus {
        if let fault = faults[place] { throw fault }
        return statuses[place]
    }

    /// What the register will look for; nil for what was rejected.
    @inline(__always)
    func keys(at place: Int) -> (subject: CodeKey, profile: CodeKey?)? {
        faults[place] == nil ? (statuses[place].subject, statuses[place].content?.profile) : nil
    }
}
