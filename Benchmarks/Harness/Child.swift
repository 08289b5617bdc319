import Foundation
import Glibc

/// A process of the harness's own: CPU time and memory measured in it belong to one measurement alone.
final class Child {
    private let id: pid_t
    private let input: Int32
    private let output: Int32
    private let name: String
    private var pending: [UInt8] = []
    private var isReaped = false
    private var isReleased = false
    /// What the process used, once it has ended.
    private(set) var usage = rusage()

    static let harness = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]

    /// Starts a program, this one unless another is named. Its standard error is ours.
    init(_ arguments: [String], of program: String = Child.harness) throws {
        name = program == Child.harness ? arguments.first ?? program : program
        var toChild: [Int32] = [-1, -1], fromChild: [Int32] = [-1, -1]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Problem("no pipe: \(String(cString: strerror(errno)))") }
        (input, output) = (toChild[1], fromChild[0])
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id = pid_t()
        let status = posix_spawnp(&id, program, &actions, nil, &words, environ)
        close(toChild[0])
        close(fromChild[1])
        guard status == 0 else {
            close(input)
            close(output)
            throw Problem("\(program) cannot be started: \(String(cString: strerror(status)))")
        }
        self.id = id
    }

    deinit {
        if !isReaped {
            kill(id, SIGKILL)
            var status: Int32 = 0
            waitpid(id, &status, 0)
        }
        close(output)
        release()
    }

    /// The next line of its output.
    func line(within seconds: Double) throws -> String {
        let deadline = monotonicSeconds() + seconds
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            guard try fill(until: deadline, seconds) else { throw Problem("\(name) ended without an answer") }
        }
    }

    /// Everything that it writes until it ends; throws if it does not end well or in time.
    func finish(within seconds: Double) throws -> [UInt8] {
        let deadline = monotonicSeconds() + seconds
        while try fill(until: deadline, seconds) {}
        var status: Int32 = 0
        while wait4(id, &status, 0, &usage) < 0, errno == EINTR {}
        isReaped = true
        // Neither a signal nor an exit status but 0.
        guard status == 0 else { throw Problem("\(name) failed (\(status & 0x7F == 0 ? "exit status \(status >> 8 & 0xFF)" : "signal \(status & 0x7F)"))") }
        return pending
    }

    /// Tells it that nothing more is wanted: its standard input ends.
    func release() {
        if !isReleased { close(input) }
        isReleased = true
    }

    /// False at the end of its output.
    private func fill(until deadline: Double, _ seconds: Double) throws -> Bool {
        var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        while true {
            let left = deadline - monotonicSeconds()
            guard left > 0 else { throw Problem("\(name) did not answer within \(Int(seconds)) s") }
            if poll(&ready, 1, Int32(min(left * 1_000, 60_000))) > 0 { break }
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(output, &buffer, buffer.count)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }

    /// Starts this program with a hidden subcommand and reads its answer.
    static func measure<Answer: Decodable>(_ type: Answer.Type, _ arguments: [String], within seconds: Double = 180) throws -> Answer {
        try answer(type, of: Child(arguments), within: seconds)
    }

    static func answer<Answer: Decodable>(_ type: Answer.Type, of child: Child, within seconds: Double) throws -> Answer {
        let bytes = try child.finish(within: seconds)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw Problem("\(child.name) answered what is no \(type): \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
    }
}
