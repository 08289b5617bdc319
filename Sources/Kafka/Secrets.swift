/// Values of properties that must not be shown, and the text of others without them. librdkafka itself hides what it knows to be secret, but not in every error.
struct Secrets {
    private let words: [String]

    init(_ settings: KafkaSettings) {
        let values = settings.properties.filter { settings.secrets.contains($0.name) }.map(\.value)
        // Of a value with parts, an error may quote one.
        let parts = values.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }.filter { $0.utf8.count > 3 }
        words = (values + parts).filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    func hidden(in text: String) -> String {
        words.reduce(text) { text, word in text.contains(word) ? text.replacing(word, with: "…") : text }
    }
}
