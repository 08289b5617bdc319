import Glibc

/// A thread of the operating system whose end can be awaited for a bounded time.
struct BackgroundThread: Sendable {
    private let id: pthread_t
    /// Becomes readable (hangs up) when the body has returned.
    private let end: Int32

    /// nil if the system has no thread or file descriptor left.
    init?(_ body: @escaping @Sendable () -> Void) {
        guard let pipe = HangUp.pipe() else { return nil }
        let work = Unmanaged.passRetained(Work {
            body()
            close(pipe.writer)
        })
        var id = pthread_t()
        let status = pthread_create(&id, nil, { argument in
            if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, work.toOpaque())
        guard status == 0 else {
            work.release()
            close(pipe.reader)
            close(pipe.writer)
            return nil
        }
        self.id = id
        end = pipe.reader
    }

    /// Waits until the body has returned. To be called once; after `false` the thread goes on unobserved.
    func join(within milliseconds: Int32) -> Bool {
        let deadline = Deadline(in: milliseconds)
        var poll = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        var status: Int32 = 0
        repeat { status = Glibc.poll(&poll, 1, deadline.remaining) } while status < 0 && errno == EINTR
        close(end)
        if status == 1 { pthread_join(id, nil) } else { pthread_detach(id) }
        return status == 1
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A pipe that carries nothing: closing its writer wakes whoever polls its reader.
enum HangUp {
    static func pipe() -> (reader: Int32, writer: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
