import ArgumentParser
import BenchmarkMessages
import Glibc

/// The messages as a file of lines, for `parwatch replay`.
struct WriteFile: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "write", abstract: "Writes the messages to a file.", shouldDisplay: false)

    @OptionGroup var options: CatalogOption
    @Option var messages: Int
    @Option var file: String

    func run() throws {
        let statuses = Statuses.year(messages, catalog: try options.catalog())
        guard let output = fopen(file, "w") else { throw Problem("\(file): \(String(cString: strerror(errno)))") }
        for index in 0..<statuses.count {
            let bytes = statuses.bytes(index)
            fwrite(bytes.baseAddress, 1, bytes.count, output)
            fputc(0x0A, output)
        }
        guard fclose(output) == 0 else { throw Problem("\(file): \(String(cString: strerror(errno)))") }
        try Say.answer(statuses.byteCount)
    }
}
