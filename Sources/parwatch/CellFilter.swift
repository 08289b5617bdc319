import ArgumentParser
import Catalog
import CatalogFiles
import Intake

/// Which agency's and which criterion's alerts or scores are shown.
struct CellFilter: ParsableArguments {
    @Option(help: ArgumentHelp("Only this agency.", valueName: "id")) var agency: String?
    @Option(help: ArgumentHelp("Only this criterion, by its code or framework/code.", valueName: "code")) var criterion: String?

    /// Refuses what the catalog does not know; nothing would be shown, and that would look like good news.
    func checked(_ configuration: Configuration) throws -> Wanted {
        let catalog = configuration.catalog
        let wanted = Wanted(agency: agency.map { Code.normalized($0) ?? $0 }, criterion: criterion)
        if let agency = wanted.agency, !catalog.agencies.contains(where: { $0.id == agency }) {
            throw Failure.input("--agency '\(agency)' is no agency of the catalog: \(Spelling.hint(for: agency, among: catalog.agencies.map(\.id)))")
        }
        let criteria = catalog.frameworks.flatMap { framework in framework.criteria.map { (framework.id, $0.code) } }
        if let criterion, !criteria.contains(where: { wanted.isCriterion(framework: $0, code: $1) }) {
            let names = criterion.contains("/") ? criteria.map { "\($0)/\($1)" } : criteria.map(\.1)
            throw Failure.input("--criterion '\(criterion)' is no criterion of the catalog: \(Spelling.hint(for: criterion, among: names))")
        }
        return wanted
    }

    struct Wanted {
        fileprivate let agency: String?
        fileprivate let criterion: String?

        var isEverything: Bool { agency == nil && criterion == nil }

        func includes(agency id: String, framework: String, code: String) -> Bool { (agency ?? id) == id && (criterion == nil || isCriterion(framework: framework, code: code)) }

        fileprivate func isCriterion(framework: String, code: String) -> Bool { criterion == code || criterion == "\(framework)/\(code)" }
    }
}
