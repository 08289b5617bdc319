public import Catalog
public import JSON

/// What a criterion says for people, where somebody has put it into words.
public struct CriterionTexts {
    public var measure: Bilingual
    /// The types of message that feed it.
    public var fedBy: [String]
    public var duty: Bilingual?
    public var target: String?
    public var alert: Bilingual?
    public var points: Bilingual?

    public init(measure: Bilingual, fedBy: [String], duty: Bilingual?, target: String?, alert: Bilingual?, points: Bilingual?) {
        (self.measure, self.fedBy, self.duty, self.target, self.alert, self.points) = (measure, fedBy, duty, target, alert, points)
    }
}

extension JSONWriter {
    /// A criterion as the catalog has it, in words as well where there are `texts`: for `parwatch criteria --json` and HTTP.
    public mutating func criterion(_ criterion: Criterion, in framework: Framework, _ texts: CriterionTexts? = nil) {
        object {
            $0.string("framework", framework.id)
            $0.string("code", criterion.code)
            $0.string("area", criterion.area)
            $0.bilingual("name", criterion.name)
            $0.string("note", criterion.note)
            $0.strings("levels", criterion.levels)
            $0.strings("judge_at", JudgedAt.allCases.filter(criterion.judgeAt.contains).map(\.rawValue))
            $0.strings("periods", criterion.periods.map(\.name))
            $0.object("measure") {
                $0.string("name", criterion.measure.name)
                if let texts {
                    $0.strings("fed_by", texts.fedBy)
                    $0.bilingual("text", texts.measure)
                }
            }
            if let texts { $0.object("duty", texts.duty) { $0.bilingual($1) } }
            $0.object("target", criterion.target) {
                $0.string("comparison", $1.comparison.rawValue)
                $0.literal("value", $1.value.description)
                if let text = texts?.target { $0.string("text", text) }
            }
            $0.object("alert", criterion.alert) {
                $0.rule($1)
                if let text = texts?.alert { $0.bilingual("text", text) }
            }
            $0.object("points", criterion.points) {
                $0.points($1)
                if let text = texts?.points { $0.bilingual("text", text) }
            }
            $0.string("lead", criterion.lead)
            $0.object("source", criterion.source) {
                $0.string("document", $1.document)
                $0.string("where", $1.place)
            }
        }
    }

    public mutating func bilingual(_ name: StaticString, _ text: Bilingual) { object(name) { $0.bilingual(text) } }

    private mutating func bilingual(_ text: Bilingual) {
        string("vi", text.vi)
        string("en", text.en)
    }

    private mutating func strings(_ name: StaticString, _ texts: [String]) { array(name) { for text in texts { $0.string(nil, text) } } }

    /// `null` where there is none.
    private mutating func object<Value>(_ name: StaticString, _ value: Value?, _ body: (inout JSONWriter, Value) -> Void) {
        if let value { object(name) { body(&$0, value) } } else { literal(name, "null") }
    }

    private mutating func rule(_ rule: AlertRule) {
        string("direction", rule.direction.rawValue)
        literal("warning", rule.warning?.limit.description ?? "null")
        literal("critical", rule.critical?.limit.description ?? "null")
        if let milestones = rule.milestones {
            array("milestones") { for milestone in milestones.list { $0.milestone(milestone) } }
            bool("early_warning", milestones.hasLine)
        }
        integer("min_sample", rule.minSample)
        integer("for_seconds", rule.pendingFor.microseconds / 1_000_000)
        integer("keep_firing_for_seconds", rule.keepFiringFor.microseconds / 1_000_000)
    }

    private mutating func milestone(_ milestone: Milestones.Milestone) {
        object {
            $0.string("by", milestone.by.name)
            $0.string("of", milestone.by.isOfNextYear ? "next" : "this")
            $0.literal("level", milestone.level.description)
        }
    }

    private mutating func points(_ points: Points) {
        literal("max", points.maximum.description)
        switch points.rule {
        case .linear(let fullAt, let floor):
            literal("full_at", fullAt.description)
            literal("floor", floor.description)
        case .steps(let steps, let lowerIsBetter):
            array("steps") { list in
                for step in steps {
                    list.object {
                        $0.literal("from", step.limit.description)
                        $0.literal("points", step.points.description)
                    }
                }
            }
            bool("lower_is_better", lowerIsBetter)
        }
    }
}
