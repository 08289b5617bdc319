import ArgumentParser
import Catalog
import CatalogFiles

struct CatalogOption: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration whose catalog is judged.", valueName: "file"))
    var config = "config/parwatch.yaml"

    func catalog() throws -> Catalog { try load().catalog }

    func load() throws -> Configuration {
        do throws(Problems) {
            return try Configuration.load(path: config)
        } catch {
            throw Problem(error.description)
        }
    }
}
